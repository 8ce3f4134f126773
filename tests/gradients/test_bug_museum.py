"""Every bug of the museum is caught, and what catches it lets the right code pass.

The catalogue stands in docs/gradients.md; `tests.docs.test_gradients_chapter` keeps it fresh.
"""

from functools import cache

import numpy as np
import pytest

from scratchnet.gradcheck import GradientError, InconclusiveGradient
from tests.gradients import test_conventions
from tests.gradients.bug_museum import GRADIENT_CHECK, MUSEUM
from tests.gradients.cases import CASES

BUGS = list(MUSEUM.values())
CHECKED = [bug for bug in BUGS if bug.caught_by == GRADIENT_CHECK]
PINNED = [bug for bug in BUGS if bug.caught_by != GRADIENT_CHECK]


def named(bug):
    return bug.name.replace(" ", "_")


@cache
def right_passes(case, training):
    return CASES[case].check(training=training, entries=40).passed


@pytest.mark.parametrize("bug", CHECKED, ids=named)
def test_check_gradients_catches(bug):
    assert right_passes(bug.case, bug.training), "the catch would mean nothing"
    with bug.planted(), pytest.raises(GradientError) as caught:
        CASES[bug.case].check(training=bug.training, entries=40)
    assert not isinstance(caught.value, InconclusiveGradient)


def convention(name):
    """The pinned test of this name, with its first parameters if it has any."""
    function = getattr(test_conventions, name)
    marks = getattr(function, "pytestmark", [])
    arguments = {mark.args[0]: mark.args[1][0] for mark in marks if mark.name == "parametrize"}
    return lambda: function(**arguments)


@pytest.mark.parametrize("bug", PINNED, ids=named)
def test_a_convention_catches(bug):
    convention(bug.caught_by)()
    with bug.planted(), pytest.raises(AssertionError):
        convention(bug.caught_by)()


def test_the_museum_is_of_some_size():
    assert len(BUGS) >= 40
    assert len({bug.wrong for bug in BUGS}) == len(BUGS)


def test_planting_a_bug_leaves_no_trace():
    before = CASES["Dense"].check().rows
    with next(bug for bug in BUGS if bug.case == "Dense").planted():
        pass
    assert np.array_equal(before, CASES["Dense"].check().rows)
