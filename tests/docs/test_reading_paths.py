"""docs/reading_paths.md: links lead somewhere, minutes add up, no chapter is left out."""

from __future__ import annotations

import re

import pytest

from tests.docs.chapters import DOCS, FENCED, Chapter, _slug

PATHS = Chapter("reading_paths.md")
STEP = re.compile(r"\[([^\]]+)\]\(([^)]+)\), (\d+) minutes")
ABOUT_THE_BOOK = {"README.md", "glossary.md", "reading_paths.md"}
SLOW, FAST = 40, 250  # words a minute: worked through with a pencil, leafed through


def paths() -> dict[str, str]:
    """The text of each path that says how long it takes."""
    parts = re.split(r"^##+ ", PATHS.text, flags=re.M)[1:]
    return {part.split("\n")[0]: part for part in parts if "Together" in part}


def words(target: str) -> int:
    """How many words a chapter has, or the section of it that the anchor names."""
    name, _, anchor = target.partition("#")
    text = (DOCS / name).read_text(encoding="utf-8")
    if anchor:
        text = FENCED.sub(lambda fence: fence[0].replace("\n#", "\n %"), text)
        sections = re.split(r"^## ", text, flags=re.M)[1:]
        (text,) = (s for s in sections if _slug(s.split("\n")[0]) == anchor)
    return len(text.split())


def test_there_are_paths_for_an_hour_a_weekend_and_a_term() -> None:
    assert list(paths()) == ["An hour", "Saturday: a network", "Sunday: faces", "A term"]


def test_every_chapter_is_on_a_path() -> None:
    linked = {target.partition("#")[0] for _, target in PATHS.links()}
    missing = {path.name for path in DOCS.glob("*.md")} - linked - ABOUT_THE_BOOK
    lines = [f"[{Chapter(n).text[2:].splitlines()[0]}]({n}), {minutes(n)} minutes" for n in missing]
    assert not missing, "docs/reading_paths.md needs, at least in the term:\n" + "\n".join(lines)


def minutes(name: str) -> int:
    """What the other chapters take, for one of this length."""
    return max(15, round(words(name) / 90 / 5) * 5)


def test_links_lead_somewhere() -> None:
    assert PATHS.broken_links() == []


@pytest.mark.parametrize("name", paths())
def test_the_minutes_of_a_path_add_up(name: str) -> None:
    steps = [int(number) for _, _, number in STEP.findall(paths()[name])]
    (together,) = re.findall(r"Together: (\d+) minutes", paths()[name])
    assert sum(steps) == int(together)
    assert len(steps) == len(re.findall(r"\]\(", paths()[name])), "each link needs its minutes"


def test_the_minutes_fit_the_length_of_what_is_read() -> None:
    for _, target, number in STEP.findall(PATHS.text):
        pace = words(target) / int(number)
        assert SLOW <= pace <= FAST, f"{target}: {words(target)} words in {number} minutes"


def test_a_chapter_takes_as_long_on_every_path() -> None:
    told: dict[str, str] = {}
    for _, target, number in STEP.findall(PATHS.text):
        assert told.setdefault(target, number) == number, target
