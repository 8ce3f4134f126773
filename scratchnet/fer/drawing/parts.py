"""From the shape of a face to a picture of it, part by part, from back to front.

    hair behind, neck, clothes, ears · head, shadows, beard · folds · nose · eyes · mouth · brows ·
    glasses · hair

Folds of the skin have the opacity of the action units that make them: `folds` is to be read beside
a mirror. Tones are shares of the skin's tone, so that a dark face is drawn as a light one is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.drawing.action_units import COLUMN, expressed
from scratchnet.fer.drawing.paint import paint
from scratchnet.fer.drawing.shape import (
    INNER_LIPS,
    JAW,
    LEFT_BROW,
    LEFT_EYE,
    NOSTRILS,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    Traits,
    neutral_shape,
    project,
)
from scratchnet.fer.drawing.sketch import MIRRORED, Sketch, curve, ellipse

Array = NDArray[Any]


def draw_faces(canvas: Array, traits: Traits, action_units: Array) -> Array:
    """Draw one face on each of B canvases and return its landmarks.

    Args:
        canvas: (B, H, W) float32 of tones 0..1, painted in place; a view into a larger scene will
            do as well, for one face of many.
        traits: who, and where: arrays (B,) under the names of `variation.TRAITS`.
        action_units: (B, U) intensities.

    Returns:
        (B, 68, 2) float32, x and y in pixels.
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


def both_sides(points: list[tuple[float, float]]) -> tuple[Array, Array]:
    """Points given for the left of the picture, and their mirror image."""
    left = np.array(points, np.float32)
    return left, left * MIRRORED


def arch(half: list[tuple[float, float]], middle: tuple[float, float]) -> Array:
    """Points over the face: the left half upwards, the middle, the right half downwards."""
    left, right = both_sides(half)
    return np.concatenate([left, np.array([middle], np.float32), right[::-1]])


def widened(points: Array, traits: Traits) -> Array:
    """Points (n, 2) made for the mean head, as wide as each face: (B, n, 2)."""
    width = np.stack([traits["face_width"], np.ones_like(traits["face_width"])], axis=-1)
    return points * width[:, None].astype(np.float32)


CROWN = arch([(-2.32, 0.10), (-2.50, -1.10), (-1.80, -2.75)], (0.0, -3.40))
FOREHEAD = arch([(-2.14, -0.85), (-1.98, -1.65), (-1.48, -2.40), (-0.80, -2.82)], (0.0, -2.95))


def behind(sketch: Sketch, traits: Traits) -> None:
    """What the head hides in part: long hair, neck, clothes, ears."""
    skin, length = traits["skin"], traits["hair_length"]
    crown = widened(CROWN, traits)
    ends = crown[:, [-1, 0]] * np.float32(1.08)
    ends[:, :, 1] = length[:, None]
    back = curve(np.concatenate([crown, ends], axis=1), closed=True)
    sketch.area(back, 0.8 * traits["hair"], opacity=traits["has_hair"])
    sketch.area(np.array([(-1.2, 2.0), (1.2, 2.0), (1.3, 5.0), (-1.3, 5.0)]), 0.72 * skin, edge=0.2)
    collar = np.array(
        [(-6, 9), (-5, 5.6), (-1.35, 4.4), (0, 4.75), (1.35, 4.4), (5, 5.6), (6, 9)], np.float32
    )
    sketch.area(collar, traits["clothes"])
    for side in (-1.0, 1.0):
        centre = np.stack([side * 2.2 * traits["face_width"], np.full_like(skin, 0.5)], axis=-1)
        sketch.area(ellipse(centre, 0.28, 0.6), 0.82 * skin, opacity=length < 0.6)
        sketch.area(ellipse(centre, 0.1, 0.3), 0.6 * skin, edge=0.2, opacity=length < 0.6)


def skull(sketch: Sketch, face: Array, traits: Traits) -> int:
    """The head's area; returns its number, to clip by."""
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
    centre = np.stack([-np.sign(side) * 2.0, np.full_like(side, 1.0)], axis=-1)
    shade = ellipse(centre, 0.9, 2.8, 8)
    sketch.area(shade, 0.45 * skin, edge=2.0, opacity=0.8 * np.abs(side), clip=head)
    sketch.area(ellipse(np.array((0.0, -1.5)), 0.8, 0.3, 8), light, edge=1.2, opacity=0.4)
    sketch.area(ellipse(face[:, 8] - np.float32((0, 0.35)), 0.3, 0.15, 8), light, edge=0.7, opacity=0.3)
    for eye, brow, side_x in ((LEFT_EYE, LEFT_BROW, -1.0), (RIGHT_EYE, RIGHT_BROW, 1.0)):
        socket = (face[:, eye].mean(axis=1) + face[:, brow].mean(axis=1)) / 2
        sketch.area(ellipse(socket, 0.5, 0.12, 8), 0.6 * skin, edge=0.6, opacity=0.35)
        bag = np.float32((side_x * 1.0, 0.42))
        sketch.area(ellipse(bag, 0.4, 0.04, 8), 0.6 * skin, edge=0.3, opacity=traits["tired"])
        cheek = np.float32((side_x * 1.25, 1.1))
        sketch.area(ellipse(cheek, 0.35, 0.25, 8), light, edge=0.9, opacity=0.4)


def beard(sketch: Sketch, face: Array, traits: Traits, head: int) -> None:
    """A beard along the jaw, up to the cheeks, and a moustache above the lips."""
    tone = 0.85 * traits["hair"]
    cheeks = arch([(-1.95, 0.9), (-1.5, 1.75), (-0.75, 1.80)], (0.0, 1.70))[::-1]
    outline = np.concatenate([face[:, 2:15], widened(cheeks, traits)], axis=1)
    sketch.area(curve(outline, closed=True, pieces=2), tone, edge=0.3, opacity=traits["beard"], clip=head)
    lip = face[:, OUTER_LIPS][:, [0, 1, 2, 3, 4, 5, 6]]
    under_nose = face[:, NOSTRILS][:, ::-1] + np.float32((0.0, 0.22))
    moustache = np.concatenate([lip - np.float32((0.0, 0.02)), under_nose[:, [0, 2, 4]]], axis=1)
    sketch.area(curve(moustache, closed=True, pieces=2), tone, edge=0.12, opacity=traits["moustache"])


def folds(sketch: Sketch, face: Array, action_units: Array, traits: Traits) -> None:
    """The folds that action units press into the skin; `age` deepens them."""
    au = {unit: action_units[:, column] for unit, column in COLUMN.items()}
    tone, deep = 0.42 * traits["skin"], traits["age"]

    def fold(points: Array, strength: Array, radius: float = 0.03) -> None:
        sketch.line(curve(points), tone, radius, edge=0.14, opacity=strength * deep)

    raised = np.stack([np.zeros_like(deep), -0.25 * (au[1] + au[2])], axis=-1)[:, None]
    for y, width in ((-1.30, 1.1), (-1.65, 0.9)):
        line = np.array([(-width, y + 0.08), (-0.4, y), (0.0, y + 0.06), (0.4, y), (width, y + 0.08)])
        fold(line + raised, 0.35 * (au[1] + au[2]))
    for side in (np.ones(2, np.float32), MIRRORED):
        mirror = side[0] < 0
        corner = face[:, 54 if mirror else 48] * side
        wing = face[:, 35 if mirror else 31] * side
        brow = face[:, 22 if mirror else 21] * side

        def at(*offsets: tuple[float, float], origin: Array, side: Array = side) -> Array:
            return (origin[:, None] + np.array(offsets, np.float32)) * side

        fold(at((0.16, 0.0), (0.20, 0.35), origin=brow), 0.8 * au[4] + 0.4 * au[9], 0.04)
        fold(at((0.12, -0.95), (-0.10, -0.85), origin=wing), 0.9 * au[9], 0.04)
        fold(at((0.22, -1.15), (0.02, -1.10), origin=wing), 0.8 * au[9], 0.04)
        fold(at((0.15, -0.75), (-0.15, -0.60), origin=wing), 0.6 * au[9], 0.04)
        eye = face[:, 45 if mirror else 36] * side
        fold(at((-0.12, 0.0), (-0.42, -0.14), origin=eye), 0.7 * au[6])
        fold(at((-0.12, 0.10), (-0.42, 0.16), origin=eye), 0.7 * au[6])
        fold(at((0.0, 0.30), (0.5, 0.42), (0.95, 0.30), origin=eye), 0.7 * au[6] + 0.4 * au[7])
        smile = np.stack([wing - (0.12, 0.06), (wing + corner) / 2 - (0.30, 0.06), corner - (0.26, 0.0)], 1)
        strength = 0.15 + 0.5 * au[12] + 0.7 * au[9] + 0.25 * au[20] + 0.2 * au[15]
        fold(smile.astype(np.float32) * side, strength, 0.04)
        fold(at((-0.06, 0.04), (-0.16, 0.30), origin=corner), 0.8 * au[15])
    below = face[:, 57, None] + np.array([(-0.35, 0.16), (0.0, 0.22), (0.35, 0.16)], np.float32)
    fold(below, 0.35 + 0.4 * au[15] + 0.4 * au[23])


def nose(sketch: Sketch, face: Array, traits: Traits) -> None:
    """The bridge's light and shade, the wings and the nostrils."""
    skin, side = traits["skin"], traits["side_light"]
    light = skin + 0.45 * (1.0 - skin)
    for mirror, sign in ((0, 1.0), (1, -1.0)):
        wing = face[:, 35 if mirror else 31]
        inner = np.array([(-0.34 * sign, -0.35), (-0.2 * sign, 0.25), (-0.22 * sign, 0.8)], np.float32)
        flank = np.concatenate(
            [np.broadcast_to(inner, (len(face), 3, 2)), wing[:, None]], axis=1
        )
        darker = 0.25 + 0.45 * np.clip(sign * side, 0.0, 1.0)
        sketch.line(flank, 0.6 * skin, 0.06, edge=0.3, opacity=darker)
        bulge = wing[:, None] + np.array([(0.08 * sign, -0.26), (-0.07 * sign, -0.16), (0, 0)], np.float32)
        sketch.line(curve(bulge), 0.5 * skin, 0.02, edge=0.14, opacity=0.8)
        hole = (wing + face[:, 34 if mirror else 32]) / 2 + np.float32((0.03 * sign, -0.02))
        sketch.area(ellipse(hole, 0.12, 0.05, 8), 0.22 * skin, edge=0.12)
    sketch.line(face[:, 28:31], light, 0.05, edge=0.25, opacity=0.7)
    sketch.line(curve(face[:, NOSTRILS]), 0.45 * skin, 0.025, edge=0.12, opacity=0.8)


def eyes(sketch: Sketch, face: Array, neutral: Array, traits: Traits) -> None:
    """White, iris and pupil, clipped by the lids; lashes above, the rim below, a crease."""
    skin, colour = traits["skin"], traits["iris"]
    gaze = np.stack([traits["gaze_x"], traits["gaze_y"]], axis=-1)
    for eye in (LEFT_EYE, RIGHT_EYE):
        lids = face[:, eye]
        looking_at = neutral[:, eye].mean(axis=1) + gaze
        white = sketch.area(curve(lids, closed=True), 0.62 + 0.33 * skin)
        sketch.area(ellipse(looking_at, 0.29, 0.29), colour, clip=white)
        sketch.area(ellipse(looking_at, 0.14, 0.14, 8), 0.03, clip=white)
        glint = looking_at + np.float32((0.09, -0.09))
        sketch.area(ellipse(glint, 0.05, 0.05, 6), 1.0, clip=white)
        upper, lower = lids[:, :4], lids[:, [0, 5, 4, 3]]
        crease = upper[:, 1:] + np.float32((0.0, -0.16))
        sketch.line(curve(crease), 0.5 * skin, 0.02, edge=0.12, opacity=0.6)
        sketch.line(curve(lower), 0.5 * skin, 0.02, edge=0.1, opacity=0.8)
        sketch.line(curve(upper), 0.12, traits["lashes"], opacity=0.95)


def mouth(sketch: Sketch, face: Array, action_units: Array, traits: Traits) -> None:
    """Lips, and between them the dark, the teeth and the tongue, as far as the mouth is open."""
    au = {unit: action_units[:, column] for unit, column in COLUMN.items()}
    skin, outer, inner = traits["skin"], face[:, OUTER_LIPS], face[:, INNER_LIPS]
    lip = traits["lip"] * skin

    def ring(lips: Array, half: int) -> Array:
        upper, lower = lips[:, : half + 1], lips[:, [*range(half, 2 * half), 0]]
        return np.concatenate([curve(upper), curve(lower)[:, 1:-1]], axis=1)

    lips = sketch.area(ring(outer, 6), lip)
    shine = np.concatenate([inner[:, 5:6], inner[:, 7:8]], axis=1) * 0.5
    shine = shine + outer[:, [8, 10]] * 0.5
    sketch.line(shine, lip + 0.3 * (1 - lip), 0.04, edge=0.16, opacity=0.5, clip=lips)
    gap = sketch.area(ring(inner, 4), 0.06)
    upper, lower = inner[:, :5], inner[:, [0, 7, 6, 5, 4]]
    down = np.float32((0.0, 0.24))
    teeth = np.concatenate([upper[:, 1:4], upper[:, 3:0:-1] + down], axis=1)
    ends = np.concatenate([upper[:, :1], teeth[:, :3], upper[:, 4:], teeth[:, 3:]], axis=1)
    sketch.area(ends, 0.93, clip=gap, edge=0.04)
    tongue = ellipse(inner[:, 6] + np.float32((0.0, 0.02)), 0.36, 0.2)
    sketch.area(tongue, 0.42 * skin, clip=gap, edge=0.1, opacity=au[26])
    teeth = np.concatenate([lower, lower[:, 3:0:-1] - np.float32((0.0, 0.14))], axis=1)
    sketch.area(teeth, 0.85, clip=gap, edge=0.04, opacity=au[16] + au[20])
    sketch.line(curve(upper), 0.2 * skin, 0.025)
    sketch.line(curve(lower), 0.2 * skin, 0.015, opacity=0.7)


def brows(sketch: Sketch, face: Array, traits: Traits) -> None:
    """Each brow a line that is thicker towards the nose."""
    for inward in (face[:, LEFT_BROW], face[:, RIGHT_BROW][:, ::-1]):
        sketch.line(curve(inward), traits["brow"], 0.55 * traits["brow_radius"], opacity=0.9)
        sketch.line(curve(inward[:, 1:]), traits["brow"], traits["brow_radius"], edge=0.1, opacity=0.85)


def glasses(sketch: Sketch, traits: Traits) -> None:
    """Two rims, a bridge and the ear pieces; a faint reflection."""
    rim, worn, radius = traits["rim"], traits["has_glasses"], traits["rim_radius"]
    for side in (-1.0, 1.0):
        ring = ellipse(np.array((side, 0.05)), 0.72, traits["lens_height"], 14)
        ring = np.concatenate([ring, ring[:, :1]], axis=1)
        sketch.area(ring, 1.0, opacity=0.10 * worn)
        sketch.line(ring, rim, radius, opacity=worn)
        sketch.line(np.array([(1.7 * side, -0.1), (2.2 * side, -0.2)]), rim, radius, opacity=worn)
    sketch.line(np.array([(-0.3, 0.0), (0.0, -0.08), (0.3, 0.0)]), rim, radius, opacity=worn)


def hair(sketch: Sketch, traits: Traits) -> None:
    """Hair over the forehead, down to the hairline, and a strand of light in it."""
    line, parting = traits["hairline"], traits["parting"]
    crown = widened(CROWN, traits)
    fringe = np.repeat(arch([(-2.08, -0.25), (-1.98, -1.0), (-1.5, 0.1), (-0.8, 0.0)], (0.0, 0.0))[None], len(line), 0)
    fringe[:, 2:7, 1] += line[:, None]
    fringe[:, 3:6, 0] += parting[:, None]
    fringe[:, 4, 1] -= 0.35 * np.abs(parting)
    fringe[:, :, 0] *= traits["face_width"][:, None]
    outline = np.concatenate([crown, fringe[:, ::-1]], axis=1)
    worn, tone = traits["has_hair"], traits["hair"]
    sketch.area(curve(outline, closed=True), tone, edge=0.15, opacity=worn)
    strand = np.array([(-1.6, -2.0), (-0.6, -2.7), (0.7, -2.7)])
    sketch.line(curve(strand), tone + 0.25 * (1 - tone), 0.1, edge=0.5, opacity=0.6 * worn)
