"""The head and what surrounds it: hair, neck, clothes, ears, skull, shadows, beard, glasses.

None of this knows an expression: it is what a network must learn to look past. Tones are shares of
the skin's tone, so that a dark face is drawn as a light one is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.drawing.shape import (
    JAW,
    LEFT_BROW,
    LEFT_EYE,
    NOSTRILS,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    Traits,
)
from scratchnet.fer.drawing.sketch import Sketch, arch, arrow, curve, ellipse

Array = NDArray[Any]


def widened(points: Array, traits: Traits) -> Array:
    """Points (n, 2) made for the mean head, as wide as each face: (B, n, 2)."""
    return points * arrow(traits["face_width"], 1.0)


CROWN = arch([(-2.28, 0.20), (-2.48, -1.10), (-1.80, -2.75)], (0.0, -3.40))
FOREHEAD = arch([(-2.14, -0.85), (-1.98, -1.65), (-1.48, -2.40), (-0.80, -2.82)], (0.0, -2.95))
HAIRLINE = arch([(-2.08, -0.25), (-1.98, -1.00), (-1.50, 0.10), (-0.80, 0.00)], (0.0, 0.0))
"""From temple to temple; the middle five points are relative to the trait `hairline`."""
HAIR_ENDS = arch([(-2.60, -1.20), (-2.65, -0.40), (-2.30, 0.00)], (0.0, 0.1))
"""Relative to the trait `hair_length`."""
CHEEKS = arch([(-1.95, 0.90), (-1.50, 1.75), (-0.75, 1.80)], (0.0, 1.70))
COLLAR = arch([(-6.0, 9.0), (-5.0, 5.7), (-3.6, 5.0), (-1.35, 4.4)], (0.0, 4.75))


def behind(sketch: Sketch, traits: Traits) -> None:
    """What the head hides in part: long hair, neck, clothes, ears."""
    skin, length = traits["skin"], traits["hair_length"]
    long = length > 0.8
    crown = curve(widened(CROWN, traits))
    ends = widened(HAIR_ENDS, traits)[:, ::-1] + arrow(0.0, length)
    back = np.concatenate([crown, ends], axis=1)
    sketch.area(back, 0.8 * traits["hair"], edge=0.15, opacity=traits["has_hair"] * long)
    neck = np.array([(-1.2, 2.0), (1.2, 2.0), (1.35, 5.0), (-1.35, 5.0)], np.float32)
    sketch.area(neck, 0.72 * skin, edge=0.2)
    sketch.area(curve(COLLAR), traits["clothes"])
    for side in (-1.0, 1.0):
        centre = arrow(side * 2.2 * traits["face_width"], 0.5)[:, 0]
        sketch.area(ellipse(centre, 0.28, 0.6), 0.82 * skin, opacity=~long)
        sketch.area(ellipse(centre, 0.1, 0.3), 0.6 * skin, edge=0.2, opacity=~long)


def skull(sketch: Sketch, face: Array, traits: Traits) -> int:
    """The head's area, darker towards its rim; returns its number, to clip by."""
    forehead = widened(FOREHEAD, traits)[:, ::-1]
    outline = np.concatenate([face[:, JAW], forehead], axis=1)
    head = sketch.area(curve(outline, closed=True, pieces=2), traits["skin"])
    rim = np.concatenate([outline, outline[:, :1]], axis=1)
    sketch.line(rim, 0.55 * traits["skin"], 0.0, edge=1.3, opacity=0.8, clip=head)
    return head


def shadows(sketch: Sketch, face: Array, traits: Traits, head: int) -> None:
    """Light and shade of the head's large forms, in wide soft edges."""
    skin, side = traits["skin"], traits["side_light"]
    light = skin + 0.35 * (1.0 - skin)
    turned_away = ellipse(arrow(-2.0 * np.sign(side), 1.0)[:, 0], 0.9, 2.8, 8)
    sketch.area(turned_away, 0.45 * skin, edge=2.0, opacity=0.8 * np.abs(side), clip=head)
    sketch.area(ellipse((0.0, -1.5), 0.8, 0.3, 8), light, edge=1.2, opacity=0.4)
    sketch.area(ellipse(face[:, 8] - (0.0, 0.35), 0.3, 0.15, 8), light, edge=0.7, opacity=0.3)
    for out, eye, brow in ((-1.0, LEFT_EYE, LEFT_BROW), (1.0, RIGHT_EYE, RIGHT_BROW)):
        socket = (face[:, eye].mean(axis=1) + face[:, brow].mean(axis=1)) / 2
        sketch.area(ellipse(socket, 0.5, 0.12, 8), 0.6 * skin, edge=0.6, opacity=0.35)
        bag = ellipse((out, 0.42), 0.4, 0.04, 8)
        sketch.area(bag, 0.6 * skin, edge=0.3, opacity=traits["tired"])
        sketch.area(ellipse((1.25 * out, 1.1), 0.35, 0.25, 8), light, edge=0.9, opacity=0.4)


def beard(sketch: Sketch, face: Array, traits: Traits, head: int) -> None:
    """A beard along the jaw, up to the cheeks, and a moustache above the lips."""
    tone = 0.85 * traits["hair"]
    outline = np.concatenate([face[:, 2:15], widened(CHEEKS, traits)[:, ::-1]], axis=1)
    outline = curve(outline, closed=True, pieces=2)
    sketch.area(outline, tone, edge=0.3, opacity=traits["beard"], clip=head)
    lip, under_nose = face[:, OUTER_LIPS][:, :7], face[:, NOSTRILS][:, [4, 2, 0]] + (0.0, 0.22)
    moustache = curve(np.concatenate([lip, under_nose], axis=1), closed=True, pieces=2)
    sketch.area(moustache, tone, edge=0.12, opacity=traits["moustache"])


def glasses(sketch: Sketch, traits: Traits) -> None:
    """Two rims, a bridge and the ear pieces; a faint reflection."""
    rim, radius, worn = traits["rim"], traits["rim_radius"], traits["has_glasses"]
    for out in (-1.0, 1.0):
        lens = ellipse((out, 0.05), 0.72, traits["lens_height"], 16)
        sketch.area(lens, 1.0, opacity=0.1 * worn)
        ring = np.concatenate([lens, lens[:, :1]], axis=1)
        sketch.line(ring, rim, radius, opacity=worn)
        sketch.line([(1.7 * out, -0.1), (2.2 * out, -0.2)], rim, radius, opacity=worn)
    sketch.line([(-0.3, 0.0), (0.0, -0.08), (0.3, 0.0)], rim, radius, opacity=worn)


def hair(sketch: Sketch, traits: Traits) -> None:
    """Hair over the forehead, down to the hairline, and a strand of light in it."""
    parting, worn, tone = traits["parting"], traits["has_hair"], traits["hair"]
    crown, fringe = widened(CROWN, traits), widened(HAIRLINE, traits)
    fringe[:, 2:7] += arrow(0.0, traits["hairline"])
    fringe[:, 3:6] += arrow(parting, 0.0)
    fringe[:, 4] -= arrow(0.0, 0.35 * np.abs(parting))[:, 0]
    outline = np.concatenate([crown, fringe[:, ::-1]], axis=1)
    sketch.area(curve(outline, closed=True), tone, edge=0.15, opacity=worn)
    strand = curve([(-1.6, -2.0), (-0.6, -2.7), (0.7, -2.7)])
    sketch.line(strand, tone + 0.25 * (1.0 - tone), 0.1, edge=0.5, opacity=0.6 * worn)
