"""Right, wrong or unclear: the judgement of one slope by difference quotients.

    right     |claimed - difference| <= tolerance
    wrong     not so, though two differences of unlike steps agree, and f is smooth at both
    unclear   no two steps agree: a kink lies at the point, or rounding drowns the difference

A kink inside of the stencil is no fault of backward: the step is shortened until the kink is
outside, or until rounding would count.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scratchnet.gradcheck.differences import Function, central, complex_step, five_point
from scratchnet.gradcheck.report import Verdict

FIRST_STEP = {"linear": 1.0, "smooth": 1e-3, "complex": 1e-30}
ROUGH = 1e-5
"""A roughness (see `differences`) above this share of the largest slope is a kink."""


class Opinion(NamedTuple):
    """What the differences say of one slope."""

    verdict: Verdict
    numeric: float
    kink: bool = False


def judge(scheme: str, f: Function, claimed: float, unit: float, rtol: float) -> Opinion:
    """Judge the claim that f'(0) is `claimed`, to within rtol · unit."""
    if scheme == "smooth":
        return _judge_smooth(f, claimed, unit, rtol)
    slope, doubt = central(f) if scheme == "linear" else complex_step(f)
    if not doubt <= 10 * rtol * unit:  # f bends, so that this slope means nothing
        return Opinion(Verdict.INCONCLUSIVE, slope, kink=True)
    right = abs(slope - claimed) <= rtol * unit
    return Opinion(Verdict.RIGHT if right else Verdict.WRONG, slope)


def _judge_smooth(f: Function, claimed: float, unit: float, rtol: float) -> Opinion:
    kink, previous = False, np.nan
    slope, h = np.nan, FIRST_STEP["smooth"]
    while h >= 10 * np.finfo(np.float64).eps / rtol:
        slope, roughness = five_point(f, h)
        if not roughness <= ROUGH * unit:
            kink = True
        elif abs(slope - claimed) <= rtol * unit:
            return Opinion(Verdict.RIGHT, slope, kink)
        elif abs(slope - previous) <= 100 * rtol * max(unit, abs(slope)):
            return Opinion(Verdict.WRONG, slope, kink)
        else:
            previous = slope
        h /= 10
    return Opinion(Verdict.INCONCLUSIVE, slope, kink)
