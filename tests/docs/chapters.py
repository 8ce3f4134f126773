"""Chapters: Markdown pages whose numbers are computed, whose code runs, whose links lead somewhere.

    ```python                     runs, in one session from the page's top to its bottom;
    ```text                       what it prints is the block `text` right below it

    <!-- computed: name -->       between the marks, around a block or inside of a line (not at its
    <!-- end -->                  start), stands what the function `name` of the chapter's test
                                  returns; its arguments are variables of the session, by name

    3·1 + 1·(−2) = 1              a sum of plain numbers, wherever it stands, is done again
    other prose                   holds no number of two digits: it belongs into one of the above

A chapter's test file is its computed functions and two lines:

    CHAPTER = Chapter("conv2d.md")          @CHAPTER.computed above each function
    class TestChapter(ChapterTests):        chapter = CHAPTER

Run as a module, `python -m tests.docs.test_conv2d_chapter`, it writes the page's numbers itself.
"""

from __future__ import annotations

import contextlib
import difflib
import inspect
import io
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

SECTIONS = (
    "Equation",
    "Backward, index by index",
    "By hand",
    "Where values and gradients flow",
    "Backward, as a matrix",
    "The code",
    "Gradient check",
    "A pitfall",
    "Exercises",
)
"""The headings of a layer's chapter, in this order; a chapter may have others between them."""

SNIPPET = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", re.M | re.S)
COMPUTED = re.compile(r"<!-- computed: (\w+) -->(\n?).*?<!-- end -->", re.S)
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)
MATH = re.compile(r"\$\$.+?\$\$|(?<!\$)\$[^$\n]+\$", re.S)

NUMBER = r"\(*[-−]?\d+(?:\.\d+)?\)*"
EXPRESSION = rf"{NUMBER}(?: ?[-·×+−/] ?{NUMBER})*"
SUM = re.compile(rf"(?<![\w.·×+−/])(?<![-·×+−/] ){EXPRESSION}(?: = {EXPRESSION})+(?!\w)")


class Chapter:
    """One page of docs/, and the functions that compute what it states."""

    def __init__(self, name: str) -> None:
        self.path = DOCS / name
        self.text = self.path.read_text(encoding="utf-8")
        self.functions: dict[str, Callable[..., str]] = {}

    def computed(self, function: Callable[..., str]) -> Callable[..., str]:
        """Decorator: `function` computes what stands between the marks of its name."""
        self.functions[function.__name__] = function
        return function

    # -- what the page should say -----------------------------------------------------------

    @cached_property
    def session(self) -> dict[str, Any]:
        """The variables that the page's snippets leave."""
        return self._run_all[1]

    @cached_property
    def recomputed(self) -> str:
        """The page with every output and every computed text as the code gives them now."""
        text, session = self._run_all
        return COMPUTED.sub(lambda found: self._compute(found, session), text)

    @cached_property
    def _run_all(self) -> tuple[str, dict[str, Any]]:
        session: dict[str, Any] = {"__name__": "__chapter__"}
        return SNIPPET.sub(lambda found: self._run(found, session), self.text), session

    def _run(self, found: re.Match[str], session: dict[str, Any]) -> str:
        line = self.text.count("\n", 0, found.start()) + 1
        code = compile("\n" * line + found[1], str(self.path), "exec")  # tracebacks name the line
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, session)
        output = printed.getvalue()
        shown = f"\n```text\n{output}```\n" if output else ""
        return f"```python\n{found[1]}```\n{shown}"

    def _compute(self, found: re.Match[str], session: dict[str, Any]) -> str:
        function = self.functions[found[1]]
        if not found[2] and found.string[: found.start()].endswith("\n"):
            raise ValueError(
                f"{found[0]} would end its paragraph: put a word before it in its line"
            )
        arguments = [session[name] for name in inspect.signature(function).parameters]
        space = "\n\n" if found[2] else ""  # a block, or within a line
        return f"<!-- computed: {found[1]} -->{space}{function(*arguments)}{space}<!-- end -->"

    def rewrite(self) -> None:
        """Put the computed numbers into the page."""
        self.path.write_text(self.recomputed, encoding="utf-8", newline="\n")

    # -- what is wrong with it --------------------------------------------------------------

    def stale_lines(self) -> list[str]:
        """The difference between the page and what the code computes."""
        now, then = self.recomputed.splitlines(), self.text.splitlines()
        return list(difflib.unified_diff(then, now, "the page", "the code", lineterm="", n=1))

    def wrong_sums(self) -> list[str]:
        """Sums that do not add up."""
        return [found[0] for found in SUM.finditer(self.text) if not _is_true(found[0])]

    def unproved_numbers(self) -> list[str]:
        """Numbers in prose that nothing computes; years, code and small counts may stand."""
        prose = self.text
        for proved in (COMPUTED, FENCED, SUM, re.compile(r"`[^`\n]+`")):
            prose = proved.sub("", prose)
        prose = LINK.sub(r"\1", prose)
        numbers = re.findall(r"(?<![\w.])\d+(?:\.\d+)?", prose)
        return [n for n in numbers if len(n) > 1 and not re.fullmatch(r"(19|20)\d\d", n)]

    def links(self) -> list[tuple[str, str]]:
        """Label and target of every link and picture."""
        return LINK.findall(FENCED.sub("", self.text))

    def broken_links(self, root: Path = ROOT) -> list[str]:
        """Links to no file below `root`, to no heading, or to a file without the `name` given."""
        return [
            f"[{label}]({target})"
            for label, target in self.links()
            if "://" not in target and not self._leads(label, target, root)
        ]

    def _leads(self, label: str, target: str, root: Path) -> bool:
        place, _, anchor = target.partition("#")
        path = (self.path.parent / place).resolve() if place else self.path
        if not path.exists() or not path.is_relative_to(root):
            return False
        if anchor:
            headings = HEADING.findall(FENCED.sub("", path.read_text(encoding="utf-8")))
            return anchor in map(_slug, headings)
        named = re.fullmatch(r"`([\w.]+)`", label)
        if named and path.suffix == ".py" and not label.endswith(".py`"):
            source = path.read_text(encoding="utf-8")
            return all(re.search(rf"\b{part}\b", source) for part in named[1].split("."))
        return True

    def missing_sections(self, sections: tuple[str, ...] = SECTIONS) -> list[str]:
        """The template's headings that are not there, or not in its order."""
        headings = iter(HEADING.findall(FENCED.sub("", self.text)))
        return [section for section in sections if section not in headings]

    def fragile_math(self) -> list[str]:
        r"""Formulas that Markdown may change: it takes the backslash of `\,` for itself."""
        prose = re.sub(r"`[^`\n]+`", "", FENCED.sub("", self.text))
        fragile = [math for math in MATH.findall(prose) if re.search(r"\\[^a-zA-Z]", math)]
        return fragile + re.findall(r".*\$.*", MATH.sub("", prose))  # over two lines, or not closed


class ChapterTests:
    """What holds for every chapter."""

    chapter: ClassVar[Chapter]

    def test_every_number_is_what_the_code_computes(self) -> None:
        stale = self.chapter.stale_lines()
        module = type(self).__module__
        assert not stale, "\n".join([*stale, f"to write them: python -m {module}"])

    def test_every_sum_adds_up(self) -> None:
        assert not (found := self.chapter.wrong_sums()), found

    def test_no_number_stands_unproved(self) -> None:
        assert not (found := self.chapter.unproved_numbers()), found

    def test_links_lead_somewhere(self) -> None:
        assert not (found := self.chapter.broken_links()), found

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections()), found

    def test_mathematics_survives_markdown(self) -> None:
        assert not (found := self.chapter.fragile_math()), found


def _is_true(statement: str) -> bool:
    """Whether all sides of `1·2 + 3 = 5` are equal."""
    sides = statement.translate(str.maketrans("·×−", "**-")).split(" = ")
    if any(side.count("(") != side.count(")") for side in sides):  # the brackets of the prose
        sides = [side.strip("()") for side in sides]
    values = [eval(side) for side in sides]  # digits and operators only: see SUM
    return all(abs(value - values[0]) <= 1e-9 * abs(values[0]) for value in values)


def letters(figure: Path) -> list[str]:
    """Every letter and digit of an SVG, in the order of drawing."""
    return re.findall(r'href="#(DejaVu[\w-]*)"', figure.read_text(encoding="utf-8"))


def _slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
