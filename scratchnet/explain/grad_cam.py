"""Grad-CAM: where the feature maps are that speak for a class.

    A = the maps of one layer, (C, h, w)            dA = ∂s_k/∂A
    α_c = mean over h, w of dA_c                    how much map c speaks for class k
    L   = max(0, Σ_c α_c A_c)                       what speaks against it is left out

L is as coarse as the maps, (h, w), and is enlarged to the picture's size. Deep layers have maps of
what the network means, shallow ones of where things are; the usual choice is the last that still
has a where.

Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
localization" (2017), equations 1 and 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.explain.saliency import one_hot
from scratchnet.explain.tap import Tap, find_layer
from scratchnet.vision.resize import resize

if TYPE_CHECKING:
    from scratchnet.sequential import Sequential

Array = NDArray[Any]

POOLS = ("MaxPool2D", "AvgPool2D", "GlobalAvgPool2D")


def grad_cam(
    model: Sequential,
    x: Array,
    label: ArrayLike | None = None,
    layer: str | None = None,
    *,
    enlarge: bool = True,
) -> Array:
    """Maps (N, H, W) >= 0 of what speaks for the label, in the size of the pictures x.

    Args:
        x: (N, C, H, W), the network's inputs.
        label: the class, one for all or one a sample; None asks about each sample's prediction.
        layer: the path of a layer that gives maps, such as "7" or "7.body.2"; None for
            `default_layer(model)`.
        enlarge: False leaves the maps (N, h, w) in the layer's own size.

    Raises:
        ValueError: there is no such layer or class, or the layer gives no maps.
    """
    path = default_layer(model) if layer is None else layer
    with Tap(find_layer(model, path)) as tap:
        scores = model.forward(x)
        if tap.y.ndim != 4:
            raise ValueError(
                f"Grad-CAM expects a layer with maps (N, C, h, w), layer {path} gives "
                f"{tap.y.shape}; choose one before Flatten"
            )
        model.backward(one_hot(scores, label))
    alpha = tap.dy.mean(axis=(2, 3), keepdims=True)
    maps = np.maximum((alpha * tap.y).sum(axis=1), 0)
    H, W = x.shape[2:]
    return resize(maps, (H, W)) if enlarge else maps


def default_layer(model: Sequential) -> str:
    """The path of the last layer with maps of more than one pixel, before they are pooled.

    Raises:
        ValueError: no layer gives maps: the network has no convolution.
    """
    for i, layer in reversed(list(enumerate(model.layers))):
        shape = layer.built()[1]
        if len(shape) == 3 and max(shape[1:]) > 1 and type(layer).__name__ not in POOLS:
            return str(i)
    raise ValueError("Grad-CAM expects a network with feature maps, got none of (C, h, w)")
