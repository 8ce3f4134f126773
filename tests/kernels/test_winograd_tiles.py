"""The transforms of one tile are the matrices of `winograd`'s header, and their adjoints."""

import numpy as np
import pytest
from numba import njit

from scratchnet.kernels.simd import vector_load, vector_store
from scratchnet.kernels.winograd_tiles import (
    read_gradient,
    read_pooled_gradient,
    spread_input,
    spread_output,
    transform_input,
    transform_output,
    transform_output_pooled,
)
from tests.kernels.test_winograd import A_T, B_T

LANES, COLUMNS, PLACE = 16, 7, 48
"""Pixels lie in rows of 7; place e of the tile begins at 48·e."""
ROW = COLUMNS * LANES
START = ROW + LANES  # a pixel in from each edge


def whole_numbers(*shape):
    return np.random.default_rng(len(shape)).integers(-5, 6, shape).astype(np.float32)


def grid(pixels):
    """Rows, columns, channels."""
    return pixels.reshape(-1, COLUMNS, LANES)


def both(matrix, tile):
    """matrix · tile · matrixᵀ, channel by channel."""
    return np.einsum("ai,ijc,bj->abc", matrix, tile, matrix)


def scratch():
    return np.full(36 * LANES, np.nan, np.float32)


def test_the_input_transform_is_bt_d_b():
    pixels, V = whole_numbers(8 * ROW), np.full(36 * PLACE, np.nan, np.float32)
    transform_input(pixels, START, ROW, LANES, V, 16, PLACE, scratch())
    places = V.reshape(6, 6, PLACE)
    assert np.array_equal(places[:, :, 16:32], both(B_T, grid(pixels)[1:7, 1:7]))
    assert np.isnan(places[:, :, :16]).all()
    assert np.isnan(places[:, :, 32:]).all()


def test_its_adjoint_is_added_to_the_pixels_and_to_no_others():
    pixels, V = whole_numbers(8 * ROW), whole_numbers(36, PLACE)
    expected = grid(pixels.copy())
    expected[1:7, 1:7] += both(B_T.T, V.reshape(6, 6, PLACE)[:, :, 16:32])
    spread_input(V.reshape(-1), 16, PLACE, pixels, START, ROW, LANES, scratch())
    assert np.array_equal(grid(pixels), expected)


def test_the_output_transforms_adjoint_is_a_dz_at():
    dz, M = whole_numbers(4, 4, LANES), np.full(36 * PLACE, np.nan, np.float32)
    spread_output(dz.reshape(-1), M, 0, PLACE, scratch())
    places = M.reshape(6, 6, PLACE)
    assert np.array_equal(places[:, :, :16], both(A_T.T, dz))
    assert np.isnan(places[:, :, 16:]).all()


@njit
def outputs(M, bias, relu, y, pooled, winners, line):
    b = vector_load(bias, 0)
    transform_output(M, 16, 48, b, relu, y, 128, 112, 16, line)
    transform_output_pooled(M, 16, 48, b, relu, pooled, winners, 128, 112, 16, line)


@njit
def inputs(dy, y, winners, relu, whole, spread, total):
    vector_store(total, 0, read_gradient(dy, y, relu, 128, 112, 16, whole))
    vector_store(total, 16, read_pooled_gradient(dy, y, winners, relu, 128, 112, 16, spread))


@pytest.mark.parametrize("relu", [False, True])
def test_the_output_transform_is_at_m_a_and_then_bias_relu_and_pool(relu):
    M, bias = whole_numbers(36, PLACE), whole_numbers(LANES)
    y, pooled = np.full((2, 8 * ROW), np.nan, np.float32)
    winners = np.full(8 * ROW, 255, np.uint8)
    outputs(M.reshape(-1), bias, relu, y, pooled, winners, scratch())
    expected = both(A_T, M.reshape(6, 6, PLACE)[:, :, 16:32]) + bias
    if relu:
        expected = np.maximum(expected, 0)
    assert np.array_equal(grid(y)[1:5, 1:5], expected)
    windows = expected.reshape(2, 2, 2, 2, LANES).swapaxes(1, 2).reshape(2, 2, 4, LANES)
    assert np.array_equal(grid(pooled)[1:3, 1:3], windows.max(axis=2))
    assert np.array_equal(grid(winners)[1:3, 1:3], windows.argmax(axis=2))  # the first of ties
    assert np.count_nonzero(~np.isnan(y)) == 16 * LANES
    assert np.count_nonzero(~np.isnan(pooled)) == 4 * LANES
    assert np.count_nonzero(winners != 255) == 4 * LANES


@pytest.mark.parametrize("relu", [False, True])
def test_a_gradient_is_read_where_relu_let_through_and_goes_to_the_winner(relu):
    dy, y = whole_numbers(2, 8 * ROW)
    winners = np.abs(whole_numbers(8 * ROW)).astype(np.uint8) % 4
    whole, spread = np.full((2, 16 * LANES), np.nan, np.float32)
    total = np.zeros(32, np.float32)
    inputs(dy, y, winners, relu, whole, spread, total)

    let = np.where(y > 0, dy, 0) if relu else dy
    expected = grid(let)[1:5, 1:5]
    assert np.array_equal(whole.reshape(4, 4, LANES), expected)
    assert np.array_equal(total[:16], expected.sum(axis=(0, 1)))

    pooled, number = grid(let)[1:3, 1:3], grid(winners)[1:3, 1:3]
    for k in range(4):
        to_k = spread.reshape(4, 4, LANES)[k // 2 :: 2, k % 2 :: 2]
        assert np.array_equal(to_k, np.where(number == k, pooled, 0))
    assert np.array_equal(total[16:], pooled.sum(axis=(0, 1)))
