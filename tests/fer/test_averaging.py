"""Views of a face, and the mean over views and networks."""

import numpy as np
import pytest

from scratchnet import Sequential, metrics
from scratchnet.fer.averaging import (
    averaged,
    averaged_predictions,
    check_ensemble,
    view_scores,
    views,
)
from scratchnet.layers import Dense, Flatten
from scratchnet.losses import SoftmaxCrossEntropy, SquaredHinge, softmax

FACE = np.array([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], np.float32)


def network(seed=0, names=("a", "b")):
    model = Sequential([Flatten(), Dense(2)]).build((1, 3, 3), np.random.default_rng(seed))
    model.class_names = names
    return model


def inputs(N=40):
    return np.random.default_rng(5).standard_normal((N, 1, 3, 3)).astype(np.float32)


def test_the_views_are_the_face_and_its_mirror_image():
    plain, mirrored = views(FACE)
    assert np.array_equal(plain, FACE)
    assert mirrored[0, 0].tolist() == [[3, 2, 1], [6, 5, 4], [9, 8, 7]]
    assert len(list(views(FACE, flip=False))) == 1


def test_shifted_views_repeat_the_edge():
    found = [view[0, 0].tolist() for view in views(FACE, flip=False, shift=1)]
    assert len(found) == 9
    assert found[0] == FACE[0, 0].tolist()
    assert found[1] == [[2, 3, 3], [5, 6, 6], [8, 9, 9]]  # to the left
    assert found[2] == [[1, 1, 2], [4, 4, 5], [7, 7, 8]]  # to the right
    assert found[3] == [[4, 5, 6], [7, 8, 9], [7, 8, 9]]  # up
    assert len({str(view) for view in found}) == 9
    assert len(list(views(FACE, shift=1))) == 18


@pytest.mark.parametrize("shift", [-1, 3])
def test_a_shift_out_of_the_image_is_refused(shift):
    with pytest.raises(ValueError, match="expects a shift of 0 to 2 pixels"):
        list(views(FACE, shift=shift))


def test_the_average_is_the_mean_of_all_answers():
    one, other, x = network(0), network(1), inputs()
    expected = (
        one.predict(x)
        + other.predict(x)
        + one.predict(x[..., ::-1].copy())
        + other.predict(x[..., ::-1].copy())
    ) / 4
    found = averaged_predictions([one, other], x)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-6)
    assert np.array_equal(averaged_predictions([one], x, flip=False), one.predict(x))


def test_a_temperature_divides_the_scores():
    model, x = network(), inputs()
    found = averaged_predictions([model], x, flip=False, temperature=2.0)
    assert np.allclose(found, softmax(model.scores(x) / 2), atol=1e-6)


def test_scores_come_view_by_view_the_networks_in_turn():
    one, other, x = network(0), network(1), inputs()
    scores = view_scores([one, other], x)
    mirrored = x[..., ::-1].copy()
    expected = [one.scores(x), other.scores(x), one.scores(mirrored), other.scores(mirrored)]
    assert np.array_equal(scores, expected)


def test_the_mean_is_over_probabilities_not_over_scores():
    # softmax (log 3, 0) = ¾, ¼ and softmax (0, log 3) = ¼, ¾; at T = ½ nine tenths and one tenth.
    scores = np.log(np.array([[[3, 1]], [[1, 3]], [[3, 1]], [[3, 1]]]))
    loss = SoftmaxCrossEntropy()
    assert averaged(loss, scores)[0] == pytest.approx([5 / 8, 3 / 8])
    assert averaged(loss, scores, 0.5)[0] == pytest.approx([0.7, 0.3])


@pytest.mark.parametrize("true", [0.5, 2.0])
def test_the_temperature_of_what_is_served_is_found(true):
    """Labels drawn from the mean over views and networks at a temperature lead back to it."""
    models, x = [network(0), network(1)], 4 * inputs(8000)
    p = averaged_predictions(models, x, temperature=true)
    labels = (np.random.default_rng(1).random(len(x)) > p[:, 0]).astype(np.int64)
    answers = softmax(view_scores(models, x).astype(np.float64))
    assert metrics.fit_temperature(answers, labels) == pytest.approx(true, rel=0.1)


def test_networks_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="at least one network, got none"):
        check_ensemble([])
    with pytest.raises(ValueError, match="have the same class_names"):
        averaged_predictions([network(), network(1, ("b", "a"))], inputs())
    hinge = network(1)
    hinge.loss = SquaredHinge()
    with pytest.raises(ValueError, match="same loss, got SoftmaxCrossEntropy and SquaredHinge"):
        check_ensemble([network(), hinge])
