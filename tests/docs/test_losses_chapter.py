"""docs/losses.md: its numbers, from the losses; its picture, from its script.

`python -m tests.docs.test_losses_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_training_layers as figures
from scratchnet.losses import MeanSquaredError, SquaredHinge
from tests.docs.by_hand import block, factor, grids, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("losses.md")


def squares(values):
    """(−1)·(−1) + 2·2, without the zeros."""
    return " + ".join(f"{factor(v)}·{factor(v)}" for v in np.ravel(values) if v)


# -- the example ----------------------------------------------------------------------------------


@CHAPTER.computed
def squared_error(s, q, results):
    L, ds = results["MeanSquaredError"]
    total = block([f"L = ({squares(s - q)}) / 4 = {whole(L)}"])
    return grids(**{"s": s, "q": q, "s − q": s - q, "ds": ds}) + "\n\n" + total


@CHAPTER.computed
def hinge(s, q, results):
    L, ds = results["SquaredHinge"]
    t = 2 * q - 1
    M = np.maximum(0, 1 - t * s)
    assert np.array_equal(ds, -t * M)
    total = block([f"L = ({squares(M)}) / 2 = {whole(L)}"])
    return grids(**{"s": s, "t": t, "t · s": t * s, "M": M, "ds": ds + 0}) + "\n\n" + total


@CHAPTER.computed
def entropy(s, q, results):
    L, ds = results["SoftmaxCrossEntropy"]
    p = figures.softmax(s)
    assert np.isclose(L, -np.log(p[q == 1]).mean())
    first, second = p[q == 1]
    total = block([f"L = −(ln {first:.3f} + ln {second:.3f}) / 2 ≈ {L:.3f}"])
    return grids(s=s, q=q, p=p.round(3), ds=ds.round(3)) + "\n\n" + total


@CHAPTER.computed
def pitfall(right, wrong):
    assert np.array_equal(wrong, 2 * right)
    return grids(**{"ds": right, "ds with the bug": wrong})


EXERCISE = np.array([[0.0, 2.0], [-1.0, 1.0]])


@CHAPTER.computed
def exercise():
    return grids(s=EXERCISE)


@CHAPTER.computed
def solution():
    shown = []
    for loss in (MeanSquaredError(), SquaredHinge()):
        L = loss.forward(EXERCISE, [0, 1])
        shown.append(grids(**{type(loss).__name__: L, "ds": loss.backward() + 0}))
    return "\n\n".join(shown)


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    assert solution() == "\n\n".join(  # worked on paper
        [
            grids(MeanSquaredError=1.5, ds=[[-0.5, 1], [-0.5, 0]]),
            grids(SquaredHinge=5, ds=[[-1, 3], [0, 0]]),
        ]
    )


def test_of_the_four_only_the_squared_error_of_probabilities_loses_its_gradient():
    page = CHAPTER.session
    s = np.array([[-10.0, 10.0]])
    slopes = {
        name: page["slope"](loss, s, through)[0, 0]
        for name, (loss, through) in page["candidates"].items()
    }
    assert abs(slopes.pop("squared error of probabilities")) < 1e-6
    assert all(slope < -0.99 for slope in slopes.values())


def test_the_squared_error_of_probabilities_rests_at_the_shares_too():
    page = CHAPTER.session
    loss, model = MeanSquaredError(), page["probabilities"]
    loss.forward(model.forward(np.repeat(np.log(page["p"]), 10, axis=0)), page["votes"])
    assert np.allclose(model.backward(loss.backward()).sum(axis=0), 0)


def test_the_curves_are_those_of_the_chapters_candidates():
    page = CHAPTER.session
    assert list(figures.CANDIDATES) == list(page["candidates"])
    gaps = np.array([-3.0, 0.5, 2.0])
    for name, (loss, through) in page["candidates"].items():
        _, drawn = figures.loss_curve(name, gaps)
        slopes = [page["slope"](loss, np.array([[g / 2, -g / 2]]), through)[0, 0] for g in gaps]
        assert np.allclose(drawn, slopes)


if __name__ == "__main__":
    CHAPTER.rewrite()
