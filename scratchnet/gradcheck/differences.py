"""Difference quotients: the derivative of f at 0 from values of f alone; f(0) = 0.

    central      (f(h) - f(-h)) / 2h                          exact for an affine f: take h = 1
    five-point   (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h  error h⁴ f⁽⁵⁾ / 30
    complex      Im f(ih) / h                                 error h² f‴ / 6; take h = 1e-30

A real difference loses what f(h) and f(-h) have in common: its error is at least ε |f| / h, so
that the best h is a compromise. An affine f needs none (h = 1 loses nothing), nor does the
complex step (nothing is subtracted), which asks for an f that takes complex numbers.

**Kinks.** Where f jumps in slope by J inside of the stencil, no difference is a derivative. The
second sum shows it for the central difference, the fourth difference for the five points:

    bend       f(h) + f(-h)                                   0 for an affine f
    roughness  |f(2h) - 4 f(h) - 4 f(-h) + f(-2h)| / h        h³ f⁗ if smooth, about J at a kink

Source: Fornberg, "Generation of finite difference formulas" (1988), table 1; Squire & Trapp,
"Using complex variables to estimate derivatives of real functions" (1998).
Chapter: docs/gradients.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Function = Callable[[Any], Any]


class Difference(NamedTuple):
    """An estimate of f'(0), and how far f is from what the estimate takes it for."""

    slope: float
    doubt: float
    """The bend or the roughness, in units of the slope."""


def central(f: Function, h: float = 1.0) -> Difference:
    """The slope and the bend of an affine f."""
    ahead, behind = f(h), f(-h)
    return Difference((ahead - behind) / (2 * h), abs(ahead + behind) / h)


def five_point(f: Function, h: float) -> Difference:
    """The slope and the roughness of a smooth f."""
    ahead, behind = f(h), f(-h)
    further, back = f(2 * h), f(-2 * h)
    slope = (8 * (ahead - behind) - (further - back)) / (12 * h)
    return Difference(slope, abs(further - 4 * ahead - 4 * behind + back) / h)


def complex_step(f: Function, h: float = 1e-30) -> Difference:
    """The slope of an analytic f; there is no doubt to report."""
    return Difference(f(1j * h).imag / h, 0.0)
