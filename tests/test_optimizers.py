"""Optimisers: two steps by hand, reference against kernel, state, and PyTorch as an oracle."""

import json
from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scratchnet.kernels import optimizers as kernels
from scratchnet.optimizers import (
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Optimizer,
    Parameter,
    RMSProp,
    clip_gradients,
    optimizer_from_spec,
    optimizer_spec,
)
from scratchnet.reference import optimizers as reference
from scratchnet.schedules import Cosine, StepDecay, WarmUp

Array = NDArray[Any]


def two_steps(optimizer: Optimizer, start: float = 1.0, grads: tuple[float, float] = (0.5, -1.0)):
    """A single weight after the first and after the second step."""
    w, dw = np.array([start]), np.zeros(1)
    values = []
    for grad in grads:
        dw[0] = grad
        optimizer.step([Parameter("w", w, dw, decays=True)])
        values.append(w[0])
    return values


def network(dtype: type = np.float64, seed: int = 0) -> list[Parameter]:
    """A weight matrix and a bias, with gradients to come."""
    rng = np.random.default_rng(seed)
    W, b = rng.standard_normal((4, 3)).astype(dtype), rng.standard_normal(3).astype(dtype)
    return [
        Parameter("0.W", W, np.zeros_like(W), decays=True),
        Parameter("0.b", b, np.zeros_like(b), decays=False),
    ]


def train(optimizer: Optimizer, parameters: list[Parameter], steps: int, seed: int = 1) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        for _, value, grad, _ in parameters:
            grad[...] = value + rng.standard_normal(value.shape)
        optimizer.step(parameters)


# -- numbers worked by hand -----------------------------------------------------------------------


def test_sgd_by_hand() -> None:
    assert two_steps(SGD(0.1)) == pytest.approx([0.95, 1.05], rel=1e-15)


def test_momentum_by_hand() -> None:
    # v = 0.5, then 0.9 · 0.5 - 1 = -0.55
    assert two_steps(SGD(0.1, momentum=0.9)) == pytest.approx([0.95, 1.005], rel=1e-15)


def test_nesterov_by_hand() -> None:
    # dw + μ v = 0.5 + 0.9 · 0.5 = 0.95, then -1 + 0.9 · -0.55 = -1.495
    assert two_steps(SGD(0.1, 0.9, nesterov=True)) == pytest.approx([0.905, 1.0545], rel=1e-15)


def test_rmsprop_by_hand() -> None:
    # v = 0.25 · 0.25 = 0.0625, then 0.75 · 0.0625 + 0.25 · 1 = 0.296875
    hand = [1 - 0.1 * 0.5 / 0.25, 1 - 0.2 + 0.1 / sqrt(0.296875)]
    assert two_steps(RMSProp(0.1, rho=0.75, eps=0.0)) == pytest.approx(hand, rel=1e-14)


def test_adam_by_hand() -> None:
    # m = 0.25, m̂ = 0.25 / 0.5 = 0.5;        v = 0.0625, v̂ = 0.0625 / 0.25 = 0.25: a step of lr
    # m = 0.125 - 0.5 = -0.375, m̂ = m / 0.75; v = 0.75 · 0.0625 + 0.25, v̂ = v / 0.4375
    hand = [0.9, 0.9 - 0.1 * (-0.375 / 0.75) / sqrt(0.296875 / 0.4375)]
    assert two_steps(Adam(0.1, 0.5, 0.75, eps=0.0)) == pytest.approx(hand, rel=1e-14)


def test_eps_is_added_outside_of_the_root() -> None:
    assert two_steps(Adam(0.1, eps=0.5))[0] == pytest.approx(1 - 0.1 * 0.5 / (0.5 + 0.5))
    assert two_steps(RMSProp(0.1, 0.75, eps=0.25))[0] == pytest.approx(1 - 0.1 * 0.5 / 0.5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_is_decoupled_from_the_gradient(name: str) -> None:
    # With a gradient of 0 only the decay acts: w ← w - lr · decay · w = w · (1 - 0.1 · 0.2)
    optimizer = OPTIMIZERS[name](learning_rate=0.1, weight_decay=0.2)
    assert two_steps(optimizer, 50.0, (0.0, 0.0)) == pytest.approx([49, 48.02], rel=1e-15)


def test_decay_comes_before_the_step() -> None:
    assert two_steps(SGD(0.1, weight_decay=0.2))[0] == pytest.approx(1 * 0.98 - 0.05, rel=1e-15)


def test_biases_and_norms_do_not_decay() -> None:
    parameters = network()
    W, b = parameters[0].value.copy(), parameters[1].value.copy()
    AdamW(0.1, weight_decay=0.5).step(parameters)
    np.testing.assert_allclose(parameters[0].value, 0.95 * W, rtol=1e-14)
    np.testing.assert_array_equal(parameters[1].value, b)


def test_only_adamw_decays_by_default() -> None:
    decays = {name: make().weight_decay for name, make in OPTIMIZERS.items()}
    assert decays == {"SGD": 0.0, "RMSProp": 0.0, "Adam": 0.0, "AdamW": 0.01}


def test_a_zero_gradient_leaves_the_weights() -> None:
    for make in (SGD, RMSProp, Adam):
        assert two_steps(make(), 3.0, (0.0, 0.0)) == [3.0, 3.0]


# -- clipping -------------------------------------------------------------------------------------


def test_clipping_by_hand() -> None:
    grads = [np.array([3.0]), np.array([[4.0, 12.0]])]  # norm 13
    assert clip_gradients(grads, 6.5) == 13
    assert [g.tolist() for g in grads] == [[1.5], [[2.0, 6.0]]]


def test_a_short_gradient_is_not_clipped() -> None:
    grads = [np.array([3.0, 4.0], np.float32)]
    assert clip_gradients(grads, 5.0) == 5
    assert grads[0].tolist() == [3, 4]


def test_the_norm_of_float32_is_summed_in_float64() -> None:
    grads = [np.full(10**6, 1e-25, np.float32)]  # squared, they underflow float32
    assert clip_gradients(grads, 1.0) == pytest.approx(1e-22, rel=1e-6, abs=0)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_norm_that_is_not_finite_clips_nothing(bad: float) -> None:
    grads = [np.array([1.0, bad])]
    assert not np.isfinite(clip_gradients(grads, 0.1))
    np.testing.assert_array_equal(grads[0], [1.0, bad])


def test_no_gradients_have_norm_zero() -> None:
    assert clip_gradients([], 1.0) == 0


def test_an_optimizer_clips_before_its_step() -> None:
    w, dw = np.zeros(2), np.array([3.0, 4.0])
    SGD(1.0, clip_norm=1.0).step([Parameter("w", w, dw, True)])
    np.testing.assert_allclose(w, [-0.6, -0.8], rtol=1e-15)


# -- schedules and scale --------------------------------------------------------------------------


def test_the_schedule_counts_steps_from_zero() -> None:
    optimizer = SGD(StepDecay(0.4, every=1, factor=0.5))
    assert optimizer.learning_rate == 0.4
    assert two_steps(optimizer, 0.0, (1.0, 1.0)) == pytest.approx([-0.4, -0.6])
    assert (optimizer.iterations, optimizer.learning_rate) == (2, 0.1)


def test_scale_multiplies_the_schedule() -> None:
    optimizer = SGD(Cosine(0.4, 2))
    optimizer.scale *= 0.5
    assert two_steps(optimizer, 0.0, (1.0, 1.0)) == pytest.approx([-0.2, -0.3])


# -- reference and kernel -------------------------------------------------------------------------

STEPS: dict[str, tuple[str, int, tuple[Any, ...]]] = {
    "sgd": ("sgd_step", 1, (0.05, 0.9, False, 0.02)),
    "nesterov": ("sgd_step", 1, (0.05, 0.9, True, 0.02)),
    "rmsprop": ("rmsprop_step", 1, (0.003, 0.9, 1e-7, 0.02)),
    "adam": ("adam_step", 2, (0.003, 0.9, 0.999, 1e-8, 7, 0.02)),
    "adam, no decay": ("adam_step", 2, (0.003, 0.9, 0.999, 1e-8, 1, 0.0)),
}


def both_ways(operation: str, arrays: list[Array], numbers: tuple[Any, ...]) -> list[list[Array]]:
    """The arrays after one step of the reference, and after one of the kernel."""
    results = []
    for module in (reference, kernels):
        copies = [array.copy() for array in arrays]
        getattr(module, operation)(*copies, *numbers)
        results.append(copies)
    return results


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [0, 1, 17, 40_001])
def test_kernel_is_the_reference(step: str, dtype: type, n: int) -> None:
    operation, slots, numbers = STEPS[step]
    rng = np.random.default_rng(n)
    w, dw = rng.standard_normal((2, n)).astype(dtype)
    memory = list(rng.uniform(0.1, 1.0, (slots, n)).astype(dtype))
    slow, fast = both_ways(operation, [w, dw, *memory], numbers)
    for a, b in zip(slow, fast, strict=True):
        assert a.dtype == b.dtype == dtype
        # One unit in the last place of the largest term, should a machine fuse a multiply-add.
        np.testing.assert_allclose(b, a, rtol=2 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)


@pytest.mark.parametrize("nesterov", [False, True])
def test_on_integers_kernel_and_reference_are_bit_equal(nesterov: bool) -> None:
    rng = np.random.default_rng(3)
    arrays = list(rng.integers(-64, 64, (3, 40_000)).astype(np.float32))
    slow, fast = both_ways("sgd_step", arrays, (0.25, 0.5, nesterov, 0.5))
    for a, b in zip(slow, fast, strict=True):
        assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("module", [reference, kernels], ids=["reference", "kernels"])
def test_a_step_leaves_the_gradient(module: Any, step: str) -> None:
    operation, slots, numbers = STEPS[step]
    w, dw, memory = np.ones(5), np.arange(5.0), [np.ones(5) for _ in range(slots)]
    getattr(module, operation)(w, dw, *memory, *numbers)
    assert dw.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("step", STEPS)
def test_the_number_of_threads_does_not_change_a_bit(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, slots, numbers = STEPS[step]
    rng = np.random.default_rng(4)
    arrays = list(rng.uniform(0.1, 1.0, (2 + slots, 100_003)).astype(np.float32))
    results = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("SCRATCHNET_THREADS", threads)
        results.append(both_ways(operation, arrays, numbers)[1])
    for others in results[1:]:
        for a, b in zip(results[0], others, strict=True):
            assert a.tobytes() == b.tobytes()


def test_float32_stays_near_float64() -> None:
    for name, make in OPTIMIZERS.items():
        single, double = network(np.float32), network(np.float64)
        for parameters in (single, double):
            train(make(learning_rate=0.01), parameters, steps=10)
        for a, b in zip(single, double, strict=True):
            np.testing.assert_allclose(a.value, b.value, rtol=1e-4, atol=1e-5, err_msg=name)


# -- training, state and configuration ------------------------------------------------------------

MAKERS: dict[str, Callable[[], Optimizer]] = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, 0.9, weight_decay=0.1),
    "nesterov": lambda: SGD(WarmUp(Cosine(0.1, 30), 5), 0.9, nesterov=True, clip_norm=1.0),
    "rmsprop": lambda: RMSProp(0.01, rho=0.8, eps=1e-6),
    "adam": lambda: Adam(Cosine(0.1, 40), 0.8, 0.99, 1e-7, weight_decay=0.1, clip_norm=2.0),
    "adamw": lambda: AdamW(0.05),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@given(seed=st.integers(0, 2**32))
@settings(deadline=None)  # the first example may compile
def test_every_optimizer_goes_downhill(make: Callable[[], Optimizer], seed: int) -> None:
    optimizer, rng = make(), np.random.default_rng(seed)
    w = rng.uniform(1, 2, 5)
    before = np.sum(w**2)
    for _ in range(20):
        optimizer.step([Parameter("w", w, 2 * w, True)])
    assert np.sum(w**2) < 0.9 * before


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_restored_optimizer_continues_to_the_same_bits(
    make: Callable[[], Optimizer], dtype: type
) -> None:
    straight, parameters = make(), network(dtype)
    train(straight, parameters, 6)
    straight.scale = 0.3
    saved = straight.state_dict()
    numbers = json.loads(json.dumps({k: v for k, v in saved.items() if k != "arrays"}))
    values = [parameter.value.copy() for parameter in parameters]
    train(straight, parameters, 6, seed=2)

    again = optimizer_from_spec(json.loads(json.dumps(optimizer_spec(straight))))
    again.load_state_dict({**numbers, "arrays": saved["arrays"]})
    others = network(dtype)
    for (_, value, _, _), saved_value in zip(others, values, strict=True):
        value[...] = saved_value
    train(again, others, 6, seed=2)
    for a, b in zip(parameters, others, strict=True):
        assert a.value.tobytes() == b.value.tobytes()
    assert again.iterations == straight.iterations == 12
    assert all(array.dtype == dtype for array in again.state.values())


def test_state_dict_is_a_copy() -> None:
    optimizer, parameters = Adam(), network()
    train(optimizer, parameters, 1)
    saved = optimizer.state_dict()
    before = saved["arrays"]["0.W.m"].copy()
    train(optimizer, parameters, 1, seed=2)
    np.testing.assert_array_equal(saved["arrays"]["0.W.m"], before)
    optimizer.load_state_dict(saved)
    train(optimizer, parameters, 1, seed=2)
    np.testing.assert_array_equal(saved["arrays"]["0.W.m"], before)


def test_state_is_named_after_parameter_and_slot() -> None:
    optimizer = Adam()
    optimizer.step(network(np.float32))
    assert list(optimizer.state) == ["0.W.m", "0.W.v", "0.b.m", "0.b.v"]
    assert optimizer.state["0.W.v"].shape == (4, 3)
    assert optimizer.state["0.W.v"].dtype == np.float32


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_an_optimizer_survives_json(make: Callable[[], Optimizer]) -> None:
    optimizer = make()
    again = optimizer_from_spec(json.loads(json.dumps(optimizer_spec(optimizer))))
    assert type(again) is type(optimizer)
    assert repr(again) == repr(optimizer)
    assert again.learning_rate == optimizer.learning_rate


def test_every_optimizer_is_tested() -> None:
    assert {type(make()).__name__ for make in MAKERS.values()} == set(OPTIMIZERS)


# -- errors ---------------------------------------------------------------------------------------


def test_parameters_of_another_model_are_refused() -> None:
    optimizer = Adam()
    optimizer.step(network())
    w = np.zeros(3)
    with pytest.raises(ValueError, match=r"1\.W\.m is missing; .* 0\.W\.m is unexpected") as error:
        optimizer.step([Parameter("1.W", w, w.copy(), True)])
    assert "make a new optimiser for another model" in str(error.value)


def test_a_restored_state_of_another_shape_is_refused() -> None:
    first, second = Adam(), Adam()
    first.step(network(np.float32))
    second.load_state_dict(first.state_dict())
    with pytest.raises(ValueError, match=r"0\.W\.m is float32 \(4, 3\), not float64 \(4, 3\)"):
        second.step(network(np.float64))


def test_a_state_without_its_arrays_is_refused() -> None:
    first, second = Adam(), Adam()
    first.step(network())
    second.load_state_dict({**first.state_dict(), "arrays": {}})
    with pytest.raises(ValueError, match=r"0\.W\.m is missing"):
        second.step(network())


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"type": "Adam"}, "expects a state of"),
        ({"type": "SGD", "iterations": 1, "scale": 1.0, "arrays": {}}, "from a state of SGD; make"),
        (
            {"type": "Adam", "iterations": 1, "scale": 1.0, "arrays": {"0.W.u": np.zeros(1)}},
            "keeps m and v for each parameter, got 0.W.u",
        ),
    ],
)
def test_a_foreign_state_is_named(state: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Adam().load_state_dict(state)


@pytest.mark.parametrize(
    ("value", "grad", "message"),
    [
        (np.zeros(3), np.zeros(4), r"w's gradient to be float64 \(3,\) .* got float64 \(4,\)"),
        (np.zeros(3), np.zeros(3, np.float32), r"got float32 \(3,\)"),
        (np.zeros((4, 3)).T, np.zeros((3, 4)), "C-contiguous arrays for w, got strides"),
    ],
)
def test_arrays_that_do_not_fit_are_named(value: Array, grad: Array, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SGD().step([Parameter("w", value, grad, True)])


def test_two_parameters_of_one_name_are_refused() -> None:
    w = np.zeros(3)
    with pytest.raises(ValueError, match="a name of its own, got w, w"):
        SGD().step([Parameter("w", w, w.copy(), True)] * 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-0.1), "expects a finite rate of at least 0, got -0.1"),
        (lambda: SGD(momentum=1.0), "SGD expects 0 <= momentum < 1, got 1.0"),
        (lambda: SGD(nesterov=True), "nesterov=True expects momentum > 0"),
        (lambda: RMSProp(rho=-1), "RMSProp expects 0 <= rho < 1, got -1"),
        (lambda: Adam(eps=-1), "Adam expects eps >= 0, got -1"),
        (lambda: Adam(weight_decay=-1), "Adam expects weight_decay >= 0, got -1"),
        (lambda: AdamW(clip_norm=0), "AdamW expects clip_norm > 0, got 0; None is no limit"),
        (lambda: optimizer_from_spec({"type": "Lion", "config": {}}), "unknown optimiser 'Lion'"),
        (lambda: optimizer_from_spec({"config": {}}), "described by 'type' and 'config'"),
        (lambda: optimizer_from_spec({"type": "SGD", "config": {"mu": 1}}), "SGD cannot be made"),
    ],
)
def test_wrong_arguments_are_named(make: Callable[[], Optimizer], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


# -- oracle ---------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("ours", "name", "arguments"),
    [
        (lambda: SGD(0.1), "SGD", {"lr": 0.1}),
        (lambda: SGD(0.1, 0.9), "SGD", {"lr": 0.1, "momentum": 0.9}),
        (lambda: SGD(0.1, 0.9, True), "SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        (lambda: RMSProp(0.01, 0.8, 1e-6), "RMSprop", {"lr": 0.01, "alpha": 0.8, "eps": 1e-6}),
        (lambda: Adam(0.01, 0.8, 0.99), "Adam", {"lr": 0.01, "betas": (0.8, 0.99)}),
        (lambda: AdamW(0.01, weight_decay=0.3), "AdamW", {"lr": 0.01, "weight_decay": 0.3}),
    ],
    ids=["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"],
)
@pytest.mark.parametrize("clip_norm", [None, 1.5])
def test_torch_agrees_over_twenty_steps(
    ours: Callable[[], Optimizer], name: str, arguments: dict[str, Any], clip_norm: float | None
) -> None:
    torch = pytest.importorskip("torch")
    optimizer, rng = ours(), np.random.default_rng(8)
    optimizer.clip_norm = clip_norm
    values = [rng.standard_normal((4, 3)), rng.standard_normal(3)]
    parameters = [Parameter(f"{i}", v, np.zeros_like(v), True) for i, v in enumerate(values)]
    theirs = [torch.tensor(value.copy(), requires_grad=True) for value in values]
    peer = getattr(torch.optim, name)(theirs, **arguments)
    for _ in range(20):
        for (_, _, grad, _), tensor in zip(parameters, theirs, strict=True):
            grad[...] = rng.standard_normal(grad.shape)
            tensor.grad = torch.tensor(grad.copy())
        if clip_norm is not None:
            norm = float(torch.linalg.vector_norm(torch.cat([t.grad.ravel() for t in theirs])))
            for tensor in theirs:  # torch's own clipping adds 1e-6 to the norm
                tensor.grad *= min(1.0, clip_norm / norm)
        optimizer.step(parameters)
        peer.step()
    for value, tensor in zip(values, theirs, strict=True):
        np.testing.assert_allclose(value, tensor.detach().numpy(), rtol=1e-10, atol=1e-12)
