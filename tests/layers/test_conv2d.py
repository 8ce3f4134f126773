"""Conv2D by hand. The image is 0 … 15 in four rows, the kernel [[1, 2], [3, 4]].

At pixel p the window is p, p+1, p+4, p+5, so y = 1p + 2(p+1) + 3(p+4) + 4(p+5) = 10p + 34.
"""

import numpy as np
import pytest

from scratchnet.layers import Conv2D

KERNEL = np.array([[1.0, 2.0], [3.0, 4.0]])


def image(C=1, H=4, W=4):
    return np.arange(C * H * W, dtype=float).reshape(1, C, H, W)


def conv(weights, *, input_shape=(1, 4, 4), **options):
    """A built layer with these weights, written as (F, C/groups, KH, KW) or (KH, KW)."""
    weights = np.asarray(weights, dtype=float)
    weights = weights.reshape((1,) * (4 - weights.ndim) + weights.shape)
    layer = Conv2D(len(weights), weights.shape[2:], **options)
    layer.build(input_shape, np.random.default_rng(0), np.float64)
    layer.params["W"][...] = weights
    return layer


def test_each_output_is_the_weighted_sum_of_its_window():
    layer = conv(KERNEL)
    layer.params["b"][...] = 10
    y = layer.forward(image())
    assert y.tolist() == [[[[44, 54, 64], [84, 94, 104], [124, 134, 144]]]]


def test_backward_by_hand():
    layer = conv(KERNEL)
    layer.forward(image())
    dx = layer.backward(np.array([[[[1.0, 1, 0], [0, 0, 2], [0, 0, 0]]]]))
    # Three windows have a dy: those at (0, 0), (0, 1) and, twice, (1, 2).
    assert layer.grads["b"].tolist() == [4]
    assert layer.grads["W"].tolist() == [[[[0 + 1 + 12, 1 + 2 + 14], [4 + 5 + 20, 5 + 6 + 22]]]]
    assert dx.tolist() == [[[[1, 3, 2, 0], [3, 7, 6, 4], [0, 0, 6, 8], [0, 0, 0, 0]]]]


def test_the_kernel_is_not_turned_around():
    first_weight_only = [[1, 0], [0, 0]]
    y = conv(first_weight_only).forward(image())
    assert y.tolist() == [[[[0, 1, 2], [4, 5, 6], [8, 9, 10]]]]


def test_stride_skips_windows():
    layer = conv(KERNEL, stride=2)
    assert layer.forward(image()).tolist() == [[[[34, 54], [114, 134]]]]
    dx = layer.backward(np.array([[[[1.0, 0], [0, 2]]]]))
    assert dx.tolist() == [[[[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 2, 4], [0, 0, 6, 8]]]]


def test_pixels_that_no_window_reaches_have_no_gradient():
    layer = conv(KERNEL, stride=3)  # one window, at (0, 0); row 2 is skipped, row 3 too short
    assert layer.forward(image()).tolist() == [[[[34]]]]
    assert layer.backward(np.ones((1, 1, 1, 1)))[0, 0, 2:].tolist() == [[0] * 4] * 2


def test_the_last_window_counts():
    layer = conv([[0, 0], [0, 1]])  # the last weight alone sees the last pixel
    assert layer.forward(image())[0, 0, -1, -1] == 15


def test_padding_surrounds_the_image_with_zeros():
    y = conv(KERNEL, padding=1).forward(image() + 1)
    assert y.shape == (1, 1, 5, 5)
    corners = y[0, 0, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.tolist() == [4 * 1, 3 * 4, 2 * 13, 1 * 16]


def test_padding_receives_no_gradient():
    layer = conv(KERNEL, padding=1)
    layer.forward(image())
    dx = layer.backward(np.ones((1, 1, 5, 5)))
    assert dx.tolist() == np.full((1, 1, 4, 4), 1 + 2 + 3 + 4).tolist()  # all weights met each


def test_a_pair_pads_rows_then_columns():
    assert conv(KERNEL, padding=(1, 0)).forward(image()).shape == (1, 1, 5, 3)


def test_dilation_spreads_the_weights():
    # p, p+2, p+8, p+10: y = 10p + 4 + 24 + 40
    layer = conv(KERNEL, dilation=2)
    assert layer.forward(image()).tolist() == [[[[68, 78], [108, 118]]]]
    dx = layer.backward(np.array([[[[0.0, 0], [0, 1]]]]))
    assert dx.tolist() == [[[[0, 0, 0, 0], [0, 1, 0, 2], [0, 0, 0, 0], [0, 3, 0, 4]]]]


def test_channels_are_added_up():
    layer = conv(np.array([1.0, 10.0]).reshape(1, 2, 1, 1), input_shape=(2, 1, 1))
    assert layer.forward(np.array([3.0, 4.0]).reshape(1, 2, 1, 1)).item() == 3 + 40


def test_each_group_sees_its_own_channels():
    # channels a b | c d, filters f | g
    layer = conv(
        np.array([[1.0, 10], [2, 20]]).reshape(2, 2, 1, 1), input_shape=(4, 1, 1), groups=2
    )
    x = np.array([1.0, 2, 3, 4]).reshape(1, 4, 1, 1)
    assert layer.forward(x).ravel().tolist() == [1 + 20, 6 + 80]
    dx = layer.backward(np.array([1.0, 100]).reshape(1, 2, 1, 1))
    assert dx.ravel().tolist() == [1, 10, 200, 2000]
    assert layer.grads["W"].reshape(2, 2).tolist() == [[1, 2], [300, 400]]


def test_gradients_of_a_batch_add_up():
    layer = conv(KERNEL)
    x = np.concatenate([image(), image()])
    layer.forward(x)
    layer.backward(np.ones((2, 1, 3, 3)))
    assert layer.grads["b"].tolist() == [18]
    assert layer.grads["W"][0, 0, 0, 0] == 2 * (0 + 1 + 2 + 4 + 5 + 6 + 8 + 9 + 10)


@pytest.mark.parametrize(
    ("size", "stride", "kernel", "edges", "out"),
    [
        (5, 1, 3, (1, 1), 5),
        (5, 2, 3, (1, 1), 3),  # odd: both sides alike
        (4, 2, 3, (0, 1), 2),  # even: the odd pixel at the end
        (4, 1, 2, (0, 1), 4),
        (48, 1, 4, (1, 2), 48),
        (7, 3, 2, (0, 1), 3),
        (4, 4, 2, (0, 0), 1),  # nothing is needed
    ],
)
def test_same_padding_gives_the_size_over_the_stride(size, stride, kernel, edges, out):
    layer = Conv2D(1, kernel, stride, "same")
    assert layer.build((1, size, size), np.random.default_rng(0)) == (1, out, out)
    assert layer.edges == (edges, edges)


def test_same_padding_puts_the_odd_pixel_at_the_bottom_and_the_right():
    corner = np.zeros((3, 3))
    corner[0, 0] = 1
    y = conv(corner, stride=2, padding="same").forward(image())
    assert y.tolist() == [[[[0, 2], [8, 10]]]]  # the first window starts on the image
    y = conv(corner[::-1, ::-1], stride=2, padding="same").forward(image())
    assert y.tolist() == [[[[10, 0], [0, 0]]]]  # the last ones end below and right of it


def test_same_padding_counts_the_dilated_window():
    layer = Conv2D(1, 3, padding="same", dilation=2)
    assert layer.build((1, 6, 6), np.random.default_rng(0)) == (1, 6, 6)
    assert layer.edges == ((2, 2), (2, 2))


def test_without_bias_there_is_no_b():
    layer = conv(KERNEL, bias=False)
    assert set(layer.params) == set(layer.grads) == {"W"}
    assert layer.forward(image())[0, 0, 0, 0] == 34
    layer.backward(np.ones((1, 1, 3, 3)))


@pytest.mark.parametrize(
    ("initializer", "variance"), [("he", 2 / 144), ("lecun", 1 / 144), ("glorot", 2 / (144 + 288))]
)
def test_weights_have_the_initialisers_variance(initializer, variance):
    layer = Conv2D(64, 3, groups=2, initializer=initializer)
    layer.build((32, 8, 8), np.random.default_rng(0))  # fans of one group: 16 · 9 in, 32 · 9 out
    assert layer.params["W"].shape == (64, 16, 3, 3)
    assert layer.params["W"].var() == pytest.approx(variance, rel=0.05)
    assert not layer.params["b"].any()


def test_macs_count_one_product_for_each_weight_and_output_pixel():
    layer = Conv2D(8, 3, groups=2, padding="same")
    layer.build((4, 10, 10), np.random.default_rng(0))
    assert layer.macs() == 10 * 10 * 8 * 2 * 3 * 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": 0}, "Conv2D filters expects an int of at least 1, got 0"),
        ({"filters": 2.5}, "Conv2D filters expects an int of at least 1, got 2.5"),
        ({"kernel_size": (3, 0)}, "Conv2D kernel_size expects an int of at least 1, got 0"),
        (
            {"kernel_size": (3, 3, 3)},
            r"expects an int or a pair \(rows, columns\), got \(3, 3, 3\)",
        ),
        ({"stride": 0}, "Conv2D stride"),
        ({"dilation": 0}, "Conv2D dilation"),
        ({"padding": -1}, "Conv2D padding expects an int of at least 0, got -1"),
        ({"padding": "full"}, "expects 'valid', 'same', an int or a pair, got 'full'"),
        ({"groups": 3}, "expects filters that groups=3 divides, got 4"),
        ({"initializer": "xavier"}, "expects one of he, glorot, lecun, zeros, got 'xavier'"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Conv2D(**{"filters": 4, "kernel_size": 3, **arguments})


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (Conv2D(4, 3), (48, 48), r"Conv2D expects \(C, H, W\), got \(48, 48\).*\(1, 48, 48\)"),
        (Conv2D(4, 3), (10,), r"expects \(C, H, W\), got \(10,\); .* before Flatten"),
        (Conv2D(4, 3), (1, 0, 5), r"expects \(C, H, W\), got \(1, 0, 5\)"),
        (Conv2D(4, 3, groups=2), (3, 8, 8), "expects channels that groups=2 divides, got 3"),
        (Conv2D(4, 3), (1, 2, 5), "at least 3 × 3 pixels, got 2 × 5 with its padding; take a"),
        (Conv2D(4, 3, dilation=4, padding=1), (1, 6, 6), "at least 9 × 9 pixels, got 8 × 8"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer.build(shape, np.random.default_rng(0))
