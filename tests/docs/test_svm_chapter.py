"""docs/svm.md: its numbers, from the algorithm; its picture, from its script.

`python -m tests.docs.test_svm_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from scratchnet.classical import SVC
from scratchnet.reference.smo import smo_steps
from tests.docs.by_hand import block
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("svm.md")
C = 10.0


def fraction(value):
    return str(Fraction(float(value)).limit_denominator(1000)).replace("-", "−")


def steps(K, y):
    """β and g before the first step and after each one, by the project's own definition."""
    beta, g = np.zeros(3), y.astype(np.float64)
    A, B = np.minimum(0, y * C), np.maximum(0, y * C)
    rows, slot, used = K.astype(np.float32), np.arange(3), np.zeros(3, np.int64)
    states = [(beta.copy(), g.copy())]
    while True:
        taken, *_ = smo_steps(beta, g, A, B, np.diag(K), rows, slot, used, 0, 1e-9, 1)
        if taken == 0:
            return states
        states.append((beta.copy(), g.copy()))


@CHAPTER.computed
def smo(K, y):
    states, lines = steps(K, y), []
    for (beta, g), (after, g_after) in pairwise(states):
        i, j = int(np.argmax(after - beta)), int(np.argmin(after - beta))
        a, rise = K[i, i] + K[j, j] - 2 * K[i, j], after[i] - beta[i]
        lines.append(
            f"i = {i}, j = {j}   g_i − g_j → {fraction(g[i] - g[j]):>4}   a → {a:.0f}"
            f"   λ → {fraction(rise):>4}"
            f"   β → {', '.join(f'{fraction(v):>4}' for v in after)}"
            f"   g → {', '.join(f'{fraction(v):>4}' for v in g_after)}"
        )
    return block(lines)


@CHAPTER.computed
def gabor_svm():
    return percent("gabor+svm")


@CHAPTER.computed
def cnn_svm():
    return percent("cnn+svm")


@CHAPTER.computed
def solutions(K, y):
    moved = SVC(kernel="linear", C=C).fit([[0.0], [2.0], [1.0]], y)
    assert moved.support_.tolist() == [0, 2]
    assert np.allclose([moved.coef_[0, 0], moved.intercept_[0]], [2, -1], atol=1e-3)
    W = [fraction(beta @ (y + g) / 2) for beta, g in steps(K, y)]
    return "\n".join(
        [
            "1. $f(x) = 2 x - 1$: from `0` to `1`, and it is 1 wide. Samples 0 and 2.",
            f"2. {', '.join(W)}.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "svm"


def test_the_steps_end_at_the_machine_of_the_page():
    page = CHAPTER.session
    beta, g = steps(page["K"], page["y"])[-1]
    assert np.allclose(beta, [-1 / 2, 1 / 2, 0])
    assert np.allclose(g[:2], -1)
    assert np.allclose(page["svm"].dual_coef_, [[-1 / 2, 1 / 2]])


if __name__ == "__main__":
    CHAPTER.rewrite()
