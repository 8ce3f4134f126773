"""Three roads to the principal axes of X (n, d): the SVD, an eigenproblem, and a random sketch.

With A = X - mean, m = min(n, d), and k axes wanted:

    SVD        A = U S Vᵀ                       axes = first k rows of Vᵀ, squares = S²
    tall       AᵀA V = V S²                     d × d, a sum over blocks of rows
    wide       AAᵀ U = U S²,   V = AᵀU / S      n × n: M faces span M - 1 directions, not d
    sketch     Q = orthonormal basis of A (AᵀA)^q Ω,   Ω (d, k + p) random normal
               QᵀA = Ũ S Vᵀ                     A is only ever multiplied with k + p columns

The eigenproblems cost a fraction of the SVD, but they square the singular values: an axis whose
S² is below 1e-8 of the largest has lost its digits, and then the SVD is called after all. The
sketch's error shrinks with (S_{k+1} / S_k)^(2q+1): q = 7 passes leave nothing of it to see in
data whose spectrum falls, as that of pictures does.

Sources: Turk & Pentland 1991, equations 6 to 8 (wide); Halko, Martinsson & Tropp 2011, algorithms
4.4 (with one orthonormalisation a pass, which float64 allows) and 5.1 (the SVD from it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Count = Callable[[Array], int]
"""How many axes to keep, given all squares, largest first."""

WELL_CONDITIONED = 1e-8
"""S_k² / S_1² from which an eigenproblem's axes are right to 8 digits."""
BLOCK = 1 << 17
"""Numbers that are centred at a time: 1 MB stays in the cache until it is multiplied."""


class Axes(NamedTuple):
    """Orthonormal rows, and how much of X lies along them."""

    rows: Array
    """(k, d)"""
    squares: Array
    """(k,) S², largest first."""
    total: float
    """Σ S² over all m axes, kept or not."""


def by_svd(X: Array, mean: Array, count: Count) -> Axes:
    """The definition: numpy's SVD of X - mean."""
    _, S, Vt = np.linalg.svd(X - mean, full_matrices=False)
    k = count(S**2)
    return Axes(_signed(Vt[:k]), S[:k] ** 2, float((S**2).sum()))


def by_eigenvectors(X: Array, mean: Array, count: Count) -> Axes | None:
    """The smaller of the two eigenproblems; None if too ill-conditioned for it."""
    n, d = X.shape
    if n >= d:
        product = np.zeros((d, d), X.dtype)
        for block in _centred(X, mean):
            product += block.T @ block
    else:
        A = X - mean
        product = A @ A.T
    eigenvalues, vectors = np.linalg.eigh(product)  # smallest first
    squares = np.maximum(eigenvalues[::-1], 0.0)
    k = count(squares)
    if squares[k - 1] <= WELL_CONDITIONED * squares[0]:
        return None
    rows = vectors[:, ::-1][:, :k].T
    if n < d:
        rows = rows @ A
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Axes(_signed(rows), squares[:k], float(squares.sum()))


def by_sketch(
    X: Array, mean: Array, k: int, oversampling: int, passes: int, rng: np.random.Generator
) -> Axes:
    """The largest k axes, approximately.

    Args:
        oversampling: p, columns more than k.
        passes: q, products with AᵀA.
    """
    n, d = X.shape
    columns = min(k + oversampling, n, d)
    Z = rng.standard_normal((d, columns))
    for _ in range(passes):
        Y = X @ Z - mean @ Z  # A Z, and A itself is never made
        Z = _conditioned(X.T @ Y - np.outer(mean, Y.sum(axis=0)))
    Q = np.linalg.qr(X @ Z - mean @ Z)[0]
    _, S, Vt = np.linalg.svd(Q.T @ X - np.outer(Q.sum(axis=0), mean), full_matrices=False)
    total = sum(float(np.vdot(block, block)) for block in _centred(X, mean))
    return Axes(_signed(Vt[:k]), S[:k] ** 2, total)


def _conditioned(Y: Array) -> Array:
    """Columns that span what Y's do, nearly orthonormal: Y R⁻¹ with YᵀY = RᵀR."""
    try:
        return Y @ np.linalg.inv(np.linalg.cholesky(Y.T @ Y)).T
    except np.linalg.LinAlgError:  # too close to dependent to be told apart in YᵀY
        return np.linalg.qr(Y)[0]


def _centred(X: Array, mean: Array) -> Iterator[Array]:
    """The rows of A, some at a time, in a buffer that the next ones overwrite."""
    rows = max(1, BLOCK // len(mean))
    buffer = np.empty((rows, len(mean)), X.dtype)
    for start in range(0, len(X), rows):
        block = X[start : start + rows]
        yield np.subtract(block, mean, out=buffer[: len(block)])


def _signed(rows: Array) -> Array:
    """Each axis turned so that its entry of largest size, the first of equals, is positive."""
    largest = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    return np.ascontiguousarray(np.where(largest < 0, -rows, rows))
