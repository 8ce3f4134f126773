"""Feature maps as the fast kernels want them: NHWC, sixteen channels a vector, a frame of zeros.

    place of (n, h, w, c)  =  ((n·HP + top + h)·WP + left + w)·C + c

A pixel's channels are neighbours, so that a vector holds sixteen of them and a row of pixels is a
matrix for the product. Around each image stand zeros: what a convolution reads beyond the edge.
Those below and to the right fill the image up to whole tiles of 4 × 4 and two pixels more, as
Winograd's algorithm reads it (`scratchnet.kernels.winograd`).

**What lies outside of the images is zero, always**, in maps and in their gradients: no kernel
leaves anything else there. Channels that sixteen does not divide are filled up with zeros too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import SHARES, share_out
from scratchnet.kernels.simd import LANES, transpose4

Array = NDArray[Any]

Pair = tuple[int, int]

TILE = 4
ONE: tuple[Pair, Pair] = ((1, 1), (1, 1))


class Frame(NamedTuple):
    """How one image lies in memory."""

    H: int
    W: int
    C: int
    """Numbers in a pixel."""
    top: int
    """Rows of zeros above the image."""
    left: int
    HP: int
    """Rows, those of the frame included."""
    WP: int


def frame(H: int, W: int, C: int, padding: tuple[Pair, Pair] = ONE) -> Frame:
    """The frame for images that a 3 × 3 convolution pads by ((top, bottom), (left, right))."""
    rows, columns = (
        -(-(size + before + after - 2) // TILE) * TILE + 2
        for size, (before, after) in zip((H, W), padding, strict=True)
    )
    return Frame(H, W, C, padding[0][0], padding[1][0], rows, columns)


def whole_vectors(channels: int) -> int:
    """The number of channels, filled up to whole vectors."""
    return -(-channels // LANES) * LANES


def numbers(images: int, f: Frame) -> int:
    """How many numbers the maps of so many images take.

    Some more than they need: the last tile of the last image may read a row too many.
    """
    return images * f.HP * f.WP * f.C + 2 * f.WP * f.C + LANES


@kernel
def _import(share, shares, x, flat, f, pixels):
    N, C, H, W = x.shape
    fours, channels = W // 4 * 4, C // 4 * 4
    for n in range(N * share // shares, N * (share + 1) // shares):
        for h in range(H):
            o = ((n * f.HP + f.top + h) * f.WP + f.left) * f.C
            for c in range(0, channels, 4):
                q = ((n * C + c) * H + h) * W
                for w in range(0, fours, 4):
                    transpose4(pixels, o + w * f.C + c, f.C, flat, q + w, H * W)
                for w in range(fours, W):
                    for k in range(4):
                        pixels[o + w * f.C + c + k] = flat[q + k * H * W + w]
            for c in range(channels, C):
                q = ((n * C + c) * H + h) * W
                for w in range(W):
                    pixels[o + w * f.C + c] = flat[q + w]
            for w in range(W):
                for c in range(C, f.C):  # used memory may hold another map's channels there
                    pixels[o + w * f.C + c] = 0


@kernel
def _export(share, shares, pixels, f, x, flat):
    N, C, H, W = x.shape
    fours, channels = W // 4 * 4, C // 4 * 4
    for n in range(N * share // shares, N * (share + 1) // shares):
        for h in range(H):
            o = ((n * f.HP + f.top + h) * f.WP + f.left) * f.C
            for c in range(0, channels, 4):
                q = ((n * C + c) * H + h) * W
                for w in range(0, fours, 4):
                    transpose4(flat, q + w, H * W, pixels, o + w * f.C + c, f.C)
                for w in range(fours, W):
                    for k in range(4):
                        flat[q + k * H * W + w] = pixels[o + w * f.C + c + k]
            for c in range(channels, C):
                q = ((n * C + c) * H + h) * W
                for w in range(W):
                    flat[q + w] = pixels[o + w * f.C + c]


def import_images(x: Array, f: Frame, pixels: Array) -> None:
    """Write images x (N, C, H, W) into maps `pixels` whose outside is zero already."""
    x = np.ascontiguousarray(x, np.float32)
    if not x.flags.writeable:
        x = x.copy()  # Numba would compile once more for what cannot be written to
    share_out(_import, SHARES, x, x.reshape(-1), f, pixels)


def export_images(pixels: Array, f: Frame, x: Array) -> None:
    """Write maps into images x (N, C, H, W), contiguous float32; surplus channels are dropped."""
    share_out(_export, SHARES, pixels, f, x, x.reshape(-1))


@kernel
def clear_outside(pixels, n, f):
    """Make everything outside of image n zero again."""
    row, image = f.WP * f.C, n * f.HP * f.WP * f.C
    pixels[image : image + f.top * row] = 0
    for h in range(f.H):
        o = image + (f.top + h) * row
        pixels[o : o + f.left * f.C] = 0
        pixels[o + (f.left + f.W) * f.C : o + row] = 0
    pixels[image + (f.top + f.H) * row : image + f.HP * row] = 0
