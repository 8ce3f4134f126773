"""docs/rbf_network.md: its numbers, from the algorithms; its picture, from its script.

`python -m tests.docs.test_rbf_network_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from scratchnet.classical.k_means import lloyd, squared_distances
from tests.docs.by_hand import block, whole
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("rbf_network.md")


@CHAPTER.computed
def plus_plus(X):
    squares = squared_distances(X, X[:1])[:, 0]
    total = squares.sum()
    return block(
        [
            f"sample      {'  '.join(f'{whole(v):>5}' for v in X[:, 0])}",
            f"square      {'  '.join(f'{whole(v):>5}' for v in squares)}",
            f"chance, %   {'  '.join(f'{100 * v / total:5.1f}' for v in squares)}",
        ]
    )


@CHAPTER.computed
def on_pixels():
    return percent("rbf")


@CHAPTER.computed
def on_contours():
    return percent("contour+rbf")


@CHAPTER.computed
def on_cnn():
    return percent("cnn+rbf")


@CHAPTER.computed
def solutions(X, phi):
    run = lloyd(X, np.array([[9.0], [10.0]]), 100, 0.0)
    ends = ", ".join(whole(c) for c in run.centers[:, 0])
    scores = phi @ [1, 1] - 1
    assert (scores > 0).tolist() == [True, True, False, False]
    return "\n".join(
        [
            f"1. At {ends}: the same place."
            if run.inertia == 2.5
            else f"1. At {ends}, with an inertia of {whole(run.inertia)}: a worse place.",
            f"2. Both weights 1, offset −1: the scores are {scores[0]:.4f} and {scores[2]:.4f}. "
            f"Any offset between −{phi[0].sum():.4f} and −{phi[2].sum():.4f} will do.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "rbf_network"


if __name__ == "__main__":
    CHAPTER.rewrite()
