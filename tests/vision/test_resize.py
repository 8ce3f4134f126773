"""Resizing: block means and centres by hand, its laws, and beside Pillow and torch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scratchnet.vision import geometry
from scratchnet.vision.resize import area_taps, bilinear_taps, resize

sizes = st.integers(1, 12)

# -- by hand --------------------------------------------------------------------------------------


def test_four_by_four_to_two_by_two_is_the_block_mean():
    image = np.array([[1, 3, 0, 0], [5, 7, 0, 4], [1, 1, 8, 8], [1, 1, 8, 8]], np.float32)
    assert resize(image, (2, 2), "area").tolist() == [[4, 1], [1, 8]]


def test_three_pixels_become_two_by_overlap():
    # The first is (a + ½ b) / 1½, the second (½ b + c) / 1½.
    pixel, weight = area_taps(3, 2)
    assert pixel.tolist() == [[0, 1], [1, 2]]
    np.testing.assert_allclose(weight, [[2 / 3, 1 / 3], [1 / 3, 2 / 3]], atol=1e-16)
    shrunk = resize(np.array([[3.0, 6.0, 0.0]]), (1, 2), "area")
    np.testing.assert_allclose(shrunk, [[4.0, 2.0]], atol=1e-15)


def test_two_pixels_become_four_by_their_distance():
    # Centres (o + ½) / 2 - ½ = -¼, ¼, ¾, 1¼; beyond the outer centres the outer pixel goes on.
    pixel, weight = bilinear_taps(2, 4)
    assert pixel[:, 0].tolist() == [0, 0, 0, 1]
    assert weight[:, 1].tolist() == [0, 0.25, 0.75, 0]
    assert resize(np.array([[0.0, 8.0]]), (1, 4), "bilinear").tolist() == [[0, 2, 6, 8]]


def test_area_enlarges_by_repeating_pixels():
    assert resize(np.array([[1.0, 2.0]]), (2, 4), "area").tolist() == [[1, 1, 2, 2]] * 2


def test_auto_takes_area_to_shrink_and_bilinear_to_grow():
    image = np.random.default_rng(0).random((3, 8, 6))
    expected = resize(resize(image, (3, 6), "area"), (3, 11), "bilinear")
    assert np.array_equal(resize(image, (3, 11)), expected)


def test_bytes_are_rounded():
    image = np.array([[1, 2, 200, 255]], np.uint8)  # means 1.5 and 227.5: to the even one
    shrunk = resize(image, (1, 2), "area")
    assert shrunk.dtype == np.uint8
    assert shrunk.tolist() == [[2, 228]]


# -- laws -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["auto", "area", "bilinear"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_size_returns_the_same_bits_in_a_new_array(method, dtype):
    image = np.random.default_rng(1).standard_normal((2, 3, 5, 7)).astype(dtype)
    result = resize(image, (5, 7), method)
    assert result.dtype == dtype
    assert result.tobytes() == image.tobytes()
    assert not np.shares_memory(result, image)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, sizes, sizes)
def test_area_is_the_block_mean_of_the_repeated_image(H, W, OH, OW):
    """The definition: cut each pixel in OH × OW pieces; H × W pieces make an output pixel."""
    image = np.random.default_rng(2).random((H, W))
    pieces = image.repeat(OH, axis=0).repeat(OW, axis=1)
    expected = pieces.reshape(OH, H, OW, W).mean(axis=(1, 3))
    np.testing.assert_allclose(resize(image, (OH, OW), "area"), expected, atol=1e-14)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, sizes, sizes)
def test_bilinear_is_the_warp_that_scales_about_the_corner(H, W, OH, OW):
    image = np.random.default_rng(3).random((1, H, W))
    matrix = geometry.around((-0.5, -0.5), geometry.scaling(OW / W, OH / H))
    expected = geometry.warp_affine(image, matrix, (OH, OW), "edge")
    np.testing.assert_allclose(resize(image, (OH, OW), "bilinear"), expected, atol=1e-13)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([area_taps, bilinear_taps]))
def test_weights_are_shares_of_one_and_of_pixels_that_exist(size, new, taps):
    pixel, weight = taps(size, new)
    assert pixel.min() >= 0
    assert pixel.max() < size
    assert weight.min() >= 0
    np.testing.assert_allclose(weight.sum(axis=1), 1, atol=1e-15)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60))
def test_area_gives_every_pixel_the_same_say(size, new):
    pixel, weight = area_taps(size, new)
    say = np.zeros(size)
    np.add.at(say, pixel, weight)
    np.testing.assert_allclose(say, new / size, atol=1e-14)


@pytest.mark.parametrize("method", ["area", "bilinear"])
def test_mirroring_and_resizing_commute(method):
    image = np.random.default_rng(4).random((3, 13, 10))
    mirrored = resize(image[..., ::-1], (7, 17), method)
    np.testing.assert_allclose(mirrored, resize(image, (7, 17), method)[..., ::-1], atol=1e-14)


def test_the_input_is_left_as_it_is():
    image = np.random.default_rng(5).random((6, 6))
    before = image.copy()
    resize(image, (4, 9))
    assert np.array_equal(image, before)


# -- peers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_pillows_box_agrees_for_whole_factors(factor):
    image = np.random.default_rng(6).random((48, 96)).astype(np.float32)
    shape = (48 // factor, 96 // factor)
    expected = Image.fromarray(image).resize(shape[::-1], Image.Resampling.BOX)
    np.testing.assert_allclose(resize(image, shape, "area"), np.asarray(expected), atol=1e-6)


def test_pillows_bilinear_agrees_where_an_image_grows():
    image = np.random.default_rng(7).random((10, 14)).astype(np.float32)
    expected = Image.fromarray(image).resize((37, 48), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(resize(image, (48, 37), "bilinear"), np.asarray(expected), atol=1e-6)


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(5, 4), (20, 30), (13, 40)])
def test_torch_interpolates_alike(shape):
    torch = pytest.importorskip("torch")
    image = np.random.default_rng(8).random((2, 1, 13, 17))
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(image), shape, mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(resize(image, shape, "bilinear"), expected.numpy(), atol=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_opencvs_area_agrees_for_whole_factors(factor):
    """Bytes but for halves, which OpenCV rounds up at factor 2."""
    cv2 = pytest.importorskip("cv2")
    image = np.random.default_rng(9).integers(0, 256, (48, 96)).astype(np.uint8)
    shape = (48 // factor, 96 // factor)
    for pixels, bound in ((image, 1 if factor == 2 else 0), (image.astype(np.float32), 1e-4)):
        expected = cv2.resize(pixels, shape[::-1], interpolation=cv2.INTER_AREA)
        assert np.abs(resize(pixels, shape, "area") - expected.astype(np.float64)).max() <= bound


@pytest.mark.oracle
def test_opencv_agrees_between_whole_factors():
    cv2 = pytest.importorskip("cv2")
    image = 255 * np.random.default_rng(10).random((48, 64)).astype(np.float32)
    area = cv2.resize(image, (23, 17), interpolation=cv2.INTER_AREA)
    linear = cv2.resize(image, (93, 117), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(resize(image, (17, 23), "area"), area, atol=1e-4)
    np.testing.assert_allclose(resize(image, (117, 93), "bilinear"), linear, atol=1e-4)


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "shape", "method", "message"),
    [
        (np.zeros(3), (2, 2), "area", r"\(..., H, W\), got \(3,\)"),
        (np.zeros((0, 3)), (2, 2), "area", r"got \(0, 3\)"),
        (np.zeros((3, 3), np.int32), (2, 2), "area", "got int32; convert with images.astype"),
        (np.zeros((3, 3)), (2, 2), "cubic", "auto, area, bilinear, got 'cubic'"),
        (np.zeros((3, 3)), (2, 0), "area", "at least 1 × 1 pixels, got 2 × 0"),
    ],
)
def test_wrong_inputs_are_named(image, shape, method, message):
    with pytest.raises(ValueError, match=message):
        resize(image, shape, method)
