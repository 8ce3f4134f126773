"""What a wrong array looks like, in words; and that a right one looks like nothing."""

import numpy as np
import pytest

from scratchnet.learn.diagnosis import as_numbers, close, diagnose, differing

RIGHT = np.array([[1.0, 2.0, 4.0, 8.0], [3.0, -5.0, 7.0, 6.0], [9.0, 0.0, 2.5, -1.0]])


def first(got, expected=RIGHT, **others):
    """The kind of the first finding."""
    found = diagnose(got, expected, others)
    return found[0].kind if found else None


def changed(*places):
    """RIGHT with other numbers at these places."""
    array = RIGHT.copy()
    for number, place in enumerate(places, 1):
        array[place] += 10 * number + number**2
    return array


@pytest.mark.parametrize(
    ("got", "kind"),
    [
        (None, "none"),
        ("seven", "type"),
        ([[1], [2, 3]], "type"),
        (RIGHT.T, "transposed"),
        (RIGHT.reshape(4, 3), "reshaped"),
        (RIGHT[np.newaxis], "reshaped"),
        (RIGHT[:2], "one short"),
        (np.pad(RIGHT, ((0, 1), (0, 1))), "one long"),
        (np.stack([RIGHT + 1, 0 * RIGHT - 1]), "not summed"),
        (np.stack([RIGHT, RIGHT]), "repeated"),
        (np.where(RIGHT == 7, np.nan, RIGHT), "not finite"),
        (RIGHT * (1 + 1e-7), "rounded"),
        (np.trunc(RIGHT), "whole"),
        (0 * RIGHT, "zero"),
        (-RIGHT, "sign"),
        (RIGHT * 3, "factor other 0"),
        (RIGHT / 3, "factor other 0"),
        (RIGHT * 7, "factor 7"),
        (RIGHT[::-1], "turned"),
        (RIGHT[::-1, ::-1], "turned"),
        (np.roll(RIGHT, 1, axis=1), "moved"),
        (RIGHT + 2, "offset"),
        (changed((0, 1), (2, 2)), "border"),
        (changed(*[(i, j) for i in (1, 2) for j in range(4)]), "only first"),
        (changed((2, 1), (2, 2)), "border"),
    ],
)
def test_each_kind_of_difference(got, kind):
    assert first(got, other=np.zeros(3)) == kind


def test_where_it_is_wrong():
    assert "in the last row" in diagnose(changed((2, 1), (2, 2)), RIGHT, {})[0].sentence
    kinds = [finding.kind for finding in diagnose(changed((2, 1)), RIGHT, {})]
    assert kinds == ["border", "not last"]


def test_another_array_is_named():
    assert first(RIGHT + 1, dy=RIGHT + 1) == "is dy"


def test_nothing_is_said_of_what_is_like_nothing():
    noise = np.random.default_rng(0).standard_normal(RIGHT.shape)
    assert diagnose(noise, RIGHT, {"x": RIGHT}) == []


def test_rounding_is_no_difference_and_nan_equals_nan():
    assert close(RIGHT * (1 + 1e-12), RIGHT) and not close(RIGHT * (1 + 1e-7), RIGHT)
    assert not close(RIGHT[0], RIGHT)
    odd = np.array([np.nan, np.inf, 1.0])
    assert close(odd, odd)
    assert differing(np.array([np.nan, 1.0]), np.array([0.0, 1.0])).tolist() == [True, False]
    assert as_numbers([1, 2.5]).tolist() == [1, 2.5] and as_numbers({"a": 1}) is None
