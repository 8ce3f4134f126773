"""The figures of docs/winograd.md: `python -m docs.figures.make_winograd`, from the project's root.

Every number in them is computed by the rewrites of `six_convolutions` from the chapter's example;
the measured ones are read from the chapter's own table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np

from docs.figures.grids import WEIGHT_COLORS, Board, tint, written
from examples.benchmarks.six_convolutions import F2, HEADING, Row, chart
from scratchnet.visualize.palette import ACCENT, INK, LINE, SOFT

FOLDER = Path(__file__).parent
CHAPTER = FOLDER.parent / "winograd.md"

D = np.array([1, 3, 2, 4])
W = np.array([2, 1, 3])
DY = np.array([1, 2])

BT, G, AT = (matrix.astype(float) for matrix in F2)
PLACES = {(k, 0): tint(WEIGHT_COLORS[k]) for k in range(4)}
"""A colour for each of the four products."""


IMAGE = np.array([3, 1, 0, 2, 1, 2, 4, 0, 0, 5, 1, 1, 2, 1, 3, 2])
WINDOW = np.array([2, 1, -1, 3])
CORNERS, TAPS = np.array([0, 2, 8, 10]), np.array([0, 1, 4, 5])


class Pass(NamedTuple):
    """An operation on all maps, by their names."""

    what: str
    reads: str
    writes: str = ""


BY_LAYER, BY_STEP, BY_IMAGE = "a layer at a time", "norm and ReLU in one pass", "an image at a time"
PASSES = {
    "forward": {
        BY_LAYER: (
            Pass("mean, variance", "x"),
            Pass("norm", "x", "a"),
            Pass("ReLU", "a", "z"),
            Pass("convolution", "z", "y"),
        ),
        BY_STEP: (
            Pass("mean, variance", "x"),
            Pass("norm, ReLU", "x", "z"),
            Pass("convolution", "z", "y"),
        ),
        BY_IMAGE: (Pass("norm, ReLU → convolution → mean, variance", "x", "y"),),
    },
    "backward": {
        BY_LAYER: (
            Pass("convolution", "dy z", "dz"),
            Pass("ReLU", "dz z", "da"),
            Pass("sums", "da x"),
            Pass("norm", "da x", "dx"),
        ),
        BY_STEP: (
            Pass("convolution", "dy z", "dz"),
            Pass("sums", "dz x"),
            Pass("ReLU, norm", "dz x", "dx"),
        ),
        BY_IMAGE: (
            Pass("norm, ReLU → convolution → sums", "dy x", "dz"),
            Pass("ReLU, norm", "dz x", "dx"),
        ),
    },
}
"""Norm, ReLU and convolution in a training step: x ─▶ a ─▶ z ─▶ y."""


def arrows_of(steps: Sequence[Pass]) -> tuple[list[str], list[str]]:
    """What goes from memory, and what goes there."""
    return (
        [name for step in steps for name in step.reads.split()],
        [name for step in steps for name in step.writes.split()],
    )


def rows() -> Board:
    """The rows of a matrix that overlap in memory."""
    board = Board(20.6, 13.6)
    C, pixels = 2, 6
    colors = [tint(WEIGHT_COLORS[k], 0.45) for k in range(pixels)]

    def pixel(k: int, left: float, top: float) -> None:
        for c in range(C):
            board.box(left + 0.8 * c, top, 0.8, 0.8, LINE, 0.8, colors[k])

    board.say(0.5, 0.7, "A row of an image, as it lies in memory", 12, ha="left", weight="bold")
    for k in range(pixels):
        pixel(k, 0.5 + 1.6 * k, 1.4)
        board.say(0.5 + 1.6 * k + 0.8, 2.6, f"{k}", 9, SOFT)
    board.say(10.5, 1.8, "six pixels of two channels", 10, SOFT, ha="left")

    board.say(0.5, 4.0, "The same numbers, as a matrix", 12, ha="left", weight="bold")
    for i in range(pixels - 2):
        for k in range(3):
            pixel(i + k, 0.5 + 1.6 * k, 4.7 + 0.8 * i)
        board.box(0.5, 4.7 + 0.8 * i, 4.8, 0.8, INK, 1.2)
    board.say(2.9, 8.4, "$(W,\\;3 \\cdot C)$", 11, SOFT)
    board.say(5.9, 6.3, "@", 15)
    board.box(6.6, 4.7, 2.4, 4.8, INK, 1.2, tint(ACCENT, 0.12))
    board.say(7.8, 7.1, "$w[u]$", 12)
    board.say(7.8, 10.0, "$(3 \\cdot C,\\;F)$", 11, SOFT)
    lines = (
        "each row begins one pixel later,\nC numbers further in the same\nmemory: nothing is copied"
    )
    board.say(9.8, 6.3, lines, 10, SOFT, ha="left")

    board.say(0.5, 11.5, "Three such products are one row of y", 12, ha="left", weight="bold")
    products = [f"rows[i+{u}] \\;@\\; w[{u}]".replace("+0", "") for u in range(3)]
    board.say(0.5, 12.6, f"$y[i]\\; =\\; {' + '.join(products)}$", 13, ha="left")
    return board


def tables() -> Board:
    """The indirect convolution: two tables, their addition table, and the product."""
    board = Board(25.4, 8.0)
    places = CORNERS[:, np.newaxis] + TAPS
    shown, top = 2, 2.4  # the window whose places are marked
    seen = {(shown, k): tint(WEIGHT_COLORS[k]) for k in range(4)}
    taps = {(0, k): tint(WEIGHT_COLORS[k]) for k in range(4)}
    pixels = {divmod(int(p), 4): tint(WEIGHT_COLORS[k]) for k, p in enumerate(places[shown])}

    board.say(2.5, 0.6, "image, and its places", 12)
    board.grid(IMAGE.reshape(4, 4), 0.5, top - 0.8, colors=pixels, size=1.2)
    for place in range(16):
        i, j = divmod(place, 4)
        board.say(0.5 + 1.2 * j + 0.2, top - 0.8 + 1.2 * i + 0.2, f"{place}", 6.5, SOFT)
    i, j = divmod(int(CORNERS[shown]), 4)
    board.box(0.5 + 1.2 * j, top - 0.8 + 1.2 * i, 2.4, 2.4)

    board.say(9.5, 0.6, "taps", 12)
    board.grid(TAPS, 7.5, 1.1, colors=taps, zeros="0")
    board.say(6.2, 7.2, "corners", 12)
    board.grid(CORNERS[:, np.newaxis], 6.2, top)
    board.grid(places, 7.5, top, colors=seen)
    board.box(7.5, top + shown, 4, 1)
    board.say(9.5, 7.2, "corner + tap", 12)

    board.arrow((11.9, top + 2), (14.0, top + 2))
    board.say(12.95, top + 1.4, "look up", 10, SOFT)
    board.grid(IMAGE[places], 14.4, top, colors=seen)
    board.box(14.4, top + shown, 4, 1)
    board.say(16.4, 7.2, "cols, never made", 12)
    board.say(19.0, top + 2, "@", 14)
    board.grid(WINDOW[:, np.newaxis], 19.6, top, colors={(k, 0): taps[0, k] for k in range(4)})
    board.say(20.1, 7.2, "window", 12)
    board.say(21.6, top + 2, "=", 14)
    board.grid((IMAGE[places] @ WINDOW)[:, np.newaxis], 22.6, top)
    board.box(22.6, top + shown, 1, 1)
    board.say(23.1, 7.2, "$y$", 12)
    return board


def passes() -> Board:
    """What goes through memory, a layer at a time and an image at a time."""
    board = Board(31.0, 12.2)
    for k, (way, plans) in enumerate(PASSES.items()):
        top = 0.5 + 6.0 * k
        for plan, left in ((BY_LAYER, 0.5), (BY_IMAGE, 16.4)):
            steps = plans[plan]
            widths = [8.8 if " → " in step.what else 3.55 for step in steps]
            count = sum(map(len, arrows_of(steps)))
            title = f"{way.capitalize()}, {plan}: {count} arrows"
            board.say(left, top + 0.3, title, 12, ha="left", weight="bold")
            board.box(left, top + 0.9, 14.2, 0.8, LINE, 0.8, tint(SOFT, 0.18))
            board.say(left + 0.3, top + 1.3, "memory", 10, SOFT, ha="left")
            start = left + (14.2 - sum(widths)) / 2
            for step, width in zip(steps, widths, strict=True):
                _pass(board, step, start, top + 1.7, width)
                start += width
    return board


def _pass(board: Board, step: Pass, left: float, top: float, width: float) -> None:
    """An operation, and an arrow for each of the maps that it reads or writes."""
    lines = step.what.split(" → ")
    fill = tint(ACCENT, 0.12) if len(lines) > 1 else None
    board.box(left + 0.15, top + 1.9, width - 0.3, 1.4, SOFT, 1.0, fill)
    each = (width - 0.3) / len(lines)
    for k, line in enumerate(lines):
        middle = left + 0.15 + each * (k + 0.5)
        board.say(middle, top + 2.6, line.replace(", ", ",\n"), 9)
        if k:
            board.arrow((middle - each / 2 - 0.2, top + 2.6), (middle - each / 2 + 0.2, top + 2.6))
    names = [*step.reads.split(), *step.writes.split()]
    for k, name in enumerate(names):
        x = left + width * (k + 1) / (len(names) + 1)
        up, down = (x, top + 0.08), (x, top + 1.85)
        read = k < len(step.reads.split())
        color = WEIGHT_COLORS[0] if read else WEIGHT_COLORS[1]
        board.arrow(up if read else down, down if read else up, color, line=2.0)
        board.say(x + 0.15, top + 0.95, f"${name}$", 11, ha="left")


def one_dimension() -> Board:
    """F(2, 3) with numbers: forward, and the transpose of each step backward."""
    board = Board(20.6, 17.7)
    V, U = BT @ D, G @ W
    M = U * V
    dM = AT.T @ DY
    dU, dV = V * dM, U * dM

    def column(values: Any, left: float, top: float, name: str, places: bool = False) -> None:
        colors = PLACES if places else None
        board.grid(np.reshape(values, (-1, 1)), left, top, colors=colors, name=name)

    def matrix(values: Any, left: float, top: float, name: str) -> None:
        board.grid(values, left, top, name=name)

    board.say(0.5, 0.7, "Forward", 13, ha="left", weight="bold")
    matrix(BT, 0.5, 2.2, "$B^{\\top}$")
    column(D, 4.9, 2.2, "$d$")
    board.say(6.4, 4.2, "=", 14)
    column(V, 6.9, 2.2, "$V$", True)
    board.say(8.4, 4.2, "⊙", 14)
    column(U, 8.9, 2.2, "$U$", True)
    board.say(10.4, 4.2, "=", 14)
    matrix(G, 10.9, 2.2, "$G$")
    column(W, 14.3, 2.7, "$w$")
    board.arrow((8.4, 5.1), (9.0, 7.2), bend=0.2)
    matrix(AT, 4.0, 7.8, "$A^{\\top}$")
    column(M, 8.9, 7.2 - 0.4, "", True)
    board.say(10.5, 7.1, "$M$", 12, ha="left")
    board.say(10.5, 8.8, "=", 14)
    column(AT @ M, 11.0, 7.8, "$y$")

    board.say(
        0.5,
        11.7,
        "Backward: each matrix transposed, in reverse order",
        13,
        ha="left",
        weight="bold",
    )
    top = 13.2
    matrix(AT.T, 0.5, top, "$A$")
    column(DY, 2.9, top + 1, "$dy$")
    board.say(4.3, top + 2, "=", 14)
    column(dM, 4.7, top, "$dM$", True)
    column(dV, 7.7, top, "$dV = U \\odot dM$", True)
    column(BT.T @ dV, 11.1, top, "$dd = B\\,dV$")
    column(dU, 14.9, top, "$dU = V \\odot dM$", True)
    column(G.T @ dU, 18.3, top + 0.5, "$dw = G^{\\top} dU$")
    board.arrow((5.9, top + 2), (7.5, top + 2))
    board.arrow((8.9, top + 2), (10.9, top + 2))
    board.arrow((16.1, top + 2), (18.1, top + 2))
    return board


def tiles() -> Board:
    """An image in tiles, which become thirty-six matrix products."""
    board = Board(25.6, 9.4)
    small, left, top = 0.62, 0.6, 1.6
    names = [(a, b) for a in range(2) for b in range(2)]
    board.grid(
        np.zeros((10, 10)), left, top, size=small, zeros="", name="$x$, with its zeros around"
    )
    for k, (a, b) in enumerate(names):
        x, y = left + 4 * b * small, top + 4 * a * small
        if k in (0, 3):
            board.box(
                x,
                y,
                6 * small,
                6 * small,
                WEIGHT_COLORS[k],
                2.4,
                (*tint(WEIGHT_COLORS[k], 0.5), 0.5),
            )
    board.say(3.7, 8.4, "tiles of 6 × 6, four apart:\nneighbours share two rows", 10, SOFT)

    board.arrow((7.2, 4.7), (8.8, 4.7))
    board.say(8.0, 4.1, "$B^{\\top} d\\, B$", 11)
    for k in range(5, -1, -1):
        board.box(9.2 + 0.22 * k, 4.0 - 0.22 * k, 1.6, 2.4, SOFT, 1.0, tint(ACCENT, 0.1))
        board.box(
            12.9 + 0.22 * k, 4.0 - 0.22 * k, 1.6, 1.6, SOFT, 1.0, tint(WEIGHT_COLORS[1], 0.25)
        )
    board.box(9.2, 4.0, 1.6, 0.3, WEIGHT_COLORS[0], 0, tint(WEIGHT_COLORS[0], 0.8))
    board.box(9.2, 6.1, 1.6, 0.3, WEIGHT_COLORS[3], 0, tint(WEIGHT_COLORS[3], 0.8))
    board.say(10.0, 6.9, "$V_e$: (tiles, C)", 10, SOFT)
    board.say(12.4, 4.7, "@", 14)
    board.say(13.9, 6.1, "$U_e$: (C, F)", 10, SOFT)
    board.say(12.1, 8.4, "one product for each of the\n36 places $e$ of a tile", 10, SOFT)

    board.arrow((16.1, 4.7), (17.7, 4.7))
    board.say(16.9, 4.1, "$A^{\\top} M A$", 11)
    left, top = 18.6, 2.2
    board.grid(np.zeros((8, 8)), left, top, size=small, zeros="", name="$y$")
    for k, (a, b) in enumerate(names):
        x, y = left + 4 * b * small, top + 4 * a * small
        fill = (*tint(WEIGHT_COLORS[k], 0.5), 0.5) if k in (0, 3) else None
        board.box(
            x,
            y,
            4 * small,
            4 * small,
            WEIGHT_COLORS[k] if fill else SOFT,
            2.4 if fill else 1.2,
            fill,
        )
    board.say(21.1, 8.4, "blocks of 4 × 4, side by side", 10, SOFT)
    return board


def registers() -> Board:
    """The register tile: 6 × 4 accumulators, one step of the sum."""
    board = Board(19.9, 9.4)
    left, top, wide, high, gap = 5.4, 2.4, 3.2, 0.7, 0.25
    board.say(left + 2 * wide + 0.4, 0.5, "B: four vectors of sixteen numbers, loaded once", 11)
    for j in range(4):
        board.box(left + j * (wide + gap), 1.1, wide, high, SOFT, 0.8, tint(WEIGHT_COLORS[1], 0.4))
    for i in range(6):
        y = top + i * (high + 0.22)
        board.box(3.6, y, high, high, SOFT, 0.8, tint(WEIGHT_COLORS[0], 0.5))
        board.arrow((4.4, y + high / 2), (5.2, y + high / 2))
        for j in range(4):
            x = left + j * (wide + gap)
            board.box(x, y, wide, high, SOFT, 0.8, tint(ACCENT, 0.1))
            for lane in range(1, 16):
                board.box(x + lane * wide / 16, y, 0, high, LINE, 0.5)
    board.say(1.7, 4.4, "A: six\nnumbers,\neach spread\nover a vector", 10)
    text = "24 sums stay in registers while $k$ runs:\n6 · 4 products a step, for 6 + 4 loads"
    board.say(12.2, 8.6, text, 10, SOFT)
    return board


class Times:
    """The chart of the chapter's measured table."""

    def save(self, path: Path) -> Path:
        with matplotlib.rc_context({"svg.hashsalt": path.name, "svg.fonttype": "path"}):
            chart(measured_rows()).savefig(path, metadata={"Date": None, "Creator": None})
        return path


def measured_rows() -> list[Row]:
    """The rows of the table in the chapter."""
    return rows_in(CHAPTER.read_text(encoding="utf-8"))


def rows_in(text: str) -> list[Row]:
    """The rows of a table as `six_convolutions` prints it, wherever it stands in the text."""
    rows = []
    for line in text[text.index(HEADING) :].splitlines()[1:]:
        found = re.fullmatch(r"(.{26})" + r" *(\S+)" * 3, line)
        if found is None:
            break
        ms, gflops, error = map(float, found.groups()[1:])
        rows.append(Row(found[1].rstrip(), ms, gflops, error))
    return rows


FIGURES = written(
    {
        "winograd_rows.svg": rows,
        "winograd_tables.svg": tables,
        "winograd_1d.svg": one_dimension,
        "winograd_tiles.svg": tiles,
        "winograd_registers.svg": registers,
        "winograd_passes.svg": passes,
        "winograd_times.svg": Times,
    }
)


def main(folder: Path = FOLDER) -> list[Path]:
    """Draw every figure into `folder`."""
    for name, write in FIGURES.items():
        write(folder / name)
    return [folder / name for name in FIGURES]


if __name__ == "__main__":
    main()
