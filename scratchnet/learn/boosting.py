"""AdaBoost's update: what a stump got wrong weighs more in the next round.

e = Σ wᵢ over the wrong ones     α = ln (1 − e) / e     wᵢ ← wᵢ exp(α [wrongᵢ]) / Σ
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.learn.exercise import Arguments, Array, Exercise, Task, mistake


def adaboost_update(w: Array, wrong: Array) -> tuple[Array, float]:
    error = w[wrong].sum()
    alpha = np.log((1 - error) / error)
    return _reweighted(w, wrong, alpha), float(alpha)


def _reweighted(w: Array, wrong: Array, alpha: float) -> Array:
    w = w * np.exp(alpha * wrong)
    return w / w.sum()


@mistake()
def weights_not_normalised(w: Array, wrong: Array) -> Any:
    """Divide by the sum, so that the weights are shares of 1 again; otherwise the next round's
    error is no share."""
    _, alpha = adaboost_update(w, wrong)
    return w * np.exp(alpha * wrong), alpha


@mistake()
def error_unweighted(w: Array, wrong: Array) -> Any:
    """e is the *weight* of the wrong samples, w[wrong].sum(), not how many there are."""
    error = wrong.mean()
    alpha = np.log((1 - error) / error)
    return _reweighted(w, wrong, alpha), float(alpha)


@mistake()
def half_of_alpha(w: Array, wrong: Array) -> Any:
    """½ ln belongs to the form exp(−α y h), which moves the right ones too. With [wrong] it is
    the whole logarithm: then the wrong ones have exactly half of all weight."""
    _, alpha = adaboost_update(w, wrong)
    return _reweighted(w, wrong, alpha / 2), alpha / 2


@mistake()
def upside_down(w: Array, wrong: Array) -> Any:
    """ln e / (1 − e) is negative for a useful stump: it is (1 − e) / e."""
    _, alpha = adaboost_update(w, wrong)
    return _reweighted(w, wrong, -alpha), -alpha


@mistake()
def the_right_ones_grow(w: Array, wrong: Array) -> Any:
    """What was got *wrong* weighs more in the next round."""
    _, alpha = adaboost_update(w, wrong)
    return _reweighted(w, ~wrong, alpha), alpha


@mistake()
def alpha_without_exp(w: Array, wrong: Array) -> Any:
    """Multiply by exp(α), not by α."""
    _, alpha = adaboost_update(w, wrong)
    w = np.where(wrong, w * alpha, w)
    return w / w.sum(), alpha


@mistake()
def logarithm_to_the_base_2(w: Array, wrong: Array) -> Any:
    """ln is np.log: exp undoes that one."""
    _, alpha = adaboost_update(w, wrong)
    alpha = alpha / np.log(2)
    return _reweighted(w, wrong, alpha), alpha


@mistake()
def weights_left_as_they_were(w: Array, wrong: Array) -> Any:
    """The new weights are the result: multiply those of the wrong samples by exp(α), and
    normalise."""
    _, alpha = adaboost_update(w, wrong)
    return w * 1, alpha


def _rounds() -> list[Arguments]:
    return [
        (np.full(5, 0.2), np.array([False, False, False, True, False])),
        (np.array([1, 1, 1, 4, 1]) / 8, np.array([False, False, True, False, False])),
        (np.array([1, 2, 3, 4, 5, 6]) / 21, np.array([True, False, True, False, False, False])),
    ]


ADABOOST = Exercise(
    name="adaboost",
    summary="adaboost_update(w, wrong): new weights, and the stump's say",
    teaches="a committee: each member looks at what those before it got wrong",
    read="docs/adaboost.md#by-hand",
    library="scratchnet/classical/adaboost.py",
    tasks=(
        Task(
            adaboost_update,
            ("w", "alpha"),
            _rounds,
            (
                weights_not_normalised,
                error_unweighted,
                half_of_alpha,
                upside_down,
                the_right_ones_grow,
                alpha_without_exp,
                logarithm_to_the_base_2,
                weights_left_as_they_were,
            ),
        ),
    ),
)
