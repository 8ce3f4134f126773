"""docs/learn.md: its checks, and the table of exercises.

`python -m tests.docs.test_learn_chapter` writes them into the chapter.
"""

from __future__ import annotations

from scratchnet.learn import EXERCISES
from scratchnet.learn.exercise import Exercise
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("learn.md")


@CHAPTER.computed
def exercises() -> str:
    rows = ["| | exercise | teaches | read |", "| --- | --- | --- | --- |"]
    rows += [_row(number, exercise) for number, exercise in enumerate(EXERCISES, 1)]
    return "\n".join(rows)


def _row(number: int, exercise: Exercise) -> str:
    page, _, heading = exercise.read.removeprefix("docs/").partition("#")
    chapter = (CHAPTER.path.parent / page).read_text(encoding="utf-8")
    title = chapter.partition("\n")[0].removeprefix("# ")
    target = f"{page}#{heading}"
    return f"| {number} | `{exercise.name}` | {exercise.teaches} | [{title}]({target}) |"


@CHAPTER.computed
def mistakes() -> str:
    return str(sum(len(task.mistakes) for exercise in EXERCISES for task in exercise.tasks))


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This chapter is of no layer, and has headings of its own."""
        assert not self.chapter.missing_sections(("How it works", "The exercises"))


def test_the_reports_are_what_the_chapter_says_of_them() -> None:
    text = CHAPTER.text
    assert "It looks like: kernel flipped" in text
    assert "dy.shape[0] is 2" in text
    assert "so say difference quotients of L: dx" in text


if __name__ == "__main__":
    CHAPTER.rewrite()
