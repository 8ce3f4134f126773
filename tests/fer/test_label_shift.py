"""The last biases, set right by labels: by hand, at the minimum, and in a network."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet import Sequential
from scratchnet.fer.label_shift import fit_class_biases, match_labels
from scratchnet.layers import Dense, Flatten, ReLU
from scratchnet.losses import softmax


def test_by_hand_three_of_four_labels_are_of_the_second_class():
    """p = (1/4, 3/4) needs s₁ − s₀ = ln 3; many faces make the term ‖b‖² / 2N small."""
    b = fit_class_biases(np.zeros((40_000, 2)), (np.arange(40_000) % 4 > 0).astype(int))
    np.testing.assert_allclose(b, [-np.log(3) / 2, np.log(3) / 2], atol=1e-4)


def test_a_class_without_labels_gets_a_finite_bias():
    b = fit_class_biases(np.zeros((8, 3)), np.arange(8) % 2)
    assert np.isfinite(b).all() and b[2] < b[0] == pytest.approx(b[1])


@pytest.mark.parametrize("scores", [np.zeros((0, 2)), np.full((3, 2), np.nan)])
def test_scores_that_say_nothing_are_refused(scores):
    with pytest.raises(ValueError, match="expects finite scores"):
        fit_class_biases(scores, np.zeros(len(scores), int))


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 30))
def test_every_class_is_expected_as_often_as_it_is_labelled(seed, spread):
    rng = np.random.default_rng(seed)
    scores, labels = spread * rng.standard_normal((50, 4)), rng.integers(0, 4, 50)
    b = fit_class_biases(scores, labels)
    share = np.bincount(labels, minlength=4) / 50
    np.testing.assert_allclose(softmax(scores + b).mean(axis=0), share - b / 50, atol=1e-7)


def test_a_network_expects_the_labels_of_faces_and_mirror_images():
    rng = np.random.default_rng(0)
    model = Sequential([Flatten(), Dense(3)]).build((1, 4, 4), rng)
    x, labels = rng.standard_normal((90, 1, 4, 4)).astype(np.float32), np.repeat([0, 0, 2], 30)
    before = model.scores(x)
    b = match_labels(model, x, labels)
    np.testing.assert_allclose(model.scores(x), before + b, atol=1e-5)
    both = np.concatenate([model.predict(x), model.predict(x[..., ::-1].copy())])
    np.testing.assert_allclose(both.mean(axis=0), np.array([2, 0, 1]) / 3 - b / 180, atol=1e-6)


@pytest.mark.parametrize("last", [ReLU(), Dense(3, bias=False)])
def test_a_last_layer_without_biases_is_refused(last):
    model = Sequential([Flatten(), Dense(3), last]).build((1, 2, 2), np.random.default_rng(0))
    with pytest.raises(ValueError, match="expects a last layer Dense with biases"):
        match_labels(model, np.zeros((2, 1, 2, 2), np.float32), np.array([0, 1]))
