"""Curves run through their points; a sketch in pixels is the sketch in face units, scaled."""

from __future__ import annotations

import numpy as np

from scratchnet.fer.drawing.sketch import Sketch, arrow, curve, ellipse
from scratchnet.fer.drawing.variation import TRAITS, traits_from


def test_a_curve_runs_through_its_points():
    points = np.random.default_rng(0).standard_normal((5, 2)).astype(np.float32)
    np.testing.assert_array_equal(curve(points, pieces=4)[::4], points)
    np.testing.assert_array_equal(curve(points, pieces=4, closed=True)[::4], points)


def test_a_curve_bends_between_its_points():
    # Catmull-Rom halfway between the middle two: (-P0 + 9 P1 + 9 P2 - P3) / 16.
    points = [(0, 0), (1, 4), (2, 4), (3, 0)]
    np.testing.assert_allclose(curve(points, pieces=2)[3], [1.5, 4.5])


def test_a_curve_through_points_on_a_line_is_the_line():
    np.testing.assert_allclose(
        curve([(0, 0), (3, 6), (6, 12)], pieces=3)[:, 1],
        2 * curve([(0, 0), (3, 6), (6, 12)], pieces=3)[:, 0],
    )


def test_arrow_and_ellipse_take_one_value_or_one_a_face():
    np.testing.assert_array_equal(arrow(0.0, np.array([1.0, 2.0])), [[[0, 1]], [[0, 2]]])
    corners = ellipse(np.array([[0.0, 0.0], [5.0, 0.0]]), 2.0, np.array([1.0, 3.0]), corners=4)
    np.testing.assert_allclose(corners[1], [(7, 0), (5, 3), (3, 0), (5, -3)], atol=1e-6)


def test_ink_scales_radii_and_keeps_edges_as_wide_as_the_focus():
    traits = traits_from(np.full((2, len(TRAITS)), 0.5), size=100)
    sketch = Sketch(2)
    sketch.line([(0, 0), (1, 0)], 0.5, radius=0.1, edge=0.001)
    area = sketch.area([(0, 0), (1, 0), (0, 1)], np.array([0.2, 0.3]), edge=1.0)
    paths = sketch.ink(traits)
    assert area == 1
    np.testing.assert_array_equal(paths.starts, [0, 2, 5])
    np.testing.assert_array_equal(paths.closed, [False, True])
    np.testing.assert_allclose(paths.radius[:, 0], 0.1 * traits["scale"])
    np.testing.assert_allclose(paths.edge[:, 0], traits["focus"])
    np.testing.assert_allclose(paths.edge[:, 1], traits["scale"])
    np.testing.assert_allclose(paths.tone[:, 1], [0.2, 0.3])
