"""Winograd's convolution: the algebra is exact, the rounding is bounded, every size is covered."""

import numpy as np
import pytest

from scratchnet.kernels import maps, winograd
from scratchnet.reference import conv2d as reference

BOUND = 1e-5
"""The largest error over the largest value that the header states, for up to 128 channels."""
ONES = (1, 1)
B_T = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
A_T = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
SMALL_B_T = np.array(
    [[2, -1, -2, 1, 0], [0, -2, -1, 1, 0], [0, 2, -3, 1, 0], [0, -1, 0, 1, 0], [0, 2, -1, -2, 1]]
)
SMALL_A_T = np.array([[1, 1, 1, 1, 0], [0, 1, -1, 2, 0], [0, 1, 1, 4, 1]])
SMALL_G = np.array([[3, 0, 0], [-3, -3, -3], [-1, 1, -1], [1, 2, 4], [0, 0, 6]]) / 6


@pytest.mark.parametrize("matrices", [(B_T, A_T, G), (SMALL_B_T, SMALL_A_T, SMALL_G)])
def test_the_headers_matrices_give_the_definition(matrices):
    """y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A is the correlation of a tile with a 3 × 3 window."""
    bt, at, g = matrices
    rng, side, m = np.random.default_rng(0), len(bt), len(at)
    d, w = rng.standard_normal((side, side)), rng.standard_normal((3, 3))
    y = at @ ((g @ w @ g.T) * (bt @ d @ bt.T)) @ at.T
    direct = [[(d[i : i + 3, j : j + 3] * w).sum() for j in range(m)] for i in range(m)]
    assert np.allclose(y, direct, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    "size, tile", [((6, 6), 3), ((3, 3), 3), ((6, 3), 3), ((12, 12), 4), ((48, 48), 4), ((7, 7), 4)]
)
def test_tiles_are_those_that_need_fewer_products(size, tile):
    """6 × 6 pixels: 4·25 products against 4·36; 12 × 12: 16·25 against 9·36."""
    assert winograd.job(*size, 16, 16).tile == tile
    assert winograd.products(*size, tile) == min(winograd.products(*size, t) for t in (3, 4))


def test_a_tile_of_three_must_not_reach_beyond_the_frame():
    """20 × 3 pixels: 7·25 products against 5·36, but 21 rows, where the frame has room for 20."""
    assert winograd.products(20, 3, 3) < winograd.products(20, 3, 4)
    assert winograd.job(20, 3, 16, 16).tile == 4


def test_a_pool_needs_tiles_of_an_even_side():
    assert winograd.job(6, 6, 16, 16, pool=True).tile == 4


def check(x, W, b, padding, bound=BOUND):
    """Forward and backward against the reference in float64."""
    rng = np.random.default_rng(len(x))
    how = ONES, padding, ONES, 1
    y = winograd.forward(x, W, b, *how)
    dy = rng.standard_normal(y.shape).astype(np.float32)
    exact = [None if a is None else a.astype(np.float64) for a in (dy, x, W, b)]
    ours = [y, *winograd.backward(dy, x, W, *how)]
    theirs = [reference.conv2d_forward(*exact[1:], *how)]
    theirs += reference.conv2d_backward(*exact[:3], *how)
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == np.float32
        assert one.shape == other.shape
        if other.size:
            assert np.abs(one - other).max() <= bound * np.abs(other).max()


def test_a_convolution_of_nine_pixels_by_hand():
    """Filter 0 adds up all neighbours: 12 = 1 + 2 + 4 + 5; filter 1 takes the left one."""
    x, W, b = np.zeros((1, 16, 3, 3)), np.zeros((16, 16, 3, 3)), np.zeros(16)
    x[0, 0] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    W[0, 0], W[1, 0, 1, 0], b[1] = 1, 1, -10
    y = winograd.forward(
        *(array.astype(np.float32) for array in (x, W, b)), ONES, ((1, 1), (1, 1)), ONES, 1
    )
    assert y[0, 0] == pytest.approx(np.array([[12, 21, 16], [27, 45, 33], [24, 39, 28]]), rel=1e-6)
    assert y[0, 1] == pytest.approx(
        np.array([[-10, -9, -8], [-10, -6, -5], [-10, -3, -2]]), rel=1e-6
    )
    assert not y[0, 2:].any()


def normal(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("size", range(1, 14))
def test_every_size_of_image_is_right_to_its_edges(size):
    rng = np.random.default_rng(size)
    W, b = normal(rng, 16, 16, 3, 3), normal(rng, 16)
    check(normal(rng, 3, 16, size, 14 - size), W, b, ((1, 1), (1, 1)))


@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((2, 0), (0, 1)), ((0, 3), (2, 2))])
@pytest.mark.parametrize("images", [0, 1, 5])
def test_any_padding_and_any_number_of_images(padding, images):
    rng = np.random.default_rng(1)
    check(normal(rng, images, 32, 7, 6), normal(rng, 16, 32, 3, 3), None, padding)


@pytest.mark.parametrize("C, F", [(16, 32), (16, 48), (48, 16), (64, 64)])
def test_tiles_that_do_not_fill_their_last_block(C, F):
    """7 images of 4 × 5 tiles, two to a share: blocks of 72 tiles up to 32 channels, else of 36."""
    rng = np.random.default_rng(2)
    check(normal(rng, 7, C, 15, 18), normal(rng, F, C, 3, 3), normal(rng, F), ((1, 1), (1, 1)))


def test_the_bound_grows_with_the_channels_as_the_header_says():
    rng = np.random.default_rng(3)
    one = ((1, 1), (1, 1))
    check(normal(rng, 2, 16, 12, 12), normal(rng, 16, 16, 3, 3), None, one, bound=5e-6)
    check(normal(rng, 2, 128, 12, 12), normal(rng, 128, 128, 3, 3), None, one, bound=1e-5)
    check(normal(rng, 2, 512, 5, 5), normal(rng, 512, 512, 3, 3), None, one, bound=2.1e-5)


def test_small_whole_numbers_come_out_within_half_a_unit():
    """The rounding is far below 1/2 here; so a lost or doubled product could not hide in it."""
    rng = np.random.default_rng(4)
    x, W, dy = (
        rng.integers(-2, 3, s).astype(np.float32)
        for s in ((2, 16, 9, 6), (16, 16, 3, 3), (2, 16, 9, 6))
    )
    how = ONES, ((1, 1), (1, 1)), ONES, 1
    ours = [winograd.forward(x, W, None, *how), *winograd.backward(dy, x, W, *how)]
    theirs = [
        reference.conv2d_forward(x, W, None, *how),
        *reference.conv2d_backward(dy, x, W, *how),
    ]
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(np.rint(one), other)


def test_long_sums_lose_no_digits():
    """64 images of 144 tiles: one running sum of all of them had twice the error."""
    rng = np.random.default_rng(5)
    x, dy = normal(rng, 64, 16, 48, 48), normal(rng, 64, 16, 48, 48)
    _, dW, _ = winograd.backward(dy, x, normal(rng, 16, 16, 3, 3), ONES, ((1, 1), (1, 1)), ONES, 1)
    exact = np.empty((16, 16, 3, 3))
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)))
    for i in range(3):
        for j in range(3):
            window = padded[:, :, i : i + 48, j : j + 48]
            exact[:, :, i, j] = np.tensordot(dy, window, axes=((0, 2, 3), (0, 2, 3)))
    assert np.abs(dW - exact).max() <= 1.5e-5 * np.abs(exact).max()


@pytest.mark.parametrize("size, N", [(6, 80), (12, 40), (17, 25), (48, 9)])
@pytest.mark.parametrize("relu", [False, True])
def test_a_gradient_may_be_written_over_the_one_that_it_comes_from(size, N, relu):
    """To the bit. A share's images are more than a block reaches into, so places are used again.

    A block has 72 tiles; an image of 6 × 6 pixels 4, and of the others 9, 25 and 144.
    """
    rng = np.random.default_rng(size)
    f = maps.frame(size, size, 16)
    x, dy, y = (np.zeros(maps.numbers(N, f), np.float32) for _ in range(3))
    for pixels in (x, dy, y):
        maps.import_images(normal(rng, N, 16, size, size), f, pixels)
    job = winograd.job(size, size, 16, 16, relu=relu)
    W = winograd.transformed(normal(rng, 16, 16, 3, 3), "FC", job.tile)

    def backward(dz):
        sums, upstream = winograd.empty_sums(16, 16, job.tile), dy.copy()
        dz = upstream if dz is None else dz
        winograd.backward_maps(
            N, upstream, y, np.zeros(0, np.uint8), f, x, f, W, job, dz, sums, True
        )  # fmt: skip
        return dz, *winograd.gradients(sums)

    for one, other in zip(backward(np.zeros_like(dy)), backward(None), strict=True):
        assert np.array_equal(one, other)
