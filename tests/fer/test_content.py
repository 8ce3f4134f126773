import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.fer.content import content_ids, leaks


def pictures(values):
    """One 2 × 2 picture a value."""
    return np.array(values, np.uint8)[:, None, None] + np.zeros((1, 2, 2), np.uint8)


def test_equal_pictures_share_a_number():
    assert content_ids(pictures([7, 9, 7, 7, 8, 9])).tolist() == [0, 1, 0, 0, 2, 1]


def test_one_pixel_makes_another_picture():
    images = pictures([7, 7])
    images[1, 1, 1] += 1
    assert content_ids(images).tolist() == [0, 1]


def test_leaks_marks_test_pictures_that_training_has_seen():
    assert leaks(pictures([1, 2]), pictures([2, 3, 2])).tolist() == [True, False, True]
    assert leaks(pictures([]), pictures([2])).tolist() == [False]
    assert leaks(pictures([2]), pictures([])).shape == (0,)


def test_strided_views_compare_by_content():
    images = pictures([1, 2, 1, 2])[::-1]
    assert content_ids(images).tolist() == [0, 1, 0, 1]


@given(st.lists(st.integers(0, 5)))
def test_numbers_are_equal_exactly_where_pictures_are(values):
    ids = content_ids(pictures(values))
    assert np.array_equal(ids[:, None] == ids, np.equal.outer(values, values))
