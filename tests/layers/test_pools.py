"""MaxPool2D, AvgPool2D and GlobalAvgPool2D by hand."""

import numpy as np
import pytest

from scratchnet.layers import AvgPool2D, GlobalAvgPool2D, MaxPool2D


def built(layer, x):
    layer.build(x.shape[1:], np.random.default_rng(0), np.float64)
    return layer


def image(rows):
    return np.array(rows, dtype=float)[np.newaxis, np.newaxis]


# -- max ------------------------------------------------------------------------------------


def test_the_largest_pixel_of_each_window_passes_and_receives_the_gradient():
    x = image([[1, 3, 2, 0], [4, 2, 1, 5], [0, 6, 7, 1], [2, 2, 3, 3]])
    layer = built(MaxPool2D(2), x)
    assert layer.forward(x).tolist() == [[[[4, 5], [6, 7]]]]
    dx = layer.backward(image([[1, 2], [3, 4]]))
    assert dx.tolist() == [[[[0, 0, 0, 0], [1, 0, 0, 2], [0, 3, 4, 0], [0, 0, 0, 0]]]]


def test_a_pixel_that_wins_several_windows_receives_all_their_gradients():
    x = image([[1, 2, 1], [0, 9, 0], [3, 1, 4]])
    layer = built(MaxPool2D(2, stride=1), x)
    assert layer.forward(x).tolist() == [[[[9, 9], [9, 9]]]]
    dx = layer.backward(image([[1, 2], [3, 4]]))
    assert dx.tolist() == [[[[0, 0, 0], [0, 10, 0], [0, 0, 0]]]]


def test_the_first_of_equal_pixels_wins():
    x = image([[0, 5, 5], [5, 5, 0]])
    layer = built(MaxPool2D((2, 3)), x)
    layer.forward(x)
    assert layer.backward(image([[1]])).tolist() == [[[[0, 1, 0], [0, 0, 0]]]]


def test_a_constant_image_sends_every_gradient_to_the_windows_first_pixel():
    x = image(np.zeros((4, 4)))
    layer = built(MaxPool2D(2), x)
    layer.forward(x)
    dx = layer.backward(image([[1, 2], [3, 4]]))
    assert dx.tolist() == [[[[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]]]


def test_padding_never_wins_even_over_negative_pixels():
    x = image([[-1, -2], [-3, -4]])
    layer = built(MaxPool2D(2, stride=2, padding=1), x)  # each window holds one pixel
    assert layer.forward(x).tolist() == x.tolist()
    dy = image([[1, 2], [3, 4]])
    assert layer.backward(dy).tolist() == dy.tolist()


def test_padding_counts_in_the_output_size():
    layer = MaxPool2D(3, stride=2, padding=1)
    assert layer.build((8, 48, 48), np.random.default_rng(0)) == (8, 24, 24)


def test_same_padding_of_a_pool_keeps_the_size_over_the_stride():
    layer = MaxPool2D(2, stride=2, padding="same")
    assert layer.build((1, 5, 4), np.random.default_rng(0)) == (1, 3, 2)
    assert layer.edges == ((0, 1), (0, 0))


@pytest.mark.parametrize("pool", [MaxPool2D, AvgPool2D])
@pytest.mark.parametrize(
    ("size", "window", "stride", "out"), [(4, 2, 1, 3), (5, 2, 2, 2), (6, 3, 3, 2), (7, 3, 2, 3)]
)
def test_every_window_that_fits_counts_and_no_other(pool, size, window, stride, out):
    layer = pool(window, stride)
    assert layer.build((1, size, size), np.random.default_rng(0)) == (1, out, out)


def test_the_last_window_counts():
    x = image([[0, 0, 0, 9]])
    assert built(MaxPool2D((1, 2), 1), x).forward(x).tolist() == [[[[0, 0, 9]]]]
    assert built(AvgPool2D((1, 2), 1), x).forward(x).tolist() == [[[[0, 0, 4.5]]]]


def test_the_stride_is_the_window_unless_given():
    assert MaxPool2D((2, 3)).stride == AvgPool2D((2, 3)).stride == (2, 3)


def test_more_padding_than_half_of_the_window_is_refused():
    MaxPool2D(2, padding=1)
    with pytest.raises(ValueError, match=r"at most half of the window \(1 for 3\), got 2; .*maxi"):
        MaxPool2D(3, padding=2)
    with pytest.raises(ValueError, match="at most half"):
        MaxPool2D((4, 1), padding=(2, 1))


@pytest.mark.parametrize("pool", [MaxPool2D, AvgPool2D])
def test_a_window_larger_than_the_image_is_refused(pool):
    with pytest.raises(ValueError, match="at least 3 × 3 pixels, got 2 × 2 with its padding; take"):
        pool(3).build((1, 2, 2), np.random.default_rng(0))


@pytest.mark.parametrize("pool", [MaxPool2D, AvgPool2D])
def test_wrong_arguments_are_refused(pool):
    with pytest.raises(ValueError, match=f"{pool.__name__} size expects an int of at least 1"):
        pool(0)
    with pytest.raises(ValueError, match=f"{pool.__name__} stride expects an int of at least 1"):
        pool(2, stride=0)


# -- mean -----------------------------------------------------------------------------------


def test_the_mean_of_each_window_and_its_even_share():
    x = image([[1, 3, 2, 0], [4, 4, 1, 5], [0, 6, 7, 1], [2, 0, 3, 1]])
    layer = built(AvgPool2D(2), x)
    assert layer.forward(x).tolist() == [[[[3, 2], [2, 3]]]]
    dx = layer.backward(image([[4, 8], [12, 16]]))
    assert dx.tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]]]


def test_shares_of_overlapping_windows_add_up():
    x = image(np.zeros((3, 3)))
    layer = built(AvgPool2D(2, stride=1), x)
    layer.forward(x)
    dx = layer.backward(image([[4, 8], [12, 16]]))
    assert dx.tolist() == [[[[1, 3, 2], [4, 10, 6], [3, 7, 4]]]]


def test_pixels_beyond_the_last_window_have_no_gradient():
    x = image(np.ones((3, 3)))
    layer = built(AvgPool2D(2), x)
    layer.forward(x)
    assert layer.backward(image([[4]])).tolist() == [[[[1, 1, 0], [1, 1, 0], [0, 0, 0]]]]


def test_a_global_pool_is_the_mean_of_each_channel():
    x = np.array([[[1.0, 2], [3, 6]], [[0, 0], [0, 4]]])[np.newaxis]
    layer = built(GlobalAvgPool2D(), x)
    assert layer.output_shape == (2,)
    assert layer.forward(x).tolist() == [[3, 1]]
    dx = layer.backward(np.array([[4.0, 8]]))
    assert dx.tolist() == [[[[1, 1], [1, 1]], [[2, 2], [2, 2]]]]


def test_a_global_pool_needs_an_image():
    with pytest.raises(ValueError, match=r"GlobalAvgPool2D expects \(C, H, W\), got \(10,\)"):
        GlobalAvgPool2D().build((10,), np.random.default_rng(0))
