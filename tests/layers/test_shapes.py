"""Arguments to pairs, padding to pixels, windows counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.layers import Conv2D
from scratchnet.layers.shapes import (
    check_padding,
    output_size,
    padding_config,
    pair,
    resolve_padding,
    unpair,
    whole,
)

small = st.integers(1, 6)


def test_an_int_stands_for_both_axes():
    assert pair(3, "size") == (3, 3)
    assert pair([3, 5], "size") == (3, 5)
    assert unpair((3, 3)) == 3
    assert unpair((3, 5)) == [3, 5]


def test_numpys_ints_become_pythons():
    number = whole(np.int64(3), "filters")
    assert number == 3
    assert type(number) is int


@pytest.mark.parametrize("value", [0, -1, 1.0, "3", None, True, (1, 2)])
def test_what_is_no_positive_int_is_refused(value):
    with pytest.raises(ValueError, match="filters expects an int of at least 1, got "):
        whole(value, "filters")


@pytest.mark.parametrize(
    "padding", ["valid", "same", 0, 2, [1, 2], [[0, 1], [2, 0]], [[0, 1], [0, 1]]]
)
def test_padding_survives_its_config(padding):
    assert padding_config(check_padding(padding, "padding")) == padding


def test_padding_in_its_three_forms():
    assert check_padding(2, "padding") == ((2, 2), (2, 2))
    assert check_padding((1, 2), "padding") == ((1, 1), (2, 2))
    assert check_padding(((1, 2), (3, 4)), "padding") == ((1, 2), (3, 4))


@given(size=st.integers(1, 20), window=small, stride=small, dilation=st.integers(1, 3))
def test_same_padding_is_the_least_that_gives_the_size_over_the_stride(
    size, window, stride, dilation
):
    args = (size,) * 2, (window,) * 2, (stride,) * 2
    edges = resolve_padding("same", *args, (dilation,) * 2)
    (top, bottom), _ = edges
    assert output_size(Conv2D(1, 1), *args, edges, (dilation,) * 2) == (-(-size // stride),) * 2
    assert bottom - top in (0, 1)  # the odd pixel at the end
    span = (window - 1) * dilation + 1
    if bottom:  # one pixel less, and a window is missing
        assert (top + size + bottom - 1 - span) // stride + 1 < -(-size // stride)


@given(size=st.integers(1, 20), window=small, stride=small)
def test_the_number_of_windows_is_the_number_of_starts_that_fit(size, window, stride):
    if window > size:
        with pytest.raises(ValueError, match="take a smaller window"):
            output_size(Conv2D(1, 1), (size, size), (window, window), (stride, stride))
        return
    starts = range(0, size - window + 1, stride)
    out = output_size(Conv2D(1, 1), (size, size), (window, window), (stride, stride))
    assert out == (len(starts), len(starts))
