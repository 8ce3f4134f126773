"""Procrustes alignment: a similarity in closed form, shapes that differ by nothing else, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.classical.procrustes import generalised_procrustes, nearest_similarity, scale_of
from scratchnet.vision.geometry import compose, move, rotation, scaling, translation

SQUARE = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])


def random_shapes(count, landmarks=7, seed=0):
    """A shape, somewhat different each time, somewhere in an image."""
    rng = np.random.default_rng(seed)
    mean, differ = rng.standard_normal((landmarks, 2)), rng.standard_normal((count, landmarks, 2))
    return 10.0 * (mean + 0.1 * differ) + 50.0


# -- by hand --------------------------------------------------------------------------------------


def test_one_square_comes_onto_another():
    """Twice as large, turned by a quarter (x to y), its first corner at (5, 3)."""
    other = np.array([(5.0, 3.0), (5.0, 5.0), (3.0, 5.0), (3.0, 3.0)])
    pose = nearest_similarity(SQUARE, other)
    np.testing.assert_allclose(pose, [[0, -2, 5], [2, 0, 3], [0, 0, 1]], atol=1e-15)
    assert scale_of(pose) == pytest.approx(2.0)


def test_the_nearest_similarity_halves_a_stretch():
    """x doubled: Σ x·y = ¼·4·2 + ¼·4 = 3 over Σ |x|² = 2, so the scale is 1½."""
    pose = nearest_similarity(SQUARE - 0.5, (SQUARE - 0.5) * (2.0, 1.0))
    np.testing.assert_allclose(pose, np.diag([1.5, 1.5, 1.0]), atol=1e-15)


def test_a_mirror_image_is_not_reached():
    """Of the square and its mirror image half of the corners have changed places: a = b = 0."""
    pose = nearest_similarity(SQUARE - 0.5, (SQUARE - 0.5) * (-1.0, 1.0))
    assert scale_of(pose) == pytest.approx(0.0, abs=1e-15)


def test_two_squares_become_one():
    other = move(compose(scaling(3.0), rotation(30.0), translation(9.0, -4.0)), SQUARE)
    aligned = generalised_procrustes([SQUARE, other])
    np.testing.assert_allclose(aligned.shapes[0], aligned.shapes[1], atol=1e-12)
    np.testing.assert_allclose(aligned.shapes[0], aligned.mean, atol=1e-12)
    # > size 1: each of the four corners is half away from the centre
    np.testing.assert_allclose(np.linalg.norm(aligned.mean, axis=1), 0.5, atol=1e-12)


def test_the_mean_is_upright():
    """Squares turned by +10° and -10°: the mean is turned by 0°, whichever comes first."""
    pair = [move(rotation(angle), SQUARE - 0.5) for angle in (10.0, -10.0)]
    for shapes in (pair, pair[::-1]):
        mean = generalised_procrustes(shapes).mean
        np.testing.assert_allclose(mean, (SQUARE - 0.5) / np.sqrt(2.0), atol=1e-9)


# -- properties -----------------------------------------------------------------------------------


@given(
    angle=st.floats(-180, 180),
    size=st.floats(0.1, 10),
    shift=st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
)
def test_a_similarity_is_found_exactly(angle, size, shift):
    shape = random_shapes(1)[0]
    pose = compose(scaling(size), rotation(angle), translation(*shift))
    np.testing.assert_allclose(nearest_similarity(shape, move(pose, shape)), pose, atol=1e-7)


def test_no_similarity_is_nearer():
    source, target = random_shapes(2)
    pose = nearest_similarity(source, target)
    best = ((move(pose, source) - target) ** 2).sum()
    for entry in np.eye(4):
        a, b, x, y = 1e-3 * entry
        other = np.array([(1 + a, -b, x), (b, 1 + a, y), (0, 0, 1)]) @ pose
        assert ((move(other, source) - target) ** 2).sum() > best


def test_the_alignment_does_not_know_how_the_shapes_were_held():
    shapes = random_shapes(20)
    rng = np.random.default_rng(1)
    moved = np.stack(
        [
            move(compose(scaling(rng.uniform(0.5, 2)), rotation(rng.uniform(-180, 180))), shape)
            for shape in shapes
        ]
    )
    one, other = generalised_procrustes(shapes), generalised_procrustes(moved)
    turn = nearest_similarity(other.mean, one.mean)  # > upright is another way up now
    np.testing.assert_allclose(move(turn, other.mean), one.mean, atol=1e-8)
    np.testing.assert_allclose(move(turn, other.shapes), one.shapes, atol=1e-8)


def test_differences_are_at_right_angles_to_every_similarity():
    aligned = generalised_procrustes(random_shapes(20))
    differences = aligned.shapes - aligned.mean
    turned = aligned.mean[:, ::-1] * (-1, 1)
    for direction in (aligned.mean, turned, (1.0, 0.0), (0.0, 1.0)):
        np.testing.assert_allclose((differences * direction).sum(axis=(1, 2)), 0, atol=1e-10)
    assert np.linalg.norm(aligned.mean) == pytest.approx(1.0)


@pytest.mark.oracle
def test_the_same_disparity_as_scipy():
    spatial = pytest.importorskip("scipy.spatial")
    source, target = random_shapes(2)
    _, _, disparity = spatial.procrustes(target, source)
    ours = ((move(nearest_similarity(source, target), source) - target) ** 2).sum()
    size = ((target - target.mean(axis=0)) ** 2).sum()
    assert ours / size == pytest.approx(disparity)


# -- wrong inputs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (SQUARE, r"\(N, L, 2\)"),
        ([SQUARE], "at least 2 shapes"),
        (np.zeros((3, 2, 2)), "3 landmarks or more"),
        ([SQUARE, np.ones((4, 2))], "coincide"),
        ([SQUARE, np.where(SQUARE == 1, np.nan, SQUARE)], "landmark 1 of face 1"),
    ],
)
def test_what_cannot_be_aligned(shapes, message):
    with pytest.raises(ValueError, match=message):
        generalised_procrustes(shapes)


def test_different_landmarks_are_refused():
    with pytest.raises(ValueError, match="same landmarks"):
        nearest_similarity(SQUARE, SQUARE[:3])
