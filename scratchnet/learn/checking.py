"""The check: the learner's function beside the solution, on every case.

call        each case, on arguments of its own                                   `calling`
compare     each result with the solution's
recognise   a wrong one among the known mistakes; else describe it               `recognising`
witness     where a result is a gradient, a difference quotient speaks, too      `witness`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.learn.calling import (
    FORGETFUL,
    Call,
    call_case,
    habits,
    not_the_results,
    repeats,
    types,
)
from scratchnet.learn.diagnosis import Finding, same
from scratchnet.learn.exercise import Arguments, Array, Exercise, Mistake, Task
from scratchnet.learn.recognising import Results, as_if, common_findings, recognised
from scratchnet.learn.witness import slope_at, slope_error


@dataclass(frozen=True)
class Wrong:
    """One result that is not the solution's.

    Attributes:
        result: its name.
        case: the first case on which it is wrong, from 0 on.
        got, expected: the two, there.
        mistake: the known one that behaves alike, if there is one.
        findings: else, what the difference looks like.
        slope: the difference quotient at the first wrong place, where there is one.
    """

    result: str
    case: int
    got: Any
    expected: Array
    mistake: Mistake | None
    findings: tuple[Finding, ...]
    slope: float | None


@dataclass
class TaskReport:
    """How one function did.

    Attributes:
        error: why nothing could be compared: it is missing, raises, or takes other arguments.
        case: the case that `error` came from.
        habits: what it does besides being right or wrong.
        slope_error: of a right gradient, the largest distance from its difference quotients,
            over its largest entry.
    """

    task: Task
    cases: list[Arguments]
    error: str | None = None
    case: int | None = None
    todo: bool = False
    wrong: list[Wrong] = field(default_factory=list)
    habits: list[str] = field(default_factory=list)
    slope_error: float | None = None

    @property
    def right(self) -> bool:
        return not (self.error or self.wrong or self.habits)


def check(exercise: Exercise, names: Mapping[str, Any], path: Path) -> list[TaskReport]:
    """A report on each of the exercise's functions, from the names that a file defines."""
    with np.errstate(all="ignore"):  # the numbers decide; NaN has a sentence of its own
        return [_check_task(task, names, path) for task in exercise.tasks]


def _check_task(task: Task, names: Mapping[str, Any], path: Path) -> TaskReport:
    report = TaskReport(task, task.cases())
    function = names.get(task.name)
    if not callable(function):
        report.error = f"{path.name} defines no function `{task.name}`"
        return report
    calls = [call_case(function, task, i, path) for i in range(len(report.cases))]
    expected = [solved(task, case) for case in task.cases()]
    failed = [i for i, call in enumerate(calls) if call.results is None]
    if failed and _agree(calls[: failed[0]], expected):
        call, report.case = calls[failed[0]], failed[0]
        report.error, report.todo = call.error or not_the_results(task, call.returned), call.todo
        return report
    if not repeats(function, task, calls[0], path):
        report.error = FORGETFUL
        return report
    report.wrong = _wrong_results(task, calls, expected)
    report.habits = habits(calls)
    if report.right:
        report.habits = types(task, calls[0], expected[0])
    if report.right and task.slopes is not None:
        report.slope_error = slope_error(task, report.cases, expected)
    return report


def solved(task: Task, case: Arguments) -> Results:
    """The solution's results as arrays."""
    results = task.as_results(task.solution(*case))
    assert results is not None
    return tuple(np.asarray(result) for result in results)


def _agree(calls: list[Call], expected: list[Results]) -> bool:
    """Whether these calls, all of which returned results, are right."""
    return all(
        same(*pair)
        for call, right in zip(calls, expected, strict=False)
        for pair in zip(call.results or (), right, strict=True)
    )


def _wrong_results(task: Task, calls: list[Call], expected: list[Results]) -> list[Wrong]:
    found = []
    for k, name in enumerate(task.results):
        wrong = [
            i
            for i, call in enumerate(calls)
            if call.results is not None and not same(call.results[k], expected[i][k])
        ]
        if not wrong:
            continue
        first = wrong[0]
        results = calls[first].results
        assert results is not None
        got, right = results[k], expected[first][k]
        mistake = recognised(task, k, calls, expected)
        findings: tuple[Finding, ...] = ()
        if mistake is None:
            findings = as_if(task, k, calls, expected)
            findings += common_findings(task, k, wrong, calls, expected)
        slope = slope_at(task, name, first, got, right)
        found.append(Wrong(name, first, got, right, mistake, findings, slope))
    return found
