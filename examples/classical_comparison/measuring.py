"""One system, measured: how often it is right, how long it takes, how large it is.

    accuracy    share of the test faces that are named rightly, and its 95 % bootstrap interval
    macro-F1    mean of the classes' F1, each class counting the same
    fit         seconds from pixels to the fitted system
    predict     microseconds a test face, from pixels to the label, all faces in one call
    size        bytes of the arrays and numbers that predicting needs

Time is processor time, of all threads together: a machine that has other work to do does not
change it much. A system that was trained by another row (the CNN) is charged for it all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from classical_comparison.faces import Faces
from scratchnet import Sequential
from scratchnet.metrics import accuracy, bootstrap_interval, confusion_matrix, macro_f1

RECORDS = frozenset({"sample_weights_", "kernels_", "loss_curve_", "labels_"})
"""Attributes that tell of the training, or say again what another array says."""


@dataclass(frozen=True)
class Result:
    """A row of the table; of a system that failed, only the name, the title and the error."""

    name: str
    title: str
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    macro_f1: float | None = None
    fit_seconds: float | None = None
    predict_microseconds: float | None = None
    size_bytes: int | None = None
    error: str = ""


def measure(
    name: str, title: str, make: Callable[[], Any], faces: Faces, rng: np.random.Generator
) -> Result:
    """Make, fit and ask one system; whatever goes wrong in it becomes its row's error."""
    try:
        model = make()
        began = time.process_time()
        model.fit(faces.X, faces.y)
        fitted = time.process_time()
        predicted = model.predict(faces.X_test)
        asked = time.process_time()
        right = predicted == faces.y_test
        low, high = bootstrap_interval(right, rng)
        return Result(
            name,
            title,
            accuracy(faces.y_test, predicted),
            low,
            high,
            macro_f1(confusion_matrix(faces.y_test, predicted, len(faces.class_names))),
            fitted - began + getattr(model, "borrowed_seconds", 0.0),
            1e6 * (asked - fitted) / len(right),
            learned_bytes(model),
        )
    except Exception as error:  # one failing system must not stop the rest
        return Result(name, title, error=" ".join(f"{type(error).__name__}: {error}".split()))


def learned_bytes(model: Any) -> int:
    """Bytes of all arrays and numbers that `model` holds, each array counted once."""
    seen: set[int] = set()

    def size(thing: Any) -> int:
        if isinstance(thing, bool | int | float | complex | np.generic):
            return 8
        if id(thing) in seen or isinstance(thing, str | bytes | type) or callable(thing):
            return 0
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            return 0 if thing.base is not None and id(thing.base) in seen else thing.nbytes
        if isinstance(thing, Sequential):
            return sum(array.nbytes for array in thing.state().values())
        if isinstance(thing, dict):
            return sum(size(value) for value in thing.values())
        if isinstance(thing, list | tuple | set | frozenset):
            return sum(map(size, thing))
        held = getattr(thing, "__dict__", {})
        return sum(size(value) for name, value in held.items() if _is_learned(name))

    return size(model)


def _is_learned(name: str) -> bool:
    """Attributes of a system that are not the faces it was shown, or notes about them."""
    return name not in RECORDS and name not in {"_learned", "landmarks"}
