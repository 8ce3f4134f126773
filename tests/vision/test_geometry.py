"""Affine geometry and the warp: by hand, by its laws, and beside Pillow and SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scratchnet.kernels import warp as kernels
from scratchnet.reference import warp as reference
from scratchnet.vision import geometry

BORDERS = ("edge", "reflect", "constant")

NINE = np.array([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], np.float32)


def warp(image, matrix, **options):
    return geometry.warp_affine(np.asarray(image, np.float32), matrix, **options)


def about_centre(matrix, shape):
    return geometry.around(geometry.centre(shape), matrix)


def smooth(H=48, W=48):
    """A picture without sharp edges: interpolation loses little of it."""
    y, x = np.mgrid[0:H, 0:W]
    return (np.sin(x / 7.0) + np.cos(y / 5.0 + x / 11.0))[None]


def random_maps(rng, N, shape):
    """Matrices as augmentation draws them, only wilder."""
    return about_centre(
        geometry.compose(
            geometry.flip(rng.random(N) < 0.5),
            geometry.rotation(rng.uniform(-180, 180, N)),
            geometry.scaling(rng.uniform(0.3, 3, N), rng.uniform(0.3, 3, N)),
            geometry.shear(rng.uniform(-0.5, 0.5, N)),
            geometry.translation(rng.uniform(-30, 30, N), rng.uniform(-30, 30, N)),
        ),
        shape,
    )


# -- by hand: matrices ----------------------------------------------------------------------------


def test_the_centre_of_an_even_image_lies_between_two_pixels():
    assert geometry.centre((4, 7)) == (3.0, 1.5)
    assert geometry.centre((128, 1, 48, 48)) == (23.5, 23.5)


def test_a_positive_angle_turns_counter_clockwise_as_one_sees_it():
    right, up = [1.0, 0.0], [0.0, -1.0]  # y runs down
    assert geometry.move(geometry.rotation(90), [right]).tolist() == [up]


def test_quarter_turns_are_exact():
    turns = geometry.rotation(np.array([0.0, 90.0, 180.0, 270.0, -90.0, 360.0]))
    expected = [
        [1, 0, 0, 1],
        [0, 1, -1, 0],
        [-1, 0, 0, -1],
        [0, -1, 1, 0],
        [0, -1, 1, 0],
        [1, 0, 0, 1],
    ]
    assert np.array_equal(turns[:, :2, :2].reshape(6, 4), expected)


def test_rotation_by_30_degrees_has_the_sines_of_30_degrees():
    half, root = 0.5, np.sqrt(3) / 2
    expected = [[root, half, 0], [-half, root, 0], [0, 0, 1]]
    np.testing.assert_allclose(geometry.rotation(30.0), expected, rtol=0, atol=1e-15)


def test_compose_does_the_first_matrix_first():
    shift, double = geometry.translation(1, 0), geometry.scaling(2)
    assert geometry.move(geometry.compose(shift, double), [[3.0, 5.0]]).tolist() == [[8.0, 10.0]]
    assert geometry.move(geometry.compose(double, shift), [[3.0, 5.0]]).tolist() == [[7.0, 10.0]]
    assert np.array_equal(geometry.compose(), np.eye(3))


def test_around_keeps_its_point_in_place():
    moved = geometry.move(geometry.around((2.0, 3.0), geometry.rotation(90)), [[2, 3], [3, 3]])
    assert moved.tolist() == [[2.0, 3.0], [2.0, 2.0]]


def test_shear_slides_rows_by_their_y():
    assert geometry.move(geometry.shear(0.5), [[1.0, 4.0]]).tolist() == [[3.0, 4.0]]
    assert geometry.move(geometry.shear(0, 0.5), [[4.0, 1.0]]).tolist() == [[4.0, 3.0]]


def test_numbers_make_one_matrix_and_arrays_make_a_stack():
    assert geometry.translation(1, 2).shape == (3, 3)
    stack = geometry.translation(np.array([1, 2]), 5)
    assert stack.shape == (2, 3, 3)
    assert stack.dtype == np.float64
    assert stack[1].tolist() == [[1, 0, 2], [0, 1, 5], [0, 0, 1]]


def test_every_matrix_moves_its_own_points():
    stack = geometry.translation(np.array([1.0, 2.0]), 0.0)
    assert geometry.move(stack, [[5.0, 5.0]]).tolist() == [[[6.0, 5.0]], [[7.0, 5.0]]]


def test_two_points_make_a_similarity():
    # (1, 1) → (5, 2) and (3, 1) → (5, 6): a = 4i / 2 = 2i, twice as large and a quarter turn
    matrix = geometry.similarity([(1, 1), (3, 1)], [(5, 2), (5, 6)])
    assert matrix.tolist() == [[0, -2, 7], [2, 0, 0], [0, 0, 1]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=8, max_size=8))
def test_a_similarity_hits_both_points(numbers):
    source, target = np.reshape(numbers, (2, 2, 2))
    if np.abs(source[0] - source[1]).max() > 0.1:
        matrix = geometry.similarity(source, target)
        np.testing.assert_allclose(geometry.move(matrix, source), target, atol=1e-9)
        assert matrix[0, 0] == matrix[1, 1]
        assert matrix[0, 1] == -matrix[1, 0]


# -- by hand: warps -------------------------------------------------------------------------------


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(5, 48, 48), (2, 7, 4), (3, 1, 1), (2, 1, 6), (0, 3, 3)])
def test_the_identity_returns_the_same_bits(border, dtype, shape):
    images = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    warped = geometry.warp_affine(images, np.eye(3), border=border)
    assert warped.dtype == dtype
    assert warped.tobytes() == images.tobytes()


def test_a_quarter_turn_of_nine_pixels():
    turned = warp(NINE, about_centre(geometry.rotation(90), (3, 3)))
    assert turned[0].tolist() == [[3, 6, 9], [2, 5, 8], [1, 4, 7]]


def test_quarter_turns_are_rot90_also_of_even_images():
    images = np.random.default_rng(0).random((2, 6, 6))
    for k in range(4):
        turned = geometry.warp_affine(images, about_centre(geometry.rotation(90 * k), (6, 6)))
        assert np.array_equal(turned, np.rot90(images, k, axes=(1, 2)))


def test_a_shift_by_one_pixel_to_the_right_for_each_border():
    shift = geometry.translation(1, 0)
    assert warp(NINE, shift)[0].tolist() == [[0, 1, 2], [0, 4, 5], [0, 7, 8]]
    assert warp(NINE, shift, value=9.0)[0, 0].tolist() == [9, 1, 2]
    assert warp(NINE, shift, border="edge")[0].tolist() == [[1, 1, 2], [4, 4, 5], [7, 7, 8]]
    assert warp(NINE, shift, border="reflect")[0].tolist() == [[2, 1, 2], [5, 4, 5], [8, 7, 8]]


def test_a_shift_by_one_pixel_down():
    assert warp(NINE, geometry.translation(0, 1))[0].tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]


def test_a_shift_by_half_a_pixel_averages_neighbours():
    half = geometry.translation(0.5, 0)
    assert warp(NINE, half, border="edge")[0, 0].tolist() == [1.0, 1.5, 2.5]
    assert warp(NINE, half, border="constant", value=5.0)[0, 0].tolist() == [3.0, 1.5, 2.5]
    both = warp(NINE, geometry.translation(-0.5, -0.5))
    assert both[0, 0, 0] == (1 + 2 + 4 + 5) / 4


def test_one_reading_between_four_pixels_by_hand():
    # x = 0.25, y = 0.75: top 1 + ¼ · 1 = 1.25, bottom 4.25, 1.25 + ¾ · 3 = 3.5
    assert warp(NINE, geometry.translation(-0.25, -0.75))[0, 0, 0] == 3.5


def test_a_flip_is_the_reversed_rows():
    for shape in ((3, 48, 48), (2, 5, 9)):
        images = np.random.default_rng(1).random(shape, np.float32)
        flipped = geometry.warp_affine(images, about_centre(geometry.flip(), shape))
        assert np.array_equal(flipped, images[..., ::-1])


def test_doubling_about_the_corner_puts_means_between():
    doubled = warp(NINE, geometry.scaling(2), shape=(1, 5))
    assert doubled.tolist() == [[[1, 1.5, 2, 2.5, 3]]]


def test_the_output_window_starts_at_the_origin():
    images = np.random.default_rng(2).random((2, 8, 9))
    window = geometry.warp_affine(images, geometry.translation(-2, -3), shape=(4, 5))
    assert np.array_equal(window, images[:, 3:7, 2:7])


def test_every_image_follows_its_own_matrix():
    stack = geometry.translation(np.array([0.0, 1.0]), 0.0)
    warped = warp(np.repeat(NINE, 2, axis=0), stack)
    assert warped[:, 0].tolist() == [[1, 2, 3], [0, 1, 2]]


@pytest.mark.parametrize(("border", "mode"), [("edge", "edge"), ("reflect", "reflect")])
def test_borders_are_those_of_numpy_pad(border, mode):
    image = np.random.default_rng(3).random((1, 5, 4))
    padded = geometry.warp_affine(image, geometry.translation(11, 9), (23, 26), border)
    np.testing.assert_allclose(padded[0], np.pad(image[0], ((9, 9), (11, 11)), mode), atol=1e-15)


def test_a_constant_border_is_its_value_from_one_pixel_on():
    warped = warp(NINE, geometry.translation(4, 0), shape=(3, 11), value=0.25)
    assert np.all(warped[:, :, :4] == 0.25)
    assert np.all(warped[:, :, 7:] == 0.25)


def test_bytes_are_warped_in_floats_and_rounded():
    nine = NINE.astype(np.uint8)
    half = geometry.warp_affine(nine, geometry.translation(0.5, 0), border="edge")
    assert half.dtype == np.uint8
    assert half[0].tolist() == [[1, 2, 2], [4, 4, 6], [7, 8, 8]]  # 1½ → 2, 2½ → 2, 4½ → 4


# -- laws -----------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.floats(-180, 180), st.floats(0.5, 2), st.floats(-20, 20), st.floats(-0.5, 0.5))
def test_the_inverse_takes_every_point_back(angle, factor, shift, slant):
    matrix = geometry.compose(
        geometry.rotation(angle),
        geometry.scaling(factor, -factor),
        geometry.shear(slant),
        geometry.translation(shift, 1.0),
    )
    np.testing.assert_allclose(geometry.inverse(matrix) @ matrix, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(geometry.inverse(matrix), np.linalg.inv(matrix), atol=1e-11)


@settings(max_examples=20, deadline=None)
@given(st.floats(-45, 45))
def test_turning_there_and_back_returns_a_smooth_image(angle):
    image = smooth()
    there = geometry.warp_affine(image, about_centre(geometry.rotation(angle), (48, 48)))
    back = geometry.warp_affine(there, about_centre(geometry.rotation(-angle), (48, 48)))
    y, x = np.mgrid[0:48, 0:48] - 23.5
    inside = np.hypot(x, y) < 21
    assert np.abs(back - image)[0, inside].max() < 0.03  # of a range of 4


def test_two_warps_are_the_warp_of_the_product():
    image = smooth()
    first = about_centre(geometry.rotation(20), (48, 48))
    second = about_centre(geometry.scaling(1.1, 0.9), (48, 48))
    steps = geometry.warp_affine(geometry.warp_affine(image, first), second)
    once = geometry.warp_affine(image, geometry.compose(first, second))
    assert np.abs(steps - once)[0, 12:36, 12:36].max() < 0.03


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(BORDERS))
def test_a_landmark_moves_with_its_image(seed, border):
    """A linear ramp has no interpolation error: the warped ramp *is* the source coordinate."""
    matrix = random_maps(np.random.default_rng(seed), 1, (40, 30))[0]
    ramp = np.broadcast_to(np.arange(30.0), (1, 40, 30))
    warped = geometry.warp_affine(ramp, matrix, border=border)
    y, x = np.mgrid[0:40, 0:30]
    source = geometry.move(geometry.inverse(matrix), np.stack([x, y], -1).reshape(-1, 2))
    inside = ((source >= 0) & (source <= [29, 39])).all(axis=1)
    np.testing.assert_allclose(warped.ravel()[inside], source[inside, 0], atol=1e-10)


@pytest.mark.parametrize("border", BORDERS)
def test_a_warp_invents_no_brightness(border):
    rng = np.random.default_rng(4)
    images = rng.random((20, 13, 17))
    warped = geometry.warp_affine(images, random_maps(rng, 20, (13, 17)), border=border, value=0.5)
    assert warped.min() > -1e-15
    assert warped.max() < 1 + 1e-15


def test_the_inputs_are_left_as_they_are():
    images, matrices = NINE.copy(), geometry.rotation(np.array([20.0]))
    before = matrices.copy()
    geometry.warp_affine(images, matrices)
    assert np.array_equal(images, NINE)
    assert np.array_equal(matrices, before)


def test_images_may_be_views():
    images = np.random.default_rng(5).random((4, 12, 10))
    matrix = geometry.rotation(np.array([5.0, 30.0]))
    view = geometry.warp_affine(images[::2, ::-1, 1:8], matrix)
    copy = geometry.warp_affine(images[::2, ::-1, 1:8].copy(), matrix)
    assert np.array_equal(view, copy)


# -- kernel and reference -------------------------------------------------------------------------


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(40, 48, 48), (7, 5, 9), (4, 1, 1), (3, 1, 8), (0, 4, 4)])
def test_the_kernel_is_the_reference_bit_by_bit(border, dtype, shape):
    rng = np.random.default_rng(6)
    images = rng.standard_normal(shape).astype(dtype)
    source = random_maps(rng, shape[0], shape)[:, :2]
    fast = kernels.warp_affine(images, source, (44, 31), border, 0.3)
    slow = reference.warp_affine(images, source, (44, 31), border, 0.3)
    assert fast.dtype == slow.dtype == dtype
    assert fast.tobytes() == slow.tobytes()


@pytest.mark.parametrize("threads", ["1", "2", "5"])
def test_the_bits_do_not_depend_on_threads(monkeypatch, threads):
    rng = np.random.default_rng(7)
    images, source = rng.random((9, 20, 20), np.float32), random_maps(rng, 9, (20, 20))[:, :2]
    monkeypatch.setenv("SCRATCHNET_THREADS", threads)
    warped = kernels.warp_affine(images, source, (20, 20), "edge", 0.0)
    assert (
        warped.tobytes() == reference.warp_affine(images, source, (20, 20), "edge", 0.0).tobytes()
    )


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("far", [1e9, 1e18, 1e300, -1e300])
def test_points_far_away_never_read_beyond_the_image(border, far):
    shift = geometry.translation(far, far)
    warped = warp(NINE, shift, border=border, value=0.5)
    assert np.all((warped == 0.5) if border == "constant" else ((warped >= 1) & (warped <= 9)))


# -- peers ----------------------------------------------------------------------------------------


def test_pillow_agrees_inside_of_the_image():
    """Pillow's coordinates start at the corner of the first pixel, half a pixel before ours."""
    image = np.random.default_rng(8).random((1, 40, 50)).astype(np.float32)
    matrix = about_centre(geometry.compose(geometry.rotation(17), geometry.scaling(1.3)), (40, 50))
    back = geometry.around((0.5, 0.5), geometry.inverse(matrix))
    expected = np.asarray(
        Image.fromarray(image[0]).transform(
            (50, 40), Image.Transform.AFFINE, tuple(back[:2].ravel()), Image.Resampling.BILINEAR
        )
    )
    warped = geometry.warp_affine(image, matrix)[0]
    y, x = np.mgrid[0:40, 0:50]
    source = geometry.move(geometry.inverse(matrix), np.stack([x, y], -1).reshape(-1, 2))
    inside = ((source > 1) & (source < [48, 38])).all(axis=1).reshape(40, 50)
    assert inside.sum() > 1000
    assert np.abs(warped - expected)[inside].max() < 1e-5


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("border", "mode"), [("edge", "nearest"), ("reflect", "mirror"), ("constant", "grid-constant")]
)
def test_scipy_agrees_everywhere(border, mode):
    ndimage = pytest.importorskip("scipy.ndimage")
    rng = np.random.default_rng(9)
    images, matrices = rng.random((6, 31, 24)), random_maps(rng, 6, (31, 24))
    warped = geometry.warp_affine(images, matrices, (28, 33), border, 0.7)
    rows_first = geometry.inverse(matrices)[:, [1, 0, 2]][:, :, [1, 0, 2]]
    for n in range(6):
        expected = ndimage.affine_transform(
            images[n], rows_first[n], output_shape=(28, 33), order=1, mode=mode, cval=0.7
        )
        np.testing.assert_allclose(warped[n], expected, rtol=0, atol=1e-12)


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("images", "matrices", "options", "message"),
    [
        (NINE[0], np.eye(3), {}, r"\(N, H, W\), got \(3, 3\); one image is images\[None\]"),
        (NINE[:, :0], np.eye(3), {}, r"\(N, H, W\), got \(1, 0, 3\)"),
        (NINE.astype(np.int32), np.eye(3), {}, r"got int32; convert with images.astype"),
        (NINE, np.eye(3)[:2], {}, r"\(1, 3, 3\), got \(2, 3\)"),
        (NINE, np.stack([np.eye(3)] * 2), {}, r"\(1, 3, 3\), got \(2, 3, 3\)"),
        (NINE, np.eye(3), {"border": "wrap"}, "edge, reflect, constant, got 'wrap'"),
        (NINE, np.eye(3), {"value": np.nan}, "finite value beyond the border, got nan"),
        (NINE, np.eye(3), {"shape": (0, 3)}, "got 0 × 3"),
        (NINE, geometry.scaling(0.0), {}, "ae - bd is not 0; got .* a scale of 0"),
        (NINE, geometry.translation(np.nan, 0), {}, "entries are finite"),
    ],
)
def test_wrong_inputs_are_named(images, matrices, options, message):
    with pytest.raises(ValueError, match=message):
        geometry.warp_affine(images, matrices, **options)


def test_one_flat_matrix_in_a_stack_is_shown():
    with pytest.raises(ValueError, match=r"got \[\[0.0, 0.0, 0.0\], \[0.0, 0.0, 0.0\]"):
        geometry.inverse(geometry.scaling(np.array([1.0, 0.0, 2.0])))
