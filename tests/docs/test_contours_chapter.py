"""docs/contours.md: its numbers, from the code; its picture, from its script.

`python -m tests.docs.test_contours_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from scratchnet.classical import ContourFeatures
from scratchnet.classical.contour_tracing import contour_area, contour_length, trace_contour
from tests.docs.by_hand import block, factor, whole
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("contours.md")


@CHAPTER.computed
def shoelace(walk):
    pairs = zip(walk, np.roll(walk, -1, axis=0), strict=True)
    terms = [int(x * v - u * y) for (x, y), (u, v) in pairs]
    total = " + ".join(map(factor, terms))
    return block([f"({total}) / 2 = {whole(sum(terms) / 2)}"])


@CHAPTER.computed
def with_rbf():
    return percent("contour+rbf")


@CHAPTER.computed
def with_mlp():
    return percent("contour+mlp")


@CHAPTER.computed
def rbf():
    return percent("rbf")


@CHAPTER.computed
def mlp():
    return percent("mlp")


@CHAPTER.computed
def solutions(region):
    full = trace_contour(np.ones((3, 4), bool))
    length, area = contour_length(full), contour_area(full)
    assert (length, area) == (2 * 3 + 2 * 2, 3 * 2)
    less = region.copy()
    less[1, 4] = False
    places = " ".join(f"({x},{y})" for x, y in trace_contour(less))
    return "\n".join(
        [
            f"1. 2·3 + 2·2 = {whole(length)} and 3·2 = {whole(area)}: from centre to centre.",
            f"2. `{places}`.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "contours"


def test_a_face_has_as_many_numbers_as_the_page_says():
    assert ContourFeatures().fit_transform(np.zeros((1, 48 * 48))).shape == (1, 5 * 28)


def test_a_square_has_no_descriptors_but_one_and_minus_three():
    from scratchnet.classical.contour_tracing import fourier_descriptors

    found = np.abs(fourier_descriptors(trace_contour(np.ones((3, 3), bool)), 3))
    assert (found.round(9) > 0).tolist() == [True, True, False, False, False, False, True]


if __name__ == "__main__":
    CHAPTER.rewrite()
