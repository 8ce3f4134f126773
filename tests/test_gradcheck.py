"""The checker itself: what it lets pass, what it refuses, and what it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.gradcheck import (
    GradientError,
    InconclusiveGradient,
    check_gradients,
    spaced_input,
)
from scratchnet.gradcheck.differences import central, complex_step, five_point
from scratchnet.layers import BatchNorm, Conv2D, Dense, Dropout, Layer, ReLU, Sigmoid, Tanh
from scratchnet.layers.base import LAYERS
from scratchnet.losses import MeanSquaredError, SoftmaxCrossEntropy
from scratchnet.sequential import Sequential


class Toy(Layer):
    """y = f(x), dx = slope(x) · dy."""

    def __init__(self, f, slope):
        super().__init__()
        self.f, self.slope = f, slope

    def forward(self, x, *, training=False):
        self.cache = x
        return self.f(x)

    def backward(self, dy):
        return dy * self.slope(self.recall())


del LAYERS["Toy"]  # a saved model may not name it

TRIPLE = Toy(lambda x: 3 * x, lambda x: 3.0)
CUBE = Toy(lambda x: x**3, lambda x: 3 * x**2)
X = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])


def refused(function, x, **arguments):
    """The report of a check that fails."""
    with pytest.raises(GradientError) as caught:
        check_gradients(function, x, **arguments)
    return caught.value.report


# -- right ----------------------------------------------------------------------------------------


def test_a_linear_layer_is_right_to_the_last_bits():
    row = check_gradients(TRIPLE, X)["x"]
    assert (row.scheme, row.checked, row.size, row.kinks) == ("linear", 6, 6, 0)
    assert row.error < 1e-15
    assert row.tolerance == 1e-12


def test_a_smooth_layer_is_right_to_nine_digits():
    report = check_gradients(CUBE, X)
    assert report.passed
    assert report["x"].scheme == "smooth"
    assert report.error < 1e-9


def test_a_straight_piece_of_a_bent_layer_is_still_checked():
    # At 4, h = 1 sees a straight line; at 0.3 the other piece is near.
    report = check_gradients(ReLU(), np.array([[4.0, 0.3, -0.3, -4.0]]))
    assert report["x"].scheme == "smooth"
    assert report.error < 1e-12


def test_each_quantity_gets_the_scheme_that_suits_it():
    rng = np.random.default_rng(0)
    report = check_gradients(BatchNorm(), rng.standard_normal((6, 3)))
    assert [(row.name, row.scheme) for row in report.rows] == [
        ("x", "smooth"),
        ("gamma", "linear"),
        ("beta", "linear"),
    ]


def test_the_complex_step_is_right_to_twelve_digits():
    report = check_gradients(Tanh(), X, scheme="complex")
    assert report["x"].scheme == "complex"
    assert report.error < 1e-14


def test_an_empty_batch_passes():
    report = check_gradients(Dense(2), np.zeros((0, 3)))
    assert [(row.checked, row.error) for row in report.rows] == [(0, 0), (6, 0), (2, 0)]


def test_dropout_replays_its_generator():
    assert check_gradients(Dropout(0.5), X)["x"].scheme == "linear"


def test_a_network_with_a_loss_is_one_function():
    model = Sequential([Dense(4), Tanh(), Dense(3)])
    report = check_gradients(model, X, loss=SoftmaxCrossEntropy(), target=[0, 2])
    assert [row.name for row in report.rows] == ["x", "0.W", "0.b", "2.W", "2.b"]
    assert {row.tolerance for row in report.rows} == {1e-6}
    assert report.error < 1e-10


def test_a_loss_is_checked_in_its_scores():
    assert check_gradients(MeanSquaredError(), X, target=X[::-1]).error < 1e-9


# -- wrong ----------------------------------------------------------------------------------------


def test_the_report_points_at_the_wrong_entry():
    wrong_at = np.zeros(X.shape)
    wrong_at[1, 2] = 0.5
    row = refused(Toy(lambda x: 3 * x, lambda x: 3 + wrong_at), X)["x"]
    assert row.index == (1, 2)
    assert row.analytic == pytest.approx(row.numeric * 3.5 / 3, rel=1e-12)


def test_a_wrong_entry_that_was_not_drawn_is_seen_with_all_at_once():
    wrong_at = np.zeros((1, 1000))
    wrong_at[0, 777] = 0.5
    x = np.random.default_rng(0).standard_normal((1, 1000))
    row = refused(Toy(lambda x: 3 * x, lambda x: 3 + wrong_at), x, entries=3)["x"]
    assert (row.checked, row.size, row.index) == (3, 1000, None)


@pytest.mark.parametrize("error", [1e-8, 1e-4, 1.0])
def test_a_small_error_is_an_error(error):
    report = refused(Toy(lambda x: x**3, lambda x: 3 * x**2 * (1 + error)), X)
    assert report["x"].error == pytest.approx(error / (1 + error), rel=0.1)


def test_a_gradient_of_zero_is_an_error():
    assert refused(Toy(np.tanh, lambda x: 0.0), X)["x"].error == 1


def test_a_gradient_of_nan_is_an_error():
    assert "NaN or infinity" in str(refused(Toy(np.tanh, lambda x: np.nan), X))


def test_a_gradient_of_another_shape_is_an_error():
    report = refused(Toy(np.tanh, lambda x: np.ones((3, 1, 1))), X)
    assert report.habits == ("the gradient of x is (3, 2, 3), x is (2, 3)",)


def test_a_gradient_in_float32_is_an_error():
    class Narrow(Toy):
        def backward(self, dy):
            return (3 * dy).astype(np.float32)

    del LAYERS["Narrow"]
    assert "float32" in str(refused(Narrow(lambda x: 3 * x, None), X))


def test_random_upstream_sees_what_ones_do_not():
    def softmax(x):
        return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)

    p = softmax(X)
    under_ones = p * (1 - p.sum(axis=1, keepdims=True))  # what a right backward makes of ones
    assert np.abs(under_ones).max() < 1e-15
    assert refused(Toy(softmax, lambda x: 0.0), X)["x"].error == 1


# -- unclear --------------------------------------------------------------------------------------


def test_a_kink_at_the_point_is_inconclusive():
    with pytest.raises(InconclusiveGradient, match="move the input off the kink"):
        check_gradients(ReLU(), np.array([[1.0, 0.0, -1.0]]))


def test_even_the_mean_of_both_slopes_is_inconclusive_at_a_kink():
    half = Toy(lambda x: np.maximum(x, 0), lambda x: np.where(x == 0, 0.5, x > 0))
    with pytest.raises(InconclusiveGradient):
        check_gradients(half, np.array([[1.0, 0.0, -1.0]]))


@pytest.mark.parametrize("distance", [1.9e-3, 1e-3, 6.6e-4, 1e-4, -6.7e-4, -1.5e-3])
def test_the_step_is_shortened_until_it_crosses_no_kink(distance):
    report = check_gradients(ReLU(), np.array([[1.0, distance, -1.0]]))
    assert report["x"].kinks <= 2  # the entry itself, and all at once
    assert report.error < 1e-9


def test_a_wrong_slope_beside_a_kink_is_wrong():
    leaky = Toy(lambda x: np.maximum(x, 0), lambda x: np.where(x > 0, 1.0, 0.01))
    assert refused(leaky, np.array([[1.0, -1e-3]]))["x"].index == (0, 1)


def test_a_tie_of_maxima_is_inconclusive():
    widest = Toy(lambda x: x.max(axis=1, keepdims=True) + 0 * x, lambda x: 1.0)
    with pytest.raises(GradientError):
        check_gradients(widest, np.array([[1.0, 1.0]]))


def test_rounding_in_forward_is_inconclusive():
    coarse = Toy(
        lambda x: np.tanh(x.astype(np.float32)).astype(float), lambda x: 1 - np.tanh(x) ** 2
    )
    with pytest.raises(InconclusiveGradient, match="rounding"):
        check_gradients(coarse, X)


def test_a_bent_layer_is_refused_by_the_linear_scheme():
    with pytest.raises(InconclusiveGradient):
        check_gradients(Sigmoid(), X, scheme="linear")


# -- what it leaves alone -------------------------------------------------------------------------


def test_the_checked_layer_is_not_touched():
    layer = Conv2D(2, 3, padding=1)
    layer.build((1, 4, 4), np.random.default_rng(0))
    before = layer.params["W"].copy()
    check_gradients(layer, np.random.default_rng(1).standard_normal((2, 1, 4, 4)))
    assert layer.cache is None
    assert layer.params["W"].dtype == np.float32
    assert np.array_equal(layer.params["W"], before)


def test_an_unbuilt_layer_stays_unbuilt():
    layer = Dense(2)
    check_gradients(layer, X)
    assert layer.input_shape is None


def test_generators_and_running_statistics_are_left_where_they_were():
    rng = np.random.default_rng(0)
    model = Sequential([Dense(4), BatchNorm(), Dropout(0.5), Dense(3)]).build((3,), rng)
    state, generators = model.state(), str(model.generator_states())
    check_gradients(model, X)
    assert all(np.array_equal(value, state[name]) for name, value in model.state().items())
    assert str(model.generator_states()) == generators


def test_the_same_seed_gives_the_same_report():
    first, second, other = (check_gradients(Dense(3), X, seed=seed) for seed in (1, 1, 2))
    assert str(first) == str(second) != str(other)


# -- what it says ---------------------------------------------------------------------------------


def test_the_report_is_a_table():
    text = str(check_gradients(Dense(2), np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]])))
    lines = text.splitlines()
    assert lines[0].startswith("Dense(units=2")
    assert lines[0].endswith("on (3, 2), in training")
    assert lines[1].split()[-1] == "kinks"
    assert [line.split()[:4] for line in lines[2:]] == [
        ["right", "x", "linear", "6/6"],
        ["right", "W", "linear", "4/4"],
        ["right", "b", "linear", "2/2"],
    ]


def test_the_error_is_the_report():
    with pytest.raises(GradientError) as caught:
        check_gradients(Toy(np.tanh, lambda x: 1 - np.tanh(x)), X)
    assert str(caught.value) == str(caught.value.report)
    assert "WRONG  x" in str(caught.value)
    assert not caught.value.report.passed


def test_a_report_is_asked_by_name():
    report = check_gradients(Dense(2), X)
    assert report["W"].size == 6
    with pytest.raises(KeyError, match=r"no gradient 'w'; there are x, W, b"):
        report["w"]


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"auto, linear, smooth, complex; got 'quadratic'"):
        check_gradients(TRIPLE, X, scheme="quadratic")
    with pytest.raises(ValueError, match="expected one loss"):
        check_gradients(MeanSquaredError(), X, loss=MeanSquaredError(), target=X)
    with pytest.raises(TypeError, match="use scheme='smooth'"):
        check_gradients(Toy(np.real, lambda x: 1.0), X, scheme="complex")


# -- its tools ------------------------------------------------------------------------------------


def test_differences_of_a_cube_by_hand():
    def f(t):
        return (2 + t) ** 3 - 8  # 12 t + 6 t² + t³

    assert central(f, 1.0) == (13, 12)  # (19 - (-7)) / 2; 19 + (-7)
    assert five_point(f, 1.0) == (12, 0)  # (8 · 26 - (56 - (-8))) / 12; 56 - 4 · 19 + 4 · 7 - 8
    assert complex_step(f) == (12, 0)


def test_roughness_is_the_jump_of_slope_at_a_kink():
    assert five_point(lambda t: 3 * abs(t), 0.5).doubt == 12  # 2 · |6 - 2 · 4·1.5 / 2|


@given(
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_spaced_inputs_keep_off_zero_and_each_other(shape, seed):
    x = spaced_input(shape, np.random.default_rng(seed))
    assert x.shape == shape
    assert np.abs(x).min() >= 0.1
    assert np.diff(np.sort(x, axis=None), prepend=-np.inf).min() >= 0.01 - 1e-12
