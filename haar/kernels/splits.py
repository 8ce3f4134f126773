"""The best split over a whole pool of features: histograms of all, exact for the best of them.

    once        every feature's values as bytes: `values.py`
    a search    a histogram of the weights of faces and of others for each feature, and the score
                of its best cut between two bins: `histograms.py`; then, for the CANDIDATES best
                features, the exact search of `haar.splits` over their values

What is left to chance is only whether the best feature of all is among those that are best in 256
steps.

**Memory.** N samples of F features take F·N bytes. Blocks of features that don't fit are made into
bytes again in every search, the same ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from haar.feature_pool import FeaturePool, find_corners
from haar.kernels.histograms import BOUND, ERRORS, SQUARES, Heavy, score_blocks
from haar.kernels.parallel import run
from haar.kernels.simd import LANES
from haar.kernels.values import BLOCK, Features, fill_blocks, haar_values, lbp_codes
from haar.splits import Split, Weights, subset_split, threshold_split
from haar.strip import Strip

CANDIDATES = 24
"""Features whose values are searched exactly."""
WHOLE = 2**30
"""All weight of a search."""
KINDS = {"squares": SQUARES, "errors": ERRORS, "bound": BOUND}


class Search:
    """`haar.splits.SplitSearch`, fast."""

    def __init__(self, pool: FeaturePool, strip: Strip, memory: float, threads: int) -> None:
        self.pool, self.threads = pool, threads
        table = corner_table(pool, strip)
        norm = np.zeros(table.shape[1], np.float32)
        norm[: len(strip)] = strip.norm
        is_lbp = pool.feature_type == "lbp"
        self.features = Features(table, *find_corners(pool), norm, len(strip), is_lbp)
        blocks = -(-len(pool) // BLOCK)
        fitting = int(memory / table[0].nbytes)
        self.kept = np.empty((min(blocks, fitting), table.shape[1]), np.uint32)
        self._run(fill_blocks)

    def __call__(
        self, chosen: NDArray[np.int64], P: Weights, N: Weights, criterion: str
    ) -> Split | None:
        whole = WHOLE / max(float(np.abs(P).sum() + np.abs(N).sum()), 1e-300)
        faces, others = (_heavy(chosen, weights * whole) for weights in (P, N))
        best = np.zeros(len(self.pool), np.float32)
        self._run(score_blocks, faces, others, KINDS[criterion], best)
        splits = [self._exact(int(f), chosen, P, N, criterion) for f in _largest(best)]
        return max(filter(None, splits), key=lambda s: (s.score, -s.feature), default=None)

    def _exact(
        self, f: int, chosen: NDArray[np.int64], P: Weights, N: Weights, criterion: str
    ) -> Split | None:
        values = np.empty(len(self.features.norm), np.float32)
        if self.features.is_lbp:
            lbp_codes(f, self.features, values)
            return subset_split(f, values[chosen].astype(np.int64), P, N, criterion)
        haar_values(f, self.features, values)
        return threshold_split(f, values[chosen], P, N, criterion)

    def _run(self, work: Any, *arguments: Any) -> None:
        ticket = np.zeros(1, np.int64)
        run(lambda: work(ticket, self.features, self.kept, *arguments), self.threads)


split_search = Search


def corner_table(pool: FeaturePool, strip: Strip) -> NDArray[np.int32]:
    """(places, M): what each place of the integral images holds, in every window of the strip.

    M is a multiple of LANES; the columns behind the last window are zeros.
    """
    images = [strip.integrals.S]
    if any(shape.tilted for shape in pool.shapes):
        images.append(strip.integrals.T)
    size = pool.height + 1, pool.width + 1
    table = np.zeros((len(images), *size, -(-len(strip) // LANES) * LANES), np.int32)
    for own, image in zip(table, images, strict=True):
        for x in range(size[1]):
            own[:, x, : len(strip)] = image[:, strip.X + x]
    return table.reshape(-1, table.shape[-1])


def _heavy(chosen: NDArray[np.int64], weights: Weights) -> Heavy:
    rounded = np.rint(weights).astype(np.int32)
    heavy = rounded != 0
    return Heavy(chosen[heavy].astype(np.int32), rounded[heavy])


def _largest(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """The CANDIDATES largest, in the order of their numbers; of equal ones the first."""
    order = np.argsort(-scores, kind="stable")[:CANDIDATES]
    return np.sort(order)
