"""Which mistake is it? A wrong result, beside those of every known way to be wrong.

    mistakes    the exercise's own list
    as if       the right result for an argument that was turned, swapped, left out
    findings    what a difference looks like, in general (`diagnosis`)

A mistake is recognised if it behaves as the learner's function does on *all* cases: the same
result, or an error where the other raises. One case alone may be chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.learn.calling import Call
from scratchnet.learn.diagnosis import Finding, diagnose, same
from scratchnet.learn.exercise import Arguments, Array, Mistake, Task

Results = tuple[Array, ...]
Change = Callable[[Array], Array]
CHANGES: tuple[tuple[str, Change], ...] = (
    ("all 0", lambda a: 0 * a),
    ("all 1", lambda a: 0 * a + 1),
    ("of the other sign", lambda a: -a),
    ("turned around along its first axis", lambda a: a[::-1]),
    ("turned around along its last axis", lambda a: a[..., ::-1]),
    ("turned around along its last axis but one", lambda a: a[..., ::-1, :]),
    ("turned around along both of its last axes", lambda a: a[..., ::-1, ::-1]),
    ("transposed in its first two axes", lambda a: a.swapaxes(0, 1)),
    ("transposed in its last two axes", lambda a: a.swapaxes(-1, -2)),
    ("only its first entry along axis 0", lambda a: a[:1]),
    ("only its last entry along axis 0", lambda a: a[-1:]),
)
"""What people do to an argument without meaning it."""


def recognised(task: Task, k: int, calls: list[Call], expected: list[Results]) -> Mistake | None:
    """The known mistake whose k-th result is the learner's, on all cases.

    Of several the one that is alike in most of the other results, too; then the first.
    """
    likeness = [_likeness(task, k, mistake.function, calls, expected) for mistake in task.mistakes]
    best = max(range(len(likeness)), key=likeness.__getitem__)
    return task.mistakes[best] if likeness[best] else None


def as_if(task: Task, k: int, calls: list[Call], expected: list[Results]) -> tuple[Finding, ...]:
    """The solution's k-th result for another argument, if that is the learner's on all cases."""
    for place, name in enumerate(task.parameters):
        array = task.cases()[0][place]
        if not isinstance(array, np.ndarray) or array.dtype.kind == "b":
            continue
        for how, change in CHANGES:

            def variant(*case: Any, at: int = place, change: Change = change) -> Any:
                return task.solution(*case[:at], change(case[at]), *case[at + 1 :])

            if _likeness(task, k, variant, calls, expected):
                return (Finding("as if", f"It is what comes out if `{name}` is {how}."),)
    return ()


def _likeness(
    task: Task,
    k: int,
    function: Callable[..., Any],
    calls: list[Call],
    expected: list[Results],
) -> int:
    """On how many results a wrong variant is like the learner's function; 0 if its k-th is not.

    It is if the two are the same on all cases, and differ from the solution on one.
    """
    differs, agreeing = False, 0
    for call, case, right in zip(calls, task.cases(), expected, strict=True):
        variant = _attempted(task, function, case)
        alike = _alike(task, call, variant)
        if not alike[k]:
            return 0
        differs = differs or (variant is not None and not same(variant[k], right[k]))
        agreeing += sum(alike)
    return agreeing if differs else 0


def _attempted(task: Task, function: Callable[..., Any], case: Arguments) -> tuple[Any, ...] | None:
    """A variant's results; None where it raises: a shape that does not fit, for instance."""
    try:
        return task.as_results(function(*case))
    except Exception:  # whatever it is: the learner's function has to raise there too
        return None


def _alike(task: Task, call: Call, variant: tuple[Any, ...] | None) -> list[bool]:
    """For each result, whether the two have the same; if one raises, the other has to."""
    if call.results is None or variant is None:
        return [call.results is None and variant is None] * len(task.results)
    return [same(*pair) for pair in zip(call.results, variant, strict=True)]


def common_findings(
    task: Task, k: int, wrong: list[int], calls: list[Call], expected: list[Results]
) -> tuple[Finding, ...]:
    """What holds on every case that is wrong, in the words of the first; else on the first only."""
    cases = task.cases()
    each = []
    for i in wrong:
        others = dict(zip(task.parameters, cases[i], strict=True))
        others |= {n: e for n, e in zip(task.results, expected[i], strict=True) if n not in others}
        others.pop(task.results[k], None)
        results = calls[i].results
        assert results is not None
        each.append(diagnose(results[k], expected[i][k], others))
    kinds = set.intersection(*({finding.kind for finding in findings} for findings in each))
    common = tuple(finding for finding in each[0] if finding.kind in kinds)
    return common or tuple(
        Finding(kind, f"In this case, not in all: {sentence}") for kind, sentence in each[0]
    )
