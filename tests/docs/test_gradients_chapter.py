"""docs/gradients.md: its report, its errors, and the catalogue of the bug museum.

`python -m tests.docs.test_gradients_chapter` writes them into the chapter.
"""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.gradcheck import GradientError, check_gradients
from scratchnet.gradcheck.check import RTOL, RTOL_OF_A_NETWORK
from scratchnet.gradcheck.differences import central, complex_step, five_point
from scratchnet.gradcheck.judge import FIRST_STEP
from scratchnet.layers import LAYERS, ReLU
from tests.docs.by_hand import block
from tests.docs.chapters import Chapter, ChapterTests
from tests.gradients.bug_museum import table

CHAPTER = Chapter("gradients.md")
SLOPE = 1 - np.tanh(0.7) ** 2


def tanh(t):
    return np.tanh(0.7 + t) - np.tanh(0.7)


def errors_at(h):
    """One-sided, central and five-point, relative to the slope."""
    slopes = (tanh(h) / h, central(tanh, h).slope, five_point(tanh, h).slope)
    return [abs(slope / SLOPE - 1) for slope in slopes]


@CHAPTER.computed
def errors():
    rows = [("h", "one-sided", "central", "five-point")]
    rows += [(f"{h:g}", *(f"{e:.0e}" for e in errors_at(h))) for h in (1.0, 0.1, 0.01)]
    return block("  ".join(cell.rjust(10) for cell in row) for row in rows)


@CHAPTER.computed
def museum():
    return table()


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This chapter is of no layer, and has headings of its own."""
        assert not self.chapter.missing_sections(("The question", "The bug museum", "Exercises"))


def test_each_difference_has_its_best_error():
    steps = 10.0 ** -np.arange(0, 12)
    best = np.min([errors_at(h) for h in steps], axis=0)
    for error, claimed in zip(best, (1e-8, 1e-11, 1e-13), strict=True):
        assert claimed / 30 < error < claimed * 30
    assert min(errors_at(1e-10)) > 1e-8
    assert abs(complex_step(tanh).slope / SLOPE - 1) < 1e-15


def test_the_tables_of_steps_and_tolerances():
    assert FIRST_STEP == {"linear": 1, "smooth": 1e-3, "complex": 1e-30}
    assert RTOL == {"linear": 1e-12, "smooth": 1e-9, "complex": 1e-12}
    assert RTOL_OF_A_NETWORK == 1e-6


class PositiveBoth(ReLU):
    """The ReLU of the second exercise."""

    def backward(self, dy):
        return np.where((self.recall() > 0) & (dy > 0), dy, 0)


LAYERS.pop("PositiveBoth")  # a saved model may name layers of the library only


def test_the_exercises():
    MyTanh = CHAPTER.session["MyTanh"]
    LAYERS.pop("MyTanh", None)
    assert check_gradients(MyTanh(), np.zeros((2, 3))).error < 1e-9
    with pytest.raises(GradientError):
        check_gradients(MyTanh(), np.full((2, 3), 0.1))

    x = np.array([[2.0, -1.0, 0.5, -3.0]])
    with pytest.raises(GradientError):
        check_gradients(PositiveBoth(), x)
    wrong, right, g = PositiveBoth(), ReLU(), np.array([[1.0, 2.0, -3.0, -4.0]])
    for layer in (wrong, right):
        layer.build((4,), np.random.default_rng(0), np.float64)
        layer.forward(x)
    for positive in (np.ones((1, 4)), np.abs(g)):
        assert np.array_equal(wrong.backward(positive), right.backward(positive))
    assert np.array_equal(wrong.backward(2 * g), 2 * wrong.backward(g))
    assert not np.array_equal(wrong.backward(-g), -wrong.backward(g))


if __name__ == "__main__":
    CHAPTER.rewrite()
