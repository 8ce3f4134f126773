"""Contours: walked by hand, and numbers of shapes that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical.contour_tracing import (
    connected_regions,
    contour_area,
    contour_length,
    fourier_descriptors,
    trace_contour,
)


def mask(*rows):
    return np.array([[pixel == "#" for pixel in row] for row in rows])


# -- by hand --------------------------------------------------------------------------------------


def test_around_three_by_three_pixels():
    contour = trace_contour(mask("###", "###", "###"))
    clockwise = [[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1]]
    assert contour.tolist() == clockwise
    assert contour_length(contour) == 8
    assert contour_area(contour) == 4  # of the polygon through the centres


def test_around_a_plus():
    contour = trace_contour(mask(".#.", "###", ".#."))
    assert contour.tolist() == [[1, 0], [2, 1], [1, 2], [0, 1]]
    assert contour_length(contour) == pytest.approx(4 * np.sqrt(2))
    assert contour_area(contour) == 2


def test_one_pixel_and_none():
    assert trace_contour(mask("...", ".#.")).tolist() == [[1, 1]]
    assert trace_contour(mask("...", "...")).shape == (0, 2)
    assert contour_length(np.array([[1, 1]])) == contour_area(np.array([[1, 1]])) == 0


def test_a_line_is_walked_there_and_back():
    assert trace_contour(mask("####")).tolist() == [[0, 0], [1, 0], [2, 0], [3, 0], [2, 0], [1, 0]]


def test_a_start_that_is_passed_twice_does_not_end_the_walk():
    """A bow tie: the upper left arm meets the lower ones in the middle."""
    contour = trace_contour(mask("#.#", ".#.", "#.#"))
    assert {tuple(p) for p in contour} == {(0, 0), (2, 0), (1, 1), (0, 2), (2, 2)}
    assert len(contour) == 8  # the middle four times
    contour = trace_contour(mask(".#..", "#.#.", "...#"))
    assert {tuple(p) for p in contour} == {(1, 0), (0, 1), (2, 1), (3, 2)}


def test_a_hole_has_no_part_in_the_outer_contour():
    ring = mask("####", "#..#", "#..#", "####")
    assert trace_contour(ring).tolist() == trace_contour(np.ones((4, 4), bool)).tolist()


def test_regions_touch_at_corners_too():
    labels = connected_regions(mask("#...", ".#..", "...#"))
    assert labels[0, 0] == labels[1, 1] != 0
    assert labels[2, 3] not in (0, labels[0, 0])
    assert labels[0, 1] == 0


def test_a_circles_descriptors():
    angle = 2 * np.pi * np.arange(400) / 400 + np.pi  # > from its leftmost point, clockwise
    circle = 5 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + [3, 7]
    c = fourier_descriptors(circle, order=2)
    np.testing.assert_allclose(c, [3 + 7j, -5, 0, 0, 0], atol=1e-3)


def test_an_ellipses_descriptors_are_half_sum_and_half_difference_of_its_axes():
    angle = 2 * np.pi * np.arange(4000) / 4000 + np.pi
    ellipse = np.stack([2.2 * np.cos(angle), 2.0 * np.sin(angle)], axis=1)
    c = fourier_descriptors(ellipse, order=1, samples=512)
    np.testing.assert_allclose(np.abs(c), [0, 2.1, 0.1], atol=0.06)


# -- laws -----------------------------------------------------------------------------------------

masks = st.integers(0, 2**30 - 1).map(
    lambda bits: np.array([bits >> i & 1 for i in range(30)], bool).reshape(5, 6)
)


@settings(max_examples=200, deadline=None)
@given(masks)
def test_a_contour_is_a_closed_walk_on_the_pixels_beside_the_outside(pixels):
    if not pixels.any():
        return
    contour = trace_contour(pixels)
    steps = np.abs(np.diff(contour, axis=0, append=contour[:1])).max(axis=1)
    assert len(contour) == 1 or (steps == 1).all()
    labels = connected_regions(pixels)
    first = labels == labels.ravel()[pixels.argmax()]
    outside = flood(np.pad(~first, 1, constant_values=True))
    beside = outside[:-2, 1:-1] | outside[2:, 1:-1] | outside[1:-1, :-2] | outside[1:-1, 2:]
    y, x = np.nonzero(first & beside)
    assert {tuple(point) for point in contour} == set(zip(x, y, strict=True))


def flood(free):
    """The pixels that can be reached from the first one by steps across, up and down."""
    reached = np.zeros_like(free)
    reached[0, 0] = True
    for _ in range(free.size):
        wide = np.pad(reached, 1)
        reached |= free & (wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:])
    return reached


@settings(max_examples=60, deadline=None)
@given(masks, st.integers(0, 4), st.integers(0, 4))
def test_a_region_that_moves_moves_its_contour(pixels, right, down):
    moved = np.pad(pixels, ((down, 0), (right, 0)))
    assert np.array_equal(trace_contour(moved), trace_contour(pixels) + [right, down])


@settings(max_examples=60, deadline=None)
@given(masks)
def test_regions_of_a_stack_are_those_of_its_pictures(pixels):
    stack = np.stack([pixels, ~pixels])
    assert np.array_equal(connected_regions(stack)[1], connected_regions(~pixels))


# -- peers ----------------------------------------------------------------------------------------


@pytest.mark.oracle
def test_scikit_image_numbers_the_same_regions():
    measure = pytest.importorskip("skimage.measure")
    pixels = np.random.default_rng(0).random((40, 50)) < 0.35
    ours, theirs = connected_regions(pixels), measure.label(pixels, connectivity=2)
    assert len(np.unique(ours)) == len(np.unique(theirs))
    pairs = np.unique(np.stack([ours.ravel(), theirs.ravel()]), axis=1)
    assert pairs.shape[1] == len(np.unique(ours))
