"""C = A @ B, or +=, on register tiles: bit-equal on whole numbers, nothing beside C is touched."""

import numpy as np
import pytest
from numba.core.errors import TypingError

from scratchnet.kernels.tile import has_wide_registers, multiply, multiply_add


def product(M, N, K, dtype, *, transposed, fresh=False):
    """multiply on whole numbers inside of larger arrays: (result, what NumPy expects)."""
    rng = np.random.default_rng(100 * M + N + K)
    draw = lambda *shape: rng.integers(-9, 10, shape).astype(dtype)  # noqa: E731
    A, B, C = draw(K, M).T if transposed else draw(M, K), draw(K, N + 3), draw(M + 2, N + 7)
    a_row, a_col = (stride // A.itemsize for stride in A.strides)
    expected = C.copy()
    if fresh:
        expected[1 : M + 1, 2 : N + 2] = 0
        C[1 : M + 1, 2 : N + 2] = np.nan  # must not be read
    expected[1 : M + 1, 2 : N + 2] += A @ B[:, 1 : N + 1]
    flat_A = np.ascontiguousarray(A.T if transposed else A).reshape(-1)
    operands = flat_A, 0, a_row, a_col, B.reshape(-1), 1, N + 3, C.reshape(-1), N + 9, N + 7
    multiply(*operands, M, N, K, fresh)
    return C, expected


@pytest.mark.parametrize("M", range(15))
def test_any_number_of_rows(M):
    for dtype in (np.float32, np.float64):
        assert np.array_equal(*product(M, 16, 5, dtype, transposed=False, fresh=True))
        assert np.array_equal(*product(M, 16, 5, dtype, transposed=False))
        assert np.array_equal(*product(M, 16, 5, dtype, transposed=True))


@pytest.mark.parametrize("N", [0, 16, 32, 48, 64, 80, 96, 112, 128, 144])
def test_any_multiple_of_sixteen_columns(N):
    for M in (1, 4, 6, 11):
        assert np.array_equal(*product(M, N, 3, np.float32, transposed=False))
        assert np.array_equal(*product(M, N, 3, np.float32, transposed=True, fresh=True))
        assert np.array_equal(*product(M, N, 3, np.float64, transposed=True))


@pytest.mark.parametrize("K", [0, 1, 2, 300])
def test_any_length_of_the_sum(K):
    assert np.array_equal(*product(7, 48, K, np.float32, transposed=False))
    assert np.array_equal(*product(7, 48, K, np.float32, transposed=False, fresh=True))


def test_a_fresh_product_by_hand_forgets_what_was_there():
    """(1 2) · (3 4)ᵀ = 11 in the first of sixteen columns."""
    A, B = np.array([1, 2], np.float32), np.zeros(32, np.float32)
    B[0], B[16] = 3, 4
    C = np.full(16, 100, np.float32)
    multiply(A, 0, 2, 1, B, 0, 16, C, 0, 16, 1, 16, 2, True)
    assert C.tolist() == [11, *[0] * 15]
    multiply(A, 0, 2, 1, B, 0, 16, C, 0, 16, 1, 16, 2, False)
    multiply_add(A, 0, 2, 1, B, 0, 16, C, 0, 16, 1, 16, 2)
    assert C.tolist() == [33, *[0] * 15]


def test_arrays_of_two_dtypes_do_not_compile():
    single, double = np.zeros(64, np.float32), np.zeros(64)
    with pytest.raises(TypingError, match="got float32, float64"):
        multiply_add(double, 0, 4, 1, single, 0, 16, double, 0, 16, 4, 16, 4)


@pytest.mark.parametrize("features, wide", [("+avx2,+avx512f,+fma", True), ("+avx2,+fma", False)])
def test_wide_registers_follow_numbas_choice_of_features(features, wide, monkeypatch):
    monkeypatch.setenv("NUMBA_CPU_FEATURES", features)
    assert has_wide_registers.__wrapped__() is wide
