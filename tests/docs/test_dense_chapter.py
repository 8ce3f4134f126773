"""docs/dense.md: its numbers, from the layer; its pictures, from their script.

`python -m tests.docs.test_dense_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_dense
from scratchnet.layers import Dense
from tests.docs.by_hand import block, factor, grids, products, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("dense.md")


# -- the example ----------------------------------------------------------------------------------


@CHAPTER.computed
def example(x, W, b, dy):
    return grids(x=x, W=W, b=b, dy=dy)


@CHAPTER.computed
def forward_sums(x, W, b, y):
    return block(
        f"y[{n},{m}] = {products(zip(x[n], W[:, m], strict=True))} + {factor(b[m])}"
        f" = {whole(y[n, m])}"
        for n, m in np.ndindex(y.shape)
    )


@CHAPTER.computed
def bias_sums(dy, db):
    return block(
        f"db[{m}] = {' + '.join(map(factor, dy[:, m]))} = {whole(db[m])}" for m in range(len(db))
    )


@CHAPTER.computed
def weight_sums(x, dy, dW):
    return block(
        f"dW[{d},{m}] = {products(zip(x[:, d], dy[:, m], strict=True))} = {whole(dW[d, m])}"
        for d, m in np.ndindex(dW.shape)
    )


@CHAPTER.computed
def input_sums(dy, W, dx):
    return block(
        f"dx[{n},{d}] = {products(zip(dy[n], W[d], strict=True))} = {whole(dx[n, d])}"
        for n, d in np.ndindex(dx.shape)
    )


@CHAPTER.computed
def results(y, db, dW, dx):
    return grids(y=y, db=db, dW=dW, dx=dx)


@CHAPTER.computed
def outer_products(x, dy, dW):
    first, second = (np.outer(x[n], dy[n]) + 0 for n in range(2))
    assert np.array_equal(first + second, dW)
    return grids(**{"sample 0": first, "sample 1": second, "dW": dW})


# -- Flatten --------------------------------------------------------------------------------------


@CHAPTER.computed
def flattened(image, pixels, back):
    return grids(
        **{"channel 0": image[0, 0], "channel 1": image[0, 1], "y": pixels,
           "dx, channel 0": back[0, 0], "dx, channel 1": back[0, 1]}
    )  # fmt: skip


@CHAPTER.computed
def mixed_up(mixed):
    return grids(**{"dx, channel 0": mixed[0, 0], "dx, channel 1": mixed[0, 1]})


# -- pitfall, exercise ----------------------------------------------------------------------------


@CHAPTER.computed
def pitfall(right, wrong):
    assert not np.array_equal(right, wrong)
    assert np.array_equal(wrong, right.T)
    return grids(**{"dW": right, "dW with the bug": wrong})


EXERCISE = {
    "x": np.array([[2.0, -1], [0, 3], [1, 1]]),
    "W": np.array([[3.0], [2]]),
    "b": np.array([-1.0]),
    "dy": np.array([[1.0], [-2], [4]]),
}


@CHAPTER.computed
def exercise():
    return grids(**EXERCISE)


@CHAPTER.computed
def solution():
    layer = Dense(1)
    layer.build((2,), np.random.default_rng(0), np.float64)
    layer.params["W"][...], layer.params["b"][...] = EXERCISE["W"], EXERCISE["b"]
    y = layer.forward(EXERCISE["x"])
    dx = layer.backward(EXERCISE["dy"])
    return grids(y=y, db=layer.grads["b"], dW=layer.grads["W"], dx=dx)


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    assert solution() == grids(  # worked on paper
        y=[[3], [5], [4]], db=3, dW=[[6], [-3]], dx=[[3, 2], [-6, -4], [12, 8]]
    )


def test_shuffled_inputs_and_rows_give_the_same_outputs():
    page = CHAPTER.session
    order = [2, 0, 3, 1]
    assert np.array_equal(page["example"](page["W"][order]).forward(page["x"][:, order]), page["y"])


def test_the_first_dense_layer_has_most_of_the_weights():
    sizes = [layer.params["W"].size for layer in CHAPTER.session["model"].layers if layer.params]
    assert 2 * max(sizes) > sum(sizes)


def test_the_pitfall_misleads_only_the_weights():
    page = CHAPTER.session
    dx = page["square"].backward(page["dy"])
    with page["bug"].planted():
        assert np.array_equal(page["square"].backward(page["dy"]), dx)
        assert np.array_equal(page["square"].grads["b"], page["db"])


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    for name, values in {"x": make_dense.X, "W": make_dense.W, "b": make_dense.B}.items():
        assert np.array_equal(values, page[name])
    assert np.array_equal(make_dense.DY, page["dy"])


if __name__ == "__main__":
    CHAPTER.rewrite()
