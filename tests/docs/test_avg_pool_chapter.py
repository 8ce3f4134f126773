"""docs/avg_pool.md: its numbers, from the layers; its pictures, from their script.

`python -m tests.docs.test_avg_pool_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_pooling
from scratchnet.layers import AvgPool2D
from tests.docs.by_hand import block, factor, grids, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("avg_pool.md")
TAPS = list(np.ndindex(2, 2))


def mean_of(values):
    """(a + b + c) / 4, or a / 4 where there is one."""
    added = " + ".join(map(factor, values))
    return f"({added}) / 4" if len(values) > 1 else f"{added} / 4"


# -- the example ----------------------------------------------------------------------------------


@CHAPTER.computed
def example(x, dy):
    return grids(x=x, dy=dy)


@CHAPTER.computed
def forward_sums(x, y):
    return block(
        f"y[{i},{j}] = {mean_of([x[i + u, j + v] for u, v in TAPS])} = {whole(y[i, j])}"
        for i, j in np.ndindex(y.shape)
    )


@CHAPTER.computed
def pixel_sums(x, dy, dx):
    def windows(p, q):
        return [(i, j) for i, j in np.ndindex(dy.shape) if (p - i, q - j) in TAPS]

    return block(
        f"dx[{p},{q}] = {mean_of([dy[window] for window in windows(p, q)])} = {whole(dx[p, q])}"
        for p, q in np.ndindex(x.shape)
    )


@CHAPTER.computed
def results(y, dx):
    return grids(y=y, dx=dx)


@CHAPTER.computed
def total_dy(dy):
    return whole(dy.sum())


@CHAPTER.computed
def total_dx(dx):
    return whole(dx.sum())


@CHAPTER.computed
def global_sum(x, mean):
    assert mean == x.mean()
    return f"{whole(x.sum())} / {x.size} = {whole(mean)}"


# -- pitfall, exercises ---------------------------------------------------------------------------


@CHAPTER.computed
def pitfall(dx, wrong):
    return grids(**{"dx": dx, "dx with the bug": wrong})


@CHAPTER.computed
def wrong_total(wrong):
    return whole(wrong.sum())


EXERCISE = {
    "x": np.array([[1.0, 3, 8], [5, 7, 2], [8, 0, 3]]),
    "dy": np.array([[4.0, -8], [0, 12]]),
}


@CHAPTER.computed
def exercise():
    return grids(**EXERCISE)


@CHAPTER.computed
def solution(pool):
    y, dx = pool(AvgPool2D(2, stride=1), EXERCISE["x"], EXERCISE["dy"])
    return grids(y=y, dx=dx)


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    assert solution(CHAPTER.session["pool"]) == grids(  # worked on paper
        y=[[4, 5], [5, 3]],
        dx=[[1, -1, -2], [1, 2, 1], [0, 3, 3]],
    )


def test_each_dy_is_handed_out_once():
    page = CHAPTER.session
    assert page["dy"].sum() == page["dx"].sum() == 20
    rest = np.arange(25.0).reshape(5, 5)  # the last row and column are in no window
    dx = page["pool"](AvgPool2D(2), rest, np.array([[4.0, 8], [12, -4]]))[1]
    assert dx.sum() == 20
    assert not dx[4].any() and not dx[:, 4].any()


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    assert np.array_equal(make_pooling.AVERAGED, page["x"])
    assert np.array_equal(make_pooling.DMEANS, page["dy"])


if __name__ == "__main__":
    CHAPTER.rewrite()
