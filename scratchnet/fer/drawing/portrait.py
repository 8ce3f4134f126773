"""Drawing whole faces: traits and action units -> shape -> paths, from back to front -> pixels."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from scratchnet.fer.drawing.action_units import expressed
from scratchnet.fer.drawing.features import brows, eyes, folds, mouth, nose
from scratchnet.fer.drawing.head import beard, behind, glasses, hair, shadows, skull
from scratchnet.fer.drawing.paint import paint
from scratchnet.fer.drawing.shape import Traits, neutral_shape, project
from scratchnet.fer.drawing.sketch import Sketch

Array = NDArray[Any]


def draw_faces(canvas: Array, traits: Traits, action_units: Array) -> Array:
    """Draw one face on each of B canvases and return its landmarks.

    Args:
        canvas: (B, H, W) float32 of tones 0..1, painted in place. `scene[None]` is one canvas, so
            that a second call adds a second face.
        traits: who, and where: arrays (B,) under the names of `variation.sample_traits`;
            `place_x`, `place_y` and `scale` (pixels a face unit) may be set to any place.
        action_units: (B, U) intensities.

    Returns:
        (B, 68, 2) float32: x and y in pixels.
    """
    neutral = neutral_shape(traits)
    face = expressed(neutral, action_units)
    sketch = Sketch(len(face))
    behind(sketch, traits)
    head = skull(sketch, face, traits)
    shadows(sketch, face, traits, head)
    beard(sketch, face, traits, head)
    folds(sketch, face, action_units, traits)
    nose(sketch, face, traits)
    eyes(sketch, face, neutral, traits)
    mouth(sketch, face, action_units, traits)
    brows(sketch, face, traits)
    glasses(sketch, traits)
    hair(sketch, traits)
    paint(canvas, sketch.ink(traits))
    return project(face, traits)
