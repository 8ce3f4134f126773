"""Pixel by pixel: scale, shift, ReLU and pool by hand; batch norm's statistics and gradients."""

import numpy as np
import pytest

from scratchnet.kernels import pointwise
from scratchnet.kernels.maps import frame
from scratchnet.kernels.one_image import Activation
from tests.kernels.layout import images_of, inside, maps_of, nothing_outside, poisoned

NONE = np.zeros(0, np.uint8)


def lanes(*values):
    """Sixteen channels: these values, and zeros."""
    return np.array([*values, *[0] * (16 - len(values))], np.float32)


def one_channel(*rows):
    return np.array(rows, np.float32)[np.newaxis, np.newaxis]


def applied(images, scale, shift, *, relu=False, pool=False):
    """(y's images, winners' images, everything that backward takes)"""
    x, fx = maps_of(images)
    N, _, H, W = images.shape
    fy = frame(H // 2, W // 2, fx.C) if pool else fx
    y, winners = poisoned(N, fy), poisoned(N, fy, "uint8") if pool else NONE
    act = Activation(scale, shift, relu, pool, fy, winners)
    pointwise.apply(N, x, fx, act, y)
    assert nothing_outside(y, fy)
    assert not pool or nothing_outside(winners, fy)
    kept = x, fx, act
    return images_of(y, N, fy), images_of(winners, N, fy) if pool else None, kept


# -- by hand --------------------------------------------------------------------------------------


def test_scale_shift_and_relu_by_hand():
    images = one_channel([1, 2], [3, -4])
    y, _, _ = applied(images, lanes(2), lanes(-3))
    assert y[0, 0].tolist() == [[-1, 1], [3, -11]]
    y, _, _ = applied(images, lanes(2), lanes(-3), relu=True)
    assert y[0, 0].tolist() == [[0, 1], [3, 0]]


def test_a_pool_takes_the_largest_of_four_and_the_first_of_ties():
    images = one_channel([1, 2, 5, 5, 9], [4, 3, 5, 5, 9], [0, 7, 7, 8, 9], [7, 0, 8, 0, 9])
    y, winners, _ = applied(images, lanes(1), lanes(0), pool=True)
    assert y[0, 0].tolist() == [[4, 5], [7, 8]]
    assert winners[0, 0].tolist() == [[2, 0], [1, 1]]


def test_after_a_negative_scale_the_smallest_wins():
    y, winners, _ = applied(one_channel([1, 2], [3, -4]), lanes(-1), lanes(0), pool=True)
    assert (y[0, 0].item(), winners[0, 0].item()) == (4, 3)


def test_the_statistics_of_two_constant_images_by_hand():
    """Ones and threes: mean 2, and every value is 1 away from it."""
    images = np.empty((2, 1, 2, 3), np.float32)
    images[0], images[1] = 1, 3
    mean, var = pointwise.measure(2, *maps_of(images)).batch
    assert mean.dtype == var.dtype == np.float64
    assert (mean[0], var[0]) == (2, 1)
    assert not mean[1:].any()
    assert not var[1:].any()


def test_the_statistics_of_an_image_by_hand():
    """1, 2, 3, 6: mean 3, squares 4 + 1 + 0 + 9."""
    mean, var = pointwise.measure(1, *maps_of(one_channel([1, 2], [3, 6]))).batch
    assert (mean[0], var[0]) == (3, 14 / 4)


def handed_back(dy_images, kept, mean=0.0, inv_std=1.0, slope=0.0, constant=0.0, plus=None):
    """(dbeta, dgamma, dx's first channel of the first image)"""
    x, fx, act = kept
    N = len(dy_images)
    dy, _ = maps_of(dy_images)
    dx = poisoned(N, fx)
    sums = pointwise.sums(N, dy, x, fx, act, lanes(mean), lanes(inv_std))
    how = lanes(slope), lanes(constant), None if plus is None else maps_of(plus)[0]
    pointwise.hand_back(N, dy, x, fx, act, *how, dx)
    assert nothing_outside(dx, fx)
    if not act.pool:  # dx may take the place of dy
        pointwise.hand_back(N, dy, x, fx, act, *how, dy)
        assert np.array_equal(images_of(dy, N, fx), images_of(dx, N, fx))
    over = x.copy()  # or that of x
    pointwise.hand_back(N, maps_of(dy_images)[0], over, fx, act, *how, over)
    assert np.array_equal(images_of(over, N, fx), images_of(dx, N, fx))
    return sums.dbeta.sum(0)[0], sums.dgamma.sum(0)[0], images_of(dx, N, fx)[0, 0].tolist()


def test_a_gradient_by_hand():
    """x̂ = (x − 2)·3 = −3, 0, 3, −18; dx = 2·dz − 10·x − 1."""
    _, _, kept = applied(one_channel([1, 2], [3, -4]), lanes(2), lanes(0))
    dy = one_channel([1, 10], [100, 1000])
    dbeta, dgamma, dx = handed_back(dy, kept, mean=2, inv_std=3, slope=10, constant=1)
    assert dbeta == 1111
    assert dgamma == -3 + 0 + 300 - 18_000
    assert dx == [[2 - 10 - 1, 20 - 20 - 1], [200 - 30 - 1, 2000 + 40 - 1]]
    plus = one_channel([7, 0], [0, 70])
    _, _, dx = handed_back(dy, kept, plus=plus)
    assert dx == [[2 + 7, 20], [200, 2000 + 70]]


def test_relu_lets_through_what_is_above_zero_and_not_zero_itself():
    _, _, kept = applied(one_channel([1, 0], [3, -4]), lanes(1), lanes(0), relu=True)
    assert handed_back(one_channel([1, 10], [100, 1000]), kept) == (101, 301, [[1, 0], [100, 0]])


def test_a_pool_hands_back_to_the_winner_alone():
    """Pixels of the odd last row and column are in no window: for them dz = 0."""
    images = one_channel([1, 2, 9], [4, 3, 9], [9, 9, 9])
    _, _, kept = applied(images, lanes(1), lanes(0), pool=True)
    assert handed_back(one_channel([10]), kept) == (10, 40, [[0, 0, 0], [10, 0, 0], [0, 0, 0]])
    _, _, dx = handed_back(one_channel([10]), kept, slope=1, constant=100)
    assert dx == [[-101, -102, -109], [10 - 104, -103, -109], [-109, -109, -109]]


def test_where_all_four_are_zero_after_relu_nothing_is_handed_back():
    _, winners, kept = applied(
        one_channel([-1, -2], [-3, 0]), lanes(1), lanes(0), relu=True, pool=True
    )
    assert winners[0, 0].item() == 0
    assert handed_back(one_channel([10]), kept) == (0, 0, [[0, 0], [0, 0]])


def test_not_a_number_goes_through_relu():
    """As in the layer: training has to notice that its numbers are none."""
    y, _, _ = applied(one_channel([np.nan, np.inf], [-np.inf, 1]), lanes(1), lanes(0), relu=True)
    assert np.array_equal(y[0, 0], [[np.nan, np.inf], [0, 1]], equal_nan=True)


# -- against NumPy --------------------------------------------------------------------------------


@pytest.mark.parametrize("N, H, W", [(1, 1, 1), (1, 5, 3), (7, 4, 9), (70, 2, 3)])
def test_statistics_are_numpys_even_a_hundred_deviations_from_zero(N, H, W):
    rng = np.random.default_rng(N)
    centres = 5.0 * np.arange(20).reshape(20, 1, 1)
    images = (rng.standard_normal((N, 20, H, W)) + centres).astype(np.float32)
    mean, var = pointwise.measure(N, *maps_of(images)).batch
    exact = images.astype(np.float64)
    assert mean[:20] == pytest.approx(exact.mean(axis=(0, 2, 3)), rel=1e-6)
    assert var[:20] == pytest.approx(exact.var(axis=(0, 2, 3)), rel=1e-5, abs=1e-12)


def test_maps_add_up():
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((2, 3, 17, 5, 6)).astype(np.float32)
    (a, f), (b, _) = maps_of(one), maps_of(other)
    pointwise.add_to(a, b)
    assert np.array_equal(images_of(a, 3, f, 17), one + other)
    assert not a[~inside(len(a), f)].any()
