"""The features that an expression moves: brows, eyes, nose, mouth, and the folds of the skin.

Every curve runs through its landmarks. Folds have the opacity of the action units that press them
into the skin: `folds` is to be read beside a mirror. Tones are shares of the skin's tone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.drawing.action_units import COLUMN
from scratchnet.fer.drawing.shape import (
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    MIRROR,
    NOSTRILS,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    Traits,
)
from scratchnet.fer.drawing.sketch import MIRRORED, Sketch, arch, arrow, curve, ellipse

Array = NDArray[Any]


def halves(face: Array) -> list[tuple[Array, Array]]:
    """The face, and the face in a mirror, each with the factor (2,) that leads back from there.

    What is written once, for the left half, is so drawn on both.
    """
    return [(face, np.ones(2, np.float32)), (face[:, MIRROR] * MIRRORED, MIRRORED)]


def folds(sketch: Sketch, face: Array, action_units: Array, traits: Traits) -> None:
    """The folds that action units press into the skin; `age` deepens them."""
    au = {unit: action_units[:, column] for unit, column in COLUMN.items()}
    tone, age = 0.42 * traits["skin"], traits["age"]

    def fold(line: Array, strength: Array, flip: Array | float = 1.0) -> None:
        sketch.line(curve(line) * flip, tone, 0.035, edge=0.14, opacity=strength * age)

    def beside(landmark: Array, *offsets: tuple[float, float]) -> Array:
        return landmark[:, None] + np.array(offsets, np.float32)

    raised = arrow(0.0, -0.25 * (au[1] + au[2]))
    for y, end in ((-1.30, 1.1), (-1.65, 0.9)):
        across = arch([(-end, y + 0.08), (-0.4, y)], (0.0, y + 0.06))
        fold(across + raised, 0.35 * (au[1] + au[2]))

    for half, flip in halves(face):
        brow, eye, wing, corner = (half[:, landmark] for landmark in (21, 36, 31, 48))
        fold(beside(brow, (0.16, 0.0), (0.20, 0.35)), 0.8 * au[4] + 0.4 * au[9], flip)
        fold(beside(wing, (0.22, -1.15), (0.02, -1.10)), 0.8 * au[9], flip)  # across the nose
        fold(beside(wing, (0.12, -0.95), (-0.10, -0.85)), 0.9 * au[9], flip)
        fold(beside(wing, (0.15, -0.75), (-0.15, -0.60)), 0.6 * au[9], flip)
        fold(beside(eye, (-0.12, 0.00), (-0.42, -0.14)), 0.7 * au[6], flip)  # crow's feet
        fold(beside(eye, (-0.12, 0.10), (-0.42, 0.16)), 0.7 * au[6], flip)
        pouch = beside(eye, (0.0, 0.30), (0.5, 0.42), (0.95, 0.30))
        fold(pouch, 0.7 * au[6] + 0.4 * au[7], flip)
        fold(beside(corner, (-0.06, 0.04), (-0.16, 0.30)), 0.8 * au[15], flip)
        cheek = (wing + corner) / 2 - (0.30, 0.06)
        nasolabial = np.stack([wing - (0.12, 0.06), cheek, corner - (0.26, 0.0)], axis=1)
        strength = 0.15 + 0.5 * au[12] + 0.7 * au[9] + 0.25 * au[20] + 0.2 * au[15]
        fold(nasolabial, strength, flip)

    under_lip = beside(face[:, 57], (-0.35, 0.16), (0.0, 0.22), (0.35, 0.16))
    fold(under_lip, 0.35 + 0.4 * (au[15] + au[23]))


def nose(sketch: Sketch, face: Array, traits: Traits) -> None:
    """The bridge's light and shade, the wings and the nostrils."""
    skin, side = traits["skin"], traits["side_light"]
    for half, flip in halves(face):
        wing = half[:, 31, None]
        bridge = np.array([(-0.34, -0.35), (-0.20, 0.25), (-0.22, 0.80)], np.float32)
        bridge = np.broadcast_to(bridge, (len(face), 3, 2))
        turned_away = np.clip(flip[0] * side, 0.0, 1.0)
        flank = np.concatenate([bridge, wing], axis=1) * flip
        sketch.line(flank, 0.6 * skin, 0.06, edge=0.3, opacity=0.25 + 0.45 * turned_away)
        bulge = wing + np.array([(0.08, -0.26), (-0.07, -0.16), (0.0, 0.0)], np.float32)
        sketch.line(curve(bulge) * flip, 0.5 * skin, 0.02, edge=0.14, opacity=0.8)
        hole = ((half[:, 31] + half[:, 32]) / 2 + (0.03, -0.02)) * flip
        sketch.area(ellipse(hole, 0.12, 0.05, 8), 0.22 * skin, edge=0.12)
    sketch.line(face[:, 28:31], skin + 0.45 * (1.0 - skin), 0.02, edge=0.4, opacity=0.8)
    sketch.line(curve(face[:, NOSTRILS]), 0.45 * skin, 0.025, edge=0.12, opacity=0.8)


def eyes(sketch: Sketch, face: Array, neutral: Array, traits: Traits) -> None:
    """White, iris and pupil, clipped by the lids; lashes above, the rim below, a crease."""
    skin = traits["skin"]
    for eye in (LEFT_EYE, RIGHT_EYE):
        lids = face[:, eye]
        white = sketch.area(curve(lids, closed=True), 0.62 + 0.33 * skin)
        gaze = arrow(traits["gaze_x"], traits["gaze_y"])[:, 0]
        iris = neutral[:, eye].mean(axis=1) + gaze  # > lids move over it: AU5 bares the white
        sketch.area(ellipse(iris, 0.29, 0.29), traits["iris"], clip=white)
        sketch.area(ellipse(iris, 0.14, 0.14, 8), 0.03, clip=white)
        sketch.area(ellipse(iris + (0.09, -0.09), 0.05, 0.05, 6), 1.0, clip=white)
        upper, lower = lids[:, :4], lids[:, [0, 5, 4, 3]]
        crease = curve(upper[:, 1:] - (0.0, 0.16))
        sketch.line(crease, 0.5 * skin, 0.02, edge=0.12, opacity=0.6)
        sketch.line(curve(lower), 0.5 * skin, 0.02, edge=0.1, opacity=0.8)
        sketch.line(curve(upper), 0.12, traits["lashes"], opacity=0.95)


def ring(upper: Array, lower: Array) -> Array:
    """The closed outline of two chains of landmarks, both from the left corner to the right."""
    return np.concatenate([curve(upper), curve(lower)[:, -2:0:-1]], axis=1)


def mouth(sketch: Sketch, face: Array, action_units: Array, traits: Traits) -> None:
    """Lips, and between them the dark, the teeth and the tongue, as far as the mouth is open."""
    au = {unit: action_units[:, column] for unit, column in COLUMN.items()}
    skin, lip = traits["skin"], traits["lip"] * traits["skin"]
    outer, inner = face[:, OUTER_LIPS], face[:, INNER_LIPS]
    upper, lower = inner[:, [0, 1, 2, 3, 4]], inner[:, [0, 7, 6, 5, 4]]

    lips = sketch.area(ring(outer[:, :7], outer[:, [0, 11, 10, 9, 8, 7, 6]]), lip)
    shine = (inner[:, [5, 7]] + outer[:, [8, 10]]) / 2
    sketch.line(shine, lip + 0.3 * (1.0 - lip), 0.04, edge=0.16, opacity=0.5, clip=lips)
    gap = sketch.area(ring(upper, lower), 0.06)
    tongue = ellipse(lower[:, 2] + (0.0, 0.02), 0.36, 0.2)
    sketch.area(tongue, 0.42 * skin, clip=gap, edge=0.1, opacity=au[26])
    teeth = np.concatenate([upper, upper[:, 3:0:-1] + (0.0, 0.24)], axis=1)
    sketch.area(teeth, 0.92, clip=gap, edge=0.04)
    teeth = np.concatenate([lower, lower[:, 3:0:-1] - (0.0, 0.14)], axis=1)
    sketch.area(teeth, 0.85, clip=gap, edge=0.04, opacity=au[16] + au[20])
    sketch.line(curve(upper), 0.2 * skin, 0.025)
    sketch.line(curve(lower), 0.2 * skin, 0.015, opacity=0.7)


def brows(sketch: Sketch, face: Array, traits: Traits) -> None:
    """Each brow a line that is thicker towards the nose."""
    tone, radius = traits["brow"] * traits["skin"], traits["brow_radius"]
    for brow in (face[:, LEFT_BROW], face[:, RIGHT_BROW][:, ::-1]):
        sketch.line(curve(brow), tone, 0.55 * radius, opacity=0.9)
        sketch.line(curve(brow[:, 1:]), tone, radius, edge=0.1, opacity=0.85)
