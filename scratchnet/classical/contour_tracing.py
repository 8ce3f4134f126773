"""Contours: walk once around a region of a black-and-white picture, and say what shape it has.

**Moore's tracing.** Stand on a pixel of the region and look at its eight neighbours clockwise, from
the background pixel one came by; the first that belongs to the region is the next. It begins at the
first pixel of the top row and ends when it is about to leave it in the same way again.

    b . .        p the pixel, b where one came from (background)
    . p 1        the neighbours are asked in the order after b: here 1 answers first
    . . 2

**Numbers of a closed contour** z₀ … z_{P-1}, pixel centres x + iy:

    length      Σ |z_{j+1} - z_j|
    area        ½ |Σ (x_j y_{j+1} - x_{j+1} y_j)|          the shoelace formula
    Fourier     c_k = 1/N Σ_j z(j) e^(-2πi jk/N)           z(j) at N equal steps along the contour

c₀ is the contour's middle, c₁ and c₋₁ its ellipse, higher k its finer corners. Tracing begins at
the contour's leftmost point (the upper of two), so that the c_k of like shapes are alike.

Shapes: mask (h, w) bool; contour (P, 2) int64, each (x, y).
Sources: Moore, "Automatic scanning and computer processes for the quantitative analysis of
micrographs", 1968; Gonzalez, Woods, "Digital image processing", 4th ed., sections 12.2 (tracing)
and 12.3 (Fourier descriptors).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

CLOCKWISE = ((-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1))
"""(dx, dy) from the left neighbour on, y down."""
_DIRECTION = {step: index for index, step in enumerate(CLOCKWISE)}


def trace_contour(mask: Array) -> Array:
    """The outer contour of the region that holds the first true pixel, clockwise; (0, 2) if none.

    A line one pixel wide is walked along both its sides, so pixels may occur twice.
    """
    padded = np.pad(np.asarray(mask, bool), 1)
    first = int(padded.argmax())
    start = (first % padded.shape[1], first // padded.shape[1])
    inside = padded.tolist()
    if not inside[start[1]][start[0]]:
        return np.zeros((0, 2), np.int64)
    contour, point, back = [start], start, 0  # > its left neighbour is background
    while True:
        for turn in range(1, 9):
            direction = (back + turn) % 8
            dx, dy = CLOCKWISE[direction]
            x, y = point[0] + dx, point[1] + dy
            if inside[y][x]:
                break
        else:  # a region of one pixel
            break
        if point == start and len(contour) > 1 and (x, y) == contour[1]:
            contour.pop()  # the start, which came round again
            break
        px, py = CLOCKWISE[(direction - 1) % 8]  # the last background pixel that was asked
        back = _DIRECTION[point[0] + px - x, point[1] + py - y]
        point = (x, y)
        contour.append(point)
    return np.array(contour, np.int64) - 1


def contour_length(contour: Array) -> float:
    """The length of the closed polygon."""
    steps = np.diff(contour, axis=0, append=contour[:1])
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def contour_area(contour: Array) -> float:
    """The area of the closed polygon through the pixels' centres."""
    x, y = contour.astype(np.float64).T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def fourier_descriptors(contour: Array, order: int, samples: int = 64) -> Array:
    """c₀, c₁, c₋₁, …, c_order, c₋order (2·order + 1,) complex, from the leftmost point on."""
    first = int(np.lexsort((contour[:, 1], contour[:, 0]))[0])
    closed = np.concatenate([contour[first:], contour[: first + 1]]).astype(np.float64)
    steps = np.diff(closed, axis=0)
    along = np.concatenate([[0.0], np.hypot(steps[:, 0], steps[:, 1]).cumsum()])
    places = along[-1] * np.arange(samples) / samples
    x, y = (np.interp(places, along, closed[:, axis]) for axis in (0, 1))
    coefficients = np.fft.fft(x + 1j * y) / samples
    numbers = [0, *(sign * k for k in range(1, order + 1) for sign in (1, -1))]
    return coefficients[numbers]


def connected_regions(masks: Array) -> Array:
    """Number the regions of true pixels that touch, corners included: (..., h, w) int64, 0 outside.

    Every pixel takes the largest number around it until nothing changes; so two pixels of a region
    end with the same number, which is that of one of its pixels.
    """
    h, w = masks.shape[-2:]
    labels = np.where(masks, np.arange(1, h * w + 1).reshape(h, w), 0)
    while True:
        wide = np.pad(labels, [(0, 0)] * (masks.ndim - 2) + [(1, 1), (1, 1)])
        down = np.maximum(np.maximum(wide[..., :-2, :], wide[..., 1:-1, :]), wide[..., 2:, :])
        around = np.maximum(np.maximum(down[..., :-2], down[..., 1:-1]), down[..., 2:])
        around *= masks
        if np.array_equal(around, labels):
            return labels
        labels = around
