"""The switch between references and kernels."""

import inspect
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import scratchnet
from scratchnet import ops


@pytest.mark.parametrize("name", ops.OPERATIONS)
def test_both_packages_offer_the_operation_with_the_same_arguments(name):
    plain, fast = (
        getattr(import_module(f"scratchnet.{package}.{ops.OPERATIONS[name]}"), name)
        for package in ("reference", "kernels")
    )
    assert list(inspect.signature(plain).parameters) == list(inspect.signature(fast).parameters)


@pytest.mark.parametrize(
    "wanted, package", [(None, "kernels"), ("fast", "kernels"), ("reference", "reference")]
)
def test_the_environment_chooses_the_package(wanted, package, monkeypatch):
    monkeypatch.delenv("SCRATCHNET_KERNELS", raising=False)
    if wanted is not None:
        monkeypatch.setenv("SCRATCHNET_KERNELS", wanted)
    assert ops.implementation.__wrapped__() == package


def test_another_word_is_refused(monkeypatch):
    monkeypatch.setenv("SCRATCHNET_KERNELS", "slow")
    with pytest.raises(ValueError, match="expects 'fast' or 'reference', got 'slow'"):
        ops.implementation.__wrapped__()


def test_an_operation_stays_what_it_was_found_to_be():
    assert ops.relu_forward is ops.relu_forward
    assert ops.relu_forward.__module__ == f"scratchnet.{ops.implementation()}.relu"


def test_an_unknown_operation_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no operation 'conv3d_forward'"):
        _ = ops.conv3d_forward


def test_a_training_step_on_the_references_never_imports_numba():
    program = (
        "import sys, numpy as np\n"
        "from scratchnet import Sequential\n"
        "from scratchnet.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU\n"
        "layers = [Conv2D(2, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(2)]\n"
        "rng = np.random.default_rng(0)\n"
        "model = Sequential(layers).build((1, 6, 6), rng)\n"
        "model.fit(rng.random((4, 1, 6, 6)), np.arange(4) % 2, rng=rng, epochs=1)\n"
        "print('numba' in sys.modules)\n"
    )
    root = str(Path(scratchnet.__file__).parents[1])
    environment = os.environ | {"SCRATCHNET_KERNELS": "reference", "PYTHONPATH": root}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
