"""Tables: the numbers of an evaluation as CSV for programs and Markdown for people.

A cell is a text, a whole number, or a float. CSV writes floats in full; Markdown and HTML as the
table says: shares as "64.1 %", others with three decimals.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Rows under named columns; the first column names the row.

    Args:
        name: of its files, and of its place in a page.
        title: one line above it.
        columns: their names.
        rows: a cell for each column; None is an empty one.
        shares: whether floats are shares of one and are shown as per cent.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    shares: bool = True

    def csv(self) -> str:
        """Comma-separated, with a header row; floats with all their digits."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue()

    def shown(self, cell: Cell) -> str:
        """A cell as people read it."""
        if isinstance(cell, float):
            return f"{100 * cell:.1f} %" if self.shares else f"{cell:.3f}"
        if isinstance(cell, int):
            return f"{cell:,}"
        return cell or ""

    def markdown(self) -> str:
        """A pipe table, numbers to the right."""
        lines = [_row(self.columns), _row(["---", *["---:"] * (len(self.columns) - 1)])]
        lines += [_row([self.shown(cell) for cell in row]) for row in self.rows]
        return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
