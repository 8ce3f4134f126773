"""The median: nine pixels by hand, the network against every input, and beside SciPy and OpenCV."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.vision.median import median_filter, median_network, merge_exchange, middle

# -- by hand --------------------------------------------------------------------------------------


def test_a_speck_vanishes():
    picture = np.full((5, 5), 9, np.uint8)
    picture[2, 2] = 255
    assert np.all(median_filter(picture) == 9)


def test_an_edge_stays_where_it_is():
    picture = np.zeros((4, 6), np.uint8)
    picture[:, 3:] = 200
    assert np.array_equal(median_filter(picture), picture)


def test_nine_pixels_and_their_corner_by_hand():
    picture = np.array([[8, 1, 6], [3, 5, 7], [4, 9, 2]], np.uint8)
    filtered = median_filter(picture)
    assert filtered[1, 1] == 5
    # The corner sees 8 8 1 / 8 8 1 / 3 3 5: 1 1 3 3 (5) 8 8 8 8.
    assert filtered[0, 0] == 5
    # The right of the middle row sees 1 6 6 / 5 7 7 / 9 2 2: 1 2 2 5 (6) 6 7 7 9.
    assert filtered[1, 2] == 6


def test_three_values_are_sorted_by_three_exchanges():
    assert list(merge_exchange(3)) == [(0, 2), (0, 1), (1, 2)]
    # The smallest and the largest are not asked for: of the last pair only the minimum.
    assert median_network(3)[-1] == (1, 2, True, False)


# -- the network ----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [3, 9, 25])
def test_the_network_is_right_for_every_input(n):
    """The 0-1 principle, with all 2ⁿ inputs at once: wire i is the truth table of bit i."""
    inputs = 2**n
    wires = []
    for i in range(n):  # bit i of the number of the input, eight inputs a byte
        if i < 3:
            byte = sum(1 << k for k in range(8) if k >> i & 1)
            wires.append(np.full(inputs // 8, byte, np.uint8))
        else:
            run = 2 ** (i - 3)
            pattern = np.repeat(np.array([0, 255], np.uint8), run)
            wires.append(np.tile(pattern, inputs // 8 // (2 * run)))
    median = median_of_bits(wires)

    ones = np.bitwise_count(np.arange(inputs, dtype=np.uint32))
    assert np.array_equal(median, np.packbits(ones > n // 2, bitorder="little"))


def median_of_bits(wires):
    """`middle`, where the minimum of two bits is their AND and the maximum their OR."""
    wires = list(wires)
    for i, j, keep_min, keep_max in median_network(len(wires)):
        a, b = wires[i], wires[j]
        if keep_min:
            wires[i] = a & b
        if keep_max:
            wires[j] = a | b
    return wires[len(wires) // 2]


def test_it_needs_as_many_operations_as_the_header_says():
    def operations(n):
        return sum(e.keep_min + e.keep_max for e in median_network(n))

    assert operations(9) == 36
    assert operations(25) == 202


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=81).filter(lambda v: len(v) % 2))
def test_the_middle_is_the_median_of_any_odd_number_of_values(values):
    assert middle([np.array(v) for v in values]) == np.median(values)


# -- the filter -----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3, 5, 7]))
def test_the_filter_is_its_definition(H, W, size):
    picture = np.random.default_rng(H * 9 + W).integers(0, 256, (H, W)).astype(np.uint8)
    r = size // 2
    padded = np.pad(picture, r, "edge")
    expected = [[np.median(padded[y : y + size, x : x + size]) for x in range(W)] for y in range(H)]
    assert np.array_equal(median_filter(picture, size), expected)


@pytest.mark.parametrize("shape", [(3, 2, 20, 30), (200, 40, 40), (300, 500), (0, 8, 8)])
def test_stacks_and_large_pictures_are_filtered_piece_by_piece(shape, monkeypatch):
    stack = np.random.default_rng(5).integers(0, 256, shape).astype(np.float32)
    whole = median_filter(stack)
    assert whole.shape == shape
    assert whole.dtype == np.float32
    monkeypatch.setattr("scratchnet.vision.median.BAND_PIXELS", 777)
    assert np.array_equal(median_filter(stack), whole)


@pytest.mark.oracle
@pytest.mark.parametrize("size", [3, 5, 7])
def test_scipy_and_opencv_agree_to_the_bit(size):
    ndimage, cv2 = pytest.importorskip("scipy.ndimage"), pytest.importorskip("cv2")
    picture = np.random.default_rng(6).integers(0, 256, (70, 53)).astype(np.uint8)
    ours = median_filter(picture, size)
    assert np.array_equal(ours, ndimage.median_filter(picture, size, mode="nearest"))
    assert np.array_equal(ours, cv2.medianBlur(picture, size))


@pytest.mark.parametrize("size", [0, 2, -3])
def test_a_size_without_a_middle_is_refused(size):
    with pytest.raises(ValueError, match="expects an odd size, such as 3 or 5"):
        median_filter(np.zeros((4, 4), np.uint8), size)
