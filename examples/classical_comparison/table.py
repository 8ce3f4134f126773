"""The table: as CSV for programs, as Markdown for pages, and row by row for who waits."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from classical_comparison.measuring import Result

HEADINGS = ("system", "accuracy", "95 % interval", "macro-F1", "fit, s", "a face, µs", "size")
DECIMAL = 1000


def cells(result: Result) -> list[str]:
    """A row of the Markdown table, as words."""
    if result.accuracy is None:
        return [result.title, f"failed: {result.error}", *[""] * (len(HEADINGS) - 2)]
    assert result.low is not None and result.high is not None and result.macro_f1 is not None
    assert result.fit_seconds is not None and result.predict_microseconds is not None
    return [
        result.title,
        f"{result.accuracy:.1%}",
        f"{100 * result.low:.1f} to {100 * result.high:.1f}",
        f"{result.macro_f1:.3f}",
        f"{result.fit_seconds:,.1f}",
        f"{result.predict_microseconds:,.0f}",
        readable_size(result.size_bytes or 0),
    ]


def readable_size(size: float) -> str:
    """Bytes as people read them: 999 B, 12 kB, 3.4 MB."""
    units = ["GB", "MB", "kB", "B"]
    while size >= DECIMAL and len(units) > 1:
        units.pop()
        size /= DECIMAL
    return (
        f"{size:.0f} {units[-1]}" if size >= 10 or units[-1] == "B" else f"{size:.1f} {units[-1]}"
    )


def line(result: Result) -> str:
    """A row for the terminal."""
    title, *rest = cells(result)
    if result.accuracy is None:
        return f"{title:36} {rest[0]}"
    right, interval, f1, fit, asked, size = rest
    return f"{title:36} {right:>6}  ({interval})  F1 {f1}  {fit:>8} s {asked:>8} µs {size:>8}"


def markdown(results: Sequence[Result]) -> str:
    """The table, numbers to the right."""
    rows = [
        HEADINGS, ("---", *["---:"] * (len(HEADINGS) - 1)), *map(cells, results),
    ]  # fmt: skip
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def write_csv(results: Sequence[Result], path: Path) -> None:
    """Every number, unrounded."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Result)])
        writer.writeheader()
        writer.writerows(asdict(result) for result in results)
