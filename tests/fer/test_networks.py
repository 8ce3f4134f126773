"""The networks by name: their sizes by hand, and that all of them begin with a guess."""

import numpy as np
import pytest

from scratchnet.fer.networks import NETWORKS, convolutions, make_network
from scratchnet.layers import Conv2D, Dense, Dropout, MaxPool2D, ReLU, Residual

FACE = (1, 48, 48)

THREE_SMALL = 320 + 18_496 + 73_856
SEVEN = 320 + 9_248 + 18_496 + 36_928 + 73_856 + 2 * 147_584
DEEPER = (1_152 + 1) * 512 + 5 * (4_608 + 1) * 512
DENSE = {
    "simple": 4_608 * 6 + 6,
    "seven": (4_608 + 1) * 1024 + (1024 + 1) * 512 + (512 + 1) * 6,
    "vgg": (512 + 1) * 1024 + (1024 + 1) * 512 + (512 + 1) * 6,
}
PARAMETERS = {
    "simple": THREE_SMALL + DENSE["simple"],
    "seven": SEVEN + DENSE["seven"],
    "vgg": SEVEN + DEEPER + DENSE["vgg"],
    "nine": SEVEN + 9_248 + 36_928 + DENSE["simple"],
}
SEVEN_MACS = 48**2 * 9 * (32 + 32 * 32) + 24**2 * 9 * (32 * 64 + 64 * 64)
SEVEN_MACS += 12**2 * 9 * (64 * 128 + 2 * 128 * 128) + 4_608 * 1024 + 1024 * 512 + 512 * 6


def built(name, classes=6):
    return make_network(name, classes).build(FACE, np.random.default_rng(0))


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_reports_networks_have_their_number_of_parameters(name):
    assert built(name).parameter_count() == PARAMETERS[name]


def test_the_seven_convolutions_have_the_figures_that_the_report_gives():
    """5.7 million parameters, about 112 million multiply-accumulates."""
    model = built("seven")
    assert model.parameter_count() == 5_681_510
    assert model.macs() == SEVEN_MACS == 112_077_824


def test_the_better_default_is_as_small_as_its_header_says():
    """Three fifths of the arithmetic of the seven convolutions, an eighth of their weights."""
    model, seven = built("residual"), built("seven")
    assert next(iter(NETWORKS)) == "residual"
    assert model.macs() / seven.macs() == pytest.approx(3 / 5, abs=0.01)
    assert model.parameter_count() / seven.parameter_count() == pytest.approx(1 / 8, abs=0.01)
    blocks = [layer for layer in model.layers if isinstance(layer, Residual)]
    filters = [block.output_shape[0] for block in blocks]
    assert filters == [16, 32, 32, 64, 64, 128, 128]
    assert blocks[-1].output_shape == (128, 6, 6)


def test_the_network_in_the_box_has_the_arithmetic_that_its_header_says():
    """A convolution of F filters on C channels at p × p pixels: p² · 9 C F."""
    model = built("wide", classes=7)

    def body(p, C, F):
        return p * p * 9 * (C * F + F * F)

    at_24, at_12, at_6 = (
        body(24, 32, 64),
        body(12, 64, 128) + 2 * body(12, 128, 128),
        body(6, 128, 192),
    )
    shortcuts = 24 * 24 * 32 * 64 + 12 * 12 * 64 * 128 + 6 * 6 * 128 * 192
    total = 48 * 48 * 9 * 32 + at_24 + at_12 + at_6 + shortcuts + 192 * 7
    assert model.macs() == total == 172_451_136
    assert at_12 / total == pytest.approx(0.68, abs=0.01)
    weights = 9 * (32 + 32 * 64 + 64**2 + 64 * 128 + 5 * 128**2 + 128 * 192 + 192**2)
    weights += 32 * 64 + 64 * 128 + 128 * 192  # shortcuts
    norms = 2 * (32 + 64 + 64 + 128 + 4 * 128 + 128 + 192 + 192)
    assert model.parameter_count() == weights + norms + 192 * 7 + 7 == 1_458_343
    assert all(conv.filters % 16 == 0 for _, conv in model.leaves() if isinstance(conv, Conv2D))
    blocks = [layer.output_shape for layer in model.layers if isinstance(layer, Residual)]
    assert blocks == [(64, 24, 24), *[(128, 12, 12)] * 3, (192, 6, 6)]


def test_every_convolution_of_the_network_in_the_box_takes_a_fast_road():
    steps = [step.algorithm for step in built("wide").plan.steps]
    assert sum("Winograd" in algorithm for algorithm in steps) == 5
    assert "layer" not in " ".join(algorithm for algorithm in steps[:-3])


def test_nine_with_batch_norm_is_nine_but_for_the_norms():
    plain, normed = built("nine"), built("nine-norm")
    assert normed.macs() == plain.macs()
    filters = 3 * (32 + 64 + 128)
    assert normed.parameter_count() == plain.parameter_count() + filters  # 2 instead of 1 a filter


def test_the_plan_of_convolutions_reads_as_it_is_written():
    layers = convolutions(8, 16, "P")
    assert [type(layer) for layer in layers] == [Conv2D, ReLU, Conv2D, ReLU, MaxPool2D]
    assert [layer.filters for layer in layers if isinstance(layer, Conv2D)] == [8, 16]


def test_dense_heads_drop_half_between_their_layers():
    kinds = [type(layer) for layer in built("vgg").layers[-7:]]
    assert kinds == [Dense, ReLU, Dropout, Dense, ReLU, Dropout, Dense]
    assert built("vgg").layers[-2].rate == 0.5


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "vgg"])
@pytest.mark.parametrize("classes", [6, 7])
def test_the_first_prediction_is_a_guess_and_the_first_loss_ln_k(name, classes):
    model = built(name, classes)
    x = np.random.default_rng(1).standard_normal((2, *FACE))
    assert np.array_equal(model.predict(x), np.full((2, classes), np.float32(1 / classes)))
    loss = model.evaluate(x, np.array([0, classes - 1]))["loss"]
    assert loss == pytest.approx(np.log(classes), rel=1e-6)


def test_an_unknown_name_is_answered_with_those_known():
    with pytest.raises(ValueError, match=r"unknown network 'alexnet'; expected one of residual, w"):
        make_network("alexnet", 7)
