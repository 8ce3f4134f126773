"""Features: what a cascade measures inside of a window, a few rectangle sums each.

    Haar    value = Σ weightᵢ · (sum of the pixels in rectangleᵢ)       two or three rectangles

            +---+---+    +-------+    +--+---+--+    +---+---+    +-------+     tilted: the same
            |  −|+  |    |   −   |    |− | + | −|    | − | + |    |  −    |     turned by 45°
            |   |   |    +-------+    |  |   |  |    +---+---+    | +---+ |
            +---+---+    |   +   |    +--+---+--+    | + | − |    | | + | |
                         +-------+                   +---+---+    +-+---+-+

            OpenCV writes them as the whole area with weight −1, and its bright part with the
            weight that makes the value of a flat area 0: −1 and 2 halves, −1 and 3 thirds.

    LBP     code = Σ 2ⁱ · [blockᵢ ≥ centre]    the 8 neighbours of the centre of 3×3 equal blocks,
                                               clockwise, top-left is the highest bit

All sums come from the integral images of `haar.integral`; here stands only the geometry.

Viola, Jones, "Rapid object detection using a boosted cascade of simple features" (2001);
Lienhart, Maydt, "An extended set of Haar-like features" (2002); Liao et al., "Learning multi-scale
block local binary patterns for face recognition" (2007).

Chapter: docs/viola_jones.md
"""

from __future__ import annotations

from typing import NamedTuple

MAX_RECTANGLES = 3


class Rectangle(NamedTuple):
    """A weighted rectangle, in pixels of the window.

    A tilted one has its top corner at (x, y); `width` goes down to the right, `height` down to the
    left, so that it spans the columns x − height … x + width and the rows y … y + width + height.
    """

    x: int
    y: int
    width: int
    height: int
    weight: float = 1.0


class HaarFeature(NamedTuple):
    """One to three weighted rectangles; all of them upright, or all tilted by 45°."""

    rectangles: tuple[Rectangle, ...]
    tilted: bool = False


class LBPFeature(NamedTuple):
    """3×3 blocks of `width` × `height` pixels each; (x, y) is the corner of the first."""

    x: int
    y: int
    width: int
    height: int
