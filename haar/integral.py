"""Integral images: the sum of any rectangle of pixels, in four look-ups.

    S[Y, X] = Σ of the pixels with y < Y and x < X                     (H + 1, W + 1)

                X        X+w
           +----+---------+            sum of the w × h pixels at (X, Y)
           | A  |    B    |
      Y    +----+---------+              = S[Y, X] − S[Y, X+w] − S[Y+h, X] + S[Y+h, X+w]
           | C  | these   |
      Y+h  +----+---------+              = A − (A+B) − (A+C) + (A+B+C+these)

Row 0 and column 0 are the empty sums: no rectangle needs a special case at the border.

    T[Y, X] = Σ of the pixels with y < Y and |x − X + 1| ≤ Y − y − 1     the tilted integral: a
                                                                       triangle that opens upwards
      sum of the rectangle turned by 45°, top corner (X, Y), w down-right, h down-left

              = T[Y, X] − T[Y+h, X−h] − T[Y+w, X+w] + T[Y+w+h, X+w−h]

Sums are int32 and wrap around, like OpenCV's: a difference is right modulo 2³² even where the
integral of the squares of an ordinary photo has long overflowed.

Crow, "Summed-area tables for texture mapping" (1984); Viola, Jones (2001), section 2.1; the tilted
one: Lienhart, Maydt, "An extended set of Haar-like features" (2002).

Chapter: docs/viola_jones.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integral = NDArray[np.int32]


def integral_image(grey: NDArray[Any]) -> Integral:
    """S of a (H, W) image of whole numbers: (H + 1, W + 1) int32.

    Raises:
        ValueError: it has another shape, or other numbers; so in the next two.
    """
    H, W = _size(grey)
    S = np.zeros((H + 1, W + 1), np.int32)
    np.cumsum(np.cumsum(grey, axis=1, dtype=np.int32), axis=0, dtype=np.int32, out=S[1:, 1:])
    return S


def squared_integral_image(grey: NDArray[np.uint8]) -> Integral:
    """The integral image of the squared pixels, modulo 2³²."""
    _size(grey)
    return integral_image(np.square(grey, dtype=np.int32))


def tilted_integral_image(grey: NDArray[np.uint8]) -> Integral:
    """T of a (H, W) image: (H + 1, W + 1) int32.

    Two triangles beside each other cover the one below them, but for what they share and for the
    two pixels at its tip:

        T[Y, X] = T[Y−1, X−1] + T[Y−1, X+1] − T[Y−2, X] + I[Y−1, X−1] + I[Y−2, X−1]
    """
    H, W = _size(grey)
    pixels = np.zeros((H + 1, W), np.int32)  # a row of zeros above the image
    pixels[1:] = grey
    T = np.zeros((H + 2, W + 1), np.int32)  # the same for T[−1]
    for Y in range(1, H + 1):
        above, before, row = T[Y], T[Y - 1], T[Y + 1]
        tip = pixels[Y] + pixels[Y - 1]
        row[1:W] = above[: W - 1] + above[2:] - before[1:W] + tip[: W - 1]
        row[0] = above[1]
        row[W] = above[W - 1] + tip[W - 1]
    return T[1:]


def _size(grey: NDArray[Any]) -> tuple[int, int]:
    if grey.ndim != 2 or grey.dtype.kind not in "iub":
        raise ValueError(
            f"an integral image expects a grey image (H, W) of whole numbers, got {grey.shape} of "
            f"{grey.dtype}; haar.image.to_grey makes one of any picture"
        )
    return grey.shape[0], grey.shape[1]


def rectangle_sum(
    S: Integral, x: ArrayLike, y: ArrayLike, width: int, height: int
) -> NDArray[np.int32]:
    """The sum of the pixels in upright rectangles at (x, y); arrays of positions at once."""
    x, y = np.asarray(x), np.asarray(y)
    return _wrap(
        _look(S, y, x)
        - _look(S, y, x + width)
        - _look(S, y + height, x)
        + _look(S, y + height, x + width)
    )


def tilted_sum(
    T: Integral, x: ArrayLike, y: ArrayLike, width: int, height: int
) -> NDArray[np.int32]:
    """The same for rectangles turned by 45°, whose top corner is (x, y)."""
    x, y = np.asarray(x), np.asarray(y)
    return _wrap(
        _look(T, y, x)
        - _look(T, y + height, x - height)
        - _look(T, y + width, x + width)
        + _look(T, y + width + height, x + width - height)
    )


def _look(integral: Integral, y: NDArray[Any], x: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(integral[y, x], np.int64)


def _wrap(sums: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.asarray(sums).astype(np.int32)  # the low 32 bits
