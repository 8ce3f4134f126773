"""Drawing lots: who a face belongs to, how it is held, lit and photographed.

Everything about picture i comes from its own generator and in one fixed order, so picture i is the
same whether it is drawn alone, among others, larger, or on another thread.

    traits     one uniform number for each name of TRAITS, from its range
    units      intensity of action unit u = mix_u · e · j_u     e for the face, j_u for each unit
    picture    exposed = (canvas · light - 1/2) · contrast + 1/2 + brightness + noise
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.drawing.paint import Paths, paint
from scratchnet.fer.drawing.shape import Traits

Array = NDArray[Any]

TRAITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        # proportions: factors, and shifts in face units
        **{"face_width": (0.88, 1.1), "jaw_width": (0.85, 1.08), "chin": (0.9, 1.1)},
        **{"eye_width": (0.88, 1.12), "eye_height": (0.85, 1.15), "eye_tilt": (-0.1, 0.1)},
        **{"brow_height": (-0.12, 0.1), "brow_tilt": (-0.12, 0.12), "brow_radius": (0.07, 0.15)},
        **{"nose_length": (0.88, 1.1), "nose_width": (0.8, 1.25)},
        **{"mouth_width": (0.85, 1.15), "mouth_height": (-0.1, 0.1), "mouth_bend": (-0.1, 0.1)},
        **{"lip_height": (0.7, 1.3)},
        # tones: 0 is black, 1 is white; lip is a share of the skin's tone
        **{"skin": (0.38, 0.86), "lip": (0.55, 0.85), "hair": (0.04, 0.6), "brow": (0.04, 0.3)},
        **{"iris": (0.08, 0.45), "clothes": (0.05, 0.95), "rim": (0.03, 0.35)},
        # hair, beard, glasses; has_... and beards are shares of the faces, see `sample_traits`
        **{"has_hair": (0.0, 1.0), "hair_length": (-1.5, 4.5), "hairline": (-2.4, -1.6)},
        **{"parting": (-0.7, 0.7), "beard": (0.0, 1.0), "moustache": (0.0, 1.0)},
        **{"has_glasses": (0.0, 1.0), "rim_radius": (0.03, 0.07), "lens_height": (0.42, 0.6)},
        **{"age": (0.4, 1.0), "tired": (0.0, 0.5), "lashes": (0.03, 0.07)},
        **{"gaze_x": (-0.12, 0.12), "gaze_y": (-0.04, 0.06)},
        # pose: radians; size and shift are shares of the picture's side
        **{"yaw": (-0.35, 0.35), "pitch": (-0.2, 0.2), "roll": (-0.2, 0.2)},
        **{"size": (0.132, 0.155), "shift_x": (-0.04, 0.04), "shift_y": (-0.04, 0.04)},
        # light and camera
        **{"side_light": (-1.0, 1.0), "light": (0.0, 0.35), "light_from": (0.0, 2 * np.pi)},
        **{"contrast": (0.7, 1.15), "brightness": (-0.12, 0.12)},
        **{"blur": (0.02, 0.04), "grain": (0.0, 0.04)},
        # background: two tones, and two strokes of which each has a tone and two ends
        **{"ground": (0.0, 1.0), "ground_far": (0.0, 1.0)},
        **{f"stroke_{i}_{k}": (0.0, 1.0) for i in (1, 2) for k in ("tone", "x0", "y0", "x1", "y1")},
    }
)
"""The range of each trait."""

BALD, BEARDED, MOUSTACHED, GLASSES = 0.1, 0.12, 0.2, 0.15
"""The share of faces without hair, and with the rest."""


def sample_traits(uniform: Array, size: int) -> Traits:
    """Traits of B faces from numbers of [0, 1), (B, len(TRAITS)), for pictures of size × size."""
    ranges = np.array(list(TRAITS.values()))
    values = ranges[:, 0] + (ranges[:, 1] - ranges[:, 0]) * uniform
    traits = dict(zip(TRAITS, values.astype(np.float32).T, strict=True))
    traits["has_hair"] = np.float32(traits["has_hair"] >= BALD)
    traits["has_glasses"] = np.float32(traits["has_glasses"] < GLASSES)
    full = traits["beard"] < BEARDED
    traits["moustache"] = np.where(full | (traits["moustache"] < MOUSTACHED - BEARDED), 0.85, 0.0)
    traits["beard"] = np.where(full, 0.4 + 4.0 * traits["beard"], 0.0)
    traits["scale"] = traits["size"] * size
    traits["place_x"] = (0.5 + traits["shift_x"]) * size
    traits["place_y"] = (0.5 + traits["shift_y"]) * size
    traits["focus"] = np.maximum(traits["blur"] * size, 1.0)
    return traits


def sample_units(
    mix: Array, intensity: tuple[float, float], rng: np.random.Generator
) -> Array:
    """Intensities (U,) of one face from its emotion's mix (U,)."""
    e = rng.uniform(*intensity)
    return np.clip(mix * e * rng.uniform(0.8, 1.2, len(mix)), 0.0, 1.0).astype(np.float32)


def background(faces: int, size: int, traits: Traits) -> Array:
    """Canvases (B, size, size) float32 with something out of focus on them, but no face yet."""
    t = np.linspace(0.0, 1.0, size, dtype=np.float32)
    near, far = traits["ground"][:, None, None], traits["ground_far"][:, None, None]
    ramp = np.cos(traits["light_from"])[:, None, None] * (t - 0.5) + 0.5
    canvas = np.ascontiguousarray(np.broadcast_to(near + (far - near) * ramp, (faces, size, size)))
    ends = [[traits[f"stroke_{i}_{k}"] for k in ("x0", "y0", "x1", "y1")] for i in (1, 2)]
    points = np.stack([np.stack(e, axis=-1) for e in ends], axis=1).reshape(faces, 4, 2) * size
    tone = np.stack([traits["stroke_1_tone"], traits["stroke_2_tone"]], axis=-1)
    full = np.full((faces, 2), 1.0, np.float32)
    paint(
        canvas,
        Paths(
            points=points.astype(np.float32),
            starts=np.array([0, 2, 4]),
            closed=np.array([False, False]),
            clip=np.array([-1, -1]),
            radius=full * 0.08 * size,
            edge=full * 0.12 * size,
            tone=tone,
            opacity=full * 0.8,
        ),
    )
    return canvas


def expose(canvas: Array, traits: Traits, noise: Array) -> Array:
    """The photograph (B, H, W) uint8 of painted canvases: light, contrast, brightness, grain."""
    t = np.linspace(-1.0, 1.0, canvas.shape[-1], dtype=np.float32)
    k = {name: traits[name][:, None, None] for name in ("light", "light_from", "contrast")}
    slope = np.cos(k["light_from"]) * t + np.sin(k["light_from"]) * t[:, None]
    photo = (canvas * (1.0 + k["light"] * slope) - 0.5) * k["contrast"] + 0.5
    photo += traits["brightness"][:, None, None] + traits["grain"][:, None, None] * noise
    return (np.clip(photo, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
