"""All features that fit into a window: what training chooses from.

    basic   two bars, three bars and the checkerboard, upright: the five of Viola and Jones,
            162,336 in a window of 24×24
    core    four bars and the point, too: 210,400
    all     and the bars tilted by 45°, without the checkerboard and the point: 261,600

Each shape is a whole area with weight −1, and its bright part with the weight that makes the value
of a flat area 0. A shape of c × r cells comes in every size (c·dx) × (r·dy) and at every place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from haar.features import HaarFeature, LBPFeature, Rectangle


class Shape(NamedTuple):
    """c × r cells, and the bright rectangles in it: (column, row, columns, rows, weight)."""

    name: str
    columns: int
    rows: int
    bright: tuple[tuple[int, int, int, int, float], ...]
    tilted: bool = False


BASIC = (
    Shape("two bars side by side", 2, 1, ((1, 0, 1, 1, 2.0),)),
    Shape("two bars", 1, 2, ((0, 1, 1, 1, 2.0),)),
    Shape("three bars side by side", 3, 1, ((1, 0, 1, 1, 3.0),)),
    Shape("three bars", 1, 3, ((0, 1, 1, 1, 3.0),)),
    Shape("checkerboard", 2, 2, ((0, 0, 1, 1, 2.0), (1, 1, 1, 1, 2.0))),
)
CORE = (
    *BASIC,
    Shape("four bars side by side", 4, 1, ((1, 0, 2, 1, 2.0),)),
    Shape("four bars", 1, 4, ((0, 1, 1, 2, 2.0),)),
    Shape("point", 3, 3, ((1, 1, 1, 1, 9.0),)),
)
ALL = (
    *CORE,
    *(
        Shape(f"tilted {shape.name}", *shape[1:4], tilted=True)
        for shape in CORE
        if 1 in (shape.columns, shape.rows)
    ),
)
MODES = {"basic": BASIC, "core": CORE, "all": ALL}


def enumerate_haar(width: int, height: int, mode: str = "basic") -> Iterator[HaarFeature]:
    """Every Haar feature in a window of `width` × `height` pixels.

    Raises:
        ValueError: mode is not "basic", "core" or "all".
    """
    if mode not in MODES:
        raise ValueError(f"mode expects 'basic', 'core' or 'all', got {mode!r}")
    for shape in MODES[mode]:
        for y in range(height):
            for x in range(width):
                yield from _sizes(shape, x, y, width, height)


def _sizes(shape: Shape, x: int, y: int, width: int, height: int) -> Iterator[HaarFeature]:
    """A shape at one place, in every size that stays inside of the window."""
    for dx in range(1, width // shape.columns + 1):
        for dy in range(1, height // shape.rows + 1):
            w, h = shape.columns * dx, shape.rows * dy
            if shape.tilted:
                inside = x >= h and x + w <= width and y + w + h <= height
            else:
                inside = x + w <= width and y + h <= height
            if not inside:
                break
            yield place(shape, x, y, dx, dy)


def place(shape: Shape, x: int, y: int, dx: int, dy: int) -> HaarFeature:
    """A shape with cells of dx × dy pixels at (x, y)."""
    rectangles = [Rectangle(x, y, shape.columns * dx, shape.rows * dy, -1.0)]
    for column, row, columns, rows, weight in shape.bright:
        right, down = column * dx, row * dy
        if shape.tilted:  # columns go down to the right, rows down to the left
            right, down = right - down, right + down
        rectangles.append(Rectangle(x + right, y + down, columns * dx, rows * dy, weight))
    return HaarFeature(tuple(rectangles), shape.tilted)


def enumerate_lbp(width: int, height: int) -> Iterator[LBPFeature]:
    """Every LBP feature in a window of `width` × `height` pixels."""
    for y in range(height):
        for x in range(width):
            for dx in range(1, (width - x) // 3 + 1):
                for dy in range(1, (height - y) // 3 + 1):
                    yield LBPFeature(x, y, dx, dy)
