"""The perceptron of many layers: one step by hand, its own loop, and what it learns."""

import numpy as np
import pytest

from scratchnet.classical.mlp import MLPClassifier

XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
ODD = np.array(["even", "odd", "odd", "even"])

# -- by hand --------------------------------------------------------------------------------------


def test_one_step_of_a_linear_classifier():
    """x = ±1 after scaling. s = x W + b, p = softmax(s); dW = xᵀ (p - t), db = p - t."""
    before = MLPClassifier((), learning_rate_init=1e-12, max_iter=1, random_state=0)
    W = before.fit([[3.0], [5.0]], [0, 1]).network_.layers[0].params["W"].copy()
    model = MLPClassifier((), learning_rate_init=0.5, max_iter=1, batch_size=2, random_state=0)
    dense = model.fit([[3.0], [5.0]], [0, 1]).network_.layers[0].params
    x, t = np.array([[-1.0], [1.0]]), np.eye(2)
    powers = np.exp(x @ W)
    ds = (powers / powers.sum(axis=1, keepdims=True) - t) / 2  # the mean of two samples
    np.testing.assert_allclose(dense["W"], W - 0.5 * x.T @ ds, atol=1e-6)
    np.testing.assert_allclose(dense["b"], -0.5 * ds.sum(axis=0), atol=1e-6)


def test_on_line_training_is_the_loop_of_the_header():
    """Back-propagation written out for one hidden layer, sample after sample, with momentum."""
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((12, 3)), rng.integers(0, 3, 12)
    options = {"hidden_layer_sizes": (4,), "momentum": 0.6, "max_iter": 3, "random_state": 7}
    start = MLPClassifier(**options | {"learning_rate_init": 1e-12}).fit(X, y)
    first, second = (start.network_.layers[i].params for i in (0, 2))
    weights = [a.astype(np.float64) for a in (first["W"], first["b"], second["W"], second["b"])]
    velocity = [np.zeros_like(w) for w in weights]
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    generator = np.random.default_rng(7)
    start._network().build((3,), generator)  # draws the first weights
    order = generator.spawn(2)[1]
    for _ in range(3):
        for i in order.permutation(12):
            x, t = scaled[i : i + 1], np.eye(3)[y[i : i + 1]]
            h = np.tanh(x @ weights[0] + weights[1])
            p = np.exp(h @ weights[2] + weights[3])
            ds = p / p.sum() - t
            dz = ds @ weights[2].T * (1 - h**2)
            for w, v, dw in zip(weights, velocity, (x.T @ dz, dz[0], h.T @ ds, ds[0]), strict=True):
                v[:] = 0.6 * v + dw
                w -= 0.1 * v
    model = MLPClassifier(**options, learning_rate_init=0.1).fit(X, y)
    first, second = (model.network_.layers[i].params for i in (0, 2))
    learned = first["W"], first["b"], second["W"], second["b"]
    for ours, expected in zip(learned, weights, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-5)


# -- what it learns -------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu"])
def test_exclusive_or_is_learned_with_a_hidden_layer(activation):
    model = MLPClassifier((8,), activation=activation, learning_rate_init=0.1, max_iter=300)
    model.set_params(random_state=1).fit(XOR, ODD)
    assert model.predict(XOR).tolist() == ODD.tolist()
    assert model.loss_curve_[-1] < 0.1 < model.loss_curve_[0]
    assert model.n_iter_ == 300


def test_exclusive_or_is_not_learned_without_one():
    model = MLPClassifier((), learning_rate_init=0.1, max_iter=100, random_state=0)
    assert model.fit(XOR, ODD).score(XOR, ODD) < 1


def test_probabilities_are_the_softmax_and_add_up_to_one():
    model = MLPClassifier((3,), max_iter=5, random_state=0).fit(XOR, ODD)
    p = model.predict_proba(XOR)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert model.classes_[p.argmax(axis=1)].tolist() == model.predict(XOR).tolist()


def test_the_same_seed_gives_the_same_bits():
    runs = [MLPClassifier((5,), max_iter=4, random_state=3).fit(XOR, ODD) for _ in range(2)]
    assert np.array_equal(runs[0].scores(XOR), runs[1].scores(XOR))


def test_a_constant_feature_and_other_units_change_nothing():
    options = {"hidden_layer_sizes": (), "max_iter": 20, "random_state": 0}
    plain = MLPClassifier(**options).fit(XOR * [1, 1], ODD)
    other = MLPClassifier(**options).fit(XOR * [256, 2] + 64, ODD)  # exact in binary
    assert np.array_equal(plain.scores(XOR), other.scores(XOR * [256, 2] + 64))
    constant = MLPClassifier(**options).fit(np.ones((4, 1)), ODD)
    assert np.isfinite(constant.scores(np.ones((1, 1)))).all()


def test_it_beats_the_nearest_neighbour_on_generated_faces(faces):
    model = MLPClassifier((20,), max_iter=4, random_state=0).fit(faces.X, faces.y)
    assert model.score(faces.X_test, faces.y_test) > 1.5 * faces.nearest_neighbour


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "sine"}, "tanh, logistic, relu, got 'sine'"),
        ({"max_iter": 0}, "max_iter of at least 1, got 0"),
        ({"batch_size": 0}, "batch_size of at least 1"),
        ({"learning_rate_init": 0}, "learning_rate_init > 0"),
        ({"momentum": 1}, "0 <= momentum < 1, got 1"),
        ({"hidden_layer_sizes": (0,)}, "units"),
    ],
)
def test_wrong_inputs_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**options).fit(XOR, ODD)


def test_predicting_before_fitting_or_other_features_is_refused():
    with pytest.raises(ValueError, match="not fitted yet"):
        MLPClassifier().predict(XOR)
    model = MLPClassifier((2,), max_iter=1).fit(XOR, ODD)
    with pytest.raises(ValueError, match="3 features, but MLPClassifier is expecting 2"):
        model.predict(np.zeros((1, 3)))
