"""How long a round of boosting takes: the best split over all features of a window.

    python examples/benchmarks/boosting.py
    python examples/benchmarks/boosting.py --features all --samples 20000 --threads 2 --memory 8

    binning     once a stage: all values of all features, a byte each
    round       one search over all samples, the exact search in the best few included
    trimmed     the same after --boosted rounds of Gentle AdaBoost, over the heaviest samples that
                make 95 % of the weight, as in training

Half of the samples are of one kind, half of another: smooth noise with and without a darker upper
half, so that weights spread as they do in training. Nothing else does the same work, so the times
stand alone; only rounds in which no one else kept the machine busy count (`measuring`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np
from measuring import measured, peak_megabytes
from reporting import Table

from haar.boosting import GentleAdaBoost, boost, heaviest
from haar.feature_pool import NAMES, FeaturePool
from haar.kernels.splits import Search
from haar.strip import Strip

SIDE = 24
TRIM = 0.95


def two_kinds(samples: int, rng: np.random.Generator) -> np.ndarray:
    """(samples, 24, 24) uint8: the first half is of the first kind."""
    windows = np.full((samples, SIDE, SIDE), 128, np.float32)
    for grain in (1, 3, 8):
        patches = rng.normal(0, 18, (samples, SIDE // grain, SIDE // grain)).astype(np.float32)
        windows += patches.repeat(grain, axis=1).repeat(grain, axis=2)
    windows[: samples // 2, : SIDE // 2] -= 10
    return np.clip(windows, 0, 255).astype(np.uint8)


def seconds_of(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--features", choices=NAMES, default="basic")
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--boosted", type=int, default=10, help="rounds before a trimmed one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory", type=float, default=2, help="GB for the bytes of all values")
    parser.add_argument("--rounds", type=int, default=5, help="quiet rounds (default 5)")
    parser.add_argument("--minutes", type=float, default=1, help="end after so many, quiet or not")
    options = parser.parse_args(arguments)
    if min(options.samples, options.threads, options.rounds) < 1:
        parser.error("--samples, --threads and --rounds expect at least 1")

    pool = FeaturePool(options.features, SIDE, SIDE)
    strip = Strip(two_kinds(options.samples, np.random.default_rng(0)), pool)
    Search(pool, strip[np.arange(min(64, options.samples))], 1e6, 1)  # compiles
    start = time.perf_counter()
    search = Search(pool, strip, 1e9 * options.memory, options.threads)
    binning = time.perf_counter() - start

    algorithm = GentleAdaBoost(np.arange(options.samples) < options.samples // 2)

    def one_round(chosen: Any) -> Callable[[], Any]:
        P, N = algorithm.shares()
        return lambda: search(chosen, P[chosen], N[chosen], "squares")

    whole = one_round(np.arange(options.samples))
    list(islice(boost(strip, pool, search, algorithm, 1, TRIM), options.boosted))
    left = heaviest(algorithm.weights, TRIM)
    trimmed = one_round(left)
    found = measured(
        lambda _: {"round": seconds_of(whole), "trimmed": seconds_of(trimmed)},
        options.rounds, options.minutes, "rounds of boosting",
    )  # fmt: skip

    peak = peak_megabytes()
    table = Table(
        features=">8", samples=">7", threads=">7", binning_s=">9.2f", round_s=">7.2f",
        heaviest=">8", trimmed_s=">9.2f", peak_GB=">7.2f", rounds="",
    )  # fmt: skip
    table.add(
        len(pool), options.samples, options.threads, binning, found.median("round"), len(left),
        found.median("trimmed"), None if peak is None else peak / 1000, str(found),
    )  # fmt: skip


if __name__ == "__main__":
    main()
