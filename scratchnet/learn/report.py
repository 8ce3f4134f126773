"""A check in words: what is wrong first, how much is, what it looks like, where to read on."""

from __future__ import annotations

import reprlib
import textwrap
from typing import Any

import numpy as np

from scratchnet.learn.checking import TaskReport, Wrong
from scratchnet.learn.diagnosis import as_numbers, differing, first_wrong_index
from scratchnet.learn.exercise import Arguments, Array, Exercise

WIDTH = 96
DEEP = " " * 4
SHOWN = 16
"""Arguments of up to so many entries are printed, for who wants to do the sum by hand."""


def as_text(exercise: Exercise, reports: list[TaskReport], following: Exercise | None) -> str:
    """The whole report."""
    lines = [line for report in reports for line in _task(exercise, report)]
    if all(report.right for report in reports):
        lines += ["", f"Right. The library's own: {exercise.library}"]
        if following is not None:
            lines += [f"Next: python -m scratchnet learn {following.name}"]
    return "\n".join(lines)


def _task(exercise: Exercise, report: TaskReport) -> list[str]:
    name = report.task.name
    if report.right:
        return [f"✓ {name}: right on {_many(len(report.cases), 'case')}", *_witnesses(report)]
    if report.todo:
        return [f"✗ {name} is still to be written", f"  {exercise.read} explains it"]
    lines = [f"✗ {name}"]
    if report.error is not None:
        lines += _indented(report.error)
        cases = [] if report.case is None else [report.case]
    else:
        named: set[str] = set()
        for wrong in report.wrong:
            lines += _wrong(exercise, wrong, named)
        lines += [line for habit in report.habits for line in _wrapped(habit, "  ")]
        cases = sorted({wrong.case for wrong in report.wrong})
    for case in cases:
        lines += _case(report, case)
    if report.error or any(wrong.mistake is None for wrong in report.wrong):
        lines.append(f"  Read {exercise.read}")
    return lines


def _witnesses(report: TaskReport) -> list[str]:
    if report.slope_error is None:
        return []
    names = ", ".join(report.task.results)
    digits = min(int(-np.log10(max(report.slope_error, 1e-9)) + 1e-6), 9)
    return [f"  so say difference quotients of L: {names}, to {digits} digits"]


def _wrong(exercise: Exercise, wrong: Wrong, named: set[str]) -> list[str]:
    """One result; a mistake that stands in `named` already is not explained again."""
    lines = [f"  {line}" for line in _comparison(wrong)]
    if wrong.slope is not None:
        lines.append(
            f"  A difference quotient of L says {_number(round(wrong.slope, 7) + 0.0)} there."
        )
    if wrong.mistake is not None:
        lines.append(f"  It looks like: {wrong.mistake.name}")
        if wrong.mistake.name not in named:
            lines += _wrapped(wrong.mistake.advice, DEEP)
            lines.append(f"{DEEP}Read {wrong.mistake.read or exercise.read}")
        named.add(wrong.mistake.name)
    elif wrong.findings:
        lines.append(f"  {wrong.findings[0].sentence}")
    else:
        lines.append("  No mistake that is known here: do the sum of that one entry by hand.")
    return lines


def _comparison(wrong: Wrong) -> list[str]:
    """The first wrong entry, and how many are wrong."""
    got, expected, name = as_numbers(wrong.got), wrong.expected, wrong.result
    if got is None:
        return [f"{name}: expected an array {expected.shape}, got {reprlib.repr(wrong.got)}"]
    if got.shape != expected.shape:
        return [f"{name}: expected the shape {expected.shape}, got {got.shape}"]
    index = first_wrong_index(got, expected)
    assert index is not None
    place = name + (f"[{', '.join(map(str, index))}]" if index else "")
    one, other = _number(expected[index]), _number(got[index])
    if one == other:
        one, other = repr(float(expected[index])), repr(float(got[index]))
    lines = [f"{place}: expected {one}, got {other}"]
    if got.size > 1:
        many = int(differing(got, expected).sum())
        verb = "is" if many == 1 else "are"
        lines.append(f"{many} of {_many(got.size, 'entry', 'entries')} {verb} wrong")
    return lines


# -- a case ---------------------------------------------------------------------------------------


def _case(report: TaskReport, case: int) -> list[str]:
    """Which case it was, and its arguments where they can be read."""
    arguments: Arguments = report.cases[case]
    named = list(zip(report.task.parameters, arguments, strict=True))
    short = all(value.size <= SHOWN for _, value in named if isinstance(value, np.ndarray))
    if short:
        lines = [f"  Case {case + 1} of {len(report.cases)}:"]
        for name, value in named:
            lines += _indented(f"{name} = {_value(value)}", DEEP)
        return lines
    shapes = ", ".join(
        f"{name} {value.shape}" if isinstance(value, np.ndarray) else f"{name} = {_value(value)}"
        for name, value in named
    )
    return [f"  Case {case + 1} of {len(report.cases)}: {shapes}"]


def _value(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return _list(value)
    if isinstance(value, np.random.Generator):
        return "a generator"
    return repr(value) if isinstance(value, bool | int | float) else type(value).__name__


def _list(array: Array) -> str:
    """An array as one would type it, without needless points."""
    if array.ndim:
        return f"[{', '.join(_list(part) for part in array)}]"
    return str(array) if array.dtype == bool else _number(array[()])


def _number(value: Any, digits: int = 10) -> str:
    return f"{value:.{digits}g}"


def _many(count: int, one: str, more: str | None = None) -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


def _wrapped(text: str, space: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=space, subsequent_indent=space)


def _indented(text: str, space: str = "  ") -> list[str]:
    return [f"{space}{line}" for line in text.splitlines()]
