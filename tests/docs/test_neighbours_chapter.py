"""docs/neighbours.md: its numbers, from the algorithms; its picture, from its script.

`python -m tests.docs.test_neighbours_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from scratchnet.classical import KNeighborsClassifier
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("neighbours.md")


@CHAPTER.computed
def raw():
    return percent("raw")


@CHAPTER.computed
def logistic():
    return percent("logistic")


@CHAPTER.computed
def solutions(X, y):
    plain = KNeighborsClassifier(5).fit(X, y).predict([[2.0]])[0]
    shares = KNeighborsClassifier(5, weights="distance").fit(X, y).predict_proba([[2.0]])[0]
    assert np.allclose(shares, np.array([1.5, 1 + 1 / 2 + 1 / 3]) / (3 + 1 / 3))

    def F(w):
        return 2 * np.log1p(np.exp(-w)) + w * w / 2

    return "\n".join(
        [
            f"1. `{plain}`, three to two; with weights `{'ab'[shares.argmax()]}` as well: "
            "1 + 1/2 for `a`, 1 + 1/2 + 1/3 for `b`.",
            f"2. $2 \\ln 2$, which is {F(0):.4f}, and {F(2 / 3):.4f}.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "neighbours"


def test_the_page_and_the_library_find_the_same_weight():
    page = CHAPTER.session
    assert np.isclose(page["w"], page["fitted"].coef_[0, 0], atol=1e-6)


if __name__ == "__main__":
    CHAPTER.rewrite()
