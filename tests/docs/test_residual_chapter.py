"""docs/residual.md: its numbers, from the layer; its pictures, from their script.

`python -m tests.docs.test_residual_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from docs.figures import make_residual
from scratchnet.layers import ReLU, Residual
from tests.docs.by_hand import block as fenced
from tests.docs.by_hand import factor, grids, products, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("residual.md")


def row_sums(name, row, matrix):
    """The lines `name[j] = a·b + c·d = e` of a row times a matrix, and the result."""
    result = row @ matrix
    lines = [
        f"{name}[{j}] = {products(zip(row, matrix[:, j], strict=True))} = {whole(result[j])}"
        for j in range(len(result))
    ]
    return lines, result


def sums(name, a, b):
    """The lines `name[j] = a + b = c`."""
    return [
        f"{name}[{j}] = {factor(p)} + {factor(q)} = {whole(p + q)}"
        for j, (p, q) in enumerate(zip(a, b, strict=True))
    ]


# -- the example ----------------------------------------------------------------------------------


@CHAPTER.computed
def example(x, W, V, dy):
    return grids(x=x, W=W, V=V, dy=dy)


@CHAPTER.computed
def forward_sums(x, W, V, y):
    first, z = row_sums("z", x[0], W)
    h = np.maximum(z, 0)
    relu = [
        f"h[{j}] = max({whole(a)}, 0) → {whole(b)}"
        for j, (a, b) in enumerate(zip(z, h, strict=True))
    ]
    second, f = row_sums("f", h, V)
    assert np.array_equal(x[0] + f, y[0])
    return fenced([*first, "", *relu, "", *second, "", *sums("y", x[0], f)])


@CHAPTER.computed
def backward_sums(x, W, V, dy, dx):
    first, dh = row_sums("dh", dy[0], V.T)
    gates = (x[0] @ W > 0).astype(int)
    dz = dh * gates
    relu = [
        f"dz[{j}] = {factor(a)}·{gate} = {whole(b)}"
        for j, (a, gate, b) in enumerate(zip(dh, gates, dz, strict=True))
    ]
    second, df = row_sums("df", dz, W.T)
    assert np.array_equal(df + dy[0], dx[0])
    return fenced([*first, "", *relu, "", *second, "", *sums("dx", df, dy[0])])


@CHAPTER.computed
def weights(x, W, V, dy, dW, dV):
    z = x[0] @ W
    h, dz = np.maximum(z, 0), (dy[0] @ V.T) * (z > 0)
    assert np.array_equal(np.outer(x[0], dz), dW)
    assert np.array_equal(np.outer(h, dy[0]), dV)
    return grids(x=x.T, dz=dz, dW=dW, h=h[:, np.newaxis], dy=dy, dV=dV)


@CHAPTER.computed
def projection_example(x, A, P, dy3):
    return grids(x=x, A=A, P=P, dy=dy3)


@CHAPTER.computed
def projection_sums(x, A, P, y3, dy3, dx3):
    body, f = row_sums("f", x[0], A)
    shortcut, p = row_sums("p", x[0], P)
    back_body, df = row_sums("df", dy3[0], A.T)
    back_shortcut, dp = row_sums("dp", dy3[0], P.T)
    assert np.array_equal(f + p, y3[0])
    assert np.array_equal(df + dp, dx3[0])
    forward = [*body, "", *shortcut, "", *sums("y", f, p)]
    backward = [*back_body, "", *back_shortcut, "", *sums("dx", df, dp)]
    return fenced([*forward, "", *backward])


@CHAPTER.computed
def projection_weights(projected):
    dA, dP = projected.grads["body.0.W"], projected.grads["projection.0.W"]
    return grids(dA=dA, dP=dP)


# -- the matrix -----------------------------------------------------------------------------------


def body_matrix(page, x):
    """J at x, of the example's body."""
    W, V = page["W"], page["V"]
    return W @ np.diag((x[0] @ W > 0).astype(float)) @ V


@CHAPTER.computed
def jacobian(x, W, V, dy, dx):
    gates = np.diag((x[0] @ W > 0).astype(float))
    J = W @ gates @ V
    assert np.array_equal(dy @ (np.eye(2) + J).T, dx)
    return grids(**{"W": W, "gates": gates, "V": V, "J": J, "I + J": np.eye(2) + J})


def test_three_blocks_are_the_sum_of_eight_paths():
    J = np.random.default_rng(0).integers(-3, 4, (3, 2, 2)).astype(float)
    product = np.linalg.multi_dot([np.eye(2) + one for one in J])
    paths = [
        np.linalg.multi_dot([np.eye(2), np.eye(2), *(J[k] for k in through)])
        for length in range(4)
        for through in combinations(range(3), length)
    ]
    assert len(paths) == 8
    assert np.array_equal(sum(paths), product)


def test_the_body_moves_by_its_matrix():
    page = CHAPTER.session
    x, step = page["x"], np.array([[0.25, -0.125]])  # too small for another gate to open
    moved = page["block"].forward(x + step) - page["block"].forward(x)
    assert np.array_equal(moved, step @ (np.eye(2) + body_matrix(page, x)))


# -- thirty blocks --------------------------------------------------------------------------------


def test_only_the_normalised_blocks_bear_all_weights():
    below = {
        kind: [make_residual.gradients_through(kind, factor)[0] for factor in (0, 0.01, 0.5, 1, 2)]
        for kind in make_residual.KINDS
    }
    assert below["plain"][0] == 0
    assert below["plain"][1] < 1e-50
    assert below["plain"][2] < 1e-8
    assert 0.1 < below["plain"][3] < 10
    assert below["residual"][0] == below["residual, normalised"][0] > 0.9
    assert below["residual"][3] > 1e5
    assert 0.9 < min(below["residual, normalised"]) <= max(below["residual, normalised"]) < 50


# -- exercise -------------------------------------------------------------------------------------


@CHAPTER.computed
def solution(built, dense, W, V):
    layer = built(Residual([dense(W), ReLU(), dense(V)]), 2)
    y = layer.forward(np.array([[2.0, -1]]))
    dx = layer.backward(np.array([[1.0, -1]]))
    return grids(y=y, dx=dx, dW=layer.grads["body.0.W"], dV=layer.grads["body.2.W"])


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    page = CHAPTER.session
    assert solution(page["built"], page["dense"], page["W"], page["V"]) == grids(  # on paper
        y=[[8, 10]], dx=[[2, 6]], dW=[[6, -4], [-3, 2]], dV=[[1, -1], [4, -4]]
    )


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    drawn = make_residual.steps()
    for name in ("x", "y", "dy", "dx"):
        assert np.array_equal(drawn[name], page[name])
    assert np.array_equal(make_residual.W, page["W"])
    assert np.array_equal(make_residual.V, page["V"])


if __name__ == "__main__":
    CHAPTER.rewrite()
