"""The order of reading: the list of chapters in docs/README.md is the site's navigation.

1. [Conv2D](conv2d.md): …      a chapter
## Before deep learning        the chapters below it are a part of that name
"""

from __future__ import annotations

import re
from typing import Any

HEADING = re.compile(r"## (.+)")
NUMBERED = re.compile(r"\d+\.")
CHAPTER = re.compile(r"\[([^\]]+)\]\((\w+\.md)\)")


def navigation(contents: str) -> list[dict[str, Any]]:
    """What mkdocs calls `nav`: {title: file}, or {part: [{title: file}, …]}, in reading order."""
    nav: list[dict[str, Any]] = [{"The book": "README.md"}]
    part = nav
    for line in contents.splitlines():
        if heading := HEADING.match(line):
            part = []
            nav.append({heading[1]: part})
        number = NUMBERED.match(line)
        for label, file in CHAPTER.findall(line):
            title = label[0].upper() + label[1:]
            part.append({f"{number[0]} {title}" if number else title: file})
    return [entry for entry in nav if all(entry.values())]


def slug(heading: str, separator: str = "-") -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", separator)
