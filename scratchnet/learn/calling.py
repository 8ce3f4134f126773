"""One call of the learner's function: what came of it, and what it did besides.

Every call has arguments of its own, so that what a function does to them reaches no other call; and
the first is made twice, since a function of its arguments gives the same result again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.learn.diagnosis import as_numbers, same
from scratchnet.learn.exercise import Array, Task
from scratchnet.learn.loading import CAUGHT, explain

FORGETFUL = (
    "The same call, made again, gives another result: it remembers something,\n"
    "starts from np.empty, or draws from a generator that it was not given"
)


@dataclass(frozen=True)
class Call:
    """What came of one case: results, or an error.

    Attributes:
        results: one for each of the task's; None if something else was returned, or raised.
        error: what was raised, in words.
        changed: the arguments that are not what they were.
        todo: whether it is NotImplementedError that was raised.
    """

    returned: Any = None
    results: tuple[Any, ...] | None = None
    error: str | None = None
    changed: tuple[str, ...] = ()
    todo: bool = False


def call_case(function: Callable[..., Any], task: Task, case: int, path: Path) -> Call:
    """One case, on arguments made for this call alone."""
    arguments, untouched = task.cases()[case], task.cases()[case]
    try:
        returned = function(*arguments)
    except CAUGHT as error:
        return Call(error=explain(error, path), todo=isinstance(error, NotImplementedError))
    changed = tuple(
        name
        for name, mine, before in zip(task.parameters, arguments, untouched, strict=True)
        if isinstance(before, np.ndarray) and not np.array_equal(mine, before, equal_nan=True)
    )
    return Call(returned, task.as_results(returned), changed=changed)


def not_the_results(task: Task, returned: Any) -> str:
    """That None came back, or not as many results as were asked for."""
    wanted = ", ".join(task.results)
    if returned is None:
        return f"{task.name} returned None; is there a `return {wanted}`?"
    what = type(returned).__name__
    if isinstance(returned, tuple | list):
        what = f"{len(returned)} results"
    return f"{task.name} is expected to return {wanted}; it returned {what}"


def repeats(function: Callable[..., Any], task: Task, first: Call, path: Path) -> bool:
    """Whether the same call gives the same results again."""
    again = call_case(function, task, 0, path)
    if first.results is None or again.results is None:
        return first.results is None and again.results is None
    pairs = zip(first.results, again.results, strict=True)
    return all(same(*pair) or as_numbers(pair[0]) is None for pair in pairs)


def habits(calls: list[Call]) -> list[str]:
    """What a function must not do, even if its results are right."""
    return [
        f"It changes `{name}`, which belongs to the caller: write into an array of your own "
        f"({name} * mask, not {name} *= mask; {name}.copy() where it must be)."
        for name in dict.fromkeys(name for call in calls for name in call.changed)
    ]


def types(task: Task, call: Call, expected: tuple[Array, ...]) -> list[str]:
    """Right numbers in an array that could not hold others."""
    found = []
    for name, result, right in zip(task.results, call.results or (), expected, strict=True):
        dtype = np.asarray(result).dtype
        if (dtype.kind == "f") != (right.dtype.kind == "f") or (
            dtype.kind == "f" and dtype.itemsize < right.dtype.itemsize
        ):
            found.append(
                f"`{name}` has dtype {dtype}, expected {right.dtype}: name it where you make the "
                "array, or take it from an argument (np.zeros_like)."
            )
    return found
