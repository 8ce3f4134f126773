"""Images of every kind become grey bytes, and are scaled in whole numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from haar.image import resize, sample_weights, to_grey

COLOUR = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]]], np.uint8)


def test_grey_by_hand() -> None:
    # 9798·255/32768 = 76.2, 19235·255/32768 = 149.7, 3735·255/32768 = 29.07; 2.99 + 11.74 + 3.42
    assert to_grey(COLOUR).tolist() == [[76, 150, 29, 18]]


def test_bgr_is_rgb_read_backwards() -> None:
    assert to_grey(COLOUR[:, :, ::-1], "bgr").tolist() == to_grey(COLOUR).tolist()


def test_alpha_is_ignored() -> None:
    alpha = np.array([[[0], [9], [99], [255]]], np.uint8)
    assert to_grey(np.concatenate([COLOUR, alpha], axis=2)).tolist() == [[76, 150, 29, 18]]


def test_grey_images_stay_as_they_are() -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert to_grey(grey) is grey
    assert to_grey(grey[:, :, None]).tolist() == grey.tolist()


def test_views_and_read_only_arrays_are_fine() -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)
    for view in (image[::2, ::-1], image.transpose(1, 0, 2), np.asfortranarray(image)):
        view.setflags(write=False)
        before = view.copy()
        assert (to_grey(view) == to_grey(view.copy())).all()
        assert to_grey(view).flags.c_contiguous
        assert (view == before).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"])
def test_pil_images_of_every_mode(mode: str) -> None:
    picture = Image.fromarray(COLOUR).convert("RGB")
    picture = Image.new("LAB", picture.size) if mode == "LAB" else picture.convert(mode)
    assert to_grey(picture).shape == (1, 4)
    assert to_grey(picture).dtype == np.uint8


def test_pil_pictures_are_rgb_whatever_channels_says() -> None:
    picture = Image.fromarray(COLOUR)
    assert to_grey(picture, "bgr").tolist() == [[76, 150, 29, 18]]


def test_palettes_bits_and_transparent_grey() -> None:
    picture = Image.fromarray(np.array([[0, 200], [100, 50]], np.uint8))
    assert to_grey(picture.convert("P")).tolist() == [[0, 200], [100, 50]]
    assert to_grey(picture.convert("LA")).tolist() == [[0, 200], [100, 50]]
    assert set(to_grey(picture.convert("1")).ravel()) <= {0, 255}


def test_alpha_that_is_multiplied_in_is_taken_out() -> None:
    grey = Image.merge("LA", [Image.new("L", (2, 1), 100), Image.new("L", (2, 1), 128)])
    assert to_grey(grey.convert("La")) == pytest.approx(100, abs=1)  # Pillow rounds on the way
    colour = Image.new("RGBA", (1, 1), (100, 100, 100, 128))
    assert to_grey(colour.convert("RGBa")) == pytest.approx(100, abs=1)
    assert to_grey(Image.new("PA", (2, 1))).shape == (1, 2)


@pytest.mark.parametrize("mode", ["I", "F", "I;16", "I;16B"])
def test_deep_pil_images_are_refused(mode: str) -> None:
    with pytest.raises(TypeError, match=f"mode '{mode}'.*convert it to mode 'L'"):
        to_grey(Image.new(mode, (3, 3)))


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (np.zeros((3, 3)), TypeError, "got float64; if it is in 0…1, multiply by 255"),
        (np.full((3, 3), np.nan), TypeError, "it holds NaN"),
        (np.zeros((3, 3), bool), TypeError, r"got bool; convert it: image.astype\(np.uint8\) \*"),
        (np.zeros((3, 3), np.int64), TypeError, r"got int64; convert it: np.clip"),
        (np.zeros((0, 5), np.uint8), ValueError, r"image is empty, its shape is \(0, 5\)"),
        (np.zeros(5, np.uint8), ValueError, r"got \(5,\)"),
        (np.zeros((3, 9, 9), np.uint8), ValueError, r"channels come last: np.moveaxis"),
        (np.zeros((9, 9, 2), np.uint8), ValueError, r"got \(9, 9, 2\)"),
        (np.zeros((1, 9, 9, 3), np.uint8), ValueError, r"got \(1, 9, 9, 3\)"),
        (None, TypeError, "got None; open the file first"),
        ("photo.jpg", TypeError, "got 'photo.jpg'; open the file first"),
        ([[1, 2], [3, 4]], TypeError, "got int64"),
        ({}, TypeError, "got object"),
    ],
)
def test_what_is_no_image_is_refused_with_a_remedy(image, error, message: str) -> None:
    with pytest.raises(error, match=message):
        to_grey(image)


def test_unknown_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="'rgb' or 'bgr', got 'gbr'"):
        to_grey(COLOUR, "gbr")


# -- resize ---------------------------------------------------------------------------------------


def test_a_resize_by_hand() -> None:
    image = (7 * np.arange(35) % 256).astype(np.uint8).reshape(5, 7)
    assert resize(image, 4, 3).tolist() == [
        [19, 31, 43, 56],
        [101, 113, 125, 137],
        [182, 195, 207, 219],
    ]
    left, right, c = sample_weights(7, 4)
    assert left.tolist() == [0, 2, 3, 5]
    assert right.tolist() == [1, 3, 4, 6]
    assert c.tolist() == [96, 32, 224, 160]


def test_half_the_size_is_the_mean_of_four_pixels() -> None:
    image = np.random.default_rng(1).integers(0, 256, (8, 12), np.uint8)
    means = image.reshape(4, 2, 6, 2).astype(int).sum(axis=(1, 3))
    assert (resize(image, 6, 4) == (means + 2) // 4).all()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(0, 255))
def test_a_flat_image_stays_flat(n: int, width: int, height: int, level: int) -> None:
    image = np.full((n, n), level, np.uint8)
    assert (resize(image, width, height) == level).all()


def test_the_same_size_is_a_copy() -> None:
    image = np.zeros((2, 2), np.uint8)
    assert resize(image, 2, 2) is not image
