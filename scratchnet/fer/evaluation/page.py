"""One HTML file that shows an evaluation: nothing to load, nothing to run, to be sent by mail.

Pictures are embedded as data URIs, the style is a few lines of CSS, and there is no script.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from scratchnet.fer.evaluation.tables import Table

STYLE = """
:root { color-scheme: light; --ink: #222; --soft: #6e6e6e; --line: #e4e4e4; --accent: #1f5a8a }
* { box-sizing: border-box }
body { margin: 0; background: #f6f7f8; color: var(--ink);
       font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 72px }
h1 { margin: 0; font-size: 30px; letter-spacing: -.01em }
h2 { margin: 0 0 4px; font-size: 20px }
h3 { margin: 24px 0 6px; font-size: 14px; color: var(--soft); font-weight: 600 }
p { margin: 4px 0 0; color: var(--soft); max-width: 70ch }
section { margin-top: 24px; padding: 24px 28px; background: #fff; border: 1px solid var(--line);
          border-radius: 10px }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px }
.tile { flex: 1 1 160px; padding: 14px 18px; background: #fff; border: 1px solid var(--line);
        border-radius: 10px }
.tile b { display: block; font-size: 27px; line-height: 1.25; color: var(--accent);
          font-variant-numeric: tabular-nums }
.tile span { font-size: 13px; color: var(--soft) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums }
th, td { padding: 5px 14px 5px 0; text-align: right; border-bottom: 1px solid var(--line);
         white-space: nowrap }
th { color: var(--soft); font-weight: 600 }
th:first-child, td:first-child { text-align: left; padding-right: 28px }
img { display: block; max-width: 100%; height: auto; margin: 16px auto 0 }
.pair { display: flex; flex-wrap: wrap; gap: 8px 24px }
.pair img { flex: 1 1 340px; min-width: 0; max-width: 49% }
@media (max-width: 760px) { .pair img { max-width: 100% } }
@media print { body { background: #fff } img, .scroll { break-inside: avoid } }
"""


class Tile(NamedTuple):
    """One number in large type, and what it is."""

    value: str
    label: str


class Section(NamedTuple):
    """A heading, a sentence or two, tables by name, and pictures by file name without .png.

    Two pictures of one section stand side by side if `pair` says so.
    """

    title: str
    text: str
    tables: Sequence[str] = ()
    pictures: Sequence[str] = ()
    pair: bool = False


def page(
    title: str,
    subtitle: str,
    tiles: Sequence[Tile],
    sections: Sequence[Section],
    tables: Mapping[str, Table],
    pictures: Mapping[str, Path],
) -> str:
    """The whole file; what a section names and is not there is left out, as are empty sections."""
    parts = [_section(section, tables, pictures) for section in sections]
    heads = "".join(
        f'<div class="tile"><b>{escape(tile.value)}</b><span>{escape(tile.label)}</span></div>'
        for tile in tiles
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(subtitle)}</p>\n"
        f'<div class="tiles">{heads}</div>\n{"".join(parts)}</main>\n</body>\n</html>\n'
    )


def _section(section: Section, tables: Mapping[str, Table], pictures: Mapping[str, Path]) -> str:
    body = [table_html(tables[name]) for name in section.tables if name in tables]
    shown = [_image(name, pictures[name]) for name in section.pictures if name in pictures]
    if section.pair and len(shown) == 2:
        shown = [f'<div class="pair">{"".join(shown)}</div>\n']
    if not body and not shown:
        return ""
    head = f"<h2>{escape(section.title)}</h2>\n<p>{escape(section.text)}</p>\n"
    return f"<section>\n{head}{''.join(body)}{''.join(shown)}</section>\n"


def table_html(table: Table) -> str:
    """A table under its title."""
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(table.shown(cell))}</td>" for cell in row) + "</tr>\n"
        for row in table.rows
    )
    return (
        f'<h3>{escape(table.title)}</h3>\n<div class="scroll"><table>\n<tr>{head}</tr>\n{rows}'
        "</table></div>\n"
    )


def _image(name: str, path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    text = name.replace("_", " ")
    return f'<img alt="{escape(text)}" src="data:image/png;base64,{data}">\n'
