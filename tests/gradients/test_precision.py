"""Networks run in float32; their gradients are those of float64, up to float32's rounding.

A float32 gradient is never compared with a float32 difference, which is mostly noise, but with
the float64 gradient that the differences have confirmed.
"""

import numpy as np
import pytest

from scratchnet.layers import Conv2D
from tests.gradients.cases import LAYER_CASES, LOSS_CASES, Case

RTOL = 1e-5
LINEAR = ["Conv2D", "Dense", "AvgPool2D", "GlobalAvgPool2D", "ZeroPadding2D", "Flatten", "Dropout"]

WIDE = np.random.default_rng(5).standard_normal((2, 16, 9, 7))
LARGE_CASES = {
    # Large enough for every algorithm that the kernels choose between by shape.
    "Conv2D 3 × 3 on 16 channels": Case(lambda: Conv2D(32, 3, padding=1), WIDE),
    "Conv2D 5 × 5 on 16 channels": Case(lambda: Conv2D(16, 5, padding=2), WIDE),
    "Conv2D 1 × 1 on 16 channels": Case(lambda: Conv2D(16, 1), WIDE),
}
CASES = LAYER_CASES | LARGE_CASES


def gradients(case, dtype):
    """y, dx and the parameters' gradients, computed in `dtype` from the same numbers."""
    layer = case.make()
    layer.build(case.x.shape[1:], np.random.default_rng(0), dtype)
    rng = np.random.default_rng(1)
    for value in layer.params.values():
        value += (0.25 * rng.standard_normal(value.shape)).astype(np.float32)
    y = layer.forward(case.x.astype(np.float32).astype(dtype), training=True)
    dy = rng.standard_normal(y.shape).astype(np.float32)
    dx = layer.backward(dy.astype(dtype))
    return {"y": y, "x": dx, **layer.grads}


@pytest.mark.parametrize("name", CASES)
def test_float32_agrees_with_float64(name):
    single, double = (gradients(CASES[name], dtype) for dtype in (np.float32, np.float64))
    for quantity, gradient in single.items():
        assert gradient.dtype == np.float32, quantity
        assert double[quantity].dtype == np.float64, quantity
        error = np.abs(gradient - double[quantity]).max() / np.abs(double[quantity]).max()
        assert error < RTOL, f"{quantity}: {error:.1e}"


@pytest.mark.parametrize("name", LOSS_CASES)
def test_float32_losses_agree_with_float64(name):
    case, found = LOSS_CASES[name], []
    scores = case.x.astype(np.float32)
    for dtype in (np.float32, np.float64):
        loss = case.make()
        value = loss.forward(scores.astype(dtype), case.target)
        assert loss.backward().dtype == dtype
        found.append((value, loss.backward()))
    (value32, ds32), (value64, ds64) = found
    assert value32 == pytest.approx(value64, rel=RTOL)
    assert np.abs(ds32 - ds64).max() < RTOL * np.abs(ds64).max()


@pytest.mark.parametrize("dtype, rtol", [(np.float32, RTOL), (np.float64, 1e-13)])
@pytest.mark.parametrize("name", [name for name in CASES if name.split()[0] in LINEAR])
def test_backward_is_the_adjoint_of_forward(name, dtype, rtol):
    """⟨L x, g⟩ = ⟨x, Lᵀ g⟩: no difference at all, so float32 is checked by itself."""
    case = CASES[name]
    layer = case.make()
    layer.build(case.x.shape[1:], np.random.default_rng(0), dtype)  # biases are 0: L is linear
    x = case.x.astype(dtype)
    y = layer.forward(x, training=True)
    g = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
    dx = layer.backward(g)

    def dot(a, b):
        return np.sum(a.astype(np.float64) * b.astype(np.float64))

    size = np.linalg.norm(y.astype(np.float64)) * np.linalg.norm(g.astype(np.float64))
    assert abs(dot(y, g) - dot(x, dx)) < rtol * size
    if "W" in layer.params:  # L is linear in W as well
        assert abs(dot(y, g) - dot(layer.params["W"], layer.grads["W"])) < rtol * size
