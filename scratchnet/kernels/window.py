"""The window of a convolution on maps: where in memory stands what it reads.

Maps (`scratchnet.kernels.maps`) are flat, so what a window reads stands at fixed distances from its
corner, whatever its size, its stride and its dilation:

    corners    where the windows of an image's output pixels begin              (P,)
    taps       how far the pixels under a window are from its corner            (KH·KW,)
    places     where the pixels of an image stand                               (H·W,)

all in numbers, the first and the last from the image's beginning. The frame of the maps that are
read must be as wide as the window reaches over the edge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.simd import LANES, vector_load, vector_store, where_positive


class Window(NamedTuple):
    """The window of a convolution, and whether a ReLU follows."""

    KH: int
    KW: int
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    top: int
    """Rows of padding above the image."""
    left: int
    groups: int
    relu: bool


@kernel
def corners_of(window, f, fy):
    """In maps of frame f, for output pixels of frame fy: (P,)."""
    corners = np.empty(fy.H * fy.W, np.int64)
    for p in range(corners.size):
        oh, ow = divmod(p, fy.W)
        h = f.top - window.top + oh * window.stride_h
        w = f.left - window.left + ow * window.stride_w
        corners[p] = (h * f.WP + w) * f.C
    return corners


@kernel
def taps_of(window, f):
    """In maps of frame f: (KH·KW,)."""
    taps = np.empty(window.KH * window.KW, np.int64)
    for k in range(taps.size):
        kh, kw = divmod(k, window.KW)
        taps[k] = (kh * window.dilation_h * f.WP + kw * window.dilation_w) * f.C
    return taps


@kernel
def places_of(f):
    """In maps of frame f: (H·W,)."""
    places = np.empty(f.H * f.W, np.int64)
    for p in range(places.size):
        h, w = divmod(p, f.W)
        places[p] = ((f.top + h) * f.WP + f.left + w) * f.C
    return places


@kernel
def collect_image(dy, y, o, places, relu, db, first, last, dz, start, rows):
    """Image dy, which begins at o, through its ReLU: dz = dy where y > 0; adds Σ dz to db.

    Filters first … last − 1 of pixel p go to start + rows[p] and the following.
    """
    for c in range(first, last, LANES):
        total = vector_load(db, c)
        for p in range(places.size):
            q = o + places[p] + c
            d = vector_load(dy, q)
            if relu:
                d = where_positive(vector_load(y, q), d)
            vector_store(dz, start + rows[p] + c - first, d)
            total = total + d
        vector_store(db, c, total)
