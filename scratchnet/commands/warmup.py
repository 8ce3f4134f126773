"""scratchnet warmup: all kernels are compiled, so that later commands begin at once."""

from __future__ import annotations

import argparse
import time

import numpy as np

from scratchnet.fer.pretrained import default_cascade
from scratchnet.warmup import tasks


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def detect() -> None:
    """A look for faces where there are none; nothing, if no cascade is installed."""
    try:
        cascade = default_cascade()
    except FileNotFoundError:
        return
    cascade.detect(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8))


def run(options: argparse.Namespace) -> int:
    """Compile all kernels, and say how long each group of them takes."""
    start = time.perf_counter()
    for name, task in [*tasks(), ("detection of faces", detect)]:
        print(f"{name} … ", end="", flush=True)
        began = time.perf_counter()
        task()
        print(f"{time.perf_counter() - began:.1f} s", flush=True)
    print(f"All kernels are compiled: {time.perf_counter() - start:.1f} s")
    return 0
