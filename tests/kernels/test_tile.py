"""C += A @ B on register tiles, bit-equal on whole numbers, and nothing beside C is touched."""

import numpy as np
import pytest
from numba.core.errors import TypingError

from scratchnet.kernels.tile import has_wide_registers, multiply_add


def product(M, N, K, dtype, *, transposed):
    """multiply_add on whole numbers inside of larger arrays: (result, what NumPy expects)."""
    rng = np.random.default_rng(100 * M + N + K)
    draw = lambda *shape: rng.integers(-9, 10, shape).astype(dtype)  # noqa: E731
    A, B, C = draw(K, M).T if transposed else draw(M, K), draw(K, N + 3), draw(M + 2, N + 7)
    a_row, a_col = (stride // A.itemsize for stride in A.strides)
    expected = C.copy()
    expected[1 : M + 1, 2 : N + 2] += A @ B[:, 1 : N + 1]
    flat_A = np.ascontiguousarray(A.T if transposed else A).reshape(-1)
    multiply_add(
        flat_A, 0, a_row, a_col, B.reshape(-1), 1, N + 3, C.reshape(-1), N + 9, N + 7, M, N, K
    )
    return C, expected


@pytest.mark.parametrize("M", range(15))
def test_any_number_of_rows(M):
    for dtype in (np.float32, np.float64):
        assert np.array_equal(*product(M, 16, 5, dtype, transposed=False))
        assert np.array_equal(*product(M, 16, 5, dtype, transposed=True))


@pytest.mark.parametrize("N", [0, 16, 32, 48, 64, 80, 96, 112, 128, 144])
def test_any_multiple_of_sixteen_columns(N):
    for M in (1, 4, 6, 11):
        assert np.array_equal(*product(M, N, 3, np.float32, transposed=False))
        assert np.array_equal(*product(M, N, 3, np.float64, transposed=True))


@pytest.mark.parametrize("K", [0, 1, 2, 300])
def test_any_length_of_the_sum(K):
    assert np.array_equal(*product(7, 48, K, np.float32, transposed=False))


def test_arrays_of_two_dtypes_do_not_compile():
    single, double = np.zeros(64, np.float32), np.zeros(64)
    with pytest.raises(TypingError, match="got float32, float64"):
        multiply_add(double, 0, 4, 1, single, 0, 16, double, 0, 16, 4, 16, 4)


@pytest.mark.parametrize("features, wide", [("+avx2,+avx512f,+fma", True), ("+avx2,+fma", False)])
def test_wide_registers_follow_numbas_choice_of_features(features, wide, monkeypatch):
    monkeypatch.setenv("NUMBA_CPU_FEATURES", features)
    assert has_wide_registers.__wrapped__() is wide
