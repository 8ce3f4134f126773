"""Numbers as C reads them, and errors that know their place."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haar import CascadeError
from haar.fields import Weights, Wholes, each, number, singles


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("7", 7), ("-7", -7), ("+7", 7), ("0", 0), ("010", 8), ("-010", -8), ("0x10", 16),
        ("-0X1f", -31), ("1.", 1.0), (".5", 0.5), ("-.5", -0.5), ("010.", 10.0), ("1e3", 1000.0),
        ("1E-3", 0.001), ("1.5e+2", 150.0), (".Inf", math.inf), ("-.inf", -math.inf),
    ],
)  # fmt: skip
def test_numbers_are_those_of_c(token: str, value: float) -> None:
    assert number(token) == value
    assert type(number(token)) is type(value)


def test_not_a_number_is_a_real_one() -> None:
    assert math.isnan(number(".Nan"))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "1x",
        "0x",
        "08",
        "1_0",
        "nan",
        "inf",
        "1e",
        "1.2.3",
        "--1",
        "1,5",
        "٣",
        "²",
        "9" * 19,
    ],
)
def test_what_is_no_number_is_refused(token: str) -> None:
    with pytest.raises(CascadeError, match="expected"):
        number(token)


def test_a_megabyte_of_digits_is_refused_at_once() -> None:
    start = time.process_time()
    with pytest.raises(CascadeError, match="expected a number, got '1111"):
        number("1" * 10**6 + "x")  # a pattern that tries every way to cut them takes hours
    assert time.process_time() - start < 1


def test_reals_are_rounded_to_single_precision() -> None:
    assert singles(" 0.1\n-2 3e-1 010 ") == (float(np.float32(0.1)), -2, float(np.float32(0.3)), 8)
    assert singles("1e39 -1e400") == (math.inf, -math.inf)  # for the checks to refuse
    assert singles("") == ()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_nine_digits_keep_a_single(numbers: list[float]) -> None:
    assert singles(" ".join(f"{value:.9g}" for value in numbers)) == tuple(numbers)


def test_whole_numbers_are_rounded_ties_to_even() -> None:
    wholes = Wholes()
    tokens = ("12", "-3", "0.5", "1.5", "2.5", "2.6", "1e2", "0x10", "0")
    assert [wholes[token] for token in tokens] == [12, -3, 0, 2, 2, 3, 100, 16, 0]
    for token in (".Nan", ".Inf", "1e999"):
        with pytest.raises(CascadeError, match="expected a whole number"):
            wholes[token]
    assert (wholes["-2147483648"], wholes["4294967295"]) == (-(2**31), 2**32 - 1)
    for token in ("-2147483649", "4294967296", "-3.4e38"):
        with pytest.raises(CascadeError, match="expected a whole number of 32 bits"):
            wholes[token]


def test_weights_are_single() -> None:
    assert Weights()["0.1"] == float(np.float32(0.1))


def test_an_error_gets_the_place_of_each_level_in_front() -> None:
    with pytest.raises(CascadeError, match=r"^stage 1, tree 2: expected a number, got 'x'$"):
        each("stage", [["1"], ["1", "2", "x"]], lambda row: each("tree", row, number))
