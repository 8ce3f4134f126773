"""AdaBoost's update: the next member of the committee looks at what this one got wrong.

    e     = Σ wᵢ over the samples that are wrong       the stump's weighted error
    alpha = ln (1 − e) / e                             its say
    wᵢ    ← wᵢ · exp(alpha) where wrong, then all w ← w / Σ w

    w (n,): weights, their sum is 1     wrong (n,) of True and False

Afterwards the wrong ones have exactly half of all weight: the same stump would now be a coin.

Read docs/adaboost.md. Try your own: python -m doctest adaboost.py; then
python -m scratchnet learn check adaboost.py
"""

import numpy as np

EXERCISE = "adaboost"


def adaboost_update(w: np.ndarray, wrong: np.ndarray) -> tuple[np.ndarray, float]:
    """The new weights, and alpha.

    >>> w, alpha = adaboost_update(np.full(5, 0.2), np.array([False, False, False, True, False]))
    >>> w.round(6).tolist(), round(float(np.exp(alpha)), 6)
    ([0.125, 0.125, 0.125, 0.5, 0.125], 4.0)
    """
    raise NotImplementedError
