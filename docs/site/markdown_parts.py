"""What of a page Python-Markdown must not see: formulas and diagrams, each behind one character.

Markdown would read `_` and `*` in them as its own. So each is replaced by a character for private
use (Unicode, plane 15), which no step of Markdown touches; `put_back` exchanges it for the HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable

FENCED = re.compile(r"^(```+)[^\n]*\n.*?^\1$", re.M | re.S)
MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", re.M | re.S)
CODE_OR_MATH = re.compile(
    r"(?P<code>^(```+)[^\n]*\n.*?^\2$|`[^`\n]+`)"
    r"|\$\$(?P<display>.+?)\$\$|(?<!\$)\$(?P<inline>[^$\n]+)\$",
    re.M | re.S,
)
FIRST = 0xF0000
HIDDEN = re.compile("(<p>)?([\U000f0000-\U000ffffd])(?(1)(</p>)?)")


class Hidden:
    """The parts of one page, in the order in which they were hidden."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, bool]] = []

    def hide(self, html: str, alone: bool) -> str:
        """The character that stands for `html`; `alone`, it is a paragraph of its own."""
        self.parts.append((html, alone))
        sign = chr(FIRST + len(self.parts) - 1)
        return f"\n\n{sign}\n\n" if alone else sign

    def put_back(self, page: str) -> str:
        """The page with every part in its place."""

        def part(found: re.Match[str]) -> str:
            html, alone = self.parts[ord(found[2]) - FIRST]
            if alone and found[1] and found[3]:
                return html
            return f"{found[1] or ''}{html}{found[3] or ''}"

        return HIDDEN.sub(part, page)


def formulas(text: str) -> list[tuple[str, bool]]:
    """Every formula of a page outside of code, and whether it is displayed on lines of its own."""
    found = CODE_OR_MATH.finditer(text)
    return [(m["display"] or m["inline"], bool(m["display"])) for m in found if not m["code"]]


def replace_formulas(text: str, replace: Callable[[str, bool], str]) -> str:
    """The page with `replace(formula, displayed)` for each formula outside of code."""

    def one(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        return replace(found["display"] or found["inline"], bool(found["display"]))

    return CODE_OR_MATH.sub(one, text)


def outside_fences(text: str, change: Callable[[str], str]) -> str:
    """The page with `change` applied to all that is not a fenced block."""
    parts, end = [], 0
    for fence in FENCED.finditer(text):
        parts += [change(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(text[end:])])
