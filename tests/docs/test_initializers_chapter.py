"""docs/initializers.md: its numbers, from the layers; its picture, from its script.

`python -m tests.docs.test_initializers_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

from itertools import pairwise, product
from math import exp, log

import numpy as np
import pytest

from docs.figures import make_initializers
from scratchnet.initializers import INITIALIZERS
from scratchnet.layers import Dense, ReLU
from scratchnet.losses import SoftmaxCrossEntropy
from tests.docs.arithmetic import columns, result, rounded
from tests.docs.by_hand import block, grids, products, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("initializers.md")
SECTIONS = (
    "What it is for", "Equations", "The signal, going forward", "The gradient, going back",
    "By hand", "Ten layers", "Zeros: never in the middle, right at the end", "The code", "A check",
    "A pitfall", "Exercises", "Sources",
)  # fmt: skip
COINS = list(product((1, -1), repeat=2))


@CHAPTER.computed
def halves():
    return block([f"1 / 2¹⁰ = 1 / {2**10}        2¹⁰ = {2**10}"])


def mean_of(name, values):
    mean = sum(values) / len(values)
    return f"mean of {name}: ({' + '.join(map(whole, values))}) / {len(values)} = {whole(mean)}"


@CHAPTER.computed
def four_cases():
    rows, squares, kept = [], [], []
    for w in COINS:
        pairs = list(zip(w, (1, 2), strict=True))
        y = sum(a * b for a, b in pairs)
        squares.append(y * y)
        kept.append(max(y, 0) ** 2)
        rows.append(
            [
                f"w = ({whole(w[0])}, {whole(w[1])})",
                f"y = {products(pairs)} = {whole(y)}",
                f"y² = {y * y}",
                f"ReLU(y)² = {kept[-1]}",
            ]
        )
    assert np.mean(squares) == 2 * 1 * 2.5
    assert np.mean(kept) == 2.5
    return block([*columns(rows), "", mean_of("y²", squares), mean_of("ReLU(y)²", kept)])


@CHAPTER.computed
def four_gradients():
    rows, squares = [], []
    for w in COINS:
        pairs = list(zip(w, (3, 1), strict=True))
        dx = sum(a * b for a, b in pairs)
        squares.append(dx * dx)
        rows.append(
            [
                f"w = ({whole(w[0])}, {whole(w[1])})",
                f"dx = {products(pairs)} = {whole(dx)}",
                f"dx² = {dx * dx}",
            ]
        )
    expected = "fan_out · Var w · E[dy²]: 2·1·(3·3 + 1·1) / 2 = 10"
    assert np.mean(squares) == 10
    return block([*columns(rows), "", mean_of("dx²", squares), expected])


@CHAPTER.computed
def two_thirds():
    return "144·2 / (144 + 288)"


@CHAPTER.computed
def ten_layers():
    rows = [["", "initialiser", "activations after ten layers", "gradients before them"]]
    for name, bend in make_initializers.BENDS.items():
        for initializer in make_initializers.LINES:
            signal, gradient = make_initializers.average(initializer, bend)
            rows.append([name, initializer, f"{signal[-1]:.2g}", f"{gradient[0]:.2g}"])
            name = ""
    return block(columns(rows))


@CHAPTER.computed
def last_layer():
    h, t = np.array([[1.0, 2.0]]), np.array([0])
    layer, loss = Dense(2, bias=False, initializer="zeros"), SoftmaxCrossEntropy()
    layer.build((2,), np.random.default_rng(0), np.float64)
    losses, scores, gradients = [], [], []
    for _ in range(2):
        scores.append(layer.forward(h))
        losses.append(loss.forward(scores[-1], t))
        dh = layer.backward(loss.backward())
        gradients.append(layer.grads["W"].copy())
        if len(losses) == 1:
            assert not dh.any()
            layer.params["W"] -= layer.grads["W"]
    W = layer.params["W"]
    assert scores[0].tolist() == [[0, 0]]
    assert losses[0] == pytest.approx(log(2))
    assert losses[1] == pytest.approx(log(1 + exp(-5)))
    assert dh.any()
    first = grids(s=scores[0], p=[[0.5, 0.5]], ds=[[-0.5, 0.5]], dW2=gradients[0])
    sums = [
        result(f"s[{k}]", products(zip(h[0], W[:, k], strict=True)), scores[1][0, k])
        for k in range(2)
    ]
    after = [
        f"L = ln 2 → {losses[0]:.4f}",
        "",
        "after the step, with W2 = −dW2:",
        *sums,
        f"L → {losses[1]:.4f}",
    ]
    return first + "\n\n" + block(after)


@CHAPTER.computed
def telescope():
    sizes = (1000, 200, 50, 10)
    rng, blocks = np.random.default_rng(0), []
    x = rng.standard_normal((400, sizes[0]))
    for before, after in pairwise(sizes):
        for layer in (dense := Dense(after), relu := ReLU()):
            layer.build((before if layer is dense else after,), rng, np.float64)
            x = layer.forward(x, training=True)
        blocks.append((dense, relu))
    dy = rng.standard_normal(x.shape)
    start = np.mean(dy**2)
    for dense, relu in reversed(blocks):
        dy = dense.backward(relu.backward(dy))
    assert np.mean(dy**2) / start == pytest.approx(0.01, rel=0.35)
    return block(["200/1000 · 50/200 · 10/50 = 10/1000, a hundredth"])


@CHAPTER.computed
def leaky():
    share = (1 + 0.01) / 2
    y = np.random.default_rng(0).standard_normal(100_000)
    assert np.mean(np.where(y > 0, y, 0.1 * y) ** 2) == pytest.approx(share, rel=0.02)
    return (
        f"(1 + 0.01) / 2 = {rounded(share)}, and so $\\mathrm{{Var}} w$ is 1 / {rounded(share)} → "
        f"{1 / share:.2f} over $fan_{{in}}$."
    )


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found


def test_every_initialiser_is_on_the_page_and_in_the_figure():
    assert {*make_initializers.LINES, "zeros"} == set(INITIALIZERS)
    for name in INITIALIZERS:
        assert f"| `{name}` |" in CHAPTER.text


def test_ten_layers_do_what_was_derived():
    straight, relu, tanh = make_initializers.BENDS.values()
    for initializer, bend, signal_factor, gradient_factor in (
        ("lecun", straight, 1, 1), ("he", straight, 1024, 1024), ("he", relu, 1, 1),
        ("lecun", relu, 1 / 1024, 1 / 1024), ("glorot", relu, 1 / 1024, 1 / 1024),
    ):  # fmt: skip
        signal, gradient = make_initializers.average(initializer, bend)
        assert signal[-1] == pytest.approx(signal_factor, rel=0.3)
        assert gradient[0] == pytest.approx(gradient_factor, rel=0.3)
    signal, _ = make_initializers.average("lecun", tanh)
    falls = signal[1:] / signal[:-1]
    assert np.all(np.diff(falls) > 0)  # ever more slowly
    assert make_initializers.average("he", tanh)[0][-3:] == pytest.approx(0.31, abs=0.01)


def test_zeros_are_zero_from_the_first_layer_and_from_the_last():
    for bend in make_initializers.BENDS.values():
        signal, gradient = make_initializers.mean_squares("zeros", bend)
        assert not signal[1:].any()
        assert not gradient[:-1].any()


def test_random_last_weights_cost_more_on_average_than_zeros():
    page = CHAPTER.session
    losses = []
    for seed in range(20):
        scores = np.random.default_rng(seed).standard_normal((200, 7))
        losses.append(SoftmaxCrossEntropy().forward(scores, page["classes"][:200]))
    assert min(losses) > log(7)


if __name__ == "__main__":
    CHAPTER.rewrite()
