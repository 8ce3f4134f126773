"""docs/adaboost.md: its numbers, from the algorithm; its picture, from its script.

`python -m tests.docs.test_adaboost_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from docs.figures import make_classical
from tests.docs.by_hand import block
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("adaboost.md")


def fraction(value):
    return str(Fraction(float(value)).limit_denominator(1000))


def weights(model, X, y):
    """The weights before each round, and after the last."""
    wrong = model.estimators_[-1].predict(X) != y
    last = model.sample_weights_[-1] * np.exp(model.estimator_weights_[-1] * wrong)
    return [*model.sample_weights_, last / last.sum()]


@CHAPTER.computed
def rounds(model, X, y):
    lines = []
    for t, stump in enumerate(model.estimators_):
        wrong = np.flatnonzero(stump.predict(X) != y)
        e = Fraction(float(model.estimator_errors_[t])).limit_denominator(1000)
        w = "  ".join(f"{fraction(value):>4}" for value in weights(model, X, y)[t])
        lines.append(
            f"round {t + 1}   weights {w}"
            f"   x[{stump.feature_}] ≤ {stump.threshold_}: {stump.left_}, else {stump.right_}"
            f"   wrong: {', '.join(map(str, wrong))}   e → {e}   α → ln {(1 - e) / e}"
        )
    return block(lines)


@CHAPTER.computed
def accuracy():
    return percent("adaboost")


@CHAPTER.computed
def solutions(model, X, y):
    after = weights(model, X, y)[-1]
    wrong = model.estimators_[-1].predict(X) != y
    assert np.isclose(after[wrong].sum(), 0.5)
    shares = ", ".join(f"`{fraction(w)}`" for w in after)
    return "\n".join(
        [
            f"1. {shares}: the two wrong ones have half of it.",
            "2. Below 0. Turn its answers around, and it is wrong on less than half; the best "
            "stump has done that already, since each side answers with its heavier class.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "adaboost"


def test_what_was_got_wrong_is_half_of_everything():
    page = CHAPTER.session
    model, X, y = page["model"], page["X"], page["y"]
    for stump, after in zip(model.estimators_, weights(model, X, y)[1:], strict=True):
        assert np.isclose(after[stump.predict(X) != y].sum(), 1 / 2)


def test_the_picture_shows_the_example():
    assert make_classical.FIVE.tolist() == CHAPTER.session["X"].tolist()
    assert make_classical.FIVE_LABELS.tolist() == CHAPTER.session["y"].tolist()


if __name__ == "__main__":
    CHAPTER.rewrite()
