"""PyTorch as a second opinion, in float64: it was written by others, from the same equations."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scratchnet.layers import BatchNorm, Conv2D, Dropout, MaxPool2D, Residual
from tests.gradients.cases import CONFIGURATIONS, LAYER_CASES, LOSS_CASES

torch = pytest.importorskip("torch")
F = torch.nn.functional

pytestmark = pytest.mark.oracle
RTOL = 1e-10


def framed(x, edges, value=0.0):
    (top, bottom), (left, right) = edges
    return F.pad(x, (left, right, top, bottom), value=value)


def batch_norm(layer, x, p):
    return F.batch_norm(x, None, None, p["gamma"], p["beta"], training=True, eps=layer.eps)


def convolution(layer, x, p):
    x = framed(x, layer.edges)
    return F.conv2d(x, p["W"], p.get("b"), layer.stride, 0, layer.dilation, layer.groups)


def max_pool(layer, x, p):
    return F.max_pool2d(framed(x, layer.edges, -np.inf), layer.size, layer.stride)


def residual(layer, x, p):
    """The children's mirrors, on the parameters whose names begin with theirs."""

    def walk(name, layers, x):
        for i, child in enumerate(layers):
            start = f"{name}.{i}."
            own = {key.removeprefix(start): v for key, v in p.items() if key.startswith(start)}
            x = MIRRORS[type(child).__name__](child, x, own)
        return x

    return walk("body", layer.body, x) + walk("projection", layer.projection, x)


MIRRORS = {
    "Conv2D": convolution,
    "Dense": lambda layer, x, p: F.linear(x, p["W"].T, p.get("b")),
    "MaxPool2D": max_pool,
    "AvgPool2D": lambda layer, x, p: F.avg_pool2d(x, layer.size, layer.stride),
    "GlobalAvgPool2D": lambda layer, x, p: F.adaptive_avg_pool2d(x, 1).flatten(1),
    "ZeroPadding2D": lambda layer, x, p: framed(x, layer.edges),
    "Flatten": lambda layer, x, p: x.flatten(1),
    "ReLU": lambda layer, x, p: F.relu(x),
    "Sigmoid": lambda layer, x, p: torch.sigmoid(x),
    "Tanh": lambda layer, x, p: torch.tanh(x),
    "Softmax": lambda layer, x, p: F.softmax(x, dim=1),
    "Dropout": lambda layer, x, p: x * torch.from_numpy(layer.cache),  # the same mask
    "BatchNorm": batch_norm,
    "Residual": residual,
}


def agree(ours, theirs, what):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape, what
    # A bias before batch norm has a gradient of 0 and rounding: no unit to measure by.
    size = max(np.abs(theirs).max(initial=0.0), 1e-3)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=RTOL * size, err_msg=what)


def compare(layer, x):
    """y and all gradients of a layer in training, ours and PyTorch's."""
    rng = np.random.default_rng(0)
    layer.build(x.shape[1:], rng, np.float64)
    for value in layer.params.values():
        value += 0.25 * rng.standard_normal(value.shape)
    y = layer.forward(x, training=True)
    dy = rng.standard_normal(y.shape)
    dx = layer.backward(dy)

    tensors = {name: torch.tensor(v, requires_grad=True) for name, v in layer.params.items()}
    theirs = torch.tensor(x, requires_grad=True)
    their_y = MIRRORS[type(layer).__name__](layer, theirs, tensors)
    their_y.backward(torch.from_numpy(dy))

    agree(y, their_y, "y")
    agree(dx, theirs.grad, "dx")
    for name, tensor in tensors.items():
        agree(layer.grads[name], tensor.grad, f"d{name}")


@pytest.mark.parametrize("name", LAYER_CASES)
def test_layers_agree(name):
    compare(LAYER_CASES[name].make(), LAYER_CASES[name].x)


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(
    shape=st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    kernel=pairs,
    stride=pairs,
    dilation=pairs,
    padding=st.one_of(st.just("same"), st.just("valid"), st.integers(0, 2)),
    groups=st.integers(1, 3),
)
@CONFIGURATIONS
def test_convolutions_of_every_kind_agree(shape, kernel, stride, dilation, padding, groups):
    N, C, H, W = shape
    layer = Conv2D(2 * groups, kernel, stride, padding, dilation, groups)
    x = np.random.default_rng(1).standard_normal((N, C * groups, H, W))
    try:
        layer.build(x.shape[1:], np.random.default_rng(0))
    except ValueError:
        assume(False)
    compare(layer, x)


def test_maxima_that_are_equal_go_to_the_same_pixel():
    rng = np.random.default_rng(3)
    compare(MaxPool2D(3, 2, 1), rng.integers(0, 3, (2, 3, 9, 8)).astype(np.float64))


def test_an_asymmetric_residual_block_agrees():
    body = [Conv2D(4, 2, stride=2, padding="same"), BatchNorm()]
    compare(
        Residual(body, [Conv2D(4, 1, stride=2)]),
        np.random.default_rng(4).standard_normal((3, 2, 7, 7)),
    )


@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 5, 2)])
def test_running_statistics_agree(shape):
    rng = np.random.default_rng(5)
    ours = BatchNorm(momentum=0.8, eps=1e-3)
    ours.build(shape[1:], rng, np.float64)
    kind = torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d
    theirs = kind(shape[1], eps=1e-3, momentum=0.2, dtype=torch.float64)  # the share of the new
    for _ in range(4):
        x = 3 + 2 * rng.standard_normal(shape)
        agree(ours.forward(x, training=True), theirs(torch.from_numpy(x)), "y in training")
    agree(ours.buffers["running_mean"], theirs.running_mean, "running_mean")
    agree(ours.buffers["running_var"], theirs.running_var, "running_var")

    theirs.eval()
    x = rng.standard_normal(shape)
    tensor = torch.tensor(x, requires_grad=True)
    y, dy = theirs(tensor), rng.standard_normal(shape)
    y.backward(torch.from_numpy(dy))
    agree(ours.forward(x), y, "y in evaluation")
    agree(ours.backward(dy), tensor.grad, "dx in evaluation")


def test_dropout_in_evaluation_agrees():
    ours, x = Dropout(0.5), np.random.default_rng(6).standard_normal((3, 4))
    ours.build((4,), np.random.default_rng(0), np.float64)
    agree(ours.forward(x), F.dropout(torch.from_numpy(x), 0.5, training=False), "y")


def cross_entropy(loss, scores, target):
    weights = loss.class_weights and torch.tensor(loss.class_weights, dtype=torch.float64)
    return F.cross_entropy(scores, target, weights, label_smoothing=loss.label_smoothing)


def log_loss(loss, scores, target):
    return F.nll_loss(torch.log(scores), target)


def squared_hinge(loss, scores, target):
    t = 2 * F.one_hot(target, scores.shape[1]) - 1
    return F.relu(1 - t * scores).square().sum() / len(scores)


@pytest.mark.parametrize(
    "name, theirs",
    {
        "SoftmaxCrossEntropy": cross_entropy,
        "SoftmaxCrossEntropy soft": cross_entropy,
        "SoftmaxCrossEntropy smoothed": cross_entropy,
        "SoftmaxCrossEntropy weighted": cross_entropy,
        "CrossEntropy": log_loss,
        "MeanSquaredError": lambda loss, scores, target: F.mse_loss(scores, target),
        "SquaredHinge": squared_hinge,
    }.items(),
)
def test_losses_agree(name, theirs):
    case = LOSS_CASES[name]
    loss, scores = case.make(), torch.tensor(case.x, requires_grad=True)
    their_loss = theirs(loss, scores, torch.tensor(case.target.copy()))
    their_loss.backward()
    agree(np.asarray(loss.forward(case.x, case.target)), their_loss, "loss")
    agree(loss.backward(), scores.grad, "dscores")
