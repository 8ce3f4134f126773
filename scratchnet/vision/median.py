"""Median filter: each pixel becomes the middle one of its neighbours; specks vanish, edges stay.

    y[h, w] = median of the size × size pixels around (h, w)        beyond the image its last
                                                                    pixels go on

The pixels of a window are sorted by a *network*: a fixed list of pairs (i, j), each of which puts
the smaller value to i and the larger to j, whatever the values are.

    ──┬──── min          So one pair can be done for all windows of all pictures at once, by
      │                  np.minimum and np.maximum of two shifted images; nothing else is needed.
    ──┴──── max

Only the middle value is wanted, so every min and max that it does not depend on is left out: 36
remain for 3 × 3 pixels, 202 for 5 × 5. A network that sorts all zeros and ones sorts everything
(the 0-1 principle); the tests try all of them, for 3 × 3 and for 5 × 5.

Shapes: (..., H, W) -> the same, dtype kept. Source: Knuth, "The Art of Computer Programming",
vol. 3, 2nd ed., section 5.2.2, algorithm M (Batcher's merge exchange), and 5.3.4 (networks).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.pixels import check_grey

Array = NDArray[Any]

BAND_PIXELS = 2**16
"""So many pixels are filtered together: their windows stay in the cache."""


class Exchange(NamedTuple):
    """Compare values i and j, i < j, and keep what is needed of the two."""

    i: int
    j: int
    keep_min: bool
    keep_max: bool


def merge_exchange(n: int) -> Iterator[tuple[int, int]]:
    """The pairs (i, j) that sort n values, in their order; Knuth's letters."""
    t = (n - 1).bit_length()
    p = 2**t // 2
    while p > 0:
        q, r, d = 2**t // 2, 0, p
        while True:
            yield from ((i, i + d) for i in range(n - d) if i & p == r)
            if q == p:
                break
            d, q, r = q - p, q // 2, p
        p //= 2


@cache
def median_network(n: int) -> tuple[Exchange, ...]:
    """What of those pairs the value at n // 2 depends on, found from the end to the start."""
    needed, network = {n // 2}, []
    for i, j in reversed(list(merge_exchange(n))):
        if i in needed or j in needed:
            network.append(Exchange(i, j, i in needed, j in needed))
            needed |= {i, j}
    return tuple(reversed(network))


def middle(values: list[Array]) -> Array:
    """The median of n arrays of one shape, n odd, element by element."""
    values = list(values)
    for i, j, keep_min, keep_max in median_network(len(values)):
        a, b = values[i], values[j]
        if keep_min:
            values[i] = np.minimum(a, b)
        if keep_max:
            values[j] = np.maximum(a, b)
    return values[len(values) // 2]


def median_filter(images: Array, size: int = 3) -> Array:
    """Each pixel becomes the median of the size × size pixels around it.

    Args:
        size: the side of the window, an odd number of pixels; 1 changes nothing.

    Raises:
        ValueError: no grey pictures, or a size that is even or less than 1.
    """
    check_grey(images, "median_filter")
    if size < 1 or size % 2 == 0:
        raise ValueError(f"median_filter expects an odd size, such as 3 or 5, got {size}")
    H, W = images.shape[-2:]
    pictures = images.reshape(-1, H, W)
    r = size // 2
    padded = np.pad(pictures, ((0, 0), (r, r), (r, r)), "edge")
    result = np.empty_like(pictures)
    together, rows = max(1, BAND_PIXELS // (H * W)), max(1, BAND_PIXELS // W)
    for n in range(0, len(pictures), together):
        for top in range(0, H, rows):
            band = result[n : n + together, top : top + rows]
            part = padded[n : n + together, top : top + rows + 2 * r]
            h = band.shape[1]
            band[...] = middle([part[:, i : i + h, j : j + W] for i, j in np.ndindex(size, size)])
    return result.reshape(images.shape)
