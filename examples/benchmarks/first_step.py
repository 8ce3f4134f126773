"""How long it takes until the first training step is done, in a fresh process, import included.

    python examples/benchmarks/first_step.py [--network seven] [--batch 64] [--rounds 5]

    cold          no machine code on disk: every kernel is compiled when it is first called
    beforehand    no machine code on disk: `scratchnet.warmup` compiles on all cores, then the step
    warm          the machine code is there, left by the one before

Each is a process of its own; medians of the rounds, each of which begins with empty folders.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODES = ("cold", "beforehand", "warm")


def first_step(network: str, batch: int, beforehand: bool) -> None:
    """What a process does that is timed."""
    import numpy as np

    from scratchnet import warmup
    from scratchnet.fer.networks import make_network
    from scratchnet.losses import SoftmaxCrossEntropy
    from scratchnet.optimizers import AdamW

    rng = np.random.default_rng(0)
    model = make_network(network, 7).build((1, 48, 48), rng)
    loss, optimizer = SoftmaxCrossEntropy(), AdamW()
    if beforehand:
        step = warmup.training_step(model.layers, (1, 48, 48), optimizer)
        for _ in warmup.compiled(warmup.missing(step)):
            pass
    x, y = rng.standard_normal((batch, 1, 48, 48), np.float32), rng.integers(0, 7, batch)
    loss.forward(model.plan.forward(x, training=True), y)
    model.plan.backward(loss.backward())
    optimizer.step(model.plan.parameters)


def seconds(mode: str, network: str, batch: int, cache: Path) -> float:
    """How long such a process takes, from its start to its end."""
    command = [sys.executable, __file__, "--network", network, "--batch", str(batch)]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    start = time.perf_counter()
    subprocess.run([*command, "--inside", mode], check=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds until the first training step is done.")
    parser.add_argument("--network", default="seven")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inside", choices=MODES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        first_step(options.network, options.batch, options.inside == "beforehand")
        return
    times: dict[str, list[float]] = {mode: [] for mode in MODES}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            for mode in MODES:
                cache = Path(folder, "cold" if mode == "cold" else "others")
                times[mode].append(seconds(mode, options.network, options.batch, cache))
        print(*(f"{mode} {taken[-1]:.1f} s" for mode, taken in times.items()), flush=True)
    medians = (f"{mode} {statistics.median(taken):.1f} s" for mode, taken in times.items())
    print("medians:", ", ".join(medians))


if __name__ == "__main__":
    main()
