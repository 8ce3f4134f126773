"""Which layers run as one step, and how."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import scratchnet.plan
from scratchnet import Sequential
from scratchnet.kernels.maps import frame
from scratchnet.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    ReLU,
    Residual,
)
from scratchnet.layers.base import LAYERS
from scratchnet.plan import Plan
from scratchnet.plan.chain import LayerStep
from scratchnet.plan.sum_step import Sum
from tests.plan.networks import NETWORKS, batch, built, conv

WINOGRAD, INDIRECT = "Winograd F(4×4, 3×3)", "indirect convolution"
SMALL_WINOGRAD = "Winograd F(3×3, 3×3)"  # of 5 × 5, 6 × 6 pixels
DEPTHWISE, PIXELS = "depthwise convolution", "pixel by pixel"
IN, OUT = "NCHW → NHWC", "NHWC → NCHW"


def steps_of(shape, *layers, dtype=np.float32):
    """[(algorithm, the layers' types), …]"""
    model = Sequential(layers).build(shape, np.random.default_rng(0), dtype)
    return [(s.algorithm, *(type(layer).__name__ for layer in s.layers)) for s in model.plan.steps]


def test_a_vgg_is_winograd_with_bias_relu_and_pool():
    layers = [
        conv(16), ReLU(), conv(16), ReLU(), MaxPool2D(2), Flatten(), Dense(9), ReLU(),
        Dropout(0.5), Dense(3),
    ]  # fmt: skip
    assert steps_of((1, 8, 8), *layers) == [
        (IN,),
        (INDIRECT, "Conv2D", "ReLU"),
        (WINOGRAD, "Conv2D", "ReLU", "MaxPool2D"),
        (OUT,),
        ("layer", "Flatten"),
        ("matrix product", "Dense", "ReLU"),
        ("layer", "Dropout"),
        ("matrix product", "Dense"),
    ]


def test_batch_norm_relu_and_pool_are_one_step():
    layers = [conv(16), BatchNorm(), ReLU(), MaxPool2D(2), Flatten()]
    assert steps_of((1, 8, 8), *layers)[:4] == [
        (IN,),
        (INDIRECT, "Conv2D"),
        (PIXELS, "BatchNorm", "ReLU", "MaxPool2D"),
        (OUT,),
    ]


def test_before_a_convolution_they_are_part_of_its_step():
    layers = [
        *(conv(16), BatchNorm(), ReLU(), MaxPool2D(2), conv(16), MaxPool2D(2), ReLU()),
        *(conv(16, stride=2), BatchNorm(), conv(16, 1, padding=0), ReLU()),
    ]
    assert steps_of((1, 16, 16), *layers) == [
        (IN,),
        (INDIRECT, "Conv2D"),
        (WINOGRAD, "BatchNorm", "ReLU", "MaxPool2D", "Conv2D", "MaxPool2D"),
        (PIXELS, "ReLU"),
        (INDIRECT, "Conv2D"),
        (INDIRECT, "BatchNorm", "Conv2D", "ReLU"),
        (OUT,),
    ]


def test_before_a_convolution_that_is_not_for_maps_they_are_not():
    steps = steps_of((16, 8, 8), conv(40), BatchNorm(), ReLU(), conv(40, groups=20))
    assert steps[2:] == [(PIXELS, "BatchNorm", "ReLU"), (OUT,), ("layer", "Conv2D")]


def test_who_writes_what_a_batch_norm_reads_takes_its_moments():
    """The first convolution for the norm in the sum, the sum for the norm behind it."""
    block = Residual([BatchNorm(), ReLU(), conv(16), BatchNorm(), conv(16)])
    model = Sequential([conv(16), block, BatchNorm(), ReLU(), conv(16), conv(16)])
    model.build((1, 8, 8), np.random.default_rng(0))
    _, first, total, last, other, _ = model.plan.steps
    assert [s.measures for s in (first, total, last, other)] == [True, True, False, False]
    assert [s.measures for s in total.body.steps] == [True, True]


def test_a_pool_behind_rows_of_products_is_a_step_of_its_own():
    layers = [conv(16), ReLU(), MaxPool2D(2), GlobalAvgPool2D(), Dense(3)]
    assert steps_of((3, 8, 8), *layers) == [
        (IN,),
        (INDIRECT, "Conv2D", "ReLU"),
        (PIXELS, "MaxPool2D"),
        (OUT,),
        ("layer", "GlobalAvgPool2D"),
        ("matrix product", "Dense"),
    ]


def test_a_residual_block_is_a_sum_of_two_chains():
    body = [BatchNorm(), ReLU(), conv(32, stride=2), BatchNorm(), ReLU(), conv(32)]
    model = Sequential([conv(16), Residual(body, [conv(32, 1, stride=2, padding=0)])])
    model.build((1, 9, 9), np.random.default_rng(0))
    step = model.plan.steps[2]
    assert isinstance(step, Sum)
    assert [s.algorithm for s in step.body.steps] == [INDIRECT, SMALL_WINOGRAD]
    assert [s.algorithm for s in step.shortcut.steps] == [INDIRECT]
    assert step.algorithm == f"sum: {INDIRECT}, {SMALL_WINOGRAD}"


def test_a_residual_block_with_a_layer_that_is_not_for_maps_is_a_layer():
    blocks = [Residual([conv(40), Dropout(0.2)]), Residual([conv(40)], [conv(40, groups=20)])]
    for block in blocks:
        algorithms = [step[0] for step in steps_of((40, 6, 6), conv(40), block, conv(40))]
        assert algorithms == [IN, SMALL_WINOGRAD, OUT, "layer", IN, SMALL_WINOGRAD, OUT]


ALGORITHMS = {
    WINOGRAD: [conv(16), conv(33), conv(16, padding="same"), conv(16, bias=False)],
    INDIRECT: [
        conv(16, padding=0), conv(16, stride=2), conv(16, 1, padding=0), conv(16, 1), conv(16, 2),
        conv(16, 5), conv(16, dilation=2), conv(16, padding=((1, 0), (1, 1))), conv(16, (1, 3)),
        conv(16, stride=(1, 2)), conv(16, 5, padding=2), conv(16, padding=((0, 0), (0, 2))),
        conv(16, padding="same", dilation=2), conv(15), conv(1), conv(40, groups=2),
        conv(80, groups=5), conv(80, groups=40), conv(80, 5, padding=2, groups=8),
    ],
    DEPTHWISE: [
        conv(80, groups=80), conv(80, 5, padding=2, groups=80), conv(80, stride=2, groups=80),
    ],
    "layer": [conv(20, groups=20), conv(40, groups=20)],
}  # fmt: skip


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_algorithm_of_a_convolution_follows_from_its_shape(algorithm):
    for layer in ALGORITHMS[algorithm]:
        steps = steps_of((80, 9, 8), Conv2D(**layer.config()))
        assert (algorithm, "Conv2D") in steps, layer
        assert len(steps) == (1 if algorithm == "layer" else 3)


def test_a_window_that_reaches_further_than_the_frame_gets_a_wider_one():
    """On its way in, or from the import; with it what is before the convolution anyway."""
    wide = {"padding": 2, "dilation": 2}
    layers = [conv(16, **wide), ReLU(), MaxPool2D(2), conv(16, **wide), conv(16, **wide)]
    model = Sequential(layers).build((3, 12, 8), np.random.default_rng(0))
    first, one, two, three, _ = model.plan.steps
    assert [type(layer).__name__ for layer in two.layers] == ["MaxPool2D", "Conv2D"]
    assert (first.frame.top, first.frame.left) == (2, 2)
    assert one.before is None
    assert two.before.frame == frame(6, 4, 16, ((2, 2), (2, 2)))
    assert three.before.frame == two.before.frame
    assert three.layers == (layers[-1],)


def test_few_channels_and_filters_are_too_few_for_vectors():
    assert steps_of((7, 8, 8), conv(7)) == [("layer", "Conv2D")]
    for C, F in ((8, 1), (1, 8)):
        assert (INDIRECT, "Conv2D") in steps_of((C, 8, 8), conv(F))


def test_fifteen_channels_are_too_few_for_winograd():
    assert (INDIRECT, "Conv2D") in steps_of((15, 8, 8), conv(16))


POOLS = [MaxPool2D(3), MaxPool2D(2, stride=1), MaxPool2D(2, padding=1), MaxPool2D((2, 1))]


@pytest.mark.parametrize("pool", POOLS, ids=repr)
def test_other_pools_are_layers(pool):
    steps = steps_of((16, 8, 8), conv(16), ReLU(), MaxPool2D(**pool.config()))
    assert steps[1:] == [(WINOGRAD, "Conv2D", "ReLU"), (OUT,), ("layer", "MaxPool2D")]


def test_relu_and_norm_between_arrays_are_layers():
    steps = steps_of((16, 8, 8), BatchNorm(), ReLU(), MaxPool2D(2), Flatten(), BatchNorm(), ReLU())
    assert {step[0] for step in steps} == {"layer"}
    assert len(steps) == 6


def test_a_layer_of_a_derived_class_computes_as_it_says():
    class Doubled(Dense):
        def forward(self, x, *, training=False):
            return 2 * super().forward(x, training=training)

    class Shifted(Conv2D):
        def forward(self, x, *, training=False):
            return 1 + super().forward(x, training=training)

    try:
        layers = [Shifted(16, 3, padding=1), ReLU(), Flatten(), Doubled(3)]
        model = Sequential(layers).build((16, 4, 4), np.random.default_rng(0))
        x, _ = batch(model, 2)
        assert [step.layers[0] for step in model.plan.steps] == model.layers
        assert np.array_equal(model.plan.predict(x), model.forward(x))
    finally:
        del LAYERS["Doubled"], LAYERS["Shifted"]


# -- where nothing is fused -----------------------------------------------------------------------


def same_bits(model, plan):
    """Training twice and evaluating once, by the plan and by the layers of a twin."""
    x, dy = batch(model, 4)
    x, dy = x.astype(model.dtype), dy.astype(model.dtype)
    twin = Sequential.from_json(model.to_json())
    twin.set_state(model.state())
    twin.set_generator_states(model.generator_states())
    for training in (True, True, False):
        assert np.array_equal(
            plan.forward(x, training=training), twin.forward(x, training=training)
        )
        plan.backward(dy)
        twin.backward(dy)
        for mine, its in zip(plan.parameters, twin.plan.parameters, strict=True):
            assert mine.grad.any()
            assert np.array_equal(mine.grad, its.grad)
    assert model.generator_states() == twin.generator_states()
    assert all(np.array_equal(a, twin.state()[name]) for name, a in model.state().items())


@pytest.mark.parametrize("name", ["norm vgg", "post-activation", "other layers between"])
@pytest.mark.parametrize("why", ["float64", "not wanted", "the reference runs"])
def test_unfused_each_layer_is_a_step_and_the_bits_are_the_layers(name, why, monkeypatch):
    if why == "the reference runs":
        monkeypatch.setattr(scratchnet.plan, "implementation", lambda: "reference")
    model = built(name, np.float64 if why == "float64" else np.float32)
    plan = Plan(model.layers, fuse=False) if why == "not wanted" else model.plan
    assert all(isinstance(step, LayerStep) for step in plan.steps)
    assert [step.layers for step in plan.steps] == [(layer,) for layer in model.layers]
    same_bits(model, plan)


ON_REFERENCE = """
from scratchnet.ops import implementation
from tests.plan.networks import built
from tests.plan.test_fusion import same_bits
assert implementation() == "reference"
model = built("norm vgg")
assert {step.algorithm for step in model.plan.steps} == {"layer"}
same_bits(model, model.plan)
print("the same")
"""


def test_on_the_reference_each_layer_is_a_step(monkeypatch):
    monkeypatch.setenv("SCRATCHNET_KERNELS", "reference")
    command, root = [sys.executable, "-c", ON_REFERENCE], Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("the same", "")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_is_in_one_step(name):
    model = built(name)
    layers = [layer for step in model.plan.steps for layer in step.layers]
    assert layers == model.layers
