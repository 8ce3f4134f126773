"""The mean face and the eigenfaces: what faces have in common, and how they differ most.

Purple and orange pixels change in opposite ways as one goes along an eigenface; pale ones stay as
they are. Each eigenface has a scale of its own, for its sign and size say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import as_picture, blank_figure, headline, tidy
from scratchnet.visualize.palette import DIVERGING, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def eigenface_grid(
    mean: ArrayLike,
    components: ArrayLike,
    image_shape: tuple[int, int],
    ratios: ArrayLike | None = None,
    limit: int = 23,
    columns: int = 8,
) -> Figure:
    """The mean face, then the components, the first ones first.

    Args:
        mean: (H·W,), such as `mean_` of PCA, Eigenfaces or Fisherfaces.
        components: (k, H·W), such as `components_` of the same.
        image_shape: H, W.
        ratios: (k,) shares of the variance, written below; None: none.
        limit: at most so many components.
        columns: pictures side by side.

    Raises:
        ValueError: the lengths do not agree with H·W and k.
    """
    mean, components = np.asarray(mean, np.float64), np.asarray(components, np.float64)
    H, W = image_shape
    k = len(components)
    if mean.shape != (H * W,) or components.shape != (k, H * W):
        raise ValueError(
            f"pictures of {H} × {W} need a mean ({H * W},) and components (k, {H * W}), "
            f"got {mean.shape} and {components.shape}"
        )
    if ratios is not None and np.shape(ratios) != (k,):
        raise ValueError(f"{k} components need {k} ratios, got {np.shape(ratios)}")
    shown = components[:limit].reshape(-1, H, W)
    captions = [str(j + 1) for j in range(len(shown))]
    if ratios is not None:
        shares = np.asarray(ratios)
        captions = [f"{j}: {100 * share:.1f} %" for j, share in zip(captions, shares, strict=False)]

    rows = -(-(len(shown) + 1) // columns)
    figure = blank_figure(max(5.0, 1.05 * columns), 0.5 + (0.25 + 0.95 * H / W) * rows, margin=0.03)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    axes[0].imshow(as_picture(mean.reshape(H, W)), cmap="gray", vmin=0, vmax=1)
    for place, eigenface in zip(axes[1:], shown, strict=False):
        scale = float(np.abs(eigenface).max()) or 1.0
        place.imshow(eigenface, cmap=DIVERGING, vmin=-scale, vmax=scale)
    for place, caption in zip(axes, ["mean", *captions], strict=False):
        _caption(place, caption)
    for place in axes[len(shown) + 1 :]:
        place.axis("off")
    part = "" if len(shown) == k else f" (the first {len(shown)})"
    headline(figure, f"The mean face and {k} eigenfaces{part}")
    return figure


def reconstruction_strip(
    images: ArrayLike, reconstructions: ArrayLike, image_shape: tuple[int, int]
) -> Figure:
    """Faces above, and below each what a sum of eigenfaces makes of it, in the same greys.

    Args:
        images, reconstructions: (n, H·W) each.
        image_shape: H, W.

    Raises:
        ValueError: the two differ in shape, or are no rows of H·W pixels.
    """
    images, rebuilt = np.asarray(images, np.float64), np.asarray(reconstructions, np.float64)
    H, W = image_shape
    n = len(images)
    if n == 0 or images.shape != (n, H * W) or rebuilt.shape != images.shape:
        raise ValueError(
            f"expected rows of {H} × {W} = {H * W} pixels, as many of both, at least one; "
            f"got {images.shape} and {rebuilt.shape}"
        )
    figure = blank_figure(max(5.0, 1.05 * n), 0.6 + 1.9 * H / W, margin=0.03)
    axes = figure.subplots(2, n, squeeze=False)
    for column in range(n):
        low, high = images[column].min(), images[column].max()
        for row, pixels in enumerate((images, rebuilt)):
            picture = pixels[column].reshape(H, W)
            axes[row, column].imshow(picture, cmap="gray", vmin=low, vmax=max(high, low + 1e-9))
            _caption(axes[row, column], "")
    axes[0, 0].set_ylabel("face", color=SOFT)
    axes[1, 0].set_ylabel("rebuilt", color=SOFT)
    error = np.linalg.norm(images - rebuilt) / (np.linalg.norm(images - images.mean()) or 1.0)
    headline(figure, f"{n} face{'s' * (n != 1)}, rebuilt with {100 * error:.0f} % error")
    return figure


def _caption(axes: Axes, text: str) -> None:
    tidy(axes, grid=None)
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel(text, fontsize=8, labelpad=2)
