"""The one switch: which implementation of the heavy operations the layers call.

    scratchnet/reference/   the definition of each operation in NumPy, to read and to test against
    scratchnet/kernels/     the same operations in Numba, fast

`SCRATCHNET_KERNELS=reference` runs every layer on its reference, to step through in a debugger;
`fast` is the default. It is read once, at the first operation. An operation is imported when it
is first used, so that importing the library takes no time and compiles nothing.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import Any

OPERATIONS = {
    "conv2d_forward": "conv2d",
    "conv2d_backward": "conv2d",
    "max_pool_forward": "max_pool",
    "max_pool_backward": "max_pool",
    "avg_pool_forward": "avg_pool",
    "avg_pool_backward": "avg_pool",
    "dense_forward": "dense",
    "dense_backward": "dense",
    "batch_norm_forward": "batch_norm",
    "batch_norm_backward": "batch_norm",
    "relu_forward": "relu",
    "relu_backward": "relu",
    "sgd_step": "optimizers",
    "rmsprop_step": "optimizers",
    "adam_step": "optimizers",
    "warp_affine": "warp",
    "best_cuts": "stump",
    "smo_steps": "smo",
    "coordinate_descent_pass": "coordinate_descent",
}
"""Each operation and the module, of the same name in both packages, that holds it."""


@cache
def implementation() -> str:
    """The package in use: "reference" or "kernels".

    Raises:
        ValueError: SCRATCHNET_KERNELS is neither "fast" nor "reference".
    """
    wanted = os.environ.get("SCRATCHNET_KERNELS", "fast")
    packages = {"fast": "kernels", "reference": "reference"}
    if wanted not in packages:
        raise ValueError(f"SCRATCHNET_KERNELS expects 'fast' or 'reference', got {wanted!r}")
    return packages[wanted]


def __getattr__(name: str) -> Any:
    if name not in OPERATIONS:
        raise AttributeError(f"module {__name__!r} has no operation {name!r}")
    module = import_module(f"scratchnet.{implementation()}.{OPERATIONS[name]}")
    operation = getattr(module, name)
    globals()[name] = operation  # from now on a plain attribute
    return operation
