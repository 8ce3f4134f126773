"""The dense layer's product: NumPy's bits on whole numbers, whatever the strides."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scratchnet.kernels.matmul import DEPTH, PANEL, ROWS, matmul, of_one_dtype

LAYOUTS = {
    "rows": lambda a: a,
    "columns": lambda a: np.asfortranarray(a),
    "every other": lambda a: np.repeat(np.repeat(a, 2, axis=0), 2, axis=1)[::2, ::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "read-only": lambda a: np.lib.stride_tricks.as_strided(a, writeable=False),
}


def whole_numbers(rng, *shape, dtype=np.float32):
    return rng.integers(-9, 10, shape).astype(dtype)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    M=st.integers(0, 20),
    N=st.integers(0, 80),
    K=st.integers(0, 20),
    a=st.sampled_from(["rows", "columns", "every other", "backwards"]),
    b=st.sampled_from(["rows", "columns", "every other", "backwards"]),
    dtype=st.sampled_from([np.float32, np.float64]),
)
@example(M=ROWS + 1, N=PANEL + 1, K=DEPTH + 1, a="rows", b="rows", dtype=np.float32)
@example(M=2 * ROWS, N=2 * PANEL, K=2 * DEPTH, a="columns", b="columns", dtype=np.float32)
def test_a_product_is_numpys_product(M, N, K, a, b, dtype):
    rng = np.random.default_rng(M + 100 * N)
    A = LAYOUTS[a](whole_numbers(rng, M, K, dtype=dtype))
    B = LAYOUTS[b](whole_numbers(rng, K, N, dtype=dtype))
    C = matmul(A, B)
    assert C.dtype == dtype
    assert np.array_equal(C, A @ B)


@pytest.mark.parametrize("M, N, K", [(2, 3, 4), (200, 130, 300), (0, 3, 4), (2, 3, 0)])
def test_a_product_is_written_where_it_is_wanted(M, N, K):
    rng = np.random.default_rng(0)
    A, B = whole_numbers(rng, M, K), whole_numbers(rng, K, N)
    around = np.full(M * N + 2, 7, np.float32)
    out = around[1:-1].reshape(M, N)
    out[...] = np.nan
    assert matmul(A, B, out=out) is out
    assert np.array_equal(out, A @ B)
    assert around[0] == around[-1] == 7


def test_operands_may_be_read_only():
    A = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.array_equal(matmul(LAYOUTS["read-only"](A), LAYOUTS["read-only"](A.T)), A @ A.T)


def test_a_product_in_float32_rounds_as_a_sum_of_products_does():
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((40, 1000)), rng.standard_normal((1000, 30))
    A, B = A.astype(np.float32), B.astype(np.float32)
    exact = A.astype(np.float64) @ B.astype(np.float64)
    assert np.abs(matmul(A, B) - exact).max() <= 1e-6 * np.abs(exact).max()


@pytest.mark.parametrize(
    "dtypes, common",
    [
        ((np.float32, np.float32), np.float32),
        ((np.float32, np.float64), np.float64),
        ((np.float32, np.uint8), np.float32),
        ((np.int64, np.int64), np.float64),
        ((np.float16, np.float16), np.float32),
    ],
)
def test_operands_are_brought_to_one_dtype_as_numpy_would(dtypes, common):
    rng = np.random.default_rng(1)
    a, b = (rng.integers(0, 9, (4, 4)).astype(dtype) for dtype in dtypes)
    assert [operand.dtype for operand in of_one_dtype(a, b)] == [common, common]
    assert matmul(a, b).dtype == common
    assert np.array_equal(matmul(a, b), a.astype(float) @ b.astype(float))
