"""Delaunay triangulation: by hand, its defining property, grids, and SciPy as the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical.delaunay import delaunay, rim_edges, signed_areas


def test_three_points_are_one_triangle():
    assert delaunay([(0, 0), (1, 0), (0, 1)]).tolist() == [[0, 1, 2]]
    assert delaunay([(0, 0), (0, 1), (1, 0)]).tolist() == [[0, 2, 1]], "it turns from x to y"


def test_a_kite_is_cut_along_its_short_diagonal():
    """The corners left and right are far apart; the circle through the others is empty."""
    kite = [(-2, 0), (0, -1), (2, 0), (0, 1)]
    assert delaunay(kite).tolist() == [[0, 1, 3], [1, 2, 3]]


def test_a_point_within_a_square_is_joined_to_its_corners():
    points = [(0, 0), (4, 0), (4, 4), (0, 4), (1, 2)]
    assert delaunay(points).tolist() == [[0, 1, 4], [0, 4, 3], [1, 2, 4], [2, 3, 4]]


def test_the_rim_of_a_square_is_its_sides():
    edges = {tuple(sorted(edge)) for edge in rim_edges(np.array([(0, 1, 2), (0, 2, 3)])).tolist()}
    assert edges == {(0, 1), (1, 2), (2, 3), (0, 3)}


def test_areas_have_the_sign_of_the_turn():
    points = np.array([(0.0, 0.0), (2.0, 0.0), (0.0, 1.0)])
    assert signed_areas(points, np.array([(0, 1, 2), (0, 2, 1)])).tolist() == [1.0, -1.0]


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(3, 30))
@settings(max_examples=30, deadline=None)
def test_no_circumcircle_holds_a_point(seed, count):
    points = np.random.default_rng(seed).standard_normal((count, 2))
    for a, b, c in delaunay(points):
        A = 2 * np.array([points[b] - points[a], points[c] - points[a]])
        size = (points**2).sum(axis=1)
        centre = np.linalg.solve(A, [size[b] - size[a], size[c] - size[a]])
        radius = np.linalg.norm(points[a] - centre)
        assert np.linalg.norm(points - centre, axis=1).min() >= radius * (1 - 1e-6)


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3))
@settings(deadline=None)
def test_grids_are_covered_although_circles_are_shared(cells):
    points = np.array(sorted(cells), np.float64)
    centred = points - points.mean(axis=0)
    if np.linalg.matrix_rank(centred) < 2:
        with pytest.raises(ValueError, match="one line"):
            delaunay(points)
        return
    triangles = delaunay(points)
    rim = rim_edges(triangles)
    hull = (points[rim[:, 0], 0] * points[rim[:, 1], 1]).sum()
    hull -= (points[rim[:, 1], 0] * points[rim[:, 0], 1]).sum()
    assert signed_areas(points, triangles).sum() == pytest.approx(hull / 2)
    assert np.unique(triangles).tolist() == list(range(len(points)))
    # > Euler: L points, E edges, T triangles: L - E + T = 1, and 3 T = 2 E - rim
    assert 2 * len(points) - len(rim) - 2 == len(triangles)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(10))
def test_the_same_triangles_as_scipy(seed):
    spatial = pytest.importorskip("scipy.spatial")
    points = np.random.default_rng(seed).random((70, 2))
    theirs = np.sort(spatial.Delaunay(points).simplices, axis=1).tolist()
    assert sorted(np.sort(delaunay(points), axis=1).tolist()) == sorted(theirs)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([(0, 0), (1, 1)], "3 points or more"),
        ([(0, 0), (1, 1), (2, 2)], "one line"),
        ([(0, 0), (1, 0), (0, 1), (1, 0)], "coincide"),
        ([(0, 0), (1, 0), (0, np.nan)], "finite"),
    ],
)
def test_what_has_no_triangulation(points, message):
    with pytest.raises(ValueError, match=message):
        delaunay(points)
