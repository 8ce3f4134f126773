"""docs/preprocessing.md: its numbers, from the operations; its picture, from its script.

`python -m tests.docs.test_preprocessing_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_preprocessing
from scratchnet.vision import geometry
from scratchnet.vision.gaussian import gaussian_weights
from scratchnet.vision.grey import to_grey
from scratchnet.vision.histogram import histograms
from scratchnet.vision.median import median_network, merge_exchange, middle
from scratchnet.vision.resize import resize
from scratchnet.vision.steps import STEPS
from scratchnet.vision.threshold import otsu_threshold
from tests.docs.by_hand import block, whole
from tests.docs.chapters import DOCS, Chapter, ChapterTests

CHAPTER = Chapter("preprocessing.md")


@CHAPTER.computed
def grey_level(skin):
    return str(to_grey(skin).item())


@CHAPTER.computed
def colours():
    return f"{256**3:,}"


@CHAPTER.computed
def gaussian_products():
    return str(2 * _window(1.0))


@CHAPTER.computed
def window_products():
    return str(_window(1.0) ** 2)


def _window(sigma):
    return 2 * len(gaussian_weights(sigma)) - 1


@CHAPTER.computed
def pairs_of_nine():
    return str(len(list(merge_exchange(9))))


@CHAPTER.computed
def operations_of_nine():
    return str(sum(e.keep_min + e.keep_max for e in median_network(9)))


@CHAPTER.computed
def inputs():
    return f"{2**25:,}"


@CHAPTER.computed
def otsu_table(picture):
    counts = histograms(picture)
    n, s = picture.size, int(picture.sum())
    lines = []
    for t in range(5):
        n_t, s_t = int(counts[: t + 1].sum()), int((counts * np.arange(256))[: t + 1].sum())
        apart, shares = (n * s_t - n_t * s) ** 2, n_t * (n - n_t)
        lines.append(
            f"t = {t}   n_t = {n_t}   s_t = {s_t}   "
            f"({n}·{s_t} − {n_t}·{s})² / ({n_t}·{n - n_t}) → "
            f"{apart} / {shares} = {whole(apart / shares)}"
        )
    return block(lines)


@CHAPTER.computed
def equalise_table(dull):
    counts = histograms(dull)
    n, m = counts.cumsum(), counts[dull.min()]
    total = dull.size - m
    return block(
        f"{v}   {n[v]} pixels up to here   255·({n[v]} − {m}) / ({dull.size} − {m})"
        f" = {whole(255 * (n[v] - m) / total)}"
        for v in np.flatnonzero(counts)
    )


@CHAPTER.computed
def step_names():
    return ", ".join(f"`{name}`" for name in STEPS)


@CHAPTER.computed
def solutions(picture):
    blue, yellow = to_grey(np.array([[[0, 0, 255], [255, 255, 0]]], np.uint8))[0].tolist()
    stripes = np.array([[0, 255, 0, 255, 0, 255]], np.float64)
    shrunk = {
        (new, how): ", ".join(whole(round(v, 1)) for v in resize(stripes, (1, new), how)[0])
        for new in (3, 2)
        for how in ("area", "bilinear")
    }
    ninth = otsu_threshold(np.append(picture, 2).astype(np.uint8)[None])
    (a, minus, _), (b, *_), _ = geometry.similarity([(10, 20), (10, 44)], [(12, 18), (36, 18)])
    assert (a, b, minus) == (0, -1, 1)
    return "\n".join(
        [
            f"1. {blue} and {yellow}: {blue} + {yellow} = {blue + yellow}.",
            f"2. To three pixels: by area {shrunk[3, 'area']}, bilinear {shrunk[3, 'bilinear']}; "
            f"to two: {shrunk[2, 'area']} and {shrunk[2, 'bilinear']}. The middle of two old "
            "pixels lies between them, and bilinear reading takes their mean; the middle of three "
            "is one pixel, and it sees that alone.",
            "3. `(0, 2)`: 6 1 8. `(0, 1)`: 1 6 8. `(1, 2)`: 1 6 8. The minimum of the second pair "
            "and the maximum of the third.",
            f"4. {ninth}.",
            "5. −i: a quarter turn, and the same size.",
        ]
    )


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This chapter is of many small operations, and has headings of its own."""
        headings = (
            "A grey picture", "Size", "Noise", "Black and white", "Light", "Place",
            "What a model keeps", "Exercises", "Sources",
        )  # fmt: skip
        assert not self.chapter.missing_sections(headings)


def test_the_exercise_on_three_values_is_right():
    for order in ([8, 1, 6], [1, 8, 6], [6, 8, 1]):
        assert middle([np.array(v) for v in order]) == 6
    kept = [(e.i, e.j, e.keep_min, e.keep_max) for e in median_network(3)]
    assert kept == [(0, 2, True, True), (0, 1, False, True), (1, 2, True, False)]


def test_the_figure_can_be_drawn_and_is_the_one_on_the_page(tmp_path):
    assert "figures/preprocessing.png" in [target for _, target in CHAPTER.links()]
    drawn = make_preprocessing.main(tmp_path)
    assert drawn.name == "preprocessing.png"
    assert drawn.stat().st_size > 100_000
    assert (DOCS / "figures" / drawn.name).stat().st_size > 100_000


def test_the_figure_shows_every_step():
    words = " ".join(p.name.lower() for row in make_preprocessing.rows().values() for p in row)
    for name in STEPS:
        assert name.replace("cover_crop", "cover").replace("tan_triggs", "tan–triggs") in words


if __name__ == "__main__":
    CHAPTER.rewrite()
