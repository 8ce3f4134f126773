"""Nothing without its chapter: every layer, loss, optimiser, schedule, initializer and algorithm.

A file says "Chapter: docs/NAME.md" in its docstring, and the chapter links to the file. That pair
of links is the only list there is; these tests walk it in both directions.
"""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from scratchnet import classical
from scratchnet.initializers import INITIALIZERS
from scratchnet.layers import LAYERS
from scratchnet.losses import LOSSES
from scratchnet.optimizers import OPTIMIZERS
from scratchnet.schedules import SCHEDULES
from tests.docs.chapters import DOCS, ROOT, Chapter

NO_CHAPTER = {"NotFittedError"}  # an error has no algorithm
NO_FILE = {
    "README.md", "glossary.md", "reading_paths.md",  # about the book itself
    "coming_from_opencv.md",  # about calls, not about a file
}  # fmt: skip
NAMED = re.compile(r"docs/(\w+\.md)")


@cache
def chapters() -> dict[str, Chapter]:
    return {path.name: Chapter(path.name) for path in sorted(DOCS.glob("*.md"))}


@cache
def linked(chapter: str) -> frozenset[Path]:
    """The files of the project that a chapter links to."""
    targets = (target for _, target in chapters()[chapter].links() if "://" not in target)
    return frozenset((DOCS / target.partition("#")[0]).resolve() for target in targets)


@cache
def named_in(file: Path) -> tuple[str, ...]:
    """The chapters that a file's docstring names."""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return tuple(NAMED.findall(docstring))


def file_of(thing: Any) -> Path:
    return Path(inspect.getsourcefile(thing) or "").resolve()


def subjects() -> dict[str, Path]:
    """Every name that must have a chapter, and the file that holds it."""
    found: dict[str, Path] = {}
    for registry in (LAYERS, LOSSES, OPTIMIZERS, SCHEDULES):
        found |= {name: file_of(thing) for name, thing in registry.items()}
    found |= dict.fromkeys(INITIALIZERS, file_of(import_module("scratchnet.initializers")))
    for name in set(classical.__all__) - NO_CHAPTER:
        found[name] = file_of(getattr(classical, name))
    return found


@pytest.mark.parametrize(("name", "file"), sorted(subjects().items()))
def test_everything_that_can_be_used_has_its_chapter(name: str, file: Path) -> None:
    where = file.relative_to(ROOT).as_posix()
    own = [chapter for chapter in named_in(file) if chapter in chapters()]
    assert own, f'{where}: its docstring needs a line "Chapter: docs/NAME.md"'
    told = [c for c in own if file in linked(c) and _speaks_of(name, c)]
    assert told, f"{name}: no chapter of {own} both links to {where} and speaks of `{name}`"


def _speaks_of(name: str, chapter: str) -> bool:
    return (
        re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`|\b{name}\(", chapters()[chapter].text) is not None
    )


@pytest.mark.parametrize("name", sorted(set(chapters()) - NO_FILE))
def test_every_chapter_has_a_file_that_leads_back(name: str) -> None:
    files = [file for file in linked(name) if file.suffix == ".py"]
    assert files, f"docs/{name} links to no file of the project"
    assert any(name in named_in(file) for file in files), (
        f'no file that docs/{name} links to has a line "Chapter: docs/{name}"; one of them should:'
        f" {sorted(file.relative_to(ROOT).as_posix() for file in files)}"
    )


def test_every_chapter_that_a_file_names_exists_and_links_to_the_file() -> None:
    wrong = []
    for folder in ("scratchnet", "haar"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            for line in re.findall(r"^Chapters?: (.*)$", docstring, re.M):
                for name in NAMED.findall(line):
                    if name not in chapters():
                        wrong.append(f"{file.relative_to(ROOT)}: there is no docs/{name}")
                    elif file not in linked(name):
                        wrong.append(f"docs/{name} has no link to {file.relative_to(ROOT)}")
    assert wrong == []
