"""Rows of a kernel matrix that is too large to hold: computed when needed, forgotten when old.

    values (slots, N) float32     the rows held
    slot (N,)                     where a sample's row is, or -1
    used (slots,)                 when a row was last read; the longest unread makes place

A row K_i = K(x_i, X) costs N · D products. Many rows at once are a product of matrices, which
reads X once for all of them and is several times faster a row than one after another: whoever
needs one row fetches with it those that will probably come next.

Samples can be reordered, so that the ones still worked on stand in front; a row computed meanwhile
holds those only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.classical.kernel_functions import Kernel, squared_lengths

Array = NDArray[Any]

TOGETHER = 64
"""Rows that are computed together at most; at first only FEW: an easy problem needs no more."""
FEW = 4


class RowCache:
    """Rows of K(X, X) for the samples X (N, D), in at most `megabytes` of memory."""

    def __init__(self, kernel: Kernel, X: Array, megabytes: float) -> None:
        N = len(X)
        slots = min(N, max(2, int(megabytes * 2**20) // (4 * N)))
        self.kernel = kernel
        self.X, self.squared = X.copy(), squared_lengths(X)
        self.values = np.zeros((slots, N), np.float32)
        self.slot = np.full(N, -1, np.int32)
        self.used = np.zeros(slots, np.int64)
        self.owner = np.full(slots, -1, np.int32)
        self.length = np.zeros(slots, np.int64)
        self.products = np.zeros((min(TOGETHER, max(1, slots // 2)), N), np.float64)
        self.computed = 0

    @property
    def together(self) -> int:
        """How many rows to compute next: as many as there were so far."""
        return min(max(FEW, self.computed), len(self.products))

    def fetch(self, wanted: Array, n: int, clock: int) -> None:
        """Compute the first n numbers of the rows of the samples `wanted`, none of them held.

        At most `together` rows; a row read at `clock` + 1 is not among those that make place.
        """
        slots = np.argpartition(self.used, len(wanted) - 1)[: len(wanted)]
        evicted = self.owner[slots]
        self.slot[evicted[evicted >= 0]] = -1
        products = self.products.reshape(-1)[: len(wanted) * n].reshape(-1, n)
        np.matmul(self.X[wanted], self.X[:n].T, out=products)
        rows = self.kernel.of_products(products, self.squared[wanted], self.squared[:n])
        self.values[slots, :n] = rows
        self.slot[wanted], self.owner[slots] = slots, wanted
        self.used[slots], self.length[slots] = clock, n
        self.computed += len(wanted)

    def reorder(self, order: Array) -> None:
        """Sample order[k] becomes sample k, for the len(order) first samples."""
        n = len(order)
        for array in (self.X, self.squared, self.slot):
            array[:n] = array[order]
        held = np.flatnonzero(self.slot >= 0)
        self.owner[self.slot[held]] = held
        for start in range(0, len(self.values), TOGETHER):
            band = self.values[start : start + TOGETHER, :n]
            band[...] = np.take(band, order, axis=1)

    def sums_behind(self, n: int, weights: Array) -> tuple[Array, Array]:
        """Σ_k weights_k K_k behind the first n samples, as far as whole rows are held.

        Returns:
            The sums (N - n,), and the weights (N,) of the rows that are missing in them.
        """
        whole = (self.owner >= 0) & (self.length == len(self.slot))
        missing, held = weights.copy(), np.zeros(len(self.values), np.float64)
        held[whole] = weights[self.owner[whole]]
        missing[self.owner[whole]] = 0
        sums = np.zeros(len(self.slot) - n, np.float64)
        for start in range(0, len(self.values), TOGETHER):
            band = slice(start, start + TOGETHER)
            if held[band].any():
                sums += held[band] @ self.values[band, n:]
        return sums, missing

    def forget_short_rows(self) -> None:
        """Forget every row that lacks some samples."""
        short = np.flatnonzero((self.owner >= 0) & (self.length < len(self.slot)))
        self.slot[self.owner[short]] = -1
        self.owner[short], self.used[short] = -1, 0
