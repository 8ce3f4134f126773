"""docs/dropout.md: its numbers, from the layer; its picture, from its script.

`python -m tests.docs.test_dropout_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from scratchnet.layers import Dropout
from tests.docs.by_hand import grids, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("dropout.md")


@CHAPTER.computed
def example_by_hand(x, mask, y, dy, dx):
    assert np.array_equal(y, x * mask)
    assert np.array_equal(dx, dy * mask)
    assert set(mask.ravel()) == {0, 1.25}
    forward, backward = {"x": x, "mask": mask, "y": y + 0}, {"dy": dy, "mask": mask, "dx": dx + 0}
    return f"{grids(**forward)}\n\n{grids(**backward)}"


@CHAPTER.computed
def shifted_variance():
    r = 0.2
    variance = (4 + 3**2) / (1 - r) - 3**2
    return f"{4 + 3**2} / {whole(1 - r)} − {3**2} = {whole(variance)}"


X, DY = np.array([[1.0, 2, 3, 4]]), np.array([[1.0, -1, 2, 5]])


@CHAPTER.computed
def exercise():
    return grids(x=X, dy=DY)


@CHAPTER.computed
def solution():
    for seed in range(1000):  # until the dice fall as the exercise says
        layer = Dropout(0.75)
        layer.build((4,), np.random.default_rng(seed), np.float64)
        y = layer.forward(X, training=True)
        if (y != 0).tolist() == [[False, True, False, False]]:
            return grids(mask=layer.cache, y=y, dx=layer.backward(DY) + 0)
    raise AssertionError("no seed below 1000 keeps the second value only")


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    assert solution() == grids(  # worked on paper
        mask=[[0, 4, 0, 0]], y=[[0, 8, 0, 0]], dx=[[0, -4, 0, 0]]
    )


def test_the_price_of_weights_is_what_the_formula_says():
    page = CHAPTER.session
    x, r, t = page["x"][0], page["r"], 3.0
    w = np.array([0.5, -1, 2, 0.25])
    average = sum(p * (t - w @ (m * x)) ** 2 for p, m in page["all_masks"](r))
    assert np.isclose(average, (t - w @ x) ** 2 + r / (1 - r) * (w**2 @ x**2))


def test_behind_sums_the_mean_of_the_draws_is_prediction_within_its_own_error():
    mean, deviation, prediction = CHAPTER.session["spread"]["only sums behind it"]
    assert abs(mean - prediction) < 4 * deviation / np.sqrt(2000)


if __name__ == "__main__":
    CHAPTER.rewrite()
