"""The one switch: which implementation of the heavy operations detection and training call.

    find_candidates    the windows that a cascade accepts: haar/reference.py, haar/kernels/detect.py
    split_search       the feature that tells weighted samples apart: haar/splits.py, in training;
                       haar/kernels/splits.py

The first of each is the definition in NumPy, to read, to step through and to test against; the
second is the same in Numba, fast.

`HAAR_KERNELS=reference` runs the definition; `fast` is the default. It is read once, at the first
operation, and nothing is imported or compiled before.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import Any

OPERATIONS = {
    "find_candidates": {"fast": "haar.kernels.detect", "reference": "haar.reference"},
    "split_search": {"fast": "haar.kernels.splits", "reference": "haar.splits"},
}


@cache
def implementation() -> str:
    """Which of the two is in use.

    Raises:
        ValueError: HAAR_KERNELS is neither "fast" nor "reference".
    """
    wanted = os.environ.get("HAAR_KERNELS", "fast")
    if wanted not in ("fast", "reference"):
        raise ValueError(f"HAAR_KERNELS expects 'fast' or 'reference', got {wanted!r}")
    return wanted


def __getattr__(name: str) -> Any:
    if name not in OPERATIONS:
        raise AttributeError(f"module {__name__!r} has no operation {name!r}")
    operation = getattr(import_module(OPERATIONS[name][implementation()]), name)
    globals()[name] = operation  # from now on a plain attribute
    return operation


def default_threads() -> int:
    """One thread for each core that this process may use; HAAR_THREADS overrides it.

    Raises:
        ValueError: HAAR_THREADS is no whole number of 1 or more.
    """
    wanted = os.environ.get("HAAR_THREADS", "")
    if not wanted:
        usable = getattr(os, "sched_getaffinity", None)
        return len(usable(0)) if usable else os.cpu_count() or 1
    if not wanted.isdecimal() or int(wanted) < 1:
        raise ValueError(
            f"HAAR_THREADS expects a whole number of 1 or more, got {wanted!r}; "
            "unset it for one thread on each core"
        )
    return int(wanted)
