"""ZeroPadding2D by hand."""

import numpy as np
import pytest

from scratchnet.layers import ZeroPadding2D


def built(padding, shape):
    layer = ZeroPadding2D(padding)
    layer.build(shape, np.random.default_rng(0), np.float64)
    return layer


def test_a_frame_of_zeros():
    layer = built(1, (1, 1, 2))
    y = layer.forward(np.array([[[[5.0, 6.0]]]]))
    assert y.tolist() == [[[[0, 0, 0, 0], [0, 5, 6, 0], [0, 0, 0, 0]]]]
    dx = layer.backward(np.arange(12.0).reshape(1, 1, 3, 4))
    assert dx.tolist() == [[[[5, 6]]]]


def test_each_side_has_its_own_width():
    layer = built(((0, 1), (2, 0)), (1, 1, 1))
    assert layer.output_shape == (1, 2, 3)
    assert layer.forward(np.array([[[[7.0]]]])).tolist() == [[[[0, 0, 7], [0, 0, 0]]]]
    assert layer.backward(np.arange(6.0).reshape(1, 1, 2, 3)).tolist() == [[[[2]]]]


def test_a_pair_is_rows_then_columns():
    assert built((1, 0), (3, 4, 4)).output_shape == (3, 6, 4)


def test_padding_zero_changes_nothing():
    x = np.arange(4.0).reshape(1, 1, 2, 2)
    layer = built(0, (1, 2, 2))
    assert layer.forward(x).tolist() == x.tolist()
    assert layer.backward(x).tolist() == x.tolist()


@pytest.mark.parametrize("padding", [-1, 1.5, "same", (1, 2, 3), ((1, 2), (3, 4), (5, 6))])
def test_wrong_arguments_are_refused(padding):
    with pytest.raises(ValueError, match="ZeroPadding2D padding expects"):
        ZeroPadding2D(padding)
