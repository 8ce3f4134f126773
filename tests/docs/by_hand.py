"""How the chapters write arithmetic down: as one would on squared paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def whole(value: float) -> str:
    """A number as people write it: no point without need, a true minus sign."""
    return f"{value:g}".replace("-", "−")


def factor(value: float) -> str:
    """A number among others: (−1), 2."""
    return f"({whole(value)})" if value < 0 else whole(value)


def products(pairs: Iterable[tuple[float, float]]) -> str:
    """1·2 + (−1)·3 + …"""
    return " + ".join(f"{factor(a)}·{factor(b)}" for a, b in pairs)


def block(lines: Iterable[str]) -> str:
    """Lines as a fenced block."""
    return "\n".join(["```text", *(line.rstrip() for line in lines), "```"])


def grids(**named: Any) -> str:
    """Matrices side by side, each under its name, as a fenced block."""
    columns = []
    for name, values in named.items():
        rows = [[whole(value) for value in row] for row in np.atleast_2d(values).tolist()]
        width = max(len(cell) for row in rows for cell in row)
        lines = ["  ".join(cell.rjust(width) for cell in row) for row in rows]
        columns.append([name, "", *lines])
    height = max(map(len, columns))
    for column in columns:
        width = max(map(len, column))
        column[:] = [line.ljust(width) for line in column + [""] * (height - len(column))]
    return block("        ".join(row) for row in zip(*columns, strict=True))
