"""docs/gabor.md: its numbers, from the filters; its picture, from its script.

`python -m tests.docs.test_gabor_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from scratchnet.classical import GaborBank
from tests.docs.by_hand import block, whole
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("gabor.md")


@CHAPTER.computed
def responses(answers, line, step):
    lines = []
    for name, picture in (("line", line), ("step", step)):
        shown = picture[2:-2]
        lines.append(f"{name:5}      {'  '.join(f'{whole(v):>4}' for v in shown)}")
        for part, values in zip(("even", "odd", "size"), answers(picture), strict=True):
            lines.append(f"      {part:4} {'  '.join(f'{whole(v):>4}' for v in values)}")
    return block(lines)


@CHAPTER.computed
def gabor_lda():
    return percent("gabor+pca+lda")


@CHAPTER.computed
def local_lda():
    return percent("local-gabor+pca+lda")


@CHAPTER.computed
def pixel_lda():
    return percent("pca+lda")


@CHAPTER.computed
def solutions(even, odd):
    wave = 4 * np.cos(2 * np.pi * np.arange(-2, 3) / 4).round()
    e, o = (np.convolve(wave, part, "valid")[0] for part in (even, odd))
    assert (e, o) == (8, 0)
    short, sine = np.cos(np.pi * np.arange(-1, 2)), np.sin(np.pi * np.arange(-1, 2))
    assert (short * [0.5, 1, 0.5]).round(12).tolist() == [-0.5, 1, -0.5]
    assert np.allclose(sine, 0)
    return "\n".join(
        [
            f"1. {whole(e)} and {whole(o)}. (At the wave's zero it is the other way round.)",
            "2. `-1/2 1 -1/2`. The sine is 0 at every pixel: two samples a wave are the least that "
            "show it at all, and they show only its crests.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "gabor"


def test_the_bank_has_the_shapes_of_the_page():
    bank = GaborBank().fit(np.zeros((1, 48 * 48)))
    assert len(bank.kernels_) == 5 * 8
    assert bank.transform(np.zeros((2, 48 * 48))).shape == (2, 5 * 8 * 8 * 8)
    assert max(k.shape[0] for k in bank.kernels_) > 48  # wider than the face
    assert len(GaborBank(filters="local").fit(np.zeros((1, 48 * 48))).kernels_) == 8


if __name__ == "__main__":
    CHAPTER.rewrite()
