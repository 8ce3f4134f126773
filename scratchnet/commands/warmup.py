"""scratchnet warmup: the kernels of layers and detector, so that later commands begin at once."""

from __future__ import annotations

import argparse
import time

import numpy as np

from scratchnet.commands.looking import progress
from scratchnet.fer.pretrained import default_cascade
from scratchnet.warmup import compiled, missing, usual_steps


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
    """Compile, and say how long it takes."""
    start = time.perf_counter()
    calls = missing(*usual_steps())
    done = sum(1 for _ in progress(compiled(calls), len(calls), "compiling", "kernels"))
    seconds = time.perf_counter() - start
    print(f"{done} of {len(calls)} missing kernels compiled in {seconds:.1f} s", flush=True)
    start = time.perf_counter()
    detect()
    print(f"the detection of faces is ready, too: {time.perf_counter() - start:.1f} s")
    return 0
