"""Grey: one colour by hand, then all 16.7 million beside Pillow."""

import numpy as np
import pytest
from PIL import Image

from scratchnet.vision.grey import to_grey


def test_a_colour_by_hand():
    # 0.299·200 + 0.587·100 + 0.114·50 = 59.8 + 58.7 + 5.7 = 124.2
    colour = np.array([[[200, 100, 50]]], np.uint8)
    assert to_grey(colour).tolist() == [[124]]
    assert to_grey(colour.astype(np.float64)) == pytest.approx(np.array([[124.2]]), abs=1e-12)


def test_a_half_is_rounded_up_as_in_pillow():
    # 19595·1 + 38470·0 + 7471·113 = 863818 = 13.18·65536; 255·(weights) = 255 exactly
    colours = np.array([[[1, 0, 113], [255, 255, 255], [0, 0, 0]]], np.uint8)
    assert to_grey(colours).tolist() == [[13, 255, 0]]


def test_every_colour_is_pillows_to_the_bit():
    values = np.arange(256, dtype=np.uint8)
    for red in range(256):
        page = np.empty((256, 256, 3), np.uint8)
        page[..., 0], page[..., 1], page[..., 2] = red, values[:, None], values
        assert np.array_equal(to_grey(page), np.asarray(Image.fromarray(page).convert("L")))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_a_stack_is_its_pictures_and_keeps_its_dtype(dtype):
    stack = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 5, 3)).astype(dtype)
    grey = to_grey(stack)
    assert grey.shape == (2, 3, 4, 5)
    assert grey.dtype == dtype
    assert np.array_equal(grey[1, 2], to_grey(stack[1, 2]))


@pytest.mark.oracle
def test_opencv_differs_by_one_at_most():
    cv2 = pytest.importorskip("cv2")
    photo = np.random.default_rng(1).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    theirs = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    assert np.abs(to_grey(photo).astype(int) - theirs).max() <= 1


@pytest.mark.parametrize(
    ("colours", "message"),
    [
        (np.zeros((4, 5), np.uint8), r"\(..., H, W, 3\), got \(4, 5\)"),
        (np.zeros((4, 5, 4), np.uint8), r"got \(4, 5, 4\); drop an alpha channel"),
        (np.zeros((4, 5, 3), np.int32), "got int32; convert with"),
    ],
)
def test_wrong_inputs_are_named(colours, message):
    with pytest.raises(ValueError, match=message):
        to_grey(colours)
