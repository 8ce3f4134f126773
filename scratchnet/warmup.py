"""Compile kernels before they are needed, on all cores.

Nothing is compiled when scratchnet is imported: a kernel is compiled when it is first called, and
its machine code stays on disk. Compiling takes one core, whoever calls; so a first training step
takes as long as all its kernels one after another. Instead:

    missing    steps are taken in which no kernel runs (`kernels.parallel.noting`); which kernels
               they call, and on what types, is what has to be compiled, unless it is on disk
    compiled   a process for each core takes one kernel after another, and leaves it on disk

Whatever does not get done, the first call does: to warm up is never necessary, and where processes
cannot be had, nothing happens.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from importlib import import_module
from typing import Any

import numpy as np

from scratchnet.kernels.jit import is_compiled
from scratchnet.kernels.parallel import Call, noting, thread_count
from scratchnet.layers import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
)
from scratchnet.layers.base import Array, Layer, Shape, layer_from_spec, layer_spec
from scratchnet.ops import implementation
from scratchnet.optimizers import (
    SGD,
    AdamW,
    Optimizer,
    RMSProp,
    optimizer_from_spec,
    optimizer_spec,
)
from scratchnet.sequential import Sequential
from scratchnet.vision.geometry import warp_affine

Step = Callable[[], object]

MOST = 8
"""Processes; each takes some two hundred megabytes."""


def training_step(layers: Sequence[Layer], shape: Shape, optimizer: Optimizer) -> Step:
    """A step of training and a prediction of such a network, by its plan; all three are copied."""

    def step() -> None:
        model, x = _copy(layers, shape)
        y = model.plan.forward(x, training=True)
        model.plan.backward(np.zeros_like(y))
        optimizer_from_spec(optimizer_spec(optimizer)).step(model.plan.parameters)
        model.predict(x)

    return step


def layer_by_layer(layers: Sequence[Layer], shape: Shape) -> Step:
    """Forward and backward of such a network without its plan."""

    def step() -> None:
        model, x = _copy(layers, shape)
        model.backward(np.zeros_like(model.forward(x, training=True)))

    return step


def _copy(layers: Sequence[Layer], shape: Shape) -> tuple[Sequential, Array]:
    """A network of such layers, and a batch for it."""
    copies = [layer_from_spec(layer_spec(layer)) for layer in layers]
    model = Sequential(copies).build(shape, np.random.default_rng(0))
    return model, np.zeros((4, *shape), np.float32)


def augmentation() -> None:
    """Faces, moved."""
    warp_affine(np.zeros((2, 4, 4), np.float32), np.stack([np.eye(3)] * 2))


def usual_steps() -> list[Step]:
    """Steps that call every kernel of networks, optimisers and augmentation."""

    def conv(filters: int, **options: Any) -> list[Layer]:
        return [Conv2D(filters, 3, padding=1, **options), ReLU()]

    head: list[Layer] = [Flatten(), Dense(2)]
    pooled = [*conv(16), *conv(16), MaxPool2D(2), *conv(16), Flatten(), Dense(2)]

    def norm_conv(**options: Any) -> list[Layer]:
        return [BatchNorm(), ReLU(), Conv2D(16, 3, padding=1, **options)]

    block = Residual([*norm_conv(), *norm_conv()])
    half = Residual([*norm_conv(stride=2), *norm_conv()], [Conv2D(16, 1, stride=2)])
    normed = [*conv(16), block, half, BatchNorm(), ReLU(), Flatten(), Dense(2)]
    by_channel = [*conv(16), *norm_conv(groups=16), *conv(16, groups=16)]
    wide = Conv2D(16, 5, padding=2)
    others = [*by_channel, wide, AvgPool2D(2), *conv(4), *conv(8, stride=2, groups=2), *head]
    networks, shape = [(pooled, AdamW()), (normed, SGD(0.1)), (others, RMSProp())], (1, 12, 12)
    return [
        *(training_step(layers, shape, optimizer) for layers, optimizer in networks),
        *(layer_by_layer(layers, shape) for layers, _ in networks),
        augmentation,
    ]


def missing(*steps: Step) -> list[Call]:
    """The kernels that these steps call and for which there is no machine code yet, in order.

    None, if `SCRATCHNET_KERNELS` asks for the references.
    """
    if implementation() != "kernels":
        return []
    with noting() as notes:
        for step in steps:
            step()
    return [(kernel, types) for kernel, types in notes if not is_compiled(kernel, types)]


def compiled(calls: Sequence[Call]) -> Iterator[str]:
    """Compile these kernels; the name of each is given when it is done, once for each of its types.

    As with everything that starts processes, a script that calls this guards what it does by
    `if __name__ == "__main__":`.
    """
    types_of: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for kernel, types in calls:
        name = kernel.py_func.__module__, kernel.py_func.__name__
        types_of.setdefault(name, []).append(types)
    workers = min(thread_count(), len(types_of), MOST)
    if workers <= 1:
        for kernel, types in calls:
            kernel.compile(types)
            yield kernel.py_func.__name__
        return
    context = multiprocessing.get_context("spawn")
    with suppress(OSError, RuntimeError, ImportError, AssertionError):  # there are no processes
        pool = ProcessPoolExecutor(workers, context, _die_silently)
        try:
            jobs = {pool.submit(_compile, *name, types): name for name, types in types_of.items()}
            for job in as_completed(jobs):
                job.result()
                yield from [jobs[job][1]] * len(types_of[jobs[job]])
        finally:
            pool.shutdown(cancel_futures=True)


def _compile(module: str, name: str, several_types: Sequence[tuple[Any, ...]]) -> None:
    for types in several_types:
        getattr(import_module(module), name).compile(types)


def _die_silently() -> None:
    """Ctrl-C goes to every process: those that compile leave without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
