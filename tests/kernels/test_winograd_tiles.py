"""The transforms of one tile are the matrices of `winograd`'s header, and their adjoints."""

from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
from numba import njit

from scratchnet.kernels import winograd_small_tiles, winograd_tiles
from scratchnet.kernels.simd import vector_load, vector_store
from tests.kernels.test_winograd import A_T, B_T, SMALL_A_T, SMALL_B_T, SMALL_G, G

LANES, COLUMNS, PLACE = 16, 7, 48
"""Pixels lie in rows of 7; place e of the tile begins at 48·e."""
ROW = COLUMNS * LANES
START = ROW + LANES  # a pixel in from each edge


class Tiles(NamedTuple):
    by: ModuleType
    B_T: np.ndarray
    A_T: np.ndarray
    G: np.ndarray

    @property
    def side(self):
        """Pixels of the output."""
        return len(self.A_T)

    @property
    def places(self):
        return len(self.B_T) ** 2


LARGE = Tiles(winograd_tiles, B_T, A_T, G)
SMALL = Tiles(winograd_small_tiles, SMALL_B_T, SMALL_A_T, SMALL_G)
BOTH = pytest.mark.parametrize("tiles", [LARGE, SMALL], ids=["4", "3"])


def whole_numbers(*shape):
    return np.random.default_rng(len(shape)).integers(-5, 6, shape).astype(np.float32)


def grid(pixels):
    """Rows, columns, channels."""
    return pixels.reshape(-1, COLUMNS, LANES)


def inside(pixels, side):
    """The tile that begins at START."""
    return grid(pixels)[1 : 1 + side, 1 : 1 + side]


def both(matrix, tile):
    """matrix · tile · matrixᵀ, channel by channel."""
    return np.einsum("ai,ijc,bj->abc", matrix, tile, matrix)


def places_of(tiles, V, first):
    """The sixteen numbers from `first` on, of each place."""
    side = len(tiles.B_T)
    return V.reshape(side, side, PLACE)[:, :, first : first + LANES]


@BOTH
def test_the_input_transform_is_bt_d_b(tiles):
    pixels, V = whole_numbers(8 * ROW), np.full(tiles.places * PLACE, np.nan, np.float32)
    tiles.by.transform_input(pixels, START, ROW, LANES, V, 16, PLACE)
    expected = both(tiles.B_T, inside(pixels, tiles.side + 2))
    assert np.array_equal(places_of(tiles, V, 16), expected)
    assert np.count_nonzero(~np.isnan(V)) == tiles.places * LANES


@BOTH
def test_its_adjoint_is_added_to_the_pixels_and_to_no_others(tiles):
    pixels, V = whole_numbers(8 * ROW), whole_numbers(tiles.places * PLACE)
    expected = pixels.copy()
    inside(expected, tiles.side + 2)[...] += both(tiles.B_T.T, places_of(tiles, V, 16))
    tiles.by.spread_input(V, 16, PLACE, pixels, START, ROW, LANES)
    assert np.array_equal(pixels, expected)


def output_of(tiles):
    by = tiles.by

    @njit
    def output(M, bias, relu, y):
        rows = by.transform_output(M, 16, 48, vector_load(bias, 0), relu)
        by.write_rows(rows, y, 128, 112, 16)

    return output


@njit
def pooled_output(M, bias, relu, y, winners):
    rows = winograd_tiles.transform_output(M, 16, 48, vector_load(bias, 0), relu)
    winograd_tiles.pool_rows(rows, y, winners, 128, 112, 16)


def expected_output(tiles, M, bias, relu):
    y = both(tiles.A_T, places_of(tiles, M, 16)) + bias
    return np.maximum(y, 0) if relu else y


@BOTH
@pytest.mark.parametrize("relu", [False, True])
def test_the_output_transform_is_at_m_a_and_then_bias_and_relu(tiles, relu):
    M, bias = whole_numbers(tiles.places * PLACE), whole_numbers(LANES)
    y = np.full(8 * ROW, np.nan, np.float32)
    output_of(tiles)(M, bias, relu, y)
    assert np.array_equal(inside(y, tiles.side), expected_output(tiles, M, bias, relu))
    assert np.count_nonzero(~np.isnan(y)) == tiles.side**2 * LANES


@pytest.mark.parametrize("relu", [False, True])
def test_pooling_takes_the_first_largest_of_each_window(relu):
    M, bias = whole_numbers(36 * PLACE), whole_numbers(LANES)
    y, winners = np.full(8 * ROW, np.nan, np.float32), np.full(8 * ROW, 255, np.uint8)
    pooled_output(M, bias, relu, y, winners)
    expected = expected_output(LARGE, M, bias, relu)
    windows = expected.reshape(2, 2, 2, 2, LANES).swapaxes(1, 2).reshape(2, 2, 4, LANES)
    assert np.array_equal(inside(y, 2), windows.max(axis=2))
    assert np.array_equal(inside(winners, 2), windows.argmax(axis=2))
    assert np.count_nonzero(~np.isnan(y)) == np.count_nonzero(winners != 255) == 4 * LANES


def gradient_of(tiles):
    by = tiles.by

    @njit
    def gradient(dy, y, relu, M, total):
        rows = by.read_rows(dy, y, relu, 128, 112, 16)
        vector_store(total, 0, by.spread_output(rows, M, 16, 48))

    return gradient


@njit
def pooled_gradient(dy, y, winners, relu, M, total):
    rows = winograd_tiles.unpool_rows(dy, y, winners, relu, 128, 112, 16)
    vector_store(total, 0, winograd_tiles.spread_output(rows, M, 16, 48))


@BOTH
@pytest.mark.parametrize("relu", [False, True])
def test_its_adjoint_is_a_dz_at_of_what_relu_let_through(tiles, relu):
    dy, y = whole_numbers(2, 8 * ROW)
    M, total = np.full(tiles.places * PLACE, np.nan, np.float32), np.zeros(LANES, np.float32)
    gradient_of(tiles)(dy, y, relu, M, total)
    dz = inside(np.where(y > 0, dy, 0) if relu else dy, tiles.side)
    assert np.array_equal(places_of(tiles, M, 16), both(tiles.A_T.T, dz))
    assert np.count_nonzero(~np.isnan(M)) == tiles.places * LANES
    assert np.array_equal(total, dz.sum(axis=(0, 1)))


@pytest.mark.parametrize("relu", [False, True])
def test_a_pooled_gradient_goes_to_the_winner(relu):
    dy, y = whole_numbers(2, 8 * ROW)
    winners = np.abs(whole_numbers(8 * ROW)).astype(np.uint8) % 4
    M, total = np.full(36 * PLACE, np.nan, np.float32), np.zeros(LANES, np.float32)
    pooled_gradient(dy, y, winners, relu, M, total)
    pooled, number = inside(np.where(y > 0, dy, 0) if relu else dy, 2), inside(winners, 2)
    dz = np.zeros((4, 4, LANES), np.float32)
    for k in range(4):
        dz[k // 2 :: 2, k % 2 :: 2] = np.where(number == k, pooled, 0)
    assert np.array_equal(places_of(LARGE, M, 16), both(A_T.T, dz))
    assert np.array_equal(total, pooled.sum(axis=(0, 1)))


@BOTH
def test_one_dimension_of_the_weights_transforms_is_g_and_its_transpose(tiles):
    by, side = tiles.by, tiles.side + 2
    read, write = (by.read6, by.write6) if tiles is LARGE else (by.read5, by.write5)

    @njit
    def weights(w, v, U, dw):
        write(U, 0, 16, by.g(*winograd_tiles.read3(w, 0, 16)))
        winograd_tiles.write3(dw, 0, 16, by.gt(*read(v, 0, 16)))

    w, v = whole_numbers(3 * LANES), whole_numbers(side * LANES)
    U, dw = np.zeros(side * LANES, np.float32), np.zeros(3 * LANES, np.float32)
    weights(w, v, U, dw)
    assert U.reshape(side, LANES) == pytest.approx(tiles.G @ w.reshape(3, LANES), abs=3e-6)
    assert dw.reshape(3, LANES) == pytest.approx(tiles.G.T @ v.reshape(side, LANES), abs=3e-6)
