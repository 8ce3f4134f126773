"""Links from chapters to files of the repository: pages of the site that show the file in colour.

    [`Conv2D`](../scratchnet/layers/conv2d.py)     on GitHub, the file
    source/scratchnet/layers/conv2d.py.html#L-43   in the site, the line that defines the name

A file's own "Chapter: docs/conv2d.md" leads back.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound

LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\((\.\./[^)\s#]+|[\w/]+\.py)(?:#[^)\s]*)?\)")
SCHEME = "repository:"
"""What a link to a file starts with between Markdown and HTML, so that mkdocs leaves it alone."""
HREF = re.compile(rf'href="{SCHEME}([^"#]+)(#[^"]*)?"')
BACK = re.compile(r"\bdocs/(\w+)\.md\b")


def mark(text: str, root: Path) -> str:
    """Markdown with each link to a program, or out of docs, as `repository:FILE#L-LINE`."""

    def one(found: re.Match[str]) -> str:
        label, name = found[1], (Path("docs") / found[2]).as_posix().removeprefix("docs/../")
        line = defining_line(root / name, label.strip("`"))
        return f"[{label}]({SCHEME}{name}{f'#L-{line}' if line else ''})"

    return LINK.sub(one, text)


def defining_line(path: Path, name: str) -> int:
    """Where a Python file defines `name`, counted from 1; 0 if it doesn't."""
    last = name.split(".")[-1]
    if path.suffix != ".py" or not last.isidentifier():
        return 0
    definition = re.compile(rf"\s*(?:async )?(?:def|class) {last}\b|{last}\b[^=(]*=")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if definition.match(line):
            return number
    return 0


def page_of(name: str) -> str:
    """The site's page for a file or folder of the repository."""
    return f"source/{name}.html"


def shown(root: Path, name: str, chapters: set[str]) -> str:
    """A file's text in colour, or the names in a folder, as HTML; `chapters` are names of pages."""
    path = root / name
    if path.is_dir():
        names = sorted(p.name for p in path.iterdir() if p.is_file())
        return f"<pre>{escape(chr(10).join(names))}</pre>"
    try:
        lexer = get_lexer_for_filename(path.name)
    except ClassNotFound:
        lexer = TextLexer()
    colours = HtmlFormatter(linenos="inline", linespans="L", cssclass="highlight source")
    html = str(highlight(path.read_text(encoding="utf-8"), lexer, colours))
    up = "../" * page_of(name).count("/")

    def back(found: re.Match[str]) -> str:
        page = "index" if found[1] == "README" else found[1]
        return f'<a href="{up}{page}.html">{found[0]}</a>' if found[1] in chapters else found[0]

    return BACK.sub(back, html)
