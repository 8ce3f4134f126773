"""docs/lda.md: its numbers, from the algorithm; its picture, from its script.

`python -m tests.docs.test_lda_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_classical
from scratchnet.classical import PCA, LinearDiscriminantAnalysis
from tests.docs.by_hand import block, grids, whole
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("lda.md")
DIRECTIONS = {"(1, 0)": (1, 0), "(3, 1)": (3, 1), "(5, −3)": (5, -3)}


def within_scatter(a):
    A = a - a.mean(axis=0)
    return A.T @ A / len(a)


@CHAPTER.computed
def within(a):
    S = within_scatter(a)
    return grids(**{"S_w": S, "inverse of S_w, times 4": 4 * np.linalg.inv(S)})


@CHAPTER.computed
def projections(X, y):
    lines = []
    for name, v in DIRECTIONS.items():
        z = X @ v
        shown = ["  ".join(f"{whole(value):>3}" for value in sorted(z[y == c])) for c in "ab"]
        lines.append(f"{name:8} a: {shown[0]}    b: {shown[1]}")
    return block(lines)


@CHAPTER.computed
def ratios(a):
    S, lines = within_scatter(a), []
    for name, v in DIRECTIONS.items():
        apart, width = 4 * v[0], np.array(v) @ S @ v
        lines.append(f"{name:8} {apart}² / {whole(width)} → {apart**2 / width:.2f}")
    return block(lines)


@CHAPTER.computed
def pca_lda():
    return percent("pca+lda")


@CHAPTER.computed
def solutions(a):
    y = np.repeat(["a", "b"], 4)
    moved = LinearDiscriminantAnalysis().fit(np.concatenate([a, a + [0, 4]]), y).scalings_[:, 0]
    assert np.allclose(moved / moved[0], [1, -5 / 3])
    inverse = np.linalg.inv(within_scatter(a))
    across, along = (np.array(v) @ inverse @ v for v in ((1, -1), (1, 1)))
    assert np.isclose(4 * np.sqrt(across / along), 8)
    return "\n".join(
        [
            "1. $(-3, 5)$: the two features have changed their parts.",
            "2. 8. The classes are twice as wide along $(1, 1)$ as along $(1, -1)$: their "
            "variances there are 16 / 4 = 4 and 4 / 4 = 1.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "lda"


def test_the_first_principal_axis_is_three_to_one():
    v = PCA(1).fit(CHAPTER.session["X"]).components_[0]
    assert np.allclose(v / v[1], [3, 1])


def test_the_picture_shows_the_example():
    assert make_classical.POINTS.tolist() == CHAPTER.session["a"].tolist()


if __name__ == "__main__":
    CHAPTER.rewrite()
