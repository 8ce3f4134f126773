"""The piecewise affine warp: barycentric coordinates by hand, affine exactness, composition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.classical.piecewise_affine import PiecewiseAffine, barycentric, bilinear
from scratchnet.vision.geometry import affine, move

TRIANGLE = np.array([(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)])
SQUARE = np.array([(0.0, 0.0), (6.0, 0.0), (6.0, 6.0), (0.0, 6.0), (2.0, 3.0)])


# -- by hand --------------------------------------------------------------------------------------


def test_coordinates_in_the_unit_triangle():
    """In (0, 0), (1, 0), (0, 1) they are 1 - x - y, x and y."""
    points = [(0, 0), (1, 0), (0, 1), (0.25, 0.5), (1 / 3, 1 / 3), (1, 1)]
    weights = barycentric(points, [(0, 0), (1, 0), (0, 1)])
    expected = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.25, 0.25, 0.5), (1 / 3,) * 3, (-1, 1, 1)]
    np.testing.assert_allclose(weights, expected, atol=1e-15)


def test_a_triangle_has_its_pixels():
    """Of 5 × 5 pixels those with x + y <= 4, edges and corners included."""
    mesh = PiecewiseAffine.over(TRIANGLE)
    assert mesh.mask.astype(int).tolist() == [
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 0, 0, 0, 0],
    ]
    assert len(mesh) == 15


def test_a_mesh_carries_its_pixels_along():
    """The triangle's third corner goes from (0, 4) to (8, 4): pixel (1, 2) from there to (5, 2)."""
    mesh = PiecewiseAffine.over(TRIANGLE)
    moved = mesh.points([(0, 0), (4, 0), (8, 4)])
    pixel = np.flatnonzero((mesh.points(TRIANGLE) == (1, 2)).all(axis=1))
    np.testing.assert_allclose(moved[pixel], [(5, 2)])


def test_reading_between_pixels_and_beyond_the_border():
    image = np.array([(0, 10), (20, 50)])
    points = [(0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5), (1, 1), (-3, -3), (9, 0)]
    assert bilinear(image, points).tolist() == [0, 5, 10, 20, 50, 0, 10]


def test_the_gradient_of_a_slope():
    """2 x + 3 y has the gradient (2, 3) at every pixel, at the border too."""
    mesh = PiecewiseAffine.over(SQUARE)
    x, y = mesh.points(SQUARE).T
    np.testing.assert_allclose(mesh.gradient(2 * x + 3 * y), np.tile([2.0, 3.0], (len(mesh), 1)))


def test_a_displaced_landmark_goes_where_its_triangle_takes_it():
    """The mesh twice as large; the inner landmark, moved to (3, 3), goes to (6, 6)."""
    mesh = PiecewiseAffine.over(SQUARE)
    moved = SQUARE.copy()
    moved[4] = 3, 3
    np.testing.assert_allclose(mesh.compose(2 * SQUARE, moved), 2 * moved, atol=1e-12)


# -- properties -----------------------------------------------------------------------------------


@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6), st.integers(0, 1000))
def test_barycentric_coordinates_survive_every_affine_map(entries, seed):
    rng = np.random.default_rng(seed)
    corners, points = rng.standard_normal((3, 2)), rng.standard_normal((5, 2))
    matrix = affine(*entries)
    u, v = corners[1] - corners[0], corners[2] - corners[0]
    if abs(np.linalg.det(matrix) * (u[0] * v[1] - u[1] * v[0])) < 1e-2:
        return
    before = barycentric(points, corners)
    np.testing.assert_allclose(before.sum(axis=1), 1.0)
    after = barycentric(move(matrix, points), move(matrix, corners))
    np.testing.assert_allclose(after, before, atol=1e-9)


def test_the_warp_of_an_affine_map_is_that_map():
    mesh = PiecewiseAffine.over(SQUARE)
    matrix = affine(1.5, -0.3, 4.0, 0.2, 0.8, -1.0)
    pixels = mesh.points(SQUARE)
    np.testing.assert_allclose(mesh.points(move(matrix, SQUARE)), move(matrix, pixels), atol=1e-12)
    moved = SQUARE + np.random.default_rng(0).uniform(-0.5, 0.5, SQUARE.shape)
    composed = mesh.compose(move(matrix, SQUARE), moved)
    np.testing.assert_allclose(composed, move(matrix, moved), atol=1e-12)


def test_the_base_mesh_finds_its_own_pixels():
    mesh = PiecewiseAffine.over(SQUARE + 0.25)
    y, x = np.nonzero(mesh.mask)
    np.testing.assert_allclose(mesh.points(SQUARE + 0.25), np.column_stack([x, y]), atol=1e-12)
    image = np.random.default_rng(0).random((8, 8))
    texture = mesh.texture(image, SQUARE + 0.25)
    np.testing.assert_allclose(
        texture, image[: mesh.mask.shape[0], : mesh.mask.shape[1]][mesh.mask]
    )
    np.testing.assert_array_equal(mesh.picture(texture)[mesh.mask], texture)
    assert not mesh.picture(texture)[~mesh.mask].any()


def test_a_stack_of_shapes_is_warped_as_each_alone():
    mesh = PiecewiseAffine.over(SQUARE)
    shapes = np.random.default_rng(0).random((3, 5, 2))
    np.testing.assert_array_equal(mesh.points(shapes)[1], mesh.points(shapes[1]))


# -- wrong inputs ---------------------------------------------------------------------------------


def test_a_flat_triangle_has_no_coordinates():
    with pytest.raises(ValueError, match="one line"):
        barycentric([(0, 0)], [(0, 0), (1, 1), (2, 2)])


@pytest.mark.parametrize(
    ("shape", "triangles", "message"),
    [
        (SQUARE - 1.0, None, "not negative"),
        (np.where(SQUARE == 2, np.nan, SQUARE), None, "finite"),
        (SQUARE.ravel(), None, r"\(L, 2\)"),
        ([(0, 0), (2, 0), (4, 0), (0, 4)], [(0, 1, 2), (0, 2, 3)], r"triangle \[0, 1, 2\]"),
    ],
)
def test_what_is_no_base_mesh(shape, triangles, message):
    with pytest.raises(ValueError, match=message):
        PiecewiseAffine.over(shape, triangles)
