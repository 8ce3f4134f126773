"""Bugs of the checkers themselves: a wrong ruler finds no wrong length."""

from __future__ import annotations

from scratchnet.gradcheck import judge
from scratchnet.gradcheck.differences import Difference
from tests.gradients.bug_museum.exhibits import planted

EXACT = "test_differences_are_exact_for_polynomials"


@planted(judge, "five_point", case="Tanh", comes_from="a published project", caught_by=EXACT)
def lopsided_difference(right, f, h):
    """(f(x + h) - f(x - 2h)) / 2h: not even the slope of a line."""
    _, doubt = right(f, h)
    return Difference((f(h) - f(-2 * h)) / (2 * h), doubt)
