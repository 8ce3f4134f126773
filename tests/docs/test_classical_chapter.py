"""docs/classical.md: its numbers, from the comparison's CSV, which `compare_classical.py` wrote.

`python -m tests.docs.test_classical_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import re

import numpy as np

from tests.docs.chapters import DOCS, Chapter, ChapterTests
from tests.docs.classical_chapter import COMPARISON, comparison, percent

CHAPTER = Chapter("classical.md")
TABLE = COMPARISON.with_suffix(".md")
LEARNED, ASKED = 3000, 1000


@CHAPTER.computed
def learned():
    return f"{LEARNED:,}"


@CHAPTER.computed
def asked():
    return f"{ASKED:,}"


@CHAPTER.computed
def table():
    return TABLE.read_text(encoding="utf-8").strip()


@CHAPTER.computed
def photos():
    return (COMPARISON.parent / "fer2013.md").read_text(encoding="utf-8").strip()


@CHAPTER.computed
def pca_lda():
    return percent("pca+lda")


@CHAPTER.computed
def gabor_lda():
    return percent("gabor+pca+lda")


@CHAPTER.computed
def gabor_svm():
    return percent("gabor+svm")


@CHAPTER.computed
def contour():
    smallest = min(comparison().values(), key=lambda row: int(row["size_bytes"]))
    return percent(smallest["name"]) if smallest["name"] == "contour+mlp" else "?"


@CHAPTER.computed
def aam():
    return percent("aam")


@CHAPTER.computed
def aam_time():
    rows = comparison()
    times = [float(rows[name]["predict_microseconds"]) for name in ("aam", "cnn")]
    return f"{times[0] / times[1]:.0f}"


@CHAPTER.computed
def heads():
    return f"{percent('cnn+svm')} and {percent('cnn+rbf')}"


@CHAPTER.computed
def softmax():
    return percent("cnn")


@CHAPTER.computed
def of_thirty():
    """The p at which thirty right of thirty still has a chance of 2.5 % (Clopper and Pearson)."""
    return f"{100 * 0.025 ** (1 / 30):.0f} %"


@CHAPTER.computed
def solutions():
    p, q, z = 0.90, 0.91, 1.96
    n = z**2 * (p * (1 - p) + q * (1 - q)) / (q - p) ** 2
    return "\n".join(
        [
            "1. The CNN: it has to learn its features, too, and those need faces.",
            "2. The difference of two shares p and q has the standard deviation "
            "√((p (1 − p) + q (1 − q)) / n). For it to be about half of the difference, n is about "
            f"{round(n, -2):,.0f}, if each is asked about faces of its own; fewer, if both are "
            "asked about the same ones.",
        ]
    )


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This page compares, and has headings of its own."""
        headings = (
            "The table", "The systems", "What it shows", "On photos", "The report's table",
            "Exercises",
        )  # fmt: skip
        assert not self.chapter.missing_sections(headings)


def test_the_table_says_what_the_csv_says():
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines()[2:] if line]
    assert len(rows) == len(comparison())
    for line, row in zip(rows, comparison().values(), strict=True):
        title, accuracy = (cell.strip() for cell in line.split("|")[1:3])
        assert (title, accuracy) == (row["title"], f"{float(row['accuracy']):.1%}")


def test_every_system_beats_the_nearest_neighbour_in_raw_pixels():
    accuracy = {name: float(row["accuracy"]) for name, row in comparison().items()}
    raw = accuracy.pop("raw")
    assert all(np.array(list(accuracy.values())) > raw)


def test_no_system_failed():
    assert [row["error"] for row in comparison().values()] == [""] * len(comparison())


def test_every_system_of_the_example_is_in_the_table():
    source = (DOCS.parent / "examples" / "classical_comparison" / "systems.py").read_text("utf-8")
    assert re.findall(r'^    "([\w+-]+)": System\(', source, re.M) == list(comparison())


if __name__ == "__main__":
    CHAPTER.rewrite()
