"""CLAHE: clipping and places by hand, its laws, and OpenCV's bits with OpenCV's places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.vision.clahe import clahe, clipped, neighbours


def shaded(H=48, W=64, seed=0):
    """A picture with a bright and a dark side, and detail in both."""
    y, x = np.mgrid[0:H, 0:W]
    noise = np.random.default_rng(seed).integers(0, 30, (H, W))
    return (10 + 200 * x // W + noise + 10 * np.sin(y / 3)).astype(np.uint8)


def test_what_is_above_the_limit_is_spread_evenly():
    counts = np.zeros(256, np.int64)
    counts[7], counts[9] = 600, 2
    # 600 − 85 = 515 above the limit of 85: 2 for each of the 256 values, 3 are left,
    # which go to 0, 85 and 170 (256 / 3 = 85 values apart).
    flat = clipped(counts, 85)
    assert flat.sum() == 602
    assert flat[7] == 85 + 2
    assert flat[9] == 2 + 2
    assert flat[[0, 85, 170]].tolist() == [3, 3, 3]
    assert np.all(np.delete(flat, [0, 7, 9, 85, 170]) == 2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=256, max_size=256), st.integers(1, 100))
def test_clipping_loses_no_pixel(counts, limit):
    assert clipped(np.array(counts), limit).sum() == sum(counts)


def test_pixels_ask_the_tiles_around_them():
    # Two tiles of 4 pixels: their centres lie at 1½ and 5½, pixel 3 is 3/8 of the way.
    before, after, way = neighbours(8, 4, 2)
    assert before.tolist() == [0, 0, 0, 0, 0, 0, 1, 1]
    assert after.tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert way.tolist() == [0.625, 0.875, 0.125, 0.375, 0.625, 0.875, 0.125, 0.375]


def test_one_tile_without_a_limit_by_hand():
    # curve(v) = 255/4 · (pixels ≤ v): 64, 128 (127.5), 191, 255
    picture = np.array([[3, 5], [8, 200]], np.uint8)
    assert clahe(picture, clip_limit=1e9, tiles=(1, 1)).tolist() == [[64, 128], [191, 255]]


def test_a_blank_picture_stays_blank():
    blank = np.full((32, 32), 100, np.uint8)
    assert len(np.unique(clahe(blank))) == 1


def test_the_limit_holds_the_contrast_back():
    """41 grey values take 6 % of the scale for their excess, and at most `limit` times 16 %."""
    dull = np.random.default_rng(0).integers(100, 141, (64, 64)).astype(np.uint8)
    gain = [clahe(dull, limit, (1, 1)).std() / dull.std() for limit in (1.0, 2.0, 4.0, 40.0)]
    assert gain == pytest.approx([1.8, 2.7, 4.4, 6.2], abs=0.2)


def test_contrast_grows_in_every_part():
    picture = shaded()
    result = clahe(picture, 4.0, (4, 4))
    for part in np.ndindex(3, 4):
        window = tuple(slice(16 * i, 16 * (i + 1)) for i in part)
        assert result[window].std() > picture[window].std()


@pytest.mark.parametrize("axis", [0, 1])
def test_the_mirrored_picture_gives_the_mirrored_result(axis):
    picture = shaded(48, 64)
    mirrored = clahe(np.flip(picture, axis), 2.0, (3, 4))
    assert np.array_equal(mirrored, np.flip(clahe(picture, 2.0, (3, 4)), axis))


def test_a_stack_is_its_pictures():
    stack = np.stack([shaded(20, 31, seed) for seed in range(6)]).reshape(2, 3, 20, 31)
    assert np.array_equal(clahe(stack)[1, 2], clahe(stack[1, 2]))
    assert clahe(stack[:0]).shape == (0, 3, 20, 31)


# -- OpenCV ---------------------------------------------------------------------------------------

cases = pytest.mark.parametrize(
    ("shape", "tiles"),
    [((48, 64), (8, 8)), ((48, 64), (3, 2)), ((60, 90), (1, 1)), ((47, 61), (8, 5))],
)


def theirs(cv2, picture, clip_limit, tiles):
    return cv2.createCLAHE(clip_limit, tiles[::-1]).apply(picture)


@pytest.mark.oracle
@cases
@pytest.mark.parametrize("clip_limit", [1.0, 2.5, 40.0])
def test_opencv_agrees_to_the_bit_where_its_pixels_lie(shape, tiles, clip_limit, monkeypatch):
    """OpenCV puts pixel i at i, not at i + ½; all else is the same."""
    cv2 = pytest.importorskip("cv2")

    def at_corners(size, tile, tiles):
        inverse = np.float32(1) / np.float32(tile)
        place = np.arange(size, dtype=np.float32) * inverse - np.float32(0.5)
        before = np.floor(place).astype(np.intp)
        return before.clip(0), (before + 1).clip(max=tiles - 1), place - before

    monkeypatch.setattr("scratchnet.vision.clahe.neighbours", at_corners)
    for seed in range(5):
        picture = shaded(*shape, seed)
        expected = theirs(cv2, picture, clip_limit, tiles)
        assert np.abs(clahe(picture, clip_limit, tiles).astype(int) - expected).max() <= 1


@pytest.mark.oracle
@pytest.mark.parametrize("tile", [8, 16, 32, 64])
def test_half_a_pixel_is_all_that_sets_opencv_apart(tile):
    """Its curves are half of 1/tile of the way off, up and across: up to 255 / tile levels."""
    cv2 = pytest.importorskip("cv2")
    for seed in range(3):
        picture = shaded(4 * tile, 4 * tile, seed)
        apart = np.abs(clahe(picture, 2.0, (4, 4)).astype(int) - theirs(cv2, picture, 2.0, (4, 4)))
        assert apart.max() <= 255 / tile + 1  # for rounding
        assert apart.mean() <= 48 / tile


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0.0,), "clip limit above 0"), ((2.0, (0, 8)), "at least 1 × 1 tiles, got 2.0 and 0 × 8")],
)
def test_numbers_without_sense_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        clahe(np.zeros((8, 8), np.uint8), *arguments)
