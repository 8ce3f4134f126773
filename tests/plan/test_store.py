"""The store: memory is used again, and lies ready with zeros around its images."""

import numpy as np
import pytest

from scratchnet.kernels.maps import frame, numbers
from scratchnet.plan.store import Maps, Store
from tests.plan.checked_store import CheckedStore

F = frame(3, 4, 16)


def test_what_is_given_back_is_taken_again():
    store = Store()
    first = store.maps(2, F)
    assert (first.N, first.frame, len(first.pixels)) == (2, F, numbers(2, F))
    assert first.pixels.dtype == np.float32
    assert not first.pixels.any()
    other = store.maps(2, F)
    assert not np.shares_memory(first.pixels, other.pixels)
    store.give_back(first)
    assert store.maps(2, F).pixels is first.pixels


def test_smaller_batches_use_the_memory_of_larger_ones_and_not_the_reverse():
    store = Store()
    two = store.array(2, F)
    store.give_back(two, F)
    assert store.array(1, F) is two
    store.give_back(two, F)
    three = store.array(3, F)
    assert len(three) == numbers(3, F)
    assert not np.shares_memory(three, two)
    store.give_back(three, F)
    assert store.array(2, F) is three, "the larger one took the smaller one's place"


def test_memory_of_another_frame_or_dtype_is_not_taken():
    store = Store()
    pixels = store.array(1, F)
    store.give_back(pixels, F)
    assert store.array(1, F, "uint8").dtype == np.uint8
    assert store.array(1, F._replace(top=0)) is not pixels
    assert store.array(1, F) is pixels


def test_arrays_that_are_no_maps_are_ignored():
    store = Store()
    for nothing in (None, np.zeros(4, np.float32)):
        store.give_back(nothing)
    assert not np.shares_memory(store.array(1, F), np.zeros(4))


# -- the tests' own store -------------------------------------------------------------------------


def test_a_checked_store_gives_out_poison():
    maps = CheckedStore().maps(1, F)
    assert np.count_nonzero(np.isnan(maps.pixels)) >= 3 * 4 * 16


def test_a_checked_store_catches_what_lies_outside():
    store = CheckedStore()
    maps = store.maps(1, F)
    maps.pixels[0] = 1
    with pytest.raises(AssertionError, match="outside of the images"):
        store.give_back(maps)


def test_a_checked_store_catches_what_is_given_back_twice_or_from_elsewhere():
    store = CheckedStore()
    maps = store.maps(1, F)
    store.give_back(maps)
    with pytest.raises(KeyError):
        store.give_back(maps)
    with pytest.raises(KeyError):
        store.give_back(Maps(1, F, np.zeros(numbers(1, F), np.float32)))
