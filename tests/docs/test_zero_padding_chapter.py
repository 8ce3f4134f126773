"""docs/zero_padding.md: its numbers, from the layer; its picture, from its script.

`python -m tests.docs.test_zero_padding_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_pooling
from tests.docs.by_hand import grids
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("zero_padding.md")


@CHAPTER.computed
def example(x, dy):
    return grids(x=x, dy=dy)


@CHAPTER.computed
def results(y, dx):
    return grids(y=y, dx=dx)


@CHAPTER.computed
def pitfall(dx, wrong):
    return grids(**{"dx": dx, "dx with the bug": wrong})


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_example_by_hand():
    page = CHAPTER.session
    assert page["y"].tolist() == [[0, 0, 0, 0, 0, 0], [0, 0, 5, 6, 7, 0], [0, 0, 8, 9, 1, 0]]
    assert page["dx"].tolist() == [[1, 0, 2], [2, 5, 1]]
    assert page["wrong"].tolist() == [[0, 2, 1], [4, 1, 0]]


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    assert np.array_equal(make_pooling.FRAMED, page["x"])
    assert np.array_equal(make_pooling.DFRAMED, page["dy"])
    assert page["layer"].edges == make_pooling.FRAME


if __name__ == "__main__":
    CHAPTER.rewrite()
