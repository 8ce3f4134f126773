"""Affine warp, one output row after the other; `scratchnet.reference.warp` defines it.

    (x, y) = A (w, h, 1)     fold both by the border     read the four pixels around, lerp thrice

The same operations in the same order as the reference, none fused: the bits are the same.
Rows are shared out, so one large photo keeps all threads as busy as a batch of faces.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import SHARES, share_out

Array = NDArray[Any]

EDGE, REFLECT, CONSTANT = range(3)
BORDERS = {"edge": EDGE, "reflect": REFLECT, "constant": CONSTANT}


@kernel(inline="always")
def _fold(x, size, border):
    """Coordinate x brought back to 0 … size - 1, or for CONSTANT to -1 … size."""
    low, high = 0.0, size - 1.0
    if border == CONSTANT:
        low, high = -1.0, size + 0.0
    elif border == REFLECT and size > 1:
        period = 2.0 * (size - 1)
        x = x - period * np.floor(x / period)
        x = min(x, period - x)
    x = x if x > low else low  # in this form a NaN becomes `low`, and no index leaves the image
    return x if x < high else high


@kernel(inline="always")
def _pixel(image, y, x, outside):
    """The pixel, or `outside` beyond the image."""
    H, W = image.shape
    if 0 <= y < H and 0 <= x < W:
        return image[y, x]
    return outside


@kernel
def _warp_rows(share, shares, images, source, border, outside, result):
    H, W = images.shape[1:]
    N, OH, OW = result.shape
    dtype = images.dtype.type
    for row in range(N * OH * share // shares, N * OH * (share + 1) // shares):
        n, h = divmod(row, OH)
        image, A = images[n], source[n]
        x_step, x_row = A[0, 0], A[0, 1] * h + A[0, 2]
        y_step, y_row = A[1, 0], A[1, 1] * h + A[1, 2]
        for w in range(OW):
            x = _fold(x_step * w + x_row, W, border)
            y = _fold(y_step * w + y_row, H, border)
            left, above = np.floor(x), np.floor(y)
            r, s = dtype(x - left), dtype(y - above)
            x0, y0 = int(left), int(above)
            if 0 <= x0 < W - 1 and 0 <= y0 < H - 1:
                p00, p01 = image[y0, x0], image[y0, x0 + 1]
                p10, p11 = image[y0 + 1, x0], image[y0 + 1, x0 + 1]
            else:
                p00 = _pixel(image, y0, x0, outside)
                p01 = _pixel(image, y0, x0 + 1, outside)
                p10 = _pixel(image, y0 + 1, x0, outside)
                p11 = _pixel(image, y0 + 1, x0 + 1, outside)
            top = p00 + r * (p01 - p00)
            bottom = p10 + r * (p11 - p10)
            result[n, h, w] = top + s * (bottom - top)


def warp_affine(
    images: Array, source: Array, shape: tuple[int, int], border: str, value: float
) -> Array:
    """Sample every image at the points that its `source` matrix gives."""
    result = np.empty((len(images), *shape), images.dtype)
    outside = images.dtype.type(value if border == "constant" else 0.0)
    contiguous = np.ascontiguousarray(images), np.ascontiguousarray(source)
    share_out(_warp_rows, SHARES, *contiguous, BORDERS[border], outside, result)
    return result
