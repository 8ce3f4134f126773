"""`python -m scratchnet warmup`: afterwards, training compiles nothing more."""

import subprocess
import sys

PROGRAM = """
import sys
import numpy as np
from scratchnet import warmup
from scratchnet.fer.networks import make_network
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import AdamW

def compiled():
    return {
        f"{name}.{key}": len(value.signatures)
        for name, module in list(sys.modules.items()) if name.startswith("scratchnet.kernels.")
        for key, value in vars(module).items() if hasattr(value, "signatures")
    }

for _, run in warmup.tasks():
    run()
before = compiled()
assert len(before) > 50, before
for network in ("seven", "residual"):
    model = make_network(network, 7).build((1, 48, 48), np.random.default_rng(0))
    loss, x = SoftmaxCrossEntropy(), np.zeros((2, 1, 48, 48), np.float32)
    loss.forward(model.plan.forward(x, training=True), np.zeros(2, np.int64))
    model.plan.backward(loss.backward())
    AdamW().step(model.plan.parameters)
    model.predict(x)
after = compiled()
print(sorted(name for name in after if after[name] != before.get(name)))
"""


def test_training_the_reports_networks_compiles_nothing_more():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_command_names_what_it_compiles():
    command = [sys.executable, "-m", "scratchnet", "warmup"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *groups, last = done.stdout.splitlines()
    assert all(" … " in line and line.endswith(" s") for line in groups)
    assert len(groups) == 5
    assert last.startswith("All kernels are compiled: ")


def test_a_wrong_command_is_refused():
    command = [sys.executable, "-m", "scratchnet", "warm"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "invalid choice: 'warm'" in done.stderr
