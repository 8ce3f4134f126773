"""What the benchmarks share besides the measuring: tables, and the command line's options."""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any


class Table:
    """Rows that are printed as they come, and written as CSV in the end.

    Args:
        columns: a format for each, such as ">9.1f"; None is printed as "-".
    """

    def __init__(self, **columns: str) -> None:
        self.columns = columns
        self.rows: list[tuple[Any, ...]] = []

    @staticmethod
    def _cell(value: Any, form: str) -> str:
        width = form.split(".")[0].rstrip("def")
        return format("-", width) if value is None else format(value, form)

    def line(self, row: Iterable[Any]) -> str:
        cells = map(self._cell, row, self.columns.values())
        return "  ".join(cells).rstrip()

    def header(self) -> str:
        widths = (form.split(".")[0].rstrip("def") for form in self.columns.values())
        names = (name.replace("_", " ") for name in self.columns)
        return "  ".join(map(format, names, widths)).rstrip()

    def add(self, *row: Any) -> None:
        """Print a row, after the header if it is the first."""
        if len(row) != len(self.columns):
            raise ValueError(f"a row has {len(self.columns)} cells, got {len(row)}")
        if not self.rows:
            print(self.header())
        self.rows.append(row)
        print(self.line(row), flush=True)

    def write_csv(self, path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows(self.rows)


def add_options(parser: argparse.ArgumentParser, rounds: int, minutes: float) -> None:
    """The options that all benchmarks share."""
    parser.add_argument("--threads", type=int, help="default: one for each core")
    parser.add_argument(
        "--rounds",
        type=int,
        default=rounds,
        help=f"quiet rounds of a comparison (default {rounds})",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=minutes,
        help=f"end a comparison after so many, quiet or not (default {minutes:g})",
    )
    parser.add_argument("--csv", type=Path, help="write the table into this file")
    parser.add_argument("--figure", type=Path, help="draw the figure into this .png")


def check_options(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Refuse what cannot be, set the number of threads that our kernels use, and return it."""
    for name in ("threads", "rounds"):
        number = getattr(options, name)
        if number is not None and number < 1:
            parser.error(f"--{name} expects at least 1, got {number}")
    if options.figure and options.figure.suffix.lower() != ".png":
        parser.error(f"--figure expects the name of a .png, got {options.figure}")
    if options.figure and find_spec("matplotlib") is None:
        parser.error('--figure needs matplotlib: pip install -e ".[examples]"')
    if options.threads:
        os.environ["SCRATCHNET_THREADS"] = str(options.threads)
    from scratchnet.kernels.parallel import thread_count

    return thread_count()
