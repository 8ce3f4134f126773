"""Explanations of networks so small that the explanation is known."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet import Sequential
from scratchnet.explain import (
    Tap,
    default_layer,
    find_layer,
    grad_cam,
    occlusion,
    saliency,
    score_gradient,
    unit_activity,
)
from scratchnet.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
)


def build(layers, shape, dtype=np.float64):
    return Sequential(layers).build(shape, np.random.default_rng(0), dtype)


def small(dtype=np.float64):
    """A convolution, a residual block with batch norm, a pool and a dense layer."""
    block = Residual([BatchNorm(), ReLU(), Conv2D(4, 3, padding=1)])
    layers = [Conv2D(4, 3, padding=1), ReLU(), block, MaxPool2D(2), Flatten(), Dense(3)]
    return build(layers, (1, 6, 6), dtype)


# -- saliency -------------------------------------------------------------------------------


@pytest.fixture
def linear():
    """s_0 = x0 + 2 x1 - 3 x2 + 4 x3, s_1 = 5 x3."""
    model = build([Flatten(), Dense(2)], (1, 2, 2))
    model.layers[1].params["W"][...] = np.array([[1, 2, -3, 4], [0, 0, 0, 5]]).T
    return model


def test_the_gradient_of_a_linear_score_is_its_weights(linear):
    x = np.random.default_rng(1).standard_normal((3, 1, 2, 2))
    assert score_gradient(linear, x, 0).tolist() == [[[[1, 2], [-3, 4]]]] * 3
    assert saliency(linear, x, 0).tolist() == [[[1, 2], [3, 4]]] * 3
    assert saliency(linear, x, [0, 1, 1])[1:].tolist() == [[[0, 0], [0, 5]]] * 2


def test_without_a_label_the_predicted_class_is_explained(linear):
    x = np.array([[[[0, 0], [0, 1.0]]], [[[0, 0], [0, -1.0]]]])  # scores 4, 5 and -4, -5
    assert saliency(linear, x).tolist() == [[[0, 0], [0, 5]], [[1, 2], [3, 4]]]


def test_saliency_takes_the_strongest_channel():
    model = build([Flatten(), Dense(1)], (2, 1, 2))
    model.layers[1].params["W"][:, 0] = [1, -7, -2, 3]  # channel 0, then channel 1
    assert saliency(model, np.ones((1, 2, 1, 2))).tolist() == [[[2, 7]]]


def test_the_gradient_is_that_of_finite_differences_through_residual_and_batch_norm():
    model, rng = small(), np.random.default_rng(2)
    x, direction = rng.standard_normal((2, 1, 1, 6, 6))
    slope = (model.forward(x + 1e-6 * direction) - model.forward(x - 1e-6 * direction)) / 2e-6
    gradient = score_gradient(model, x, 2)
    assert float((gradient * direction).sum()) == pytest.approx(float(slope[0, 2]), rel=1e-5)


def test_a_class_that_does_not_exist_is_refused(linear):
    with pytest.raises(ValueError, match=r"class 0\.\.1, or one for each sample, got 2"):
        saliency(linear, np.ones((1, 1, 2, 2)), 2)


# -- Grad-CAM -------------------------------------------------------------------------------


@pytest.fixture
def two_filters():
    """Map 0 is the picture, map 1 its negative; class 0 wants bright, class 1 dark."""
    layers = [Conv2D(2, 1, bias=False), ReLU(), GlobalAvgPool2D(), Dense(2)]
    model = build(layers, (1, 2, 2))
    model.layers[0].params["W"][:, 0, 0, 0] = [1, -1]
    model.layers[3].params["W"][...] = np.array([[8, -8], [-4, 4]])  # (map, class)
    return model


X = np.array([[[[3.0, 0.0], [-1.0, -2.0]]]])


def test_grad_cam_of_two_filters_by_hand(two_filters):
    # After the ReLU A_0 = [3 0; 0 0], A_1 = [0 0; 1 2]. Their means are weighted by 8 and -4 for
    # class 0, and each pixel is a quarter of the mean: α = (2, -1). L = max(0, 2 A_0 - A_1).
    assert grad_cam(two_filters, X, 0, "1").tolist() == [[[6, 0], [0, 0]]]
    # Class 1: α = (-2, 1), L = max(0, -2 A_0 + A_1).
    assert grad_cam(two_filters, X, 1, "1").tolist() == [[[0, 0], [1, 2]]]


def test_grad_cam_reads_the_layer_that_it_is_told_to(two_filters):
    # Before the ReLU A_1 = -A_0 has the other sign where the ReLU is shut; there dA is 0:
    # dA_0 = 2 at one pixel of four, dA_1 = -1 at two of four, α = (1/2, -1/2).
    # L = max(0, A_0 / 2 - A_1 / 2) = max(0, x).
    assert grad_cam(two_filters, X, 0, "0").tolist() == [[[3, 0], [0, 0]]]


def test_grad_cam_looks_at_the_last_maps_before_they_are_pooled(two_filters):
    assert default_layer(two_filters) == "1"
    assert grad_cam(two_filters, X, 0).tolist() == grad_cam(two_filters, X, 0, "1").tolist()
    assert default_layer(small()) == "2"


def test_grad_cam_sees_inside_of_a_residual_block():
    model, x = small(), np.random.default_rng(3).standard_normal((2, 1, 6, 6))
    conv = find_layer(model, "2.body.2")
    with Tap(conv) as tap:
        model.forward(x)
        model.backward(np.array([[0, 1, 0], [0, 1, 0]], float))
    alpha = tap.dy.mean(axis=(2, 3))
    expected = np.maximum(np.einsum("nc,nchw->nhw", alpha, tap.y), 0)
    np.testing.assert_allclose(grad_cam(model, x, 1, "2.body.2"), expected)
    assert expected.max() > 0


def test_maps_are_enlarged_to_the_picture():
    layers = [MaxPool2D(2), Conv2D(1, 1, bias=False), ReLU(), Flatten(), Dense(1)]
    model = build(layers, (1, 4, 4))
    model.layers[1].params["W"][...] = 1
    model.layers[4].params["W"][...] = 1
    x = np.zeros((1, 1, 4, 4))
    x[0, 0, 0, 0] = 1
    assert grad_cam(model, x, 0, enlarge=False).tolist() == [[[1, 0], [0, 0]]]
    ramp = [1, 0.75, 0.25, 0]  # bilinear, between centres two pixels apart
    np.testing.assert_allclose(grad_cam(model, x, 0)[0], np.outer(ramp, ramp))


def test_a_layer_without_maps_is_refused_and_the_network_works_on(two_filters):
    with pytest.raises(ValueError, match=r"maps \(N, C, h, w\), layer 3 gives \(1, 2\)"):
        grad_cam(two_filters, X, 0, "3")
    assert "forward" not in vars(two_filters.layers[3])


def test_an_unknown_layer_is_answered_with_those_there_are(two_filters):
    with pytest.raises(ValueError, match=r"no layer '7'.*0 Conv2D, 1 ReLU"):
        grad_cam(two_filters, X, 0, "7")


def test_a_network_without_convolutions_has_no_grad_cam(linear):
    model = build([Dense(2)], (4,))
    with pytest.raises(ValueError, match="feature maps"):
        default_layer(model)


# -- a tap ----------------------------------------------------------------------------------


def test_a_tap_hears_what_passes_and_changes_nothing():
    model, x = small(), np.random.default_rng(4).standard_normal((2, 1, 6, 6))
    before, upstream = model.forward(x), np.random.default_rng(5).standard_normal((2, 3))
    dx = model.backward(upstream)
    with Tap(model.layers[5]) as tap:
        assert (model.forward(x) == before).all()
        assert (model.backward(upstream) == dx).all()
    assert (tap.y == before).all()
    assert (tap.dy == upstream).all()
    assert "forward" not in vars(model.layers[5])


def test_explaining_leaves_the_weights_alone():
    model, x = small(np.float32), np.ones((1, 1, 6, 6), np.float32)
    before = model.state()
    assert saliency(model, x).dtype == grad_cam(model, x).dtype == np.float32
    occlusion(model, x[0], size=3, stride=2)
    after = model.state()
    assert all((after[name] == before[name]).all() for name in before)


# -- occlusion ------------------------------------------------------------------------------


def one_pixel_network(row, column):
    """Class 0 has the logit 3 x[row, column], class 1 has 0: it looks at nothing else."""
    model = build([Flatten(), Dense(2)], (1, 5, 5))
    model.layers[1].params["W"][...] = 0
    model.layers[1].params["W"][5 * row + column, 0] = 3
    return model


def test_occlusion_finds_the_only_pixel_that_counts():
    x = np.ones((1, 5, 5))
    drop = 1 / (1 + np.exp(-3)) - 1 / 2  # sigmoid(3) with the pixel, sigmoid(0) without
    seen = occlusion(one_pixel_network(3, 1), x, 0, size=1, stride=1)
    expected = np.zeros((5, 5))
    expected[3, 1] = drop
    np.testing.assert_allclose(seen, expected, atol=1e-15)
    against = occlusion(one_pixel_network(3, 1), x, 1, size=1, stride=1)
    np.testing.assert_allclose(against, -expected, atol=1e-15)


def test_overlapping_squares_are_averaged_and_the_last_ends_at_the_edge():
    # Squares of 3 begin at 0 and 2 in both directions; only those at 2, 2 cover pixel (4, 4).
    drop = 1 / (1 + np.exp(-3)) - 1 / 2
    seen = occlusion(one_pixel_network(4, 4), np.ones((1, 5, 5)), 0, size=3, stride=2)
    share = np.array([0, 0, 1 / 2, 1, 1])  # pixel row 2 lies in both squares
    np.testing.assert_allclose(seen, drop * np.outer(share, share))


def test_a_square_larger_than_the_picture_is_refused():
    with pytest.raises(ValueError, match=r"got \(1, 5, 5\), size 6"):
        occlusion(one_pixel_network(0, 0), np.ones((1, 5, 5)), size=6)


# -- activity -------------------------------------------------------------------------------


def test_a_unit_that_never_says_anything_is_dead(two_filters):
    bright = np.ones((4, 1, 2, 2))
    (relu,) = unit_activity(two_filters, bright)
    assert relu.path == "1"
    assert relu.activity.tolist() == [1, 0]  # the filter of -1 sees nothing bright
    assert relu.dead == [1]


def test_activity_is_the_share_of_pictures_over_all_batches(two_filters):
    x = np.ones((5, 1, 2, 2))
    x[3, 0, 1, 1] = -1  # one dark pixel is enough
    (relu,) = unit_activity(two_filters, x, batch_size=2)
    assert relu.activity.tolist() == [1, 1 / 5]
    assert relu.dead == []


def test_units_inside_of_blocks_and_behind_dense_layers_count():
    block = Residual([ReLU(), Conv2D(2, 3, padding=1)])
    model = build([Conv2D(2, 3, padding=1), block, Flatten(), Dense(7), ReLU()], (1, 4, 4))
    x = np.random.default_rng(0).standard_normal((6, 1, 4, 4))
    found = unit_activity(model, x)
    assert [(layer.path, len(layer.activity)) for layer in found] == [("1.body.0", 2), ("4", 7)]
    expected = (model.forward(x) > 0).mean(axis=0)
    assert found[1].activity.tolist() == expected.tolist()


# -- oracle ---------------------------------------------------------------------------------


@pytest.mark.oracle
def test_saliency_and_grad_cam_agree_with_torchs_autograd():
    torch = pytest.importorskip("torch")
    layers = [Conv2D(4, 3, padding=1), ReLU(), MaxPool2D(2), Conv2D(3, 3), ReLU(), Flatten()]
    model = build([*layers, Dense(3)], (1, 8, 8))
    x = np.random.default_rng(0).standard_normal((2, 1, 8, 8))
    params = {
        path: {name: torch.tensor(array) for name, array in layer.params.items()}
        for path, layer in model.leaves()
        if layer.params
    }
    pixels = torch.tensor(x, requires_grad=True)
    conv = torch.nn.functional.conv2d
    h = torch.relu(conv(pixels, params["0"]["W"], params["0"]["b"], padding=1))
    maps = torch.relu(conv(torch.max_pool2d(h, 2), params["3"]["W"], params["3"]["b"]))
    maps.retain_grad()
    scores = maps.flatten(1) @ params["6"]["W"] + params["6"]["b"]
    scores[:, 1].sum().backward()
    np.testing.assert_allclose(score_gradient(model, x, 1), pixels.grad.numpy(), atol=1e-12)
    alpha = maps.grad.mean(dim=(2, 3), keepdim=True)
    expected = torch.relu((alpha * maps).sum(dim=1)).detach().numpy()
    np.testing.assert_allclose(grad_cam(model, x, 1, "4", enlarge=False), expected, atol=1e-12)
