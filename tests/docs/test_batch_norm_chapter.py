"""docs/batch_norm.md: its numbers, from the layer; its pictures, from their script.

`python -m tests.docs.test_batch_norm_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np
import pytest

from docs.figures import make_training_layers as figures
from scratchnet.layers import BatchNorm
from tests.docs.by_hand import block, factor, grids, products, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("batch_norm.md")


def statistics_of(x, eps):
    mean, var = x.mean(), x.var()
    r = 1 / np.sqrt(var + eps)
    return mean, var, r, r * (x - mean)


# -- the example ----------------------------------------------------------------------------------


@CHAPTER.computed
def statistics(x, layer):
    values = x.ravel()
    mean, var, r, _ = statistics_of(values, layer.eps)
    centred = values - mean
    squares = " + ".join(f"{factor(c)}·{factor(c)}" for c in centred)
    return block(
        [
            f"mean    = ({' + '.join(map(whole, values))}) / 4 = {whole(mean)}",
            f"var     = ({squares}) / 4 = {whole(var)}",
            f"inv_std = 1 / √({whole(var)} + {whole(layer.eps)}) → 1 / {whole(1 / r)}",
        ]
    )


@CHAPTER.computed
def forward_columns(x, layer, y):
    values = x.ravel()
    mean, _, _, x_hat = statistics_of(values, layer.eps)
    assert np.array_equal(y.ravel(), 4 * x_hat + 1)
    names = ("x", "x − mean", "x_hat", "y = 4·x_hat + 1")
    columns = (values, values - mean, x_hat, y.ravel())
    return grids(**{n: c[:, np.newaxis] for n, c in zip(names, columns, strict=True)})


@CHAPTER.computed
def sums(x, dy, layer, dgamma, dbeta):
    x_hat = statistics_of(x.ravel(), layer.eps)[3]
    up = dy.ravel()
    return block(
        [
            f"dbeta  = {' + '.join(map(factor, up))} = {whole(dbeta[0])}",
            f"dgamma = {products(zip(up, x_hat, strict=True))} = {whole(dgamma[0])}",
        ]
    )


@CHAPTER.computed
def terms(x, dy, layer, dgamma, dbeta, dx):
    _, _, r, x_hat = statistics_of(x.ravel(), layer.eps)
    up = dy.ravel()
    shift, scale = np.full(4, -dbeta / 4), -x_hat * dgamma / 4
    assert np.array_equal(dx.ravel(), 4 * r * (up + shift + scale))
    names = ("dy", "− dbeta / m", "− x_hat · dgamma / m", "dx")
    columns = (up, shift, scale + 0, dx.ravel())
    return grids(**{n: c[:, np.newaxis] for n, c in zip(names, columns, strict=True)})


@CHAPTER.computed
def total(dx):
    first, *others = dx.ravel()
    signed = "".join(f" {'−' if value < 0 else '+'} {whole(abs(value))}" for value in others)
    return f"{whole(first)}{signed} = {whole(dx.sum())}"


# -- as a matrix ----------------------------------------------------------------------------------


def _matrix(x, eps):
    x_hat = statistics_of(x.ravel(), eps)[3]
    return np.eye(4) - 1 / 4 - np.outer(x_hat, x_hat) / 4


@CHAPTER.computed
def matrix(x, layer):
    return grids(**{"16 · (I − u uᵀ/m − x_hat x_hatᵀ/m)": 16 * _matrix(x, layer.eps)})


@CHAPTER.computed
def remains(x, layer):
    _, var, r, x_hat = statistics_of(x.ravel(), layer.eps)
    share = layer.eps * r**2
    assert np.allclose(_matrix(x, layer.eps) @ x_hat, share * x_hat)
    return f"{whole(layer.eps)} / {whole(var + layer.eps)} = {whole(share)}"


def test_the_matrix_is_what_backward_applies_and_a_projection_but_for_eps():
    page = CHAPTER.session
    P = _matrix(page["x"], page["layer"].eps)
    assert np.array_equal(2 * P @ page["dy"].ravel(), page["dx"].ravel())
    assert np.array_equal(P, P.T)
    assert not P.sum(axis=1).any()
    exact = _matrix(page["x"], 0)
    assert np.allclose(exact @ exact, exact)


# -- running statistics ---------------------------------------------------------------------------


@CHAPTER.computed
def running(x, example):
    layer = example(momentum=0.7)
    layer.forward(x, training=True)
    mean, var = (layer.buffers[f"running_{name}"][0] for name in ("mean", "var"))
    assert np.isclose(mean, 0.3 * x.mean())
    assert np.isclose(var, 0.7 + 0.3 * x.var(ddof=1))
    squares = whole(4 * x.var())
    return block(
        [
            f"running_mean = 0.7·0 + 0.3·{whole(x.mean())} = {whole(mean)}",
            f"running_var  = 0.7·1 + 0.3·{squares} / 3 = {whole(var)}",
        ]
    )


@CHAPTER.computed
def start_after():
    momentum = BatchNorm().momentum
    assert momentum == 0.9
    enough = int(np.ceil(np.log(0.01) / np.log(momentum)))
    return f"{momentum**10:.2f} after 10 batches and {momentum**enough:.2f} after {enough}"


def test_pairs_fall_short_by_one_half():
    pairs = CHAPTER.session["pairs"]
    var = CHAPTER.session["x"].var()
    assert np.isclose(pairs.var(axis=1).mean(), var * (2 - 1) / 2)
    assert np.isclose(pairs.var(axis=1, ddof=1).mean(), var)


@pytest.mark.parametrize("value", [-3.0, 0.0, 8.0])
def test_one_value_alone_gives_beta_in_training(value):
    layer = figures.built(BatchNorm(), 1)
    layer.params["beta"][...] = 5
    assert layer.forward(np.array([[value]]), training=True) == 5


# -- pitfall, exercise ----------------------------------------------------------------------------


@CHAPTER.computed
def pitfall(dx, wrong):
    names = ("dx", "dx with the bug")
    return grids(**{n: a.reshape(1, 4) for n, a in zip(names, (dx, wrong), strict=True)})


@CHAPTER.computed
def pull(wrong):
    return whole(wrong.sum())


EXERCISE = {"x": np.array([[0.0], [4], [4], [4]]), "dy": np.array([[2.0], [4], [0], [-2]])}


@CHAPTER.computed
def exercise():
    return grids(**{name: values.T for name, values in EXERCISE.items()})


@CHAPTER.computed
def solution():
    layer = figures.built(BatchNorm(eps=1), 1)
    layer.params["gamma"][...] = 2
    y = layer.forward(EXERCISE["x"], training=True)
    dx = layer.backward(EXERCISE["dy"])
    return grids(y=y.T, dgamma=layer.grads["gamma"], dbeta=layer.grads["beta"], dx=dx.T)


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    assert solution() == grids(  # worked on paper
        y=[[-3, 1, 1, 1]], dgamma=-2, dbeta=4, dx=[[0.25, 3.25, -0.75, -2.75]]
    )


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    assert np.array_equal(figures.BATCH, page["x"])
    assert np.array_equal(figures.BATCH_DY, page["dy"])
    layer = figures.batch_norm_example()
    assert np.array_equal(layer.forward(figures.BATCH, training=True), page["y"])
    assert np.array_equal(layer.backward(figures.BATCH_DY), page["dx"])


if __name__ == "__main__":
    CHAPTER.rewrite()
