"""Explanations of one face: its crop through the pre-processing, the maps back on the photo.

    crop (48, 48) ─▶ x (1, 1, 48, 48) ─▶ maps (48, 48) ─▶ the square of the photo that was cut out

The maps are those of `scratchnet.explain`, of the network's own input: pre-processing shifts and
scales all grey values of a face together, which moves none of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet import explain
from scratchnet.fer.answers import Box
from scratchnet.fer.crops import framed
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.sequential import Sequential
from scratchnet.vision.resize import resize

Array = NDArray[Any]


def explain_face(
    model: Sequential,
    crop: NDArray[np.uint8],
    label: int | None = None,
    layer: str | None = None,
    stride: int = 4,
) -> dict[str, Array]:
    """The maps (size, size) of one face by their names: Grad-CAM, saliency, occlusion.

    Args:
        model: with its pre-processing.
        crop: (size, size) uint8, as the recogniser cuts it out.
        label: one of the network's outputs; None explains the predicted one.
        layer: whose maps Grad-CAM looks at; None for the last that has any.
        stride: of the occlusion; smaller is smoother and slower.

    Raises:
        ValueError: there is no such label or layer, or the network has no maps.
    """
    x = Preprocessing(**model.preprocessing)(crop[np.newaxis])
    return {
        "Grad-CAM": explain.grad_cam(model, x, label, layer)[0],
        "saliency": explain.saliency(model, x, label)[0],
        "occlusion": explain.occlusion(model, x[0], label, stride=stride),
    }


def on_photo(heat: Array, box: Box, shape: tuple[int, int]) -> Array:
    """A face's map as a map (H, W) of its photo, 0 around the face.

    Args:
        heat: (size, size) of the face's crop.
        box: of the face in the photo, as the recogniser reports it.
        shape: (H, W) of the photo.
    """
    x, y, side, _ = framed(box)
    H, W = shape
    enlarged = resize(np.asarray(heat, np.float64), (side, side))
    top, left, bottom, right = max(y, 0), max(x, 0), min(y + side, H), min(x + side, W)
    whole = np.zeros(shape, np.float64)
    whole[top:bottom, left:right] = enlarged[top - y : bottom - y, left - x : right - x]
    return whole
