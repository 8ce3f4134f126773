"""The references against loops over single numbers, bit for bit, and against torch.

The loops below are the formulas of the headers, word for word. On whole numbers every sum is
exact, so the order of the additions cannot hide behind a tolerance.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scratchnet.reference.avg_pool import avg_pool_backward, avg_pool_forward
from scratchnet.reference.batch_norm import batch_norm_backward, batch_norm_forward
from scratchnet.reference.conv2d import conv2d_backward, conv2d_forward
from scratchnet.reference.dense import dense_backward, dense_forward
from scratchnet.reference.max_pool import max_pool_backward, max_pool_forward
from scratchnet.reference.relu import relu_backward, relu_forward
from scratchnet.reference.windows import pad, unpad

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
edges = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2)
sizes = st.tuples(st.integers(1, 6), st.integers(1, 6))
seeds = st.integers(0, 2**32 - 1)


def whole_numbers(rng, *shape, dtype=np.float32):
    return rng.integers(-9, 10, shape).astype(dtype)


def fits(size, window, padding, dilation=(1, 1)):
    return all(
        n + sum(p) >= (k - 1) * d + 1
        for n, k, p, d in zip(size, window, padding, dilation, strict=True)
    )


# -- convolution ----------------------------------------------------------------------------


def conv2d_meetings(x_shape, W_shape, y_shape, stride, padding, dilation, groups):
    """Every (index of y, of W, of x) whose numbers meet: seven loops."""
    _, C, H, W = x_shape
    F, Cg, KH, KW = W_shape
    (top, _), (left, _) = padding
    for n, f, i, j in np.ndindex(*y_shape):
        for c, kh, kw in np.ndindex(Cg, KH, KW):
            channel = f // (F // groups) * (C // groups) + c
            p = i * stride[0] + kh * dilation[0] - top
            q = j * stride[1] + kw * dilation[1] - left
            if 0 <= p < H and 0 <= q < W:
                yield (n, f, i, j), (f, c, kh, kw), (n, channel, p, q)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(0, 2),
    size=sizes,
    kernel=pairs,
    stride=pairs,
    padding=edges,
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    groups=st.integers(1, 2),
    seed=seeds,
)
def test_convolution_is_its_formula(n, size, kernel, stride, padding, dilation, groups, seed):
    assume(fits(size, kernel, padding, dilation))
    rng = np.random.default_rng(seed)
    F, C = groups * int(rng.integers(1, 3)), groups * int(rng.integers(1, 3))
    x = whole_numbers(rng, n, C, *size)
    W = whole_numbers(rng, F, C // groups, *kernel)
    b = whole_numbers(rng, F)
    how = stride, padding, dilation, groups

    y = conv2d_forward(x, W, b, *how)
    dy = whole_numbers(rng, *y.shape)
    dx, dW, db = conv2d_backward(dy, x, W, *how)

    y_loop = np.zeros_like(y) + b[:, np.newaxis, np.newaxis]
    dx_loop, dW_loop = np.zeros_like(x), np.zeros_like(W)
    for at_y, at_W, at_x in conv2d_meetings(x.shape, W.shape, y.shape, *how):
        y_loop[at_y] += W[at_W] * x[at_x]
        dW_loop[at_W] += dy[at_y] * x[at_x]
        dx_loop[at_x] += dy[at_y] * W[at_W]
    assert np.array_equal(y, y_loop)
    assert np.array_equal(dx, dx_loop)
    assert np.array_equal(dW, dW_loop)
    assert np.array_equal(db, dy.sum(axis=(0, 2, 3)))
    assert {a.dtype for a in (y, dx, dW, db)} == {np.dtype(np.float32)}
    assert np.array_equal(conv2d_forward(x, W, None, *how), y - b[:, np.newaxis, np.newaxis])


# -- pools ----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(n=st.integers(0, 2), size=sizes, window=pairs, stride=pairs, seed=seeds, data=st.data())
def test_max_pooling_is_its_formula(n, size, window, stride, seed, data):
    KH, KW = window
    padding = data.draw(
        st.tuples(*[st.tuples(st.integers(0, k // 2), st.integers(0, k // 2)) for k in window])
    )
    assume(fits(size, window, padding))
    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 3, (n, 2, *size)).astype(np.float32)  # few values, so many ties
    y, winner = max_pool_forward(x, window, stride, padding)
    dy = whole_numbers(rng, *y.shape)
    dx = max_pool_backward(dy, winner, x.shape, window, stride, padding)

    (top, _), (left, _) = padding
    dx_loop = np.zeros_like(x)
    for at in np.ndindex(*y.shape):
        *image, i, j = at
        best, where, number = -np.inf, None, None
        for kh, kw in np.ndindex(KH, KW):
            p, q = i * stride[0] + kh - top, j * stride[1] + kw - left
            inside = 0 <= p < size[0] and 0 <= q < size[1]
            if inside and x[(*image, p, q)] > best:
                best, where, number = x[(*image, p, q)], (*image, p, q), kh * KW + kw
        assert y[at] == best
        assert winner[at] == number
        dx_loop[where] += dy[at]
    assert np.array_equal(dx, dx_loop)
    assert winner.dtype == np.uint8


def test_a_large_window_numbers_its_winner_in_int32():
    x = np.zeros((1, 1, 17, 17))
    x[0, 0, 16, 16] = 1
    _, winner = max_pool_forward(x, (17, 17), (1, 1), ((0, 0), (0, 0)))
    assert winner.dtype == np.int32
    assert winner.item() == 288


@settings(max_examples=40, deadline=None)
@given(n=st.integers(0, 2), size=sizes, window=pairs, stride=pairs, seed=seeds)
def test_average_pooling_is_its_formula(n, size, window, stride, seed):
    assume(fits(size, window, ((0, 0), (0, 0))))
    rng = np.random.default_rng(seed)
    x = whole_numbers(rng, n, 2, *size)
    y = avg_pool_forward(x, window, stride)
    dy = whole_numbers(rng, *y.shape)
    dx = avg_pool_backward(dy, x.shape, window, stride)

    KH, KW = window
    total, dtotal = np.zeros_like(y), np.zeros_like(x)
    for n_, c, i, j in np.ndindex(*y.shape):
        for kh, kw in np.ndindex(KH, KW):
            pixel = n_, c, i * stride[0] + kh, j * stride[1] + kw
            total[n_, c, i, j] += x[pixel]
            dtotal[pixel] += dy[n_, c, i, j]
    assert np.array_equal(y, total / (KH * KW))
    assert np.array_equal(dx, dtotal / (KH * KW))
    assert y.dtype == dx.dtype == np.float32


def test_unpad_undoes_pad_even_where_a_side_is_zero():
    x = np.arange(12.0).reshape(1, 1, 3, 4)
    for frame in [((0, 0), (0, 0)), ((1, 0), (0, 2)), ((2, 1), (3, 1))]:
        assert np.array_equal(unpad(pad(x, frame, -1), frame), x)


# -- dense, relu, batch norm ----------------------------------------------------------------


def test_dense_is_its_formula():
    rng = np.random.default_rng(0)
    x, W, b = whole_numbers(rng, 3, 4), whole_numbers(rng, 4, 2), whole_numbers(rng, 2)
    dy = whole_numbers(rng, 3, 2)
    dx, dW, db = dense_backward(dy, x, W)
    for n, m in np.ndindex(3, 2):
        assert dense_forward(x, W, b)[n, m] == sum(x[n, d] * W[d, m] for d in range(4)) + b[m]
        assert dense_forward(x, W, None)[n, m] == sum(x[n, d] * W[d, m] for d in range(4))
        assert db[m] == sum(dy[i, m] for i in range(3))
    for n, d in np.ndindex(3, 4):
        assert dx[n, d] == sum(dy[n, m] * W[d, m] for m in range(2))
    for d, m in np.ndindex(4, 2):
        assert dW[d, m] == sum(x[n, d] * dy[n, m] for n in range(3))


def test_relu_is_its_formula():
    x, dy = np.array([-1.0, 0, 2]), np.array([5.0, 6, 7])
    y = relu_forward(x)
    assert y.tolist() == [0, 0, 2]
    assert relu_backward(dy, y).tolist() == [0, 0, 7]


def test_batch_norm_is_its_formula():
    # channel 0: 1, 3, 5, 7, of mean 4 and variance 5; with eps = 4, inv_std = 1/3
    x = np.array([[[1.0, 3], [0, 0]], [[5, 7], [0, 0]]])
    gamma, beta = np.array([3.0, 1]), np.array([10.0, 20])
    y, x_hat, mean, var, inv_std = batch_norm_forward(x, gamma, beta, 4)
    assert mean.tolist() == [4, 0]
    assert var.tolist() == [5, 0]
    assert inv_std.tolist() == [1 / 3, 1 / 2]
    assert y[:, 0] == pytest.approx(np.array([[7.0, 9], [11, 13]]), rel=1e-15)
    assert y[:, 1].tolist() == [[20, 20], [20, 20]]

    # dy = (4, 0, 0, 0): dbeta = 4, dgamma = 4 · -1, and x_hat · dgamma / 4 = -x_hat
    dy = np.zeros_like(x)
    dy[0, 0, 0] = 4
    dx, dgamma, dbeta = batch_norm_backward(dy, x_hat, gamma, inv_std)
    assert dgamma == pytest.approx(np.array([-4.0, 0]), rel=1e-15)
    assert dbeta.tolist() == [4, 0]
    expected = [[4 - 1 - 1, 0 - 1 - 1 / 3], [0 - 1 + 1 / 3, 0 - 1 + 1]]
    assert dx[:, 0] == pytest.approx(np.array(expected), abs=1e-15)


# -- an oracle that shares no code with us --------------------------------------------------

torch_cases = pytest.mark.parametrize("seed", range(8))


def close(ours, theirs):
    return np.allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.oracle
@torch_cases
def test_convolution_agrees_with_torch(seed):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    stride, dilation = (tuple(map(int, rng.integers(1, 3, 2))) for _ in range(2))
    ph, pw = map(int, rng.integers(0, 3, 2))
    groups = int(rng.integers(1, 3))
    x, W = rng.normal(size=(2, 2 * groups, 9, 8)), rng.normal(size=(3 * groups, 2, 3, 2))
    b = rng.normal(size=3 * groups)
    how = stride, ((ph, ph), (pw, pw)), dilation, groups

    tx, tW, tb = (torch.tensor(a, requires_grad=True) for a in (x, W, b))
    ty = torch.nn.functional.conv2d(tx, tW, tb, stride, (ph, pw), dilation, groups)
    y = conv2d_forward(x, W, b, *how)
    assert close(y, ty)
    dy = rng.normal(size=y.shape)
    ty.backward(torch.tensor(dy))
    for ours, theirs in zip(conv2d_backward(dy, x, W, *how), (tx, tW, tb), strict=True):
        assert close(ours, theirs.grad)


@pytest.mark.oracle
@torch_cases
def test_pools_agree_with_torch(seed):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    window = tuple(map(int, rng.integers(2, 4, 2)))
    stride = tuple(map(int, rng.integers(1, 4, 2)))
    p = int(rng.integers(0, 2))
    x = rng.normal(size=(2, 3, 9, 8))

    tx = torch.tensor(x, requires_grad=True)
    ty = torch.nn.functional.max_pool2d(tx, window, stride, p)
    y, winner = max_pool_forward(x, window, stride, ((p, p), (p, p)))
    assert close(y, ty)
    dy = rng.normal(size=y.shape)
    ty.backward(torch.tensor(dy))
    assert close(max_pool_backward(dy, winner, x.shape, window, stride, ((p, p), (p, p))), tx.grad)

    tx = torch.tensor(x, requires_grad=True)
    ty = torch.nn.functional.avg_pool2d(tx, window, stride)
    y = avg_pool_forward(x, window, stride)
    assert close(y, ty)
    dy = rng.normal(size=y.shape)
    ty.backward(torch.tensor(dy))
    assert close(avg_pool_backward(dy, x.shape, window, stride), tx.grad)


@pytest.mark.oracle
def test_batch_norm_agrees_with_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(2, 4, 3, 10))
    gamma, beta = rng.normal(size=(2, 3))
    tx, tgamma, tbeta = (torch.tensor(a, requires_grad=True) for a in (x, gamma, beta))
    mean, var = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    ty = torch.nn.functional.batch_norm(tx, mean, var, tgamma, tbeta, True, 0.1, 1e-5)
    ty.backward(torch.tensor(dy))

    y, x_hat, *_, inv_std = batch_norm_forward(x, gamma, beta, 1e-5)
    dx, dgamma, dbeta = batch_norm_backward(dy, x_hat, gamma, inv_std)
    assert close(y, ty)
    assert close(dx, tx.grad)
    assert close(dgamma, tgamma.grad)
    assert close(dbeta, tbeta.grad)
