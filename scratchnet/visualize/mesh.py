"""A mesh of triangles over faces: where a model of shape has found the features.

Nothing here knows what a face is: images, landmarks and triangles between them are all it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import as_picture, blank_figure, headline
from scratchnet.visualize.palette import OKABE_ITO, SOFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRUTH, MESH = OKABE_ITO[1], OKABE_ITO[5]


def face_meshes(
    images: ArrayLike,
    landmarks: ArrayLike,
    triangles: ArrayLike,
    *,
    truth: ArrayLike | None = None,
    captions: Sequence[str] | None = None,
    title: str = "The mesh on the faces",
    columns: int = 4,
) -> Figure:
    """Each image with its mesh drawn over it, and dots where the landmarks really are.

    Args:
        images: (n, H, W), grey.
        landmarks: (n, L, 2), x and y in pixels; (0, 0) is the first pixel's centre.
        triangles: (T, 3), indices of landmarks; those of L or more (a mesh's rim) are left out.
        truth: (n, L, 2), drawn as dots.
        captions: n lines, one below each image.
        columns: images side by side.

    Raises:
        ValueError: the lengths do not agree, or there is no image.
    """
    images, landmarks = np.asarray(images), np.asarray(landmarks, np.float64)
    n = len(images)
    if n == 0 or images.ndim != 3:
        raise ValueError(f"face_meshes expects grey images (n, H, W), n >= 1, got {images.shape}")
    if landmarks.ndim != 3 or len(landmarks) != n or landmarks.shape[-1] != 2:
        raise ValueError(f"expected landmarks ({n}, L, 2) for {n} images; got {landmarks.shape}")
    if truth is not None and np.shape(truth) != landmarks.shape:
        raise ValueError(f"truth expects {landmarks.shape}, as landmarks; got {np.shape(truth)}")
    if captions is not None and len(captions) != n:
        raise ValueError(f"expected {n} captions, one an image; got {len(captions)}")
    H, W = images.shape[1:]
    triangles = np.asarray(triangles)
    triangles = triangles[(triangles < landmarks.shape[1]).all(axis=1)]

    columns = min(columns, n)
    rows = -(-n // columns)
    figure = blank_figure(0.3 + 2.6 * columns, 0.6 + 2.8 * rows, margin=0.06)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.axis("off")
    for index, axes in enumerate(grid[:n]):
        axes.imshow(as_picture(images[index]), cmap="gray", vmin=0, vmax=1)
        x, y = landmarks[index].T
        axes.triplot(x, y, triangles, color=MESH, linewidth=0.7, alpha=0.9)
        if truth is not None:
            axes.plot(*np.asarray(truth)[index].T, ".", color=TRUTH, markersize=3.5)
        if captions is not None:
            style = {"ha": "center", "va": "top", "fontsize": 9, "color": SOFT}
            axes.text((W - 1) / 2, H, captions[index], **style)
        axes.set(xlim=(-0.5, W - 0.5), ylim=(H - 0.5, -0.5))
    headline(figure, title)
    return figure
