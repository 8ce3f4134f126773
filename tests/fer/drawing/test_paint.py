"""Painted paths against cover worked out by hand, and against distances taken naively."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.fer.drawing.paint import Paths, paint

SQUARE = [(1.5, 1.5), (4.5, 1.5), (4.5, 4.5), (1.5, 4.5)]


def paths(*shapes: dict) -> Paths:
    """Paths for one canvas from dicts of points and looks."""

    def column(name: str, default: float) -> np.ndarray:
        return np.array([[shape.get(name, default) for shape in shapes]], np.float32)

    return Paths(
        points=np.concatenate([np.array(s["points"], np.float32) for s in shapes])[None],
        starts=np.cumsum([0, *(len(shape["points"]) for shape in shapes)]),
        closed=np.array([shape.get("closed", False) for shape in shapes]),
        clip=np.array([shape.get("clip", -1) for shape in shapes]),
        radius=column("radius", 0.0),
        edge=column("edge", 1.0),
        tone=column("tone", 1.0),
        opacity=column("opacity", 1.0),
    )


def painted(*shapes: dict, size: tuple[int, int] = (7, 7)) -> np.ndarray:
    canvas = np.zeros((1, *size), np.float32)
    paint(canvas, paths(*shapes))
    return canvas[0]


def test_a_square_between_pixels_fills_exactly_the_pixels_inside():
    expected = np.zeros((7, 7))
    expected[2:5, 2:5] = 1
    np.testing.assert_array_equal(painted({"points": SQUARE, "closed": True}), expected)


def test_an_edge_through_a_pixels_centre_covers_half_of_it():
    band = {"points": [(2, -9), (9, -9), (9, 9), (2, 9)], "closed": True}
    np.testing.assert_allclose(painted(band)[3], [0, 0, 0.5, 1, 1, 1, 1])


def test_a_line_of_radius_one_fades_by_the_ramp():
    # Row 3 is the line itself: 1. One away: 1/2 - (1 - 1) / 2 = 1/2, ramp 1/2. Two away: 0.
    line = {"points": [(-9, 3), (9, 3)], "radius": 1, "edge": 2}
    np.testing.assert_allclose(painted(line)[:, 3], [0, 0, 0.5, 1, 0.5, 0, 0])
    # A quarter of the edge beyond the radius: 1/2 - 1/4, ramp(1/4) = 3/16 - 2/64 = 0.15625.
    line = {"points": [(-9, 3), (9, 3)], "radius": 0, "edge": 4}
    np.testing.assert_allclose(painted(line)[:, 3], [0, 0, 0.15625, 0.5, 0.15625, 0, 0])


def test_opacity_mixes_tones_and_the_later_path_lies_in_front():
    square = {"points": SQUARE, "closed": True}
    canvas = painted({**square, "tone": 0.8}, {**square, "tone": 0.2, "opacity": 0.25})
    assert canvas[3, 3] == pytest.approx(0.75 * 0.8 + 0.25 * 0.2)


def test_a_clipped_path_stays_inside_of_its_clip():
    band = {"points": [(-9, 3), (9, 3)], "radius": 0.5, "clip": 0, "tone": 0.5}
    canvas = painted({"points": SQUARE, "closed": True}, band)
    np.testing.assert_allclose(canvas[3], [0, 0, 0.5, 0.5, 0.5, 0, 0])


def test_a_path_off_the_canvas_leaves_it_as_it_was():
    for dx, dy in ((-40, 0), (40, 0), (0, -40), (0, 40), (-900, 900)):
        shape = {"points": np.array(SQUARE) + (dx, dy), "closed": True, "edge": 5.0}
        assert not painted(shape).any()


def naive_cover(points: np.ndarray, closed: bool, radius: float, edge: float) -> np.ndarray:
    """Cover of 9 × 11 pixels from the distance to every segment, and the angle that is swept."""
    pixels = np.stack(np.meshgrid(np.arange(11.0), np.arange(9.0)), axis=-1)
    ends = np.roll(points, -1, axis=0) if closed else points[1:]
    distance = np.full((9, 11), np.inf)
    crossings = np.zeros((9, 11), int)
    for a, b in zip(points, ends, strict=False):
        along = ((pixels - a) @ (b - a)) / max((b - a) @ (b - a), 1e-12)
        nearest = a + np.clip(along, 0, 1)[..., None] * (b - a)
        distance = np.minimum(distance, np.linalg.norm(pixels - nearest, axis=-1))
        x, y = pixels[..., 0], pixels[..., 1]
        spans = (a[1] <= y) != (b[1] <= y)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossings += spans & (a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) <= x)
    if closed:
        distance = np.where(crossings % 2 == 1, -distance, distance)
    t = np.clip(0.5 - (distance - radius) / edge, 0, 1)
    return 3 * t**2 - 2 * t**3


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    corners=st.integers(2, 7),
    closed=st.booleans(),
    radius=st.sampled_from([0.0, 0.4, 2.0]),
    edge=st.sampled_from([1.0, 3.5]),
)
def test_cover_is_the_ramp_of_the_distance(seed, corners, closed, radius, edge):
    points = np.random.default_rng(seed).uniform(-4, 14, (corners, 2)).astype(np.float32)
    shape = {"points": points, "closed": closed, "radius": radius, "edge": edge}
    expected = naive_cover(points.astype(np.float64), closed, radius, edge)
    np.testing.assert_allclose(painted(shape, size=(9, 11)), expected, atol=2e-4)
