"""docs/pca.md: its numbers, from the algorithm; its picture, from its script.

`python -m tests.docs.test_pca_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from scratchnet.classical import PCA, KNeighborsClassifier
from tests.docs.by_hand import grids
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("pca.md")


@CHAPTER.computed
def pixels():
    return f"{48 * 48:,}"


@CHAPTER.computed
def scatter(X):
    A = X - X.mean(axis=0)
    return grids(A=A, AᵀA=A.T @ A)


@CHAPTER.computed
def eigenfaces():
    return percent("pca")


@CHAPTER.computed
def raw():
    return percent("raw")


@CHAPTER.computed
def solutions(X, pca):
    more = PCA().fit(np.vstack([X, pca.mean_]))
    assert np.allclose(more.components_, pca.components_)
    assert np.allclose(more.explained_variance_, pca.explained_variance_ * 3 / 4)
    wide = PCA().fit(np.random.default_rng(0).standard_normal((4, 100)))
    above = int(np.count_nonzero(wide.explained_variance_ > 1e-12))
    return "\n".join(
        [
            "1. It is the mean: no direction changes. The sums of squares stay, and are divided "
            "by 4 instead of 3: each variance becomes three quarters of what it was.",
            f"2. {wide.n_components_}, of which {above}: less their mean, 4 points span 3 "
            "dimensions.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "pca"


def test_unwhitened_eigenfaces_say_mostly_what_raw_pixels_say():
    page = CHAPTER.session
    X, y = page["pixels"], page["faces"].labels
    raw = KNeighborsClassifier(1).fit(X[:300], y[:300]).predict(X[300:])
    assert np.mean(page["model"].predict(X[300:]) == raw) > 0.75


if __name__ == "__main__":
    CHAPTER.rewrite()
