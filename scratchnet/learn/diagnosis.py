"""What a wrong array looks like beside the right one, if it is none of the known mistakes.

    missing    returned None, or something that is no array of numbers
    shape      transposed, an axis too many, one window too few
    values     NaN, rounded, cut to whole numbers; another array's; all 0; −1 or k times the right
               ones; moved, turned around, transposed; wrong only at the border, or only beyond the
               first sample

Each description is a `Finding`: a kind, by which cases are compared (what holds on one case only
may be chance), and a sentence about this case.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from scratchnet.learn.exercise import Array

RTOL = 1e-9
"""Allowed error over the largest entry: float64, added up in any order."""
SINGLE = 1e-5
"""The error of float32."""


class Finding(NamedTuple):
    kind: str
    sentence: str


def close(got: Array, expected: Array, rtol: float = RTOL) -> bool:
    """Whether two arrays have one shape and, but for rounding, the same numbers."""
    return got.shape == expected.shape and not differing(got, expected, rtol).any()


def differing(got: Array, expected: Array, rtol: float = RTOL) -> Array:
    """Where two arrays of one shape differ; NaN equals NaN."""
    finite = np.abs(expected[np.isfinite(expected)])
    scale = float(finite.max(initial=0.0)) or 1.0
    return ~np.isclose(got, expected, rtol=0, atol=rtol * scale, equal_nan=True)


def as_numbers(value: Any) -> Array | None:
    """A result as an array, or None if it is no array of real numbers."""
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        return None
    return array if array.dtype.kind in "biuf" else None


def same(got: Any, other: Any) -> bool:
    """Whether two results are arrays of the same numbers."""
    mine, theirs = as_numbers(got), as_numbers(other)
    return mine is not None and theirs is not None and close(mine, theirs)


def first_wrong_index(got: Any, expected: Array) -> tuple[int, ...] | None:
    """The first place, in reading order, at which two arrays of one shape differ."""
    array = as_numbers(got)
    if array is None or array.shape != expected.shape:
        return None
    return tuple(int(i) for i in np.argwhere(differing(array, expected))[0])


def diagnose(got: Any, expected: Array, others: Mapping[str, Any]) -> list[Finding]:
    """All that can be said of a wrong result, what tells most first.

    Args:
        got: what the learner's function returned.
        expected: what it should be.
        others: the arguments and the other results, by name.
    """
    if got is None:
        return [Finding("none", "It is None: is there a `return`?")]
    array = as_numbers(got)
    if array is None:
        return [Finding("type", f"It is {type(got).__name__}, not an array of real numbers.")]
    looks = VALUES if array.shape == expected.shape else SHAPE
    with np.errstate(all="ignore"):
        return [finding for look in looks for finding in look(array, expected, others)]


# -- the shape ------------------------------------------------------------------------------------


def _transposed(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    """Another order of the axes gives the right numbers, in the same shape or not."""
    if got.ndim != expected.ndim or got.size != expected.size or got.ndim > 4:
        return
    for axes in itertools.permutations(range(got.ndim)):
        if axes != tuple(range(got.ndim)) and close(got.transpose(axes), expected):
            how = ".T" if got.ndim == 2 else f".transpose{axes}"
            yield Finding("transposed", f"It is transposed: yours{how} would be right.")


def _reshaped(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    if got.size != expected.size:
        return
    if close(got.reshape(expected.shape), expected):
        yield Finding("reshaped", "The numbers are right, in their order; only the shape is not.")


def _broadcast(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        one, other = np.broadcast_arrays(got, expected)
    except ValueError:
        return
    if close(one, other):
        yield Finding("repeated", "The numbers are right, but an axis is repeated or missing.")


def _summed(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    if got.ndim <= expected.ndim:
        return
    for axes in itertools.combinations(range(got.ndim), got.ndim - expected.ndim):
        if close(got.sum(axis=axes), expected):
            yield Finding("not summed", f"A sum over axis {_join(axes)} is missing.")


def _one_off(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    if got.ndim != expected.ndim:
        return
    off = np.subtract(got.shape, expected.shape)
    if np.all(np.abs(off) <= 1):
        word = "short" if np.any(off < 0) else "long"
        axes = _join(np.flatnonzero(off).tolist())
        yield Finding(f"one {word}", f"It is one too {word} along axis {axes}: count the windows.")


# -- the values -----------------------------------------------------------------------------------


def _not_finite(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    bad = ~np.isfinite(got) & np.isfinite(expected)
    if not bad.any():
        return
    yield Finding(
        "not finite",
        f"{_count(bad)} not finite: 0 / 0, the logarithm of 0, or a number that grew too large.",
    )


def _single(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    if not close(got, expected, SINGLE):
        return
    yield Finding(
        "rounded", "It is right to five digits: computed in float32, or with another eps?"
    )


def _cut(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    for cut in (np.trunc, np.floor, np.round):
        if close(got, cut(expected)):
            yield Finding(
                "whole", "It is cut to whole numbers: an array of integers, or // in place of /?"
            )


def _zero(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    if np.any(got):
        return
    yield Finding("zero", "It is all 0: nothing is written into it.")


def _another(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    for name, value in others.items():
        if isinstance(value, np.ndarray) and close(got, value):
            yield Finding(f"is {name}", f"It is `{name}`.")


def _factor(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    place = np.unravel_index(np.abs(expected).argmax(), expected.shape)
    if expected[place] == 0:
        return
    k = float(got[place] / expected[place])
    if k == 0 or not np.isfinite(k) or not close(got, k * expected):
        return
    if np.isclose(k, -1):
        yield Finding("sign", "The sign is wrong everywhere.")
        return
    ratio = f"{k:.6g}" if abs(k) >= 1 else f"1 / {1 / k:.6g}"
    times = f"It is {ratio} times what it should be, everywhere"
    for name, value in others.items():
        for axis, length in enumerate(np.shape(value) if isinstance(value, np.ndarray) else ()):
            if np.isclose(k, length) or np.isclose(1 / k, length):
                yield Finding(
                    f"factor {name} {axis}", f"{times}: {name}.shape[{axis}] is {length}."
                )
    yield Finding(f"factor {ratio}", f"{times}.")
    yield Finding("factor", f"{times}; in other cases it is another factor.")


def _offset(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    difference = got - expected
    if got.size < 2 or not close(difference, np.full_like(difference, difference.flat[0])):
        return
    yield Finding("offset", f"It is off by {difference.flat[0]:+.6g} everywhere.")


def _turned(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    axes = [axis for axis in range(got.ndim) if got.shape[axis] > 1]
    for count in range(1, len(axes) + 1):
        for some in itertools.combinations(axes, count):
            if close(np.flip(got, some), expected):
                yield Finding("turned", f"It is turned around along axis {_join(some)}.")


def _moved(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    for axis in range(got.ndim):
        mine, right = np.moveaxis(got, axis, 0), np.moveaxis(expected, axis, 0)
        if len(right) < 3 or not np.any(right[1:] != right[:-1]):
            continue
        if close(mine[1:], right[:-1]) or close(mine[:-1], right[1:]):
            yield Finding("moved", f"It is moved by one along axis {axis}.")


def _border(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    if got.ndim < 2 or min(got.shape[-2:]) < 3:
        return
    wrong = differing(got, expected)
    inside = wrong[..., 1:-1, 1:-1]
    if inside.any():
        return
    sides = {
        "first row": wrong[..., 0, :],
        "last row": wrong[..., -1, :],
        "first column": wrong[..., 0],
        "last column": wrong[..., -1],
    }
    named = [name for name, part in sides.items() if part.any() and wrong.sum() == part.sum()]
    place = f"in the {named[0]}" if named else "at the border"
    yield Finding("border", f"It is wrong only {place}: does a loop begin late or end early?")


def _first_or_last(got: Array, expected: Array, others: Mapping[str, Any]) -> Iterator[Finding]:
    """Wrong in all but one place along an axis, or in that one only."""
    wrong = differing(got, expected)
    for axis in range(wrong.ndim):
        if wrong.shape[axis] < 2:
            continue
        rest = tuple(other for other in range(wrong.ndim) if other != axis)
        bad = np.asarray(wrong.any(axis=rest))
        for place in (0, -1):
            name = "first" if place == 0 else "last"
            others_bad = np.delete(bad, place)
            if not bad[place] and others_bad.all():
                yield Finding(
                    f"only {name}",
                    f"Only the {name} entry along axis {axis} is right: does a loop stop there, "
                    "or forget the others?",
                )
            if bad[place] and not others_bad.any():
                yield Finding(f"not {name}", f"Only the {name} entry along axis {axis} is wrong.")


Look = Callable[[Array, Array, Mapping[str, Any]], Iterator[Finding]]
SHAPE: tuple[Look, ...] = (_transposed, _reshaped, _summed, _broadcast, _one_off)
VALUES: tuple[Look, ...] = (
    *(_not_finite, _single, _cut, _zero, _another, _factor),
    *(_transposed, _turned, _moved, _offset, _border, _first_or_last),
)


def _join(things: Any) -> str:
    names = [str(thing) for thing in things]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _count(bad: Array) -> str:
    """How many entries, with their verb."""
    many = int(bad.sum())
    return f"{many} of {bad.size} entries {'is' if many == 1 else 'are'}"
