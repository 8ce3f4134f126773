"""Registration: a face is turned, scaled and shifted until its eyes lie where all faces' eyes lie.

              box                          template
    ┌────────────────────┐          ┌────────────────────┐
    │        ●  right    │   M      │                    │      M: the one similarity that takes
    │   ●                │ ──────▶  │     ●        ●     │      the two eyes to the template's
    │  left              │          │                    │      (`geometry.similarity`)
    └────────────────────┘          └────────────────────┘

Left and right are the picture's. Detected eyes may be nostrils, a mouth's corner, a neighbour's
eyes; a face turned by those is worse than one that is not. So the pair must be *plausible*. In
shares of the box (side 1, origin at its upper left corner):

    the middle of both    x in 0.38 … 0.62, y in 0.28 … 0.48
    their distance        0.27 … 0.46
    their tilt            at most 25° to either side

else the box is cut out as it is. The template is where the eyes lie in the boxes of OpenCV's
frontal cascades, so an upright face in the middle of its box hardly moves at all.

A pixel's centre has whole coordinates; a box (x, y, w, h) begins at the corner of its first pixel,
at x − ½, y − ½. So a box of 48 × 48 pixels that is cut out with 48 × 48 is copied bit by bit.

Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.vision import geometry
from scratchnet.vision.pixels import check_grey
from scratchnet.vision.resize import resize

Array = NDArray[Any]
Eyes = NDArray[np.float64]
"""(2, 2): x, y of the left and of the right eye's centre, in pixels."""

TEMPLATE = np.array([(0.32, 0.38), (0.68, 0.38)])
MIDDLE_X, MIDDLE_Y = (0.38, 0.62), (0.28, 0.48)
DISTANCE = (0.27, 0.46)
TILT = 25.0


def in_box(points: ArrayLike, box: ArrayLike) -> Array:
    """Points in pixels as shares of a box (x, y, w, h)."""
    x, y, w, h = np.asarray(box, np.float64)
    shares: Array = (np.asarray(points, np.float64) - [x - 0.5, y - 0.5]) / [w, h]
    return shares


def plausible(eyes: ArrayLike, box: ArrayLike) -> bool:
    """Whether these can be the two eyes (2, 2) of the face in this box."""
    left, right = in_box(eyes, box)
    (middle_x, middle_y), (dx, dy) = (left + right) / 2, right - left
    return bool(
        MIDDLE_X[0] <= middle_x <= MIDDLE_X[1]
        and MIDDLE_Y[0] <= middle_y <= MIDDLE_Y[1]
        and DISTANCE[0] <= np.hypot(dx, dy) <= DISTANCE[1]
        and abs(np.degrees(np.arctan2(dy, dx))) <= TILT
    )


def eye_pair(candidates: ArrayLike, box: ArrayLike) -> Eyes | None:
    """The best plausible pair among what an eye detector found in a face, or None.

    Args:
        candidates: (K, 4) boxes x, y, w, h in the picture's pixels, in any order.
        box: the face's.

    Returns:
        the centres whose sum of squared distances to the template is the smallest.
    """
    boxes = np.asarray(candidates, np.float64).reshape(-1, 4)
    centres = boxes[:, :2] + (boxes[:, 2:] - 1) / 2
    ordered = centres[np.argsort(centres[:, 0], kind="stable")]
    pairs = [np.array(pair) for pair in combinations(ordered, 2)]
    fitting = [pair for pair in pairs if plausible(pair, box)]
    return min(fitting, key=lambda p: ((in_box(p, box) - TEMPLATE) ** 2).sum(), default=None)


def alignment(box: ArrayLike, eyes: ArrayLike | None, shape: tuple[int, int]) -> geometry.Matrix:
    """Where the picture's points go, (3, 3): by plausible eyes, else the box to the whole shape."""
    (x, y, w, h), (OH, OW) = np.asarray(box, np.float64), shape
    if eyes is not None and plausible(eyes, box):
        return geometry.similarity(eyes, TEMPLATE * [OW, OH] - 0.5)
    return geometry.compose(
        geometry.translation(0.5 - x, 0.5 - y),
        geometry.scaling(OW / w, OH / h),
        geometry.translation(-0.5, -0.5),
    )


def align(
    image: Array,
    box: ArrayLike,
    eyes: ArrayLike | None = None,
    shape: tuple[int, int] = (48, 48),
) -> Array:
    """Cut a face out of a picture (H, W), registered by its eyes; -> `shape`, dtype kept.

    Args:
        box: x, y, w, h of the face in pixels; beyond the picture its last pixels go on.
        eyes: (2, 2), or None where they are not known; implausible ones count as unknown.

    Raises:
        ValueError: no grey picture, or an empty box or shape.
    """
    check_grey(image, "align")
    if image.ndim != 2:
        raise ValueError(f"align expects one picture (H, W), got {image.shape}")
    if not (np.asarray(box)[2:] > 0).all():
        raise ValueError(
            f"align expects a box x, y, w, h with w and h above 0, got {np.asarray(box).tolist()}"
        )
    matrix = alignment(box, eyes, shape)
    image, matrix = _near(image, matrix, shape)
    return geometry.warp_affine(image[None], matrix, shape, "edge")[0]


def _near(
    image: Array, matrix: geometry.Matrix, shape: tuple[int, int]
) -> tuple[Array, geometry.Matrix]:
    """What of the picture is needed, at no more than twice the size: bilinear reading can do that.

    The matrix is changed along, so that every point still goes where it went.
    """
    scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    if scale >= 0.5:
        return image, matrix
    (OH, OW), margin = shape, 2 / scale
    corners = geometry.move(geometry.inverse(matrix), [(0, 0), (OW, 0), (0, OH), (OW, OH)])
    size = np.array(image.shape[::-1])
    first = np.clip(np.floor(corners.min(axis=0) - margin), 0, size - 1).astype(int)
    last = np.clip(np.ceil(corners.max(axis=0) + margin), first + 1, size).astype(int)
    part = image[first[1] : last[1], first[0] : last[0]]
    H, W = part.shape
    h, w = (max(1, round(2 * scale * side)) for side in (H, W))
    grow = geometry.compose(
        geometry.translation(0.5, 0.5),
        geometry.scaling(W / w, H / h),
        geometry.translation(first[0] - 0.5, first[1] - 0.5),
    )
    return resize(part, (h, w), "area"), matrix @ grow
