"""BatchNorm by hand. Two values, 1 and 3: mean 2, variance 1; with eps = 3, √(1 + 3) = 2."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.layers import BatchNorm

X = np.array([[1.0], [3.0]])


def built(shape=(1,), dtype=np.float64, **options):
    layer = BatchNorm(**options)
    layer.build(shape, np.random.default_rng(0), dtype)
    return layer


def by_hand():
    layer = built(momentum=0.5, eps=3)
    layer.params["gamma"][...] = 2
    layer.params["beta"][...] = 1
    return layer


def test_training_forward_by_hand():
    # x_hat = (-1/2, 1/2)
    assert by_hand().forward(X, training=True).tolist() == [[0], [2]]


def test_training_backward_by_hand():
    layer = by_hand()
    layer.forward(X, training=True)
    dx = layer.backward(np.array([[1.0], [0.0]]))
    assert layer.grads["beta"].tolist() == [1]
    assert layer.grads["gamma"].tolist() == [-0.5]
    # gamma / 2 · (dy - 1/2 - x_hat · -1/4)
    assert dx.tolist() == [[1 - 0.5 - 0.125], [0 - 0.5 + 0.125]]


def test_running_statistics_move_and_the_variance_is_the_unbiased_one():
    layer = by_hand()
    layer.forward(X, training=True)
    assert layer.buffers["running_mean"].tolist() == [0.5 * 0 + 0.5 * 2]
    assert layer.buffers["running_var"].tolist() == [0.5 * 1 + 0.5 * 2]  # (1 + 1) / (2 - 1)


def test_momentum_is_the_share_that_is_kept():
    layer = built(momentum=0.9)
    layer.forward(X, training=True)
    assert layer.buffers["running_mean"] == pytest.approx(0.1 * 2, rel=1e-15)


def test_evaluation_by_hand():
    layer = by_hand()
    layer.buffers["running_mean"][...] = 1
    layer.buffers["running_var"][...] = 13  # √(13 + 3) = 4
    assert layer.forward(np.array([[5.0], [1.0]])).tolist() == [[2 * 1 + 1], [1]]
    dx = layer.backward(np.array([[10.0], [20.0]]))
    assert dx.tolist() == [[5], [10]]  # gamma / 4 · dy: the statistics are constants
    assert layer.grads["gamma"].tolist() == [10 * 1 + 20 * 0]
    assert layer.grads["beta"].tolist() == [30]


def test_evaluation_moves_no_statistics():
    layer = by_hand()
    layer.forward(X)
    assert layer.buffers["running_mean"].tolist() == [0]
    assert layer.buffers["running_var"].tolist() == [1]


def test_running_statistics_are_written_in_place():
    layer = built()
    mean, var = layer.buffers["running_mean"], layer.buffers["running_var"]
    layer.forward(X, training=True)
    assert layer.buffers["running_mean"] is mean
    assert layer.buffers["running_var"] is var


def test_a_training_batch_comes_out_with_mean_0_and_variance_1():
    rng = np.random.default_rng(1)
    x = rng.normal(5, 3, (16, 4, 6, 6))
    y = built((4, 6, 6), eps=1e-12).forward(x, training=True)
    assert y.mean(axis=(0, 2, 3)) == pytest.approx(np.zeros(4), abs=1e-14)
    assert y.var(axis=(0, 2, 3)) == pytest.approx(np.ones(4), rel=1e-11)


@pytest.mark.parametrize("training", [False, True])
def test_a_channel_of_an_image_is_a_feature_with_more_samples(training):
    rng = np.random.default_rng(2)
    x, dy = rng.normal(size=(2, 3, 4, 2, 5))  # each (3, 4, 2, 5)
    image, dense = built((4, 2, 5)), built((4,))

    def rows(a):  # (N, C, H, W) -> (N·H·W, C)
        return a.transpose(0, 2, 3, 1).reshape(-1, 4)

    y_image = image.forward(x, training=training)
    y_dense = dense.forward(rows(x), training=training)
    assert rows(y_image) == pytest.approx(y_dense, abs=1e-13)
    assert rows(image.backward(dy)) == pytest.approx(dense.backward(rows(dy)), abs=1e-13)
    for name in ("gamma", "beta"):
        assert image.grads[name] == pytest.approx(dense.grads[name], abs=1e-12)
    for name in ("running_mean", "running_var"):
        assert image.buffers[name] == pytest.approx(dense.buffers[name], abs=1e-13)


@given(seed=st.integers(0, 1000), n=st.integers(2, 6))
def test_the_training_gradient_neither_shifts_nor_scales_the_batch(seed, n):
    x, dy = np.random.default_rng(seed).normal(size=(2, n, 3))
    layer = built((3,), eps=0.5)
    x_hat = layer.forward(x, training=True)
    dx = layer.backward(dy)
    inv_std = layer.cache[1]
    assert dx.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-13)
    # Of the scale there remains what eps lets through: Σ x_hat² / m = 1 - eps · inv_std².
    remains = layer.eps * inv_std**3 * layer.grads["gamma"]
    assert (dx * x_hat).sum(axis=0) == pytest.approx(remains, abs=1e-13)


@pytest.mark.parametrize("n", [0, 1])
def test_a_batch_of_fewer_than_two_values_leaves_the_running_statistics_alone(n):
    layer = built()
    y = layer.forward(np.full((n, 1), 7.0), training=True)
    assert y.tolist() == [[0]] * n
    assert layer.backward(np.ones((n, 1))).tolist() == [[0]] * n
    assert layer.buffers["running_mean"].tolist() == [0]
    assert layer.buffers["running_var"].tolist() == [1]


def test_a_constant_channel_gives_beta():
    layer = built()
    layer.params["beta"][...] = 4
    assert layer.forward(np.full((5, 1), 9.0), training=True).tolist() == [[4]] * 5


def test_weight_decay_spares_gamma_and_beta():
    assert not {"gamma", "beta"} & BatchNorm.decayed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"momentum": 1.5}, r"BatchNorm momentum expects a share in \[0, 1\], got 1.5"),
        ({"eps": 0}, "BatchNorm eps expects a small number > 0, got 0"),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        BatchNorm(**options)


def test_a_shape_of_two_axes_is_refused():
    with pytest.raises(
        ValueError, match=r"BatchNorm expects \(D,\) or \(C, H, W\), got \(48, 48\)"
    ):
        built((48, 48))
