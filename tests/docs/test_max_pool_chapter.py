"""docs/max_pool.md: its numbers, from the layer; its pictures, from their script.

`python -m tests.docs.test_max_pool_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_pooling
from scratchnet.layers import MaxPool2D
from scratchnet.reference.max_pool import max_pool_backward, max_pool_forward
from tests.docs.by_hand import block, factor, grids, whole
from tests.docs.chapters import Chapter, ChapterTests
from tests.gradients.bug_museum import MUSEUM

CHAPTER = Chapter("max_pool.md")
BIG = {"size": 3, "stride": 2, "padding": 1}
SMALL = {"size": 2, "stride": 1, "padding": ((1, 0), (0, 1))}


def seen(image, window, size, stride, top, left):
    """Rows and columns of the image that a window sees, its frame cut off."""
    rows, columns = (
        [at for at in range(k * stride - before, k * stride - before + size) if 0 <= at < length]
        for k, before, length in zip(window, (top, left), image.shape, strict=True)
    )
    return rows, columns


def first_largest(image, rows, columns):
    """The first of the largest pixels in reading order: found without the library."""
    return min(((p, q) for p in rows for q in columns), key=lambda at: (-image[at], at))


def winners(image, shape, size, stride, top, left):
    """The pixel that won each window."""
    return {
        window: first_largest(image, *seen(image, window, size, stride, top, left))
        for window in np.ndindex(shape)
    }


def window_lines(image, shape, size, stride, top, left):
    """One line a window: what it sees, its largest pixel, and where that is."""
    for window in np.ndindex(shape):
        rows, columns = seen(image, window, size, stride, top, left)
        shown = " | ".join(" ".join(f"{whole(image[p, q]):>2}" for q in columns) for p in rows)
        p, q = first_largest(image, rows, columns)
        tie = sum(image[a, b] == image[p, q] for a in rows for b in columns) > 1
        width = size * (3 * size + 2) - 3
        yield (
            f"({window[0]},{window[1]})   {shown:<{width}}   "
            f"y = {whole(image[p, q]):>2}  from ({p},{q}){', the first of equals' if tie else ''}"
        )


# -- the plain case -------------------------------------------------------------------------------

PLAIN = np.array([[2, 1, 0, 3], [5, 3, 4, 1], [0, 1, 2, 8], [7, 6, 1, 0]], float)
DPLAIN = np.array([[1, -2], [3, 4]], float)


@CHAPTER.computed
def plain_example():
    return grids(x=PLAIN, dy=DPLAIN)


@CHAPTER.computed
def plain_results(pool):
    y, _, dx = pool(PLAIN, DPLAIN, 2)
    return grids(y=y, dx=dx)


# -- overlap, ties and padding --------------------------------------------------------------------


@CHAPTER.computed
def example(x, dy):
    return grids(x=x, dy=dy)


@CHAPTER.computed
def windows(x):
    return block(["window   sees", "", *window_lines(x, (3, 3), 3, 2, 1, 1)])


@CHAPTER.computed
def pixel_sums(x, dy, dx):
    won = winners(x, (3, 3), 3, 2, 1, 1)
    lines = []
    for p, q in dict.fromkeys(won.values()):
        mine = [window for window, pixel in won.items() if pixel == (p, q)]
        assert dx[p, q] == sum(dy[window] for window in mine)
        added = " + ".join(factor(dy[window]) for window in mine)
        if len(mine) > 1:
            added += f" = {whole(dx[p, q])}"
        names = ", ".join(f"({i},{j})" for i, j in mine)
        lines.append(f"dx[{p},{q}] = {added:<17} won {names}")
    return block(lines)


@CHAPTER.computed
def total_dy(dy):
    return f"{' + '.join(map(factor, dy.ravel()))} = {whole(dy.sum())}"


@CHAPTER.computed
def total_dx(dx):
    return f"{' + '.join(map(factor, dx[dx != 0]))} = {whole(dx.sum())}"


@CHAPTER.computed
def results(y, winner, dx):
    return grids(y=y, winner=winner, dx=dx)


# -- pitfall, exercises ---------------------------------------------------------------------------


@CHAPTER.computed
def pitfall(sparse, dsparse, right, wrong):
    return grids(**{"x": sparse, "dy": dsparse, "dx": right, "dx with the bug": wrong})


@CHAPTER.computed
def handed_out(dsparse, right, wrong):
    assert dsparse.tolist() == [[1, 2], [3, 4]]
    assert right.sum() == dsparse.sum()
    return whole(wrong.sum())


EXERCISE = {
    "x": np.array([[-1.0, -2, 3], [4, 4, -5], [0, 2, 6]]),
    "dy": np.array([[1.0, 2, 0], [3, -2, 4], [2, 7, 1]]),
}


@CHAPTER.computed
def exercise():
    return grids(**EXERCISE)


@CHAPTER.computed
def solution_windows():
    return block(["window   sees", "", *window_lines(EXERCISE["x"], (3, 3), 2, 1, 1, 0)])


@CHAPTER.computed
def solution(pool):
    y, winner, dx = pool(EXERCISE["x"], EXERCISE["dy"], **SMALL)
    assert dx.sum() == EXERCISE["dy"].sum()
    return grids(y=y, winner=winner, dx=dx)


@CHAPTER.computed
def exercise_total():
    return whole(EXERCISE["dy"].sum())


def three_suspects(pool, x, dy):
    """dx of the example with three mistakes."""
    overwritten = np.zeros_like(x)
    for window, pixel in winners(x, (3, 3), 3, 2, 1, 1).items():
        overwritten[pixel] = dy[window]

    framed, geometry = np.pad(x, 1)[np.newaxis, np.newaxis], ((3, 3), (2, 2), ((0, 0), (0, 0)))
    _, winner = max_pool_forward(framed, *geometry)  # the frame is 0, and takes part
    zeros_won = max_pool_backward(dy[np.newaxis, np.newaxis], winner, framed.shape, *geometry)

    with MUSEUM["winners sought in the unpadded image"].planted():
        shifted = pool(x, dy, **BIG)[2]
    return {"A": overwritten, "B": zeros_won[0, 0, 1:-1, 1:-1], "C": shifted}


@CHAPTER.computed
def suspects(pool, x, dy):
    return grids(**three_suspects(pool, x, dy))


@CHAPTER.computed
def suspects_totals(pool, x, dy):
    lines = [f"{'dy':<4}{whole(dy.sum())}"]
    lines += [f"{name:<4}{whole(dx.sum())}" for name, dx in three_suspects(pool, x, dy).items()]
    return block(lines)


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_plain_case_by_hand():
    y, winner, dx = CHAPTER.session["pool"](PLAIN, DPLAIN, 2)
    assert y.tolist() == [[5, 4], [7, 8]]
    assert winner.tolist() == [[2, 2], [2, 1]]
    assert dx.tolist() == [[0, 0, 0, 0], [1, 0, -2, 0], [0, 0, 0, 4], [3, 0, 0, 0]]


def test_the_big_example_by_hand():
    page = CHAPTER.session
    assert page["y"].tolist() == [[-1, 8, 8], [4, 8, 9], [4, 5, 5]]
    assert page["winner"].tolist() == [[5, 8, 6], [8, 2, 4], [2, 5, 3]]
    assert page["dx"].tolist() == [
        [0, 2, 0, 0, 0], [0, 0, 0, 4, 0], [0, 0, 0, 0, 7], [0, 6, 0, 0, 0], [0, 0, 0, 1, 0],
    ]  # fmt: skip


def test_the_solution_by_hand():
    assert solution(CHAPTER.session["pool"]) == grids(  # worked on paper
        y=[[-1, 3, 3], [4, 4, 3], [4, 6, 6]],
        winner=[[2, 3, 2], [2, 2, 0], [0, 3, 2]],
        dx=[[1, 0, 6], [5, -2, 0], [0, 0, 8]],
    )


def test_the_suspects_by_hand():
    page = CHAPTER.session
    wrong = three_suspects(page["pool"], page["x"], page["dy"])
    assert {letter: dx.sum() for letter, dx in wrong.items()} == {"A": 19, "B": 18, "C": 12}
    assert page["dx"].sum() == 20
    layer = MaxPool2D(**BIG)
    layer.build((1, 5, 5), np.random.default_rng(0), np.float64)
    with MUSEUM["frame of zeros wins"].planted():
        y = layer.forward(page["x"][np.newaxis, np.newaxis])[0, 0]
    assert y[0, 0] == 0 and page["y"][0, 0] == -1
    assert np.array_equal(wrong["C"][1:, 1:] != 0, (page["dx"] != 0)[:-1, :-1])


def test_the_six_steps_give_what_the_layer_gives():
    """On images full of ties, for windows with and without overlap and padding."""
    rng, pool = np.random.default_rng(0), CHAPTER.session["pool"]
    for size, stride, (top, bottom), (left, right) in [
        (2, 2, (0, 0), (0, 0)), (2, 1, (1, 0), (0, 1)), (3, 2, (1, 1), (1, 1)),
        (3, 1, (0, 1), (1, 0)), (2, 3, (0, 0), (0, 0)), (4, 2, (2, 1), (1, 2)),
    ]:  # fmt: skip
        x = rng.integers(-2, 3, (7, 6)).astype(float)
        OH, OW = (top + 7 + bottom - size) // stride + 1, (left + 6 + right - size) // stride + 1
        dy = rng.integers(-9, 10, (OH, OW)).astype(float)
        dx = np.zeros_like(x)
        won = winners(x, (OH, OW), size, stride, top, left)
        for window, pixel in won.items():
            dx[pixel] += dy[window]
        y, _, of_the_layer = pool(x, dy, size, stride, ((top, bottom), (left, right)))
        assert y.ravel().tolist() == [x[pixel] for pixel in won.values()]
        assert of_the_layer.tolist() == dx.tolist()
        assert dx.sum() == dy.sum()


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    y, dx, won = make_pooling.max_example()
    assert np.array_equal(make_pooling.X, page["x"])
    assert np.array_equal(make_pooling.DY, page["dy"])
    assert y.tolist() == page["y"].tolist()
    assert dx.tolist() == page["dx"].tolist()
    assert won == winners(page["x"], (3, 3), 3, 2, 1, 1)


if __name__ == "__main__":
    CHAPTER.rewrite()
