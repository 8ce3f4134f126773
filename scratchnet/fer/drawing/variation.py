"""Drawing lots: who a face belongs to, how it is held, lit and photographed.

    traits          low + (high - low) · u      one number u of [0, 1) for each name of TRAITS
    action units    mix · e · j                 the emotion's mix, an effort e of the whole face,
                                                and 0.8 ≤ j ≤ 1.2 for each unit of it
    picture         (canvas · light - 1/2) · contrast + 1/2 + brightness + noise

All of it is about B faces at once: u is (B, len(TRAITS)), traits are arrays (B,).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.drawing.paint import Paths, paint
from scratchnet.fer.drawing.shape import Traits

Array = NDArray[Any]

# fmt: off
TRAITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        # Proportions: factors, and shifts in face units.
        "face_width": (0.88, 1.10), "jaw_width": (0.85, 1.08), "chin": (0.90, 1.10),
        "eye_width": (0.88, 1.12), "eye_height": (0.85, 1.15), "eye_tilt": (-0.10, 0.10),
        "brow_height": (-0.12, 0.10), "brow_tilt": (-0.12, 0.12), "brow_radius": (0.07, 0.15),
        "nose_length": (0.88, 1.10), "nose_width": (0.80, 1.25),
        "mouth_width": (0.85, 1.15), "mouth_height": (-0.10, 0.10), "mouth_bend": (-0.10, 0.10),
        "lip_height": (0.70, 1.30),
        # Tones: 0 is black, 1 is white; lip and brow are shares of the skin's.
        "skin": (0.38, 0.86), "lip": (0.55, 0.85), "brow": (0.08, 0.45), "hair": (0.04, 0.60),
        "iris": (0.08, 0.45), "clothes": (0.05, 0.95), "rim": (0.03, 0.35),
        # Hair, glasses, age. What has a probability below is worn if its number is less than that.
        "has_hair": (0.0, 1.0), "hair_length": (-1.5, 4.5), "hairline": (-2.4, -1.6),
        "parting": (-0.7, 0.7), "beard": (0.0, 1.0), "moustache": (0.0, 1.0),
        "has_glasses": (0.0, 1.0), "rim_radius": (0.03, 0.07), "lens_height": (0.42, 0.60),
        "age": (0.4, 1.0), "tired": (0.0, 0.5), "lashes": (0.03, 0.07),
        "gaze_x": (-0.12, 0.12), "gaze_y": (-0.04, 0.06),
        # Pose: radians; a face unit and the shifts are shares of the picture's side.
        "yaw": (-0.35, 0.35), "pitch": (-0.20, 0.20), "roll": (-0.20, 0.20),
        "unit": (0.132, 0.155), "shift_x": (-0.04, 0.04), "shift_y": (-0.04, 0.04),
        # Light and camera.
        "side_light": (-1.0, 1.0), "light": (0.0, 0.35), "light_from": (0.0, 2 * np.pi),
        "contrast": (0.70, 1.15), "brightness": (-0.12, 0.12),
        "blur": (0.02, 0.04), "grain": (0.0, 0.04),
        # Background: from one tone to another, and two strokes across it.
        "ground": (0.0, 1.0), "far_ground": (0.0, 1.0),
        **{f"stroke{i}_{name}": (0.0, 1.0) for i in "12" for name in ("tone", *"xyuv")},
    }
)
# fmt: on
"""The range of each trait."""

PROBABILITY = {"has_hair": 0.9, "has_glasses": 0.15, "beard": 0.12, "moustache": 0.2}


def traits_from(u: Array, size: int) -> Traits:
    """The traits of B faces, for pictures of size × size, from numbers (B, len(TRAITS)).

    To the names of TRAITS it adds what `shape.project` and `Sketch.ink` want, in pixels: `scale`,
    `place_x`, `place_y` and `focus`.
    """
    low, high = np.array(list(TRAITS.values())).T
    columns = (low + (high - low) * u).astype(np.float32).T
    traits = dict(zip(TRAITS, columns, strict=True))
    for name, probability in PROBABILITY.items():
        traits[name] = np.float32(traits[name] < probability)
    traits["beard"] *= 0.85
    traits["moustache"] = 0.85 * np.maximum(traits["moustache"], traits["beard"] > 0)
    traits["scale"] = traits["unit"] * size
    traits["place_x"] = (0.5 + traits["shift_x"]) * size
    traits["place_y"] = (0.5 + traits["shift_y"]) * size
    traits["focus"] = np.maximum(traits["blur"] * size, 1.0)
    return traits


def units_from(u: Array, mix: Array, intensity: tuple[float, float]) -> Array:
    """The action units (B, U) of emotions' mixes (B, U), from numbers (B, 1 + U) of [0, 1)."""
    low, high = intensity
    effort, jitter = low + (high - low) * u[:, :1], 0.8 + 0.4 * u[:, 1:]
    return np.clip(mix * effort * jitter, 0.0, 1.0).astype(np.float32)


def background(traits: Traits, size: int) -> Array:
    """Canvases (B, size, size) float32 with things out of focus on them, but no face yet."""
    across = np.linspace(0.0, 1.0, size, dtype=np.float32)
    near, far = traits["ground"][:, None, None], traits["far_ground"][:, None, None]
    canvas = np.repeat(near + (far - near) * across, size, axis=1)
    ends = [traits[f"stroke{i}_{name}"] * size for i in "12" for name in "xyuv"]
    every = np.ones((len(canvas), 2), np.float32)
    strokes = Paths(
        points=np.stack(ends, axis=-1).reshape(-1, 4, 2),
        starts=np.array([0, 2, 4]),
        closed=np.array([False, False]),
        clip=np.array([-1, -1]),
        radius=0.08 * size * every,
        edge=0.12 * size * every,
        tone=np.stack([traits["stroke1_tone"], traits["stroke2_tone"]], axis=-1),
        opacity=0.8 * every,
    )
    paint(canvas, strokes)
    return canvas


def expose(canvas: Array, traits: Traits, noise: Array) -> Array:
    """The photographs (B, H, W) uint8 of painted canvases; noise is (B, H, W), of deviation 1."""
    trait = {name: values[:, None, None] for name, values in traits.items()}
    x = np.linspace(-1.0, 1.0, canvas.shape[2], dtype=np.float32)
    y = np.linspace(-1.0, 1.0, canvas.shape[1], dtype=np.float32)[:, None]
    slope = np.cos(trait["light_from"]) * x + np.sin(trait["light_from"]) * y
    photo = (canvas * (1.0 + trait["light"] * slope) - 0.5) * trait["contrast"] + 0.5
    photo += trait["brightness"] + trait["grain"] * noise
    return (np.clip(photo, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
