"""Kernels compiled beforehand: the right ones, all of them, and nothing is computed meanwhile."""

import json
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

from scratchnet import warmup
from scratchnet.commands.training import training_steps
from scratchnet.fer.augment import AUGMENTATIONS
from scratchnet.fer.networks import make_network
from scratchnet.fer.recipe import Recipe
from scratchnet.fer.train import optimizer_of
from scratchnet.kernels import matmul as kernel
from scratchnet.kernels.parallel import noting
from scratchnet.layers import BatchNorm, Conv2D, Dense, Flatten
from scratchnet.ops import implementation
from scratchnet.optimizers import Adam, AdamW

pytestmark = pytest.mark.skipif(implementation() != "kernels", reason="nothing to compile")

USUAL = """
import sys
import numpy as np
from scratchnet import warmup
from scratchnet.fer.networks import make_network
from scratchnet.optimizers import AdamW

def compiled():
    return {
        f"{name}.{key}": len(value.signatures)
        for name, module in list(sys.modules.items()) if name.startswith("scratchnet.kernels.")
        for key, value in vars(module).items() if hasattr(value, "signatures")
    }

if __name__ == "__main__":
    for step in warmup.usual_steps():
        step()
    before = compiled()
    assert len(before) > 50, before
    for network in ("seven", "residual"):
        model = make_network(network, 7).build((1, 48, 48), np.random.default_rng(0))
        y = model.plan.forward(np.zeros((2, 1, 48, 48), np.float32), training=True)
        model.plan.backward(y)
        AdamW().step(model.plan.parameters)
        model.predict(np.zeros((2, 1, 48, 48), np.float32))
    after = compiled()
    print(sorted(name for name in after if after[name] != before.get(name)))
"""

BEFOREHAND = """
import json
import sys
import numpy as np
from scratchnet import warmup
from scratchnet.kernels import parallel
from scratchnet.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from scratchnet.optimizers import SGD
from scratchnet.sequential import Sequential

def layers():
    return [Conv2D(16, 3, padding=1), ReLU(), MaxPool2D(2), Flatten(), Dense(2)]

if __name__ == "__main__":
    step = warmup.training_step(layers(), (1, 8, 8), SGD(0.1))
    calls = warmup.missing(step)
    names = list(warmup.compiled(calls))
    left = len(warmup.missing(step))
    model = Sequential(layers()).build((1, 8, 8), np.random.default_rng(0))
    y = model.plan.forward(np.ones((32, 1, 8, 8), np.float32), training=True)
    model.plan.backward(y)
    SGD(0.1).step(model.plan.parameters)
    model.predict(np.ones((32, 1, 8, 8), np.float32))
    misses = {
        f"{name}.{key}": sum(value.stats.cache_misses.values())
        for name, module in list(sys.modules.items()) if name.startswith("scratchnet.kernels.")
        for key, value in vars(module).items() if hasattr(value, "stats")
    }
    print(json.dumps({"names": names, "left": left, "misses": sum(misses.values())}))
"""


def run(program, tmp_path, **environment):
    """What a program prints that is a file: processes import it again."""
    file = tmp_path / "program.py"
    file.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, file],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment},
    )
    assert done.stderr == ""
    return done.stdout


def test_training_the_reports_networks_calls_no_kernel_that_the_usual_steps_do_not(tmp_path):
    assert run(USUAL, tmp_path) == "[]\n"


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_step_compiles_nothing_any_more(tmp_path, threads):
    """From an empty cache, in this process or in two others."""
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "SCRATCHNET_THREADS": threads}
    told = json.loads(run(BEFOREHAND, tmp_path, **cache))
    assert len(told["names"]) > 5 and told["left"] == 0
    if threads == "2":
        assert told["misses"] == 0


@pytest.mark.parametrize("error", [OSError("no semaphores"), BrokenProcessPool("a worker died")])
def test_without_processes_the_first_call_compiles(monkeypatch, error):
    def none(*_):
        raise error

    monkeypatch.setattr(warmup, "ProcessPoolExecutor", none)
    monkeypatch.setenv("SCRATCHNET_THREADS", "2")
    calls = [(kernel._pack_a, ()), (kernel._product, ())]
    assert list(warmup.compiled(calls)) == []


@pytest.mark.parametrize("network", ["seven", "wide"])
def test_a_training_calls_nothing_but_what_was_noted(network, monkeypatch):
    """The steps that the commands compile for, against a training on a few faces."""
    recipe = Recipe(network=network, epochs=2, batch_size=8)
    model = make_network(network, 3).build((1, 48, 48), np.random.default_rng(0))
    with noting() as beforehand:
        for step in training_steps(model, recipe):
            step()
    x = np.zeros((32, 1, 48, 48), np.float32)
    with noting() as called:
        for parts in (x[:8], x):
            AUGMENTATIONS[recipe.augment](parts, np.random.default_rng(0))
            out = model.plan.forward(parts, training=True)
            model.plan.backward(out)
            optimizer_of(recipe, 10).step(model.plan.parameters)
            model.scores(parts)
    assert called.keys() <= beforehand.keys()
    assert len(called) > 8


def test_inside_of_noting_no_kernel_runs():
    a, out = np.ones((2, 2), np.float32), np.full((2, 2), 7, np.float32)
    with noting() as notes:
        kernel.matmul(a, a, out)
        kernel.matmul(a, a, out)
    assert (out == 7).all()
    assert [function.py_func.__name__ for function, _ in notes] == ["_pack_a", "_product"]
    kernel.matmul(a, a, out)
    assert (out == 2).all()


def test_an_exception_ends_the_noting():
    a = np.ones((2, 2), np.float32)
    with pytest.raises(KeyError), noting():
        raise KeyError
    assert (kernel.matmul(a, a) == 2).all()


def test_the_network_and_the_optimizer_stay_as_they_are():
    layers = [Conv2D(16, 3, padding=1, bias=False), BatchNorm(), Flatten(), Dense(2)]
    model = warmup.Sequential(layers).build((1, 8, 8), np.random.default_rng(0))
    before = {name: value.copy() for name, value in model.state().items()}
    optimizer = Adam()
    warmup.missing(warmup.training_step(model.layers, (1, 8, 8), optimizer))
    for name, value in model.state().items():
        np.testing.assert_array_equal(value, before[name])
    assert optimizer.iterations == 0


def test_every_network_can_be_noted():
    for network in ("simple", "seven", "nine", "vgg", "nine-norm", "residual", "wide"):
        layers = make_network(network, 7).layers
        with noting() as notes:
            warmup.training_step(layers, (1, 48, 48), AdamW())()
        assert len(notes) > 8, network


def test_the_command_says_how_many():
    command = [sys.executable, "-m", "scratchnet", "warmup"]
    subprocess.run(command, check=True, capture_output=True)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    kernels, detection = done.stdout.splitlines()
    assert kernels.startswith("0 of 0 missing kernels compiled in ")
    assert detection.startswith("the detection of faces is ready, too: ")


def test_a_wrong_command_is_refused():
    command = [sys.executable, "-m", "scratchnet", "warm"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "invalid choice: 'warm'" in done.stderr
