"""Maps: where a pixel lies, what lies around it, and the way there and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.kernels.maps import (
    Frame,
    clear_outside,
    export_images,
    frame,
    import_images,
    numbers,
    whole_vectors,
)
from scratchnet.kernels.memory import aligned_zeros
from tests.kernels.layout import images_of, inside, nothing_outside, poisoned


def test_a_frame_by_hand():
    """2 × 3 pixels are one tile of 4 × 4; with a pixel of zeros on each side, 6 × 6."""
    assert frame(2, 3, 16) == Frame(H=2, W=3, C=16, top=1, left=1, HP=6, WP=6)
    assert frame(4, 4, 16)[5:] == (6, 6)
    assert frame(5, 8, 16)[5:] == (10, 10)
    assert frame(4, 5, 16, ((0, 3), (2, 0))) == Frame(4, 5, 16, 0, 2, HP=10, WP=10)


def test_numbers_are_those_of_all_images_two_rows_more_and_a_vector():
    assert numbers(3, frame(2, 3, 16)) == 3 * 6 * 6 * 16 + 2 * 6 * 16 + 16


@pytest.mark.parametrize("channels, filled", [(1, 16), (16, 16), (17, 32), (40, 48)])
def test_channels_are_filled_up_to_whole_vectors(channels, filled):
    assert whole_vectors(channels) == filled


def test_the_place_of_a_pixel_by_hand():
    """Image 1, row 1, column 2, channel 3: ((1·6 + 1 + 1)·6 + 1 + 2)·16 + 3 = 819."""
    f = frame(2, 3, 16)
    x = np.zeros((2, 5, 2, 3), np.float32)
    x[1, 3, 1, 2] = 7
    pixels = aligned_zeros(numbers(2, f))
    import_images(x, f, pixels)
    assert np.flatnonzero(pixels).tolist() == [819]
    assert pixels[819] == 7


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    N=st.integers(0, 3),
    C=st.integers(1, 40),
    H=st.integers(1, 10),
    W=st.integers(1, 10),
    whole=st.booleans(),
    pads=st.tuples(*[st.integers(0, 3)] * 4),
)
def test_images_go_to_maps_and_come_back(N, C, H, W, whole, pads):
    f = frame(H + 2, W + 2, whole_vectors(C) if whole else C, (pads[:2], pads[2:]))
    f = f._replace(H=H, W=W)
    x = np.random.default_rng(C).standard_normal((N, C, H, W)).astype(np.float32)
    pixels = poisoned(N, f)
    import_images(x, f, pixels)
    assert nothing_outside(pixels, f)
    assert np.array_equal(images_of(pixels, N, f, C), x)
    assert not images_of(pixels, N, f)[:, C:].any(), "surplus channels are zero"
    back = np.full_like(x, np.nan)
    export_images(pixels, f, back)
    assert np.array_equal(back, x)


def test_images_of_any_strides_and_dtype_are_taken():
    x = np.arange(240).reshape(2, 3, 5, 8)[:, ::-1, :, ::2]
    f = frame(5, 4, 16)
    pixels = aligned_zeros(numbers(2, f))
    import_images(x, f, pixels)
    assert np.array_equal(images_of(pixels, 2, f, 3), x)


def test_clearing_makes_the_outside_of_one_image_zero_and_no_more():
    f = frame(3, 6, 16)
    image = f.HP * f.WP * f.C
    pixels = np.arange(1, numbers(3, f) + 1, dtype=np.float32)
    before = pixels.copy()
    clear_outside(pixels, 1, f)
    within = inside(len(pixels), f)
    its = np.zeros(len(pixels), bool)
    its[image : 2 * image] = True
    assert not pixels[its & ~within].any()
    assert np.array_equal(pixels[~its | within], before[~its | within])


def test_the_tests_own_poison_lies_inside_only():
    f = frame(3, 5, 16)
    pixels = poisoned(2, f)
    assert np.isnan(images_of(pixels, 2, f)).all()
    assert np.count_nonzero(np.isnan(pixels)) >= 2 * 3 * 5 * 16
    assert nothing_outside(pixels, f)
