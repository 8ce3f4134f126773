"""docs/conv2d.md: its numbers, from the layer; its pictures, from their script.

`python -m tests.docs.test_conv2d_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_conv2d
from scratchnet.layers import Conv2D
from tests.docs.by_hand import block, factor, grids, products, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("conv2d.md")
TAPS = list(np.ndindex(2, 2))


# -- the example ----------------------------------------------------------------------------------


@CHAPTER.computed
def example(x, W, layer, dy):
    return grids(x=x, W=W, b=layer.params["b"], dy=dy)


@CHAPTER.computed
def forward_sums(x, W, layer, y):
    b = layer.params["b"][0]
    return block(
        f"y[{i},{j}] = {products((x[i + u, j + v], W[u, v]) for u, v in TAPS)} + {whole(b)}"
        f" = {whole(y[i, j])}"
        for i, j in np.ndindex(y.shape)
    )


@CHAPTER.computed
def bias_sum(dy, db):
    return block([f"db = {' + '.join(map(factor, dy.ravel()))} = {whole(db)}"])


@CHAPTER.computed
def weight_sums(x, dy, dW):
    return block(
        f"dW[{u},{v}] = {products((x[i + u, j + v], dy[i, j]) for i, j in np.ndindex(dy.shape))}"
        f" = {whole(dW[u, v])}"
        for u, v in TAPS
    )


@CHAPTER.computed
def pixel_sums(x, W, dy, dx):
    def windows(p, q):
        places = [(p - u, q - v, u, v) for u, v in TAPS]
        return [(dy[i, j], W[u, v]) for i, j, u, v in places if 0 <= i < 3 and 0 <= j < 3]

    return block(
        f"dx[{p},{q}] = {products(windows(p, q))} = {whole(dx[p, q])}"
        for p, q in np.ndindex(x.shape)
    )


@CHAPTER.computed
def results(y, db, dW, dx):
    return grids(y=y, db=db, dW=dW, dx=dx)


# -- as a matrix ----------------------------------------------------------------------------------


def windows_as_columns(x):
    return np.array([[x[i + u, j + v] for i, j in np.ndindex(3, 3)] for u, v in TAPS])


@CHAPTER.computed
def columns(x, W):
    return grids(W=W.reshape(1, 4), cols=windows_as_columns(x))


@CHAPTER.computed
def dcolumns(W, dy):
    return grids(
        **{"W as a column": W.reshape(4, 1), "dy": dy.reshape(1, 9), "dcols": _dcols(W, dy)}
    )


@CHAPTER.computed
def pixel_in_dcolumns(W, dy, dx):
    entries = _dcols(W, dy)[[3, 2, 1, 0], [0, 1, 3, 4]]
    return f"{' + '.join(map(factor, entries))} = {whole(dx[1, 1])}"


def _dcols(W, dy):
    return np.outer(W, dy)


def test_columns_compute_what_the_layer_computes():
    page = CHAPTER.session
    x, W, dy, layer = page["x"], page["W"], page["dy"], page["layer"]
    cols = windows_as_columns(x)
    assert (W.ravel() @ cols + layer.params["b"]).tolist() == page["y"].ravel().tolist()
    assert (dy.ravel() @ cols.T).tolist() == page["dW"].ravel().tolist()
    back = np.zeros((4, 4))
    for (u, v), row in zip(TAPS, _dcols(W, dy), strict=True):
        back[u : u + 3, v : v + 3] += row.reshape(3, 3)
    assert back.tolist() == page["dx"].tolist()


# -- options, pitfall, exercise -------------------------------------------------------------------


@CHAPTER.computed
def options(example, forward, backward, x):
    shown = []
    for title, arguments in {
        "stride=2": {"stride": 2},
        "stride=3": {"stride": 3},
        "dilation=2": {"dilation": 2},
        'padding="same"': {"padding": "same"},
        "padding=1": {"padding": 1},
    }.items():
        layer = example(**arguments)
        y = forward(layer, x)
        dx = backward(layer, np.ones_like(y))
        top, bottom = layer.edges[0]
        d, s = layer.dilation[0], layer.stride[0]
        numerator = f"{top} + 4 + {bottom} − 1·{d} − 1"
        rows = f"⌊({numerator}) / {s}⌋ + 1 = {layer.output_shape[1]}"
        assert layer.output_shape[1] == (top + 4 + bottom - d - 1) // s + 1
        shown.append(f"`{title}`: OH = {rows}\n\n{grids(y=y, dx=dx)}")
    return "\n\n".join(shown)


@CHAPTER.computed
def pitfall(dx, wrong):
    assert dx.sum() == wrong.sum()
    return grids(**{"dx": dx, "dx with the bug": wrong})


EXERCISE = {
    "x": np.array([[2.0, 0, 1], [1, 1, 0], [0, 3, 1]]),
    "W": np.array([[0.0, 1], [-1, 2]]),
    "b": np.array([3.0]),
    "dy": np.array([[1.0, -1], [2, 1]]),
}


@CHAPTER.computed
def exercise():
    return grids(**EXERCISE)


@CHAPTER.computed
def solution():
    layer = Conv2D(1, 2)
    layer.build((1, 3, 3), np.random.default_rng(0), np.float64)
    layer.params["W"][0, 0], layer.params["b"][...] = EXERCISE["W"], EXERCISE["b"]
    y = layer.forward(EXERCISE["x"][np.newaxis, np.newaxis])[0, 0]
    dx = layer.backward(EXERCISE["dy"][np.newaxis, np.newaxis])[0, 0]
    return grids(y=y, db=layer.grads["b"], dW=layer.grads["W"][0, 0], dx=dx)


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    assert solution() == grids(  # worked on paper
        y=[[4, 3], [10, 2]],
        db=3,
        dW=[[5, 1], [3, 8]],
        dx=[[0, 1, -1], [-1, 5, -1], [-2, 3, 2]],
    )


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    assert np.array_equal(make_conv2d.X, page["x"])
    assert np.array_equal(make_conv2d.W, page["W"])
    assert np.array_equal(make_conv2d.DY, page["dy"])
    assert page["layer"].params["b"] == make_conv2d.B
    assert np.array_equal(make_conv2d.matrix(make_conv2d.example()), page["T"])


if __name__ == "__main__":
    CHAPTER.rewrite()
