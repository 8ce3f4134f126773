"""Weights of classes: how much dearer a mistake is on one class than on another.

None          1 for every class
"balanced"    n / (K · n_k): a class of few samples n_k counts as much as one of many
{label: w}    w for the class `label`, 1 for those not named
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def class_weights(
    class_weight: Mapping[Any, float] | str | None, classes: Array, labels: Array
) -> Array:
    """The weight of each class, (K,); labels (n,) are indices into classes (K,).

    Raises:
        ValueError: another word, a label that does not occur, or a weight that is not above 0.
    """
    K = len(classes)
    if class_weight is None:
        return np.ones(K, np.float64)
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f"class_weight expects 'balanced' or a dict, got {class_weight!r}")
        return len(labels) / (K * np.bincount(labels, minlength=K))
    weights = np.ones(K, np.float64)
    for label, weight in class_weight.items():
        at = np.flatnonzero(classes == label)
        if len(at) != 1 or not 0 < weight < np.inf:
            raise ValueError(
                f"class_weight expects labels among {classes.tolist()} and weights above 0, "
                f"got {label!r}: {weight!r}"
            )
        weights[at[0]] = weight
    return weights
