"""docs/activations.md: its numbers, from the layers; its pictures, from their script.

`python -m tests.docs.test_activations_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from docs.figures import make_activations
from scratchnet.layers import ReLU, Sigmoid, Tanh
from tests.docs.by_hand import block, factor, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("activations.md")
LOGARITHMS = {Fraction(1, 3): "−ln 3", Fraction(1): "0", Fraction(2): "ln 2", Fraction(3): "ln 3"}


def exact(value):
    """The fraction that a number is: one of small terms."""
    fraction = Fraction(float(value)).limit_denominator(999)
    assert abs(fraction - value) < 1e-12
    return fraction


def fraction(value):
    """3/16, −4/5, 2"""
    return str(exact(value)).replace("-", "−")


def bracketed(value):
    """A fraction as a factor: (−4/5)."""
    return f"({fraction(value)})" if value < 0 else fraction(value)


# -- by hand --------------------------------------------------------------------------------------


@CHAPTER.computed
def relu_by_hand(inputs, run):
    x, dy = inputs[ReLU]
    y, dx = run(ReLU(), x, dy)
    return table(
        (f"x = {whole(a)}", f"y = {whole(b)}", f"slope {s}", f"dx = {factor(upstream)}·{s} = {c:g}")
        for a, b, s, upstream, c in zip(x, y, (y > 0).astype(int), dy, dx, strict=True)
    ).replace("-", "−")


@CHAPTER.computed
def sigmoid_by_hand(inputs, run):
    x, dy = inputs[Sigmoid]
    y, dx = run(Sigmoid(), x, dy)
    rows = []
    for a, b, upstream, below in zip(x, y, dy, dx, strict=True):
        falling = fraction(np.exp(-a))
        slope = fraction(b * (1 - b))
        rows.append(
            (
                f"x = {LOGARITHMS[exact(np.exp(a))]}",
                f"y = 1 / (1 + {falling}) = {fraction(b)}",
                f"slope = {fraction(b)}·(1 − {fraction(b)}) = {slope}",
                f"dx = {factor(upstream)}·{slope} = {fraction(below)}",
            )
        )
    return table(rows)


@CHAPTER.computed
def tanh_by_hand(inputs, run):
    x, dy = inputs[Tanh]
    y, dx = run(Tanh(), x, dy)
    rows = []
    for a, b, upstream, below in zip(x, y, dy, dx, strict=True):
        rising, falling = fraction(np.exp(a)), fraction(np.exp(-a))
        slope = fraction(1 - b * b)
        rows.append(
            (
                f"x = {LOGARITHMS[exact(np.exp(a))]}",
                f"y = ({rising} − {falling}) / ({rising} + {falling}) = {fraction(b)}",
                f"slope = 1 − {bracketed(b)}·{bracketed(b)} = {slope}",
                f"dx = {factor(upstream)}·{slope} = {fraction(below)}",
            )
        )
    return table(rows)


def table(rows):
    """Columns of text, four spaces between them."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return block(
        "    ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


# -- ten layers, one dead unit --------------------------------------------------------------------


@CHAPTER.computed
def sigmoid_loss(sizes):
    first = sizes["sigmoid"][0]
    assert 1e-7 < first < 1e-6
    return f"{first * 1e6:.1f} millionths"


@CHAPTER.computed
def large_weights_loss(sizes):
    return f"{1 / sizes['sigmoid, weights × 4'][0]:.0f}-fold"


@CHAPTER.computed
def solution(run):
    x, dy = np.log([0.5, 2.0]), np.array([225.0, -225.0])
    rows = []
    for kind in (ReLU, Sigmoid, Tanh):
        y, dx = run(kind(), x, dy)
        shown = ["0", "ln 2"] if kind is ReLU else [fraction(b) for b in y]
        rows.append(
            (
                kind.__name__,
                f"y = ({', '.join(shown)})",
                f"dx = ({', '.join(fraction(below) for below in dx)})",
            )
        )
    return table(rows)


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    run = CHAPTER.session["run"]
    assert "Sigmoid    y = (1/3, 2/3)     dx = (50, −50)" in solution(run)  # worked on paper
    assert "Tanh       y = (−3/5, 3/5)    dx = (144, −144)" in solution(run)


def test_a_unit_that_died_has_no_gradient():
    x = np.array([1.0, 2.0])
    y, dx = CHAPTER.session["run"](ReLU(), -4 * x - 2, np.full(2, -1.0))
    assert y.tolist() == [0, 0]
    assert dx.tolist() == [0, 0]


def test_values_stay_while_the_sigmoids_gradient_fades():
    values, gradients = make_activations.gradients_through(Sigmoid, "lecun", 1)
    assert 0.45 < min(values) <= max(values) < 0.6
    ratios = np.divide(gradients[:-1], gradients[1:])
    assert (ratios < 0.26).all()
    for name, lowest in {"ReLU": 0.8, "tanh": 0.2}.items():
        assert min(CHAPTER.session["sizes"][name]) > lowest


def test_figures_show_the_examples_of_the_chapter():
    page = CHAPTER.session["inputs"]
    shown = {
        ReLU: (make_activations.RELU_X, make_activations.RELU_DY),
        Sigmoid: (make_activations.SIGMOID_X, make_activations.SIGMOID_DY),
    }
    for kind, (x, dy) in shown.items():
        assert np.array_equal(x, page[kind][0])
        assert np.array_equal(dy, page[kind][1])
    assert [LOGARITHMS[exact(np.exp(a))] for a in make_activations.SIGMOID_X] == (
        make_activations.SIGMOID_NAMES
    )


if __name__ == "__main__":
    CHAPTER.rewrite()
