"""What the chapters on classical algorithms share: their headings, their picture, the comparison.

A chapter's picture is `figures/classical_NAME.png`, drawn by docs/figures/make_classical.py.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from PIL import Image

from docs.figures import make_classical
from tests.docs.chapters import DOCS, ChapterTests

SECTIONS = (
    "What it is for", "Equations", "By hand", "On faces", "The code", "A pitfall", "Exercises",
    "Sources",
)  # fmt: skip
COMPARISON = DOCS / "figures" / "classical" / "comparison.csv"


class ClassicalChapterTests(ChapterTests):
    """`name` is the picture's in make_classical.FIGURES."""

    name: str

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found

    def test_the_picture_is_the_one_on_the_page_and_can_be_drawn(self, tmp_path: Path) -> None:
        target = f"figures/classical_{self.name}.png"
        assert target in [target for _, target in self.chapter.links()]
        (drawn,) = make_classical.main(tmp_path, [self.name])
        with Image.open(drawn) as new, Image.open(DOCS / target) as shown:
            assert new.size == shown.size


@cache
def comparison() -> dict[str, dict[str, str]]:
    """The rows of the measured comparison, by the systems' names."""
    with COMPARISON.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def percent(name: str) -> str:
    """A system's accuracy in the comparison, such as "81.5 %"."""
    return f"{100 * float(comparison()[name]['accuracy']):.1f} %"
