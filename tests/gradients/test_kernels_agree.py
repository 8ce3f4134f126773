"""Reference and kernels are two programs for one definition: their agreement is evidence.

On whole numbers no sum rounds, so both give the same bits, in whatever order they add. Elsewhere
they differ by rounding; a kernel that computes differently (Winograd) has a bound of its own.
"""

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scratchnet.ops import OPERATIONS
from tests.gradients.cases import CONFIGURATIONS


def operations(package):
    """All operations of `reference` or of `kernels`, whichever the layers use."""
    return SimpleNamespace(
        **{
            name: getattr(import_module(f"scratchnet.{package}.{module}"), name)
            for name, module in OPERATIONS.items()
        }
    )


PLAIN, FAST = operations("reference"), operations("kernels")

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
frames = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2)
images = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9))
dtypes = st.sampled_from([np.float32, np.float64])
seeds = st.integers(0, 99)


def whole_numbers(seed, dtype):
    """A function from a shape to an array of small whole numbers."""
    rng = np.random.default_rng(seed)
    return lambda *shape: rng.integers(-4, 5, shape).astype(dtype)


def windows(shape, window, stride, padding=((0, 0), (0, 0)), dilation=(1, 1)):
    """How many windows fit: (OH, OW)."""
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    padded = [n + sum(frame) for n, frame in zip(shape[2:], padding, strict=True)]
    return tuple((n - k) // s + 1 for n, k, s in zip(padded, spans, stride, strict=True))


def same_bits(ours, theirs):
    if not isinstance(ours, tuple):
        ours, theirs = (ours,), (theirs,)
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        np.testing.assert_array_equal(one, other)


@given(
    shape=images,
    kernel=pairs,
    stride=pairs,
    dilation=pairs,
    padding=frames,
    groups=st.integers(1, 3),
    bias=st.booleans(),
    dtype=dtypes,
    seed=seeds,
)
@CONFIGURATIONS
def test_convolutions_have_the_same_bits(
    shape, kernel, stride, dilation, padding, groups, bias, dtype, seed
):
    N, C, H, W = shape
    size = windows(shape, kernel, stride, padding, dilation)
    assume(min(size) > 0)
    draw, F = whole_numbers(seed, dtype), 2 * groups
    x, weights, b = draw(N, C * groups, H, W), draw(F, C, *kernel), draw(F) if bias else None
    dy, geometry = draw(N, F, *size), (stride, padding, dilation, groups)
    same_bits(
        FAST.conv2d_forward(x, weights, b, *geometry),
        PLAIN.conv2d_forward(x, weights, b, *geometry),
    )
    same_bits(
        FAST.conv2d_backward(dy, x, weights, *geometry),
        PLAIN.conv2d_backward(dy, x, weights, *geometry),
    )


@given(shape=images, window=pairs, stride=pairs, padding=frames, dtype=dtypes, seed=seeds)
@CONFIGURATIONS
def test_max_pools_have_the_same_bits(shape, window, stride, padding, dtype, seed):
    padding = tuple(
        (min(a, k // 2), min(b, k // 2)) for (a, b), k in zip(padding, window, strict=True)
    )
    size = windows(shape, window, stride, padding)
    assume(min(size) > 0)
    draw = whole_numbers(seed, dtype)
    x, dy = draw(*shape), draw(*shape[:2], *size)  # of nine numbers, many are equal
    y, winner = FAST.max_pool_forward(x, window, stride, padding)
    their_y, their_winner = PLAIN.max_pool_forward(x, window, stride, padding)
    same_bits((y, winner), (their_y, their_winner))
    same_bits(
        FAST.max_pool_backward(dy, winner, shape, window, stride, padding),
        PLAIN.max_pool_backward(dy, winner, shape, window, stride, padding),
    )


@given(shape=images, window=pairs, stride=pairs, dtype=dtypes, seed=seeds)
@CONFIGURATIONS
def test_average_pools_have_the_same_bits(shape, window, stride, dtype, seed):
    size = windows(shape, window, stride)
    assume(min(size) > 0)
    draw = whole_numbers(seed, dtype)
    x, dy = draw(*shape), draw(*shape[:2], *size)
    same_bits(FAST.avg_pool_forward(x, window, stride), PLAIN.avg_pool_forward(x, window, stride))
    same_bits(
        FAST.avg_pool_backward(dy, shape, window, stride),
        PLAIN.avg_pool_backward(dy, shape, window, stride),
    )


@given(N=st.integers(1, 9), D=st.integers(1, 40), M=st.integers(1, 40), dtype=dtypes, seed=seeds)
@CONFIGURATIONS
def test_dense_layers_have_the_same_bits(N, D, M, dtype, seed):
    draw = whole_numbers(seed, dtype)
    x, W, b, dy = draw(N, D), draw(D, M), draw(M), draw(N, M)
    for bias in (b, None):
        same_bits(FAST.dense_forward(x, W, bias), PLAIN.dense_forward(x, W, bias))
    same_bits(FAST.dense_backward(dy, x, W), PLAIN.dense_backward(dy, x, W))


@given(shape=images, dtype=dtypes, seed=seeds)
@CONFIGURATIONS
def test_relus_have_the_same_bits(shape, dtype, seed):
    draw = whole_numbers(seed, dtype)
    x, dy = draw(*shape), draw(*shape)
    same_bits(FAST.relu_forward(x), PLAIN.relu_forward(x))
    same_bits(FAST.relu_backward(dy, np.maximum(x, 0)), PLAIN.relu_backward(dy, np.maximum(x, 0)))


# -- where rounding differs -----------------------------------------------------------------------


def close(ours, theirs, bound):
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == other.dtype
        assert np.abs(one - other).max() <= bound * np.abs(other).max()


@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 30)),
    dtype=dtypes,
    seed=seeds,
)
@CONFIGURATIONS
def test_batch_norms_agree_up_to_rounding(shape, dtype, seed):
    N, C, S = shape
    assume(N * S > 2)  # of two values, x_hat is ±1 and dx is nothing but rounding
    rng = np.random.default_rng(seed)
    x, dy = (rng.standard_normal(shape).astype(dtype) for _ in range(2))
    gamma, beta = (rng.uniform(0.5, 2, C).astype(dtype) for _ in range(2))
    results = [o.batch_norm_forward(x, gamma, beta, 1e-5) for o in (FAST, PLAIN)]
    bound = 1e-4 if dtype == np.float32 else 1e-12
    close(*results, bound)
    _, x_hat, _, _, inv_std = results[1]
    close(*(o.batch_norm_backward(dy, x_hat, gamma, inv_std) for o in (FAST, PLAIN)), bound)


@pytest.mark.parametrize("numbers", ["whole", "normal"])
@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((1, 1), (1, 1)), ((0, 2), (1, 0))])
@pytest.mark.parametrize("channels, filters", [(16, 16), (32, 16), (16, 48)])
def test_winograd_keeps_its_bound(channels, filters, padding, numbers):
    """3 × 3 windows on 16 channels in float32: the largest error over the largest value."""
    rng = np.random.default_rng(channels + filters)

    def draw(*shape):
        drawn = rng.standard_normal(shape)
        return (drawn if numbers == "normal" else np.rint(4 * drawn)).astype(np.float32)

    x, W, b = draw(3, channels, 11, 9), draw(filters, channels, 3, 3), draw(filters)
    geometry = ((1, 1), padding, (1, 1), 1)
    size = windows(x.shape, (3, 3), (1, 1), padding)
    dy = draw(3, filters, *size)
    exact = [a.astype(np.float64) for a in (dy, x, W, b)]
    y = PLAIN.conv2d_forward(*exact[1:], *geometry)
    gradients = PLAIN.conv2d_backward(*exact[:3], *geometry)
    ours = [FAST.conv2d_forward(x, W, b, *geometry), *FAST.conv2d_backward(dy, x, W, *geometry)]
    for one, other in zip(ours, [y, *gradients], strict=True):
        assert one.dtype == np.float32
        assert np.abs(one - other).max() <= 1e-5 * np.abs(other).max()


# -- threads --------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels, window", [(3, 3), (16, 3), (16, 5)])
def test_the_bits_do_not_depend_on_the_number_of_threads(channels, window, monkeypatch):
    rng = np.random.default_rng(0)

    def draw(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    N, H, W, F = 5, 12, 10, 16
    x, weights, b, dy = draw(N, channels, H, W), draw(F, channels, window, window), draw(F), None
    geometry = ((1, 1), ((1, 1), (1, 1)), (1, 1), 1)
    dense = draw(37, 50), draw(50, 20), draw(20), draw(37, 20)
    dy = draw(N, F, H + 3 - window, W + 3 - window)
    flat = x.reshape(N, channels, H * W)
    gamma = draw(channels)

    def results():
        y, winner = FAST.max_pool_forward(x, (3, 3), (2, 2), ((1, 1), (1, 1)))
        normal = FAST.batch_norm_forward(flat, gamma, gamma, 1e-5)
        return [
            FAST.conv2d_forward(x, weights, b, *geometry),
            *FAST.conv2d_backward(dy, x, weights, *geometry),
            y,
            FAST.max_pool_backward(y, winner, x.shape, (3, 3), (2, 2), ((1, 1), (1, 1))),
            FAST.avg_pool_forward(x, (3, 2), (2, 1)),
            FAST.relu_forward(x),
            *normal,
            *FAST.batch_norm_backward(flat, normal[1], gamma, normal[4]),
            FAST.dense_forward(*dense[:3]),
            *FAST.dense_backward(dense[3], *dense[:2]),
        ]

    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("SCRATCHNET_THREADS", threads)
        found.append(results())
    for one, two, three in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)
