"""Every loss's gradient in its scores; the two roads to a cross-entropy lead to one place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.gradcheck import InconclusiveGradient, check_gradients
from scratchnet.layers import Dense, Softmax
from scratchnet.losses import LOSSES, CrossEntropy, SoftmaxCrossEntropy, SquaredHinge
from scratchnet.sequential import Sequential
from tests.gradients.cases import CONFIGURATIONS, LOSS_CASES


@pytest.mark.parametrize("name", LOSS_CASES)
def test_gradients_are_right(name):
    LOSS_CASES[name].check()


def test_no_loss_goes_unchecked():
    ours = {n for n, loss in LOSSES.items() if loss.__module__ == "scratchnet.losses"}
    assert ours == {name.split()[0] for name in LOSS_CASES}


@given(
    N=st.integers(1, 4),
    K=st.integers(2, 6),
    smoothing=st.sampled_from([0.0, 0.1, 0.5]),
    weighted=st.booleans(),
    seed=st.integers(0, 99),
)
@CONFIGURATIONS
def test_cross_entropies_of_every_kind(N, K, smoothing, weighted, seed):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.2, 3, K) if weighted else None
    check_gradients(
        SoftmaxCrossEntropy(smoothing, weights),
        rng.standard_normal((N, K)),
        target=rng.integers(K, size=N),
    )


def test_a_score_on_the_hinge_is_inconclusive():
    with pytest.raises(InconclusiveGradient):
        check_gradients(SquaredHinge(), np.array([[1.0, -0.3]]), target=[0])


def test_both_roads_to_cross_entropy_have_one_gradient():
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((5, 6)), rng.integers(3, size=5)
    gradients = []
    for layers, loss in [
        ([Dense(3)], SoftmaxCrossEntropy()),
        ([Dense(3), Softmax()], CrossEntropy()),
    ]:
        model = Sequential(layers).build((6,), np.random.default_rng(1), np.float64)
        value = loss.forward(model.forward(x, training=True), labels)
        dx = model.backward(loss.backward())
        gradients.append([np.array(value), dx, *model.layers[0].grads.values()])
        check_gradients(model, x, loss=loss, target=labels)
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)
