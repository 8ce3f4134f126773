"""Losses: by hand, by properties, by five-point differences, and against PyTorch."""

import json
from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scratchnet.losses import (
    LOSSES,
    PROBABILITY_FLOOR,
    CrossEntropy,
    Loss,
    MeanSquaredError,
    SoftmaxCrossEntropy,
    SquaredHinge,
    loss_from_spec,
    loss_spec,
    softmax,
)

Array = NDArray[Any]

SCORES = np.log(np.array([[1.0, 2.0, 5.0]]))  # softmax: 1/8, 2/8, 5/8
WEIGHTS = [1.0, 2.0, 4.0]


def five_point(f: Callable[[Array], float], x: Array, h: float = 1e-3) -> Array:
    """The derivative of f at x, in each entry of x, up to h⁴."""
    derivative = np.zeros_like(x)
    for index in np.ndindex(*x.shape):

        def at(steps: int, index: tuple[int, ...] = index) -> float:
            moved = x.copy()
            moved[index] += steps * h
            return f(moved)

        derivative[index] = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * h)
    return derivative


def assert_gradient(loss: Loss, scores: Array, target: Array, h: float = 1e-3) -> None:
    loss.forward(scores, target)
    ds = loss.backward()
    expected = five_point(lambda s: loss.forward(s, target), scores, h)
    assert np.abs(ds - expected).max() <= 1e-9 * np.abs(expected).max()


def soft_labels(rng: np.random.Generator, N: int, K: int) -> Array:
    return rng.dirichlet(np.ones(K), size=N)


# -- numbers worked by hand -----------------------------------------------------------------------


def test_softmax_cross_entropy_of_three_classes_by_hand() -> None:
    loss = SoftmaxCrossEntropy()
    assert loss.forward(SCORES, [1]) == pytest.approx(log(4), rel=1e-15)
    np.testing.assert_allclose(loss.backward(), [[1 / 8, 2 / 8 - 1, 5 / 8]], rtol=1e-15)
    np.testing.assert_allclose(loss.link(SCORES), [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-15)


def test_label_smoothing_by_hand() -> None:
    # ε = 0.3 over three classes: the target 0 1 0 becomes 0.1 0.8 0.1
    loss = SoftmaxCrossEntropy(label_smoothing=0.3)
    hand = 0.1 * log(8) + 0.8 * log(4) + 0.1 * log(8 / 5)
    assert loss.forward(SCORES, [1]) == pytest.approx(hand, rel=1e-15)
    np.testing.assert_allclose(loss.backward(), [[0.025, 0.25 - 0.8, 0.525]], rtol=1e-14)


def test_class_weights_by_hand_divide_by_the_weights_of_the_batch() -> None:
    loss = SoftmaxCrossEntropy(class_weights=WEIGHTS)
    hand = (2 * log(4) + 4 * log(8 / 5)) / (2 + 4)
    assert loss.forward(np.vstack([SCORES, SCORES]), [1, 2]) == pytest.approx(hand, rel=1e-15)
    ds = [[2 / 6 / 8, 2 / 6 * -6 / 8, 2 / 6 * 5 / 8], [4 / 6 / 8, 4 / 6 * 2 / 8, 4 / 6 * -3 / 8]]
    np.testing.assert_allclose(loss.backward(), ds, rtol=1e-14)


def test_class_weights_with_smoothing_by_hand_divide_by_the_weight_of_the_label() -> None:
    # the target 0 1 0 becomes 0.1 0.8 0.1, weighted 0.1 1.6 0.4; the label itself weighs 2
    loss = SoftmaxCrossEntropy(0.3, WEIGHTS)
    hand = (0.1 * log(8) + 1.6 * log(4) + 0.4 * log(8 / 5)) / 2
    assert loss.forward(SCORES, [1]) == pytest.approx(hand, rel=1e-15)
    ds = [[2.1 / 8 / 2 - 0.05, 2.1 / 4 / 2 - 0.8, 2.1 * 5 / 8 / 2 - 0.2]]
    np.testing.assert_allclose(loss.backward(), ds, rtol=1e-14)


def test_cross_entropy_by_hand() -> None:
    loss = CrossEntropy()
    p = np.array([[1 / 8, 2 / 8, 5 / 8], [0.5, 0.25, 0.25]])
    assert loss.forward(p, [1, 0]) == pytest.approx((log(4) + log(2)) / 2, rel=1e-15)
    np.testing.assert_array_equal(loss.backward(), [[0, -4 / 2, 0], [-2 / 2, 0, 0]])
    assert loss.link(p) is p


def test_mean_squared_error_by_hand() -> None:
    loss = MeanSquaredError()
    scores = np.array([[1.0, 2.0], [3.0, 5.0]])
    target = np.array([[1.0, 0.0], [0.0, 1.0]])  # differences 0 2 3 4
    assert loss.forward(scores, target) == (4 + 9 + 16) / 4
    np.testing.assert_array_equal(loss.backward(), [[0, 1], [1.5, 2]])
    assert loss.link(scores) is scores


def test_squared_hinge_by_hand() -> None:
    loss = SquaredHinge()
    scores = np.array([[2.0, -3.0, 0.5], [0.0, 1.0, -1.0]])
    # t s = 2, 3, -0.5 and 0, 1, 1; so 1 - t s is above 0 for 1.5 and for 1
    assert loss.forward(scores, [0, 1]) == (1.5**2 + 1) / 2
    np.testing.assert_array_equal(loss.backward(), [[0, 0, 1.5], [1, 0, 0]])
    assert loss.link(scores) is scores


def test_squared_hinge_is_flat_on_the_margin() -> None:
    loss = SquaredHinge()
    assert loss.forward(np.array([[1.0, -1.0]]), [0]) == 0
    np.testing.assert_array_equal(loss.backward(), [[0, 0]])


# -- properties -----------------------------------------------------------------------------------


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(2, 5), st.floats(0, 0.9))
def test_softmax_cross_entropy_gradient(seed: int, N: int, K: int, smoothing: float) -> None:
    rng = np.random.default_rng(seed)
    loss = SoftmaxCrossEntropy(smoothing, rng.uniform(0.5, 2, K))
    assert_gradient(loss, 2 * rng.standard_normal((N, K)), soft_labels(rng, N, K))


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(2, 5))
def test_cross_entropy_gradient(seed: int, N: int, K: int) -> None:
    rng = np.random.default_rng(seed)
    loss = CrossEntropy(rng.uniform(0.5, 2, K))
    p = rng.uniform(0.2, 0.9, (N, K))
    assert_gradient(loss, p, soft_labels(rng, N, K), h=1e-4)


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 5))
def test_mean_squared_error_gradient(seed: int, N: int, K: int) -> None:
    rng = np.random.default_rng(seed)
    assert_gradient(MeanSquaredError(), rng.standard_normal((N, K)), rng.standard_normal((N, K)))


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 5))
def test_squared_hinge_gradient(seed: int, N: int, K: int) -> None:
    rng = np.random.default_rng(seed)
    scores = 3 * rng.standard_normal((N, K))
    scores[np.abs(np.abs(scores) - 1) < 0.01] = 0.25  # off the margin, where L'' jumps
    assert_gradient(SquaredHinge(), scores, rng.integers(K, size=N))


@given(st.integers(0, 2**32), st.booleans())
def test_both_roads_to_cross_entropy_agree(seed: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    N, K = 5, 4
    scores, q = 3 * rng.standard_normal((N, K)), soft_labels(rng, N, K)
    weights = rng.uniform(0.5, 2, K) if weighted else None
    on_logits, on_p = SoftmaxCrossEntropy(class_weights=weights), CrossEntropy(weights)

    p = softmax(scores)
    assert on_p.forward(p, q) == pytest.approx(on_logits.forward(scores, q), rel=1e-13)
    dp = on_p.backward()
    jacobian = np.einsum("ij,jk->ijk", p, np.eye(K)) - np.einsum("ij,ik->ijk", p, p)
    np.testing.assert_allclose(
        np.einsum("ijk,ik->ij", jacobian, dp), on_logits.backward(), rtol=1e-11, atol=1e-14
    )


@given(st.integers(0, 2**32), st.floats(-50, 50))
def test_softmax_does_not_see_a_shift(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    scores, labels = rng.standard_normal((3, 4)), rng.integers(4, size=3)
    np.testing.assert_allclose(softmax(scores + shift), softmax(scores), rtol=1e-12)
    loss = SoftmaxCrossEntropy()
    value = loss.forward(scores, labels)
    np.testing.assert_allclose(loss.backward().sum(axis=1), 0, atol=1e-15)
    assert loss.forward(scores + shift, labels) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "loss",
    [
        SoftmaxCrossEntropy(0.1, WEIGHTS),
        CrossEntropy(WEIGHTS),
        MeanSquaredError(),
        SquaredHinge(),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_labels_and_one_hot_rows_give_the_same(loss: Loss) -> None:
    scores, labels = softmax(np.random.default_rng(0).standard_normal((6, 3))), [0, 1, 2, 2, 1, 2]
    by_label = loss.forward(scores, labels), loss.backward()
    for dtype in (np.uint8, np.float32, bool):
        by_row = loss.forward(scores, np.eye(3, dtype=dtype)[labels]), loss.backward()
        assert by_label[0] == by_row[0]
        np.testing.assert_array_equal(by_label[1], by_row[1])


def test_equal_class_weights_are_no_weights() -> None:
    rng = np.random.default_rng(1)
    scores, q = rng.standard_normal((5, 3)), soft_labels(rng, 5, 3)
    weighted, plain = SoftmaxCrossEntropy(0.2, [3, 3, 3]), SoftmaxCrossEntropy(0.2)
    assert weighted.forward(scores, q) == pytest.approx(plain.forward(scores, q), rel=1e-14)
    np.testing.assert_allclose(weighted.backward(), plain.backward(), rtol=1e-12, atol=1e-16)


def test_huge_scores_neither_overflow_nor_lose_the_gradient() -> None:
    loss = SoftmaxCrossEntropy()
    assert loss.forward(np.array([[1e4, 0.0, -1e4]], np.float32), [2]) == 2e4
    np.testing.assert_array_equal(loss.backward(), [[1, 0, -1]])


def test_an_underflown_probability_keeps_the_slope_of_the_floor() -> None:
    loss = CrossEntropy()
    value = loss.forward(np.array([[1.0, 0.0]], np.float32), [1])
    assert value == pytest.approx(-log(PROBABILITY_FLOOR))
    np.testing.assert_array_equal(loss.backward(), np.array([[0, -1e30]], np.float32))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_have_the_scores_dtype_and_inputs_stay(name: str, dtype: type) -> None:
    loss, rng = LOSSES[name](), np.random.default_rng(2)
    scores, labels = softmax(rng.standard_normal((4, 3)).astype(dtype)), rng.integers(3, size=4)
    scores_before, labels_before = scores.copy(), labels.copy()
    value = loss.forward(scores, labels)
    ds = loss.backward()
    assert isinstance(value, float)
    assert ds.dtype == loss.link(scores).dtype == dtype
    assert ds.shape == scores.shape
    assert (loss.forward(scores, labels), loss.backward().tolist()) == (value, ds.tolist())
    np.testing.assert_array_equal(scores, scores_before)
    np.testing.assert_array_equal(labels, labels_before)


@pytest.mark.parametrize("name", LOSSES)
def test_float32_agrees_with_float64(name: str) -> None:
    loss, rng = LOSSES[name](), np.random.default_rng(3)
    scores, labels = softmax(rng.standard_normal((8, 5))), rng.integers(5, size=8)
    value = loss.forward(scores, labels)
    ds = loss.backward()
    assert loss.forward(scores.astype(np.float32), labels) == pytest.approx(value, rel=1e-6)
    assert np.abs(loss.backward() - ds).max() <= 1e-6 * np.abs(ds).max()


@pytest.mark.parametrize("name", LOSSES)
def test_nan_scores_give_a_nan_loss(name: str) -> None:
    assert np.isnan(LOSSES[name]().forward(np.array([[np.nan, 0.5]]), [0]))


def test_mean_squared_error_takes_any_shape() -> None:
    loss = MeanSquaredError()
    assert loss.forward(np.full((2, 1, 3, 3), 2.0), np.zeros((2, 1, 3, 3))) == 4
    assert loss.backward().shape == (2, 1, 3, 3)


# -- as data, and errors --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        SoftmaxCrossEntropy(0.1, np.array(WEIGHTS)),
        CrossEntropy(WEIGHTS),
        MeanSquaredError(),
        SquaredHinge(),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_a_loss_survives_json(loss: Loss) -> None:
    again = loss_from_spec(json.loads(json.dumps(loss_spec(loss))))
    assert type(again) is type(loss)
    assert repr(again) == repr(loss)


@pytest.mark.parametrize(
    ("loss", "scores", "target", "message"),
    [
        (SoftmaxCrossEntropy(), np.zeros((2, 3)), [0, 3], "from 0 to 2 .* got 3 in sample 1; give"),
        (SoftmaxCrossEntropy(), np.zeros((2, 3)), [-1, 0], "from 0 to 2 .* got -1 in sample 0"),
        (SoftmaxCrossEntropy(), np.zeros((2, 3)), [0], "a label for each of 2 samples, got 1"),
        (SoftmaxCrossEntropy(), np.zeros((2, 3)), [0.0, 1.0], r"labels \(2,\) .* got float64"),
        (SoftmaxCrossEntropy(), np.zeros((2, 3)), np.eye(2), r"rows \(2, 3\), got float64 \(2, 2"),
        (
            SoftmaxCrossEntropy(),
            np.zeros((1, 2)),
            [[0.5, 0.6]],
            r"got \[0.5, 0.6\] in sample 0; di",
        ),
        (SoftmaxCrossEntropy(), np.zeros((1, 2)), [[1.5, -0.5]], "at least 0 and with sum 1"),
        (SoftmaxCrossEntropy(), np.zeros((1, 2)), [[np.nan, 1.0]], "at least 0 and with sum 1"),
        (
            SoftmaxCrossEntropy(),
            np.zeros((1, 2, 3, 3)),
            [0],
            r"scores \(N, K\), got \(1, 2, 3, 3\)",
        ),
        (SoftmaxCrossEntropy(), np.zeros((1, 2), int), [0], "expects float scores, got int64"),
        (SoftmaxCrossEntropy(), np.zeros((0, 2)), [], "at least one sample"),
        (SoftmaxCrossEntropy(0, [1, 1]), np.zeros((1, 3)), [0], "expects 3 class weights.* got 2"),
        (CrossEntropy(), np.array([[3.0, -1.0]]), [0], "got numbers from -1 to 3; end the network"),
        (SquaredHinge(), np.zeros((1, 2)), [[0.5, 0.5]], "one-hot rows, got soft labels"),
        (MeanSquaredError(), np.zeros((2, 1)), [0.5, 0.5], r"shape \(2, 1\), got \(2,\); reshape"),
    ],
)
def test_wrong_input_is_named(loss: Loss, scores: Array, target: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        loss.forward(scores, target)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SoftmaxCrossEntropy(1.0), "0 <= label_smoothing < 1, got 1.0"),
        (
            lambda: SoftmaxCrossEntropy(class_weights=[1, 0]),
            "positive class weight .* drop a class",
        ),
        (lambda: CrossEntropy([1, np.nan]), "positive class weight"),
        (
            lambda: loss_from_spec({"type": "Huber", "config": {}}),
            "unknown loss 'Huber'; known: Cr",
        ),
        (lambda: loss_from_spec({"type": "CrossEntropy"}), "described by 'type' and 'config'"),
        (lambda: loss_from_spec({"type": "SquaredHinge", "config": {"C": 1}}), "cannot be made"),
    ],
)
def test_wrong_arguments_are_named(make: Callable[[], Loss], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("name", LOSSES)
def test_backward_needs_a_forward(name: str) -> None:
    with pytest.raises(RuntimeError, match=f"{name}.backward needs a forward pass before it"):
        LOSSES[name]().backward()


# -- oracle ---------------------------------------------------------------------------------------


def assert_torch_agrees(ours: Loss, theirs: Callable[..., Any], target: Array, torch: Any) -> None:
    scores = np.random.default_rng(4).standard_normal((6, 4))
    s = torch.tensor(scores, requires_grad=True)
    value = theirs(s, torch.tensor(target))
    value.backward()
    assert ours.forward(scores, target) == pytest.approx(value.item(), rel=1e-10)
    np.testing.assert_allclose(ours.backward(), s.grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.oracle
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weights", [None, [0.5, 1.0, 2.0, 3.0]])
@pytest.mark.parametrize("soft", [False, True])
def test_torch_agrees_on_softmax_cross_entropy(
    smoothing: float, weights: list[float] | None, soft: bool
) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(5)
    target = soft_labels(rng, 6, 4) if soft else rng.integers(4, size=6)
    w = None if weights is None else torch.tensor(weights, dtype=torch.float64)
    cross_entropy = torch.nn.CrossEntropyLoss(weight=w, label_smoothing=smoothing)

    def theirs(s: Any, t: Any) -> Any:
        # torch divides by N with soft labels, even if they are weighted: documented in losses.py
        by_weight = len(t) / (w * t).sum() if soft and w is not None else 1
        return cross_entropy(s, t) * by_weight

    assert_torch_agrees(SoftmaxCrossEntropy(smoothing, weights), theirs, target, torch)


@pytest.mark.oracle
def test_torch_agrees_on_mean_squared_error() -> None:
    torch = pytest.importorskip("torch")
    target = np.random.default_rng(6).standard_normal((6, 4))
    assert_torch_agrees(MeanSquaredError(), torch.nn.MSELoss(), target, torch)


@pytest.mark.oracle
def test_torch_agrees_on_squared_hinge() -> None:
    torch = pytest.importorskip("torch")

    def theirs(s: Any, y: Any) -> Any:
        t = 2 * torch.nn.functional.one_hot(y, 4) - 1
        return torch.clamp(1 - t * s, min=0).square().sum() / len(y)

    target = np.random.default_rng(7).integers(4, size=6)
    assert_torch_agrees(SquaredHinge(), theirs, target, torch)
