"""One convolution in six rewrites, from seven loops to Winograd: docs/winograd.md tells the story.

    y[n,i,j,f] = Σ_{u,v,c}  x[n, i+u−1, j+v−1, c] · w[u,v,c,f]      3 × 3, stride 1, padding 1

    x (N, H, W, C)    w (3, 3, C, F)    y (N, H, W, F)      channels last; outside, pixels are 0

Each rewrite computes y from x and w; `winograd_backward` computes dx and dw. As a program,

    python examples/benchmarks/six_convolutions.py
    python examples/benchmarks/six_convolutions.py --size 12 --channels 128 --figure six.svg

lets them take turns on one core. The table has the median time of each in the quiet rounds; its
pace in GFLOP/s of the direct arithmetic, 2·9·C·F a pixel, whatever the rewrite really computes; and
the largest error over the largest value, against the loops in float64. --figure draws the paces.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial
from importlib.util import find_spec
from math import prod
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

from scratchnet.kernels import indirect_conv, maps, winograd
from scratchnet.kernels.memory import aligned_zeros
from scratchnet.kernels.window import Window

Array = NDArray[Any]


def framed(x: Array) -> Array:
    """x with one pixel of zeros around each image: (N, H + 2, W + 2, C)."""
    return np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))


# -- 1. seven loops -------------------------------------------------------------------------------


def loops(x: Array, w: Array) -> Array:
    y = np.zeros((*x.shape[:3], w.shape[3]), x.dtype)
    seven_loops(framed(x), w, y)
    return y


@njit(cache=True)
def seven_loops(x, w, y):
    N, H, W, F = y.shape
    for n in range(N):
        for i in range(H):
            for j in range(W):
                for f in range(F):
                    for u in range(3):
                        for v in range(3):
                            for c in range(x.shape[3]):
                                y[n, i, j, f] += x[n, i + u, j + v, c] * w[u, v, c, f]


def turned_loops(x: Array, w: Array) -> Array:
    y = np.zeros((*x.shape[:3], w.shape[3]), x.dtype)
    filters_innermost(framed(x), w, y)
    return y


@njit(cache=True)
def filters_innermost(x, w, y):
    N, H, W, F = y.shape
    for n in range(N):
        for i in range(H):
            for j in range(W):
                for u in range(3):
                    for v in range(3):
                        for c in range(x.shape[3]):
                            for f in range(F):
                                y[n, i, j, f] += x[n, i + u, j + v, c] * w[u, v, c, f]


# -- 2. nine shifted products ---------------------------------------------------------------------


def slices(x: Array, w: Array) -> Array:
    N, H, W, _ = x.shape
    x, y = framed(x), np.zeros((N, H, W, w.shape[3]), x.dtype)
    for u, v in np.ndindex(3, 3):
        y += x[:, u : u + H, v : v + W] @ w[u, v]
    return y


# -- 3. windows as rows of one matrix -------------------------------------------------------------


def im2col(x: Array, w: Array) -> Array:
    N, H, W, C = x.shape
    x = framed(x)
    windows = [x[:, u : u + H, v : v + W] for u, v in np.ndindex(3, 3)]
    cols = np.stack(windows, axis=3).reshape(N * H * W, 9 * C)
    return (cols @ w.reshape(9 * C, -1)).reshape(N, H, W, -1)


# -- 4. three products over overlapping rows ------------------------------------------------------


def three_rows(x: Array, w: Array) -> Array:
    N, H, W, C = x.shape
    x = framed(x)
    rows = as_strided(x, (N, H + 2, W, 3 * C), x.strides, writeable=False)  # the same memory
    y = rows[:, 0:H] @ w[0].reshape(3 * C, -1)
    y += rows[:, 1 : H + 1] @ w[1].reshape(3 * C, -1)
    y += rows[:, 2 : H + 2] @ w[2].reshape(3 * C, -1)
    return y


# -- 5. Winograd ----------------------------------------------------------------------------------


class Minimal(NamedTuple):
    """The matrices of F(m, 3): m outputs of a 3-tap filter from t = m + 2 inputs, by t products."""

    BT: Array
    """(t, t)"""
    G: Array
    """(t, 3)"""
    AT: Array
    """(m, t)"""

    def on_squares(self, dtype: Any) -> tuple[Array, Array, Array]:
        """B, G and A for tiles of t × t pixels, each written as one vector, row by row."""
        BB, GG, AA = (np.kron(one, one).astype(dtype) for one in self)
        return BB, GG, AA


def toom_cook(points: Sequence[int | Fraction]) -> Minimal:
    """F(m, 3) from m + 1 different points, and infinity; exact, in fractions."""
    t = len(points) + 1
    BT, G, A = (np.full((t, width), Fraction(0)) for width in (t, 3, t - 2))
    for k, p in enumerate(points):
        others = [q for q in points if q != p]
        BT[k, :-1] = with_roots(others)
        G[k] = [Fraction(p**n) / prod(p - q for q in others) for n in range(3)]
        A[k] = [p**n for n in range(t - 2)]
    BT[-1] = with_roots(points)
    G[-1, -1] = A[-1, -1] = 1  # at infinity, a polynomial is its last coefficient
    return Minimal(BT, G, A.T)


def with_roots(roots: Sequence[int | Fraction]) -> Array:
    """The coefficients of Π (z − root), that of z⁰ first."""
    product = np.array([Fraction(1)])
    for root in roots:
        product = np.append(0, product) - root * np.append(product, 0)
    return product


F2, F4 = toom_cook([0, 1, -1]), toom_cook([0, 1, -1, 2, -2])


def winograd_forward(x: Array, w: Array, algorithm: Minimal = F4) -> Array:
    B, G, A = algorithm.on_squares(x.dtype)
    U = np.tensordot(G, w.reshape(9, *w.shape[2:]), 1)
    V = np.tensordot(B, tiles_of(x, len(algorithm.AT)), 1)
    M = V @ U
    return image_of(np.tensordot(A, M, 1), (*x.shape[:3], w.shape[3]))


def winograd_backward(
    dy: Array, x: Array, w: Array, algorithm: Minimal = F4
) -> tuple[Array, Array]:
    B, G, A = algorithm.on_squares(x.dtype)
    U = np.tensordot(G, w.reshape(9, *w.shape[2:]), 1)
    V = np.tensordot(B, tiles_of(x, len(algorithm.AT)), 1)

    dM = np.tensordot(A.T, blocks_of(dy, len(algorithm.AT)), 1)
    dV, dU = dM @ U.mT, V.mT @ dM
    dx = sum_of_tiles(np.tensordot(B.T, dV, 1), x.shape)
    dw = np.tensordot(G.T, dU, 1).reshape(w.shape)
    return dx, dw


def tiles_of(x: Array, m: int) -> Array:
    """Tiles of t × t pixels, m apart, so that they overlap by two: (t·t, tiles, C)."""
    _, H, W, C = x.shape
    t = m + 2
    x = np.pad(x, ((0, 0), (1, 1 + -H % m), (1, 1 + -W % m), (0, 0)))
    tiles = sliding_window_view(x, (t, t), (1, 2))[:, ::m, ::m]
    return tiles.transpose(4, 5, 0, 1, 2, 3).reshape(t * t, -1, C)


def sum_of_tiles(tiles: Array, shape: tuple[int, ...]) -> Array:
    """The adjoint of `tiles_of`: a pixel gets the sum of what its tiles have for it."""
    N, H, W, C = shape
    t = round(len(tiles) ** 0.5)
    m = t - 2
    rows, columns = -(-H // m), -(-W // m)
    x = np.zeros((N, rows * m + 2, columns * m + 2, C), tiles.dtype)
    for (u, v), tile in zip(np.ndindex(t, t), tiles, strict=True):
        pixels = x[:, u : u + rows * m : m, v : v + columns * m : m]
        pixels += tile.reshape(N, rows, columns, C)
    return x[:, 1 : H + 1, 1 : W + 1]


def blocks_of(y: Array, m: int) -> Array:
    """Blocks of m × m pixels, side by side: (m·m, blocks, F)."""
    N, H, W, F = y.shape
    y = np.pad(y, ((0, 0), (0, -H % m), (0, -W % m), (0, 0)))
    blocks = y.reshape(N, -(-H // m), m, -(-W // m), m, F)
    return blocks.transpose(2, 4, 0, 1, 3, 5).reshape(m * m, -1, F)


def image_of(blocks: Array, shape: tuple[int, ...]) -> Array:
    """The adjoint of `blocks_of`, and its inverse."""
    N, H, W, F = shape
    m = round(len(blocks) ** 0.5)
    rows, columns = -(-H // m), -(-W // m)
    y = blocks.reshape(m, m, N, rows, columns, F).transpose(2, 3, 0, 4, 1, 5)
    return y.reshape(N, rows * m, columns * m, F)[:, :H, :W]


# -- 6. the library's kernel ----------------------------------------------------------------------


def winograd_kernel(x: Array, w: Array) -> Array:
    return winograd_on_maps(x, w)()


class Maps(NamedTuple):
    """x and y as the library's kernels keep them: aligned, with zeros around each image."""

    x: Array
    fx: maps.Frame
    y: Array
    fy: maps.Frame


def in_maps(x: Array, F: int) -> Maps:
    N, H, W, C = x.shape
    fx, fy = maps.frame(H, W, C), maps.frame(H, W, F)
    kept = Maps(aligned_zeros(maps.numbers(N, fx)), fx, aligned_zeros(maps.numbers(N, fy)), fy)
    inside(kept.x, N, fx)[...] = x
    return kept


def inside(pixels: Array, N: int, f: maps.Frame) -> Array:
    """The images in maps, without the zeros around them."""
    images = pixels[: N * f.HP * f.WP * f.C].reshape(N, f.HP, f.WP, f.C)
    return images[:, f.top : f.top + f.H, f.left : f.left + f.W]


def winograd_on_maps(x: Array, w: Array) -> Callable[[], Array]:
    """The kernel as a network calls it: x is in maps already, and y stays there."""
    (N, H, W, C), F = x.shape, w.shape[3]
    m, filters, bias = in_maps(x, F), w.transpose(3, 2, 0, 1), np.zeros(F, np.float32)
    job, not_pooled = winograd.job(H, W, C, F), np.zeros(0, np.uint8)

    def run() -> Array:
        U = winograd.transformed(filters, "CF", job.tile)
        winograd.forward_maps(N, m.x, m.fx, U, bias, job, m.y, m.fy, not_pooled)
        return inside(m.y, N, m.fy)

    return run


def indirect_on_maps(x: Array, w: Array) -> Callable[[], Array]:
    """The library's road for all other shapes: one product whose matrix is only looked up."""
    N, F = len(x), w.shape[3]
    m, filters, bias = in_maps(x, F), w.transpose(3, 2, 0, 1), np.zeros(F, np.float32)
    window = Window(3, 3, 1, 1, 1, 1, 1, 1, groups=1, relu=False)

    def run() -> Array:
        W = indirect_conv.ordered(filters, "CF", window.groups)
        indirect_conv.forward_maps(N, m.x, m.fx, W, bias, window, m.y, m.fy)
        return inside(m.y, N, m.fy)

    return run


# -- the benchmark --------------------------------------------------------------------------------

REWRITES: dict[str, Callable[[Array, Array], Array]] = {
    "1  seven loops": loops,
    "   filters innermost": turned_loops,
    "2  nine shifted products": slices,
    "3  im2col": im2col,
    "4  three rows": three_rows,
    "5  Winograd, NumPy": winograd_forward,
    "6  Winograd, kernel": winograd_kernel,
}
ON_MAPS: dict[str, Callable[[Array, Array], Callable[[], Array]]] = {
    "4  indirect, on maps": indirect_on_maps,
    "6  Winograd, on maps": winograd_on_maps,
}
ONE_CORE = {
    "SCRATCHNET_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}


class Row(NamedTuple):
    """One rewrite, measured."""

    name: str
    ms: float
    gflops: float
    error: float

    def __str__(self) -> str:
        return f"{self.name:26}{self.ms:10.1f}{self.gflops:10.1f}{self.error:12.0e}"


HEADING = f"{'':26}{'ms':>10}{'GFLOP/s':>10}{'error':>12}"


def random_problem(N: int, size: int, C: int, F: int) -> tuple[Array, Array]:
    """Images of size × size pixels, and weights, in float32."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((N, size, size, C), dtype=np.float32)
    return x, rng.standard_normal((3, 3, C, F), dtype=np.float32)


def measure(
    N: int, size: int, C: int, F: int, rounds: int, minutes: float
) -> tuple[list[Row], str]:
    """A row for each rewrite, and how many rounds were quiet."""
    from measuring import interleaved  # the neighbour of this file

    x, w = random_problem(N, size, C, F)
    calls: dict[str, Callable[[], Array]] = {
        name: partial(rewrite, x, w) for name, rewrite in REWRITES.items()
    }
    calls |= {name: prepare(x, w) for name, prepare in ON_MAPS.items()}
    exact = turned_loops(x.astype(np.float64), w.astype(np.float64))
    errors = {name: np.abs(call() - exact).max() for name, call in calls.items()}
    kept = interleaved(calls, rounds, minutes)
    gflop = 2 * 9 * C * F * N * size * size / 1e9
    return [
        Row(name, 1e3 * seconds, gflop / seconds, errors[name] / np.abs(exact).max())
        for name, seconds in ((name, kept.median(name)) for name in calls)
    ], str(kept)


def seconds_in_plain_python() -> tuple[int, float]:
    """Products in the convolution of one tiny image, and how long Python takes without Numba."""
    x, w, y = np.ones((1, 10, 10, 4)), np.ones((3, 3, 4, 4)), np.zeros((1, 8, 8, 4))
    start = time.perf_counter()
    seven_loops.py_func(x, w, y)
    return y.size * 9 * 4, time.perf_counter() - start


def chart(rows: Sequence[Row]) -> Any:
    """A bar for each rewrite: its pace, as a figure of matplotlib."""
    from matplotlib.figure import Figure

    from scratchnet.visualize.palette import ACCENT, INK, PALE, SOFT

    figure = Figure(figsize=(7.6, 0.42 * len(rows) + 0.9), facecolor="white", layout="constrained")
    axes = figure.subplots()
    labels = [row.name for row in rows]
    colors = [ACCENT if "Winograd" in row.name else PALE for row in rows]
    axes.barh(labels, [row.gflops for row in rows], color=colors, height=0.62)
    for place, row in enumerate(rows):
        axes.text(row.gflops, place, f"  {row.gflops:.3g}", va="center", color=INK, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("GFLOP/s of direct arithmetic, on one core", color=SOFT, fontsize=9)
    axes.tick_params(length=0, colors=INK, labelsize=9)
    axes.margins(x=0.12)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")
    axes.tick_params(axis="y", pad=150)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description="One convolution in six rewrites, timed.")
    parser.add_argument("--batch", type=int, default=32, help="images (default: 32)")
    parser.add_argument("--size", type=int, default=24, help="pixels a side (default: 24)")
    parser.add_argument("--channels", type=int, default=64, help="default: 64")
    parser.add_argument("--filters", type=int, default=64, help="default: 64")
    parser.add_argument("--rounds", type=int, default=7, help="quiet rounds (default: 7)")
    parser.add_argument("--minutes", type=float, default=1, help="at most (default: 1)")
    parser.add_argument("--figure", type=Path, help="where to draw the paces, such as six.svg")
    options = parser.parse_args()
    if options.channels % 16 or options.filters % 16:
        parser.error("the kernel wants channels and filters in sixteens, such as 32 and 64")

    if options.rounds < 1:
        parser.error(f"--rounds expects at least 1, got {options.rounds}")
    if options.figure and find_spec("matplotlib") is None:
        parser.error('--figure needs matplotlib: pip install -e ".[examples]"')

    os.environ.update(ONE_CORE)  # libraries read it as they are imported: in a new process
    N, size, C, F = options.batch, options.size, options.channels, options.filters
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        measured = process.submit(measure, N, size, C, F, options.rounds, options.minutes)
        rows, kept = measured.result()
    products, seconds = seconds_in_plain_python()

    print(f"{N} images of {size} × {size} pixels, {C} → {F} channels, float32, one core", end="")
    print(f"; rounds: {kept}")
    print(HEADING, *rows, sep="\n")
    whole = 9 * C * F * N * size * size
    print(f"plain Python: {products:,} products in {1e3 * seconds:.1f} ms, ", end="")
    print(f"so these {whole:,} in {seconds / products * whole / 60:.0f} minutes")
    if options.figure:
        chart(rows).savefig(options.figure)


if __name__ == "__main__":
    main()
