"""One training step of the report's seven-convolution network, beside PyTorch's, in one run.

    pip install -e ".[bench]" && python examples/benchmarks/training_step.py --batch 128

Forward, backward and AdamW on random faces (N, 1, 48, 48), dropout included, float32, the same
number of threads. The three take turns, so that a machine that gets slower gets slower for all;
quoted are the medians and the median of the ratios, turn by turn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from scratchnet.fer.networks import make_network
from scratchnet.kernels.parallel import thread_count
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import AdamW

CLASSES = 6


def our_step(x: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    model = make_network("seven", CLASSES).build(x.shape[1:], np.random.default_rng(0))
    loss, optimizer = SoftmaxCrossEntropy(), AdamW(1e-4)

    def step() -> None:
        loss.forward(model.plan.forward(x, training=True), y)
        model.plan.backward(loss.backward())
        optimizer.step(model.plan.parameters)

    return step


def torch_step(x: np.ndarray, y: np.ndarray, layout: torch.memory_format) -> Callable[[], None]:
    layers: list[nn.Module] = []
    channels = 1
    for item in (32, 32, 0, 64, 64, 0, 128, 128, 128, 0):
        if item == 0:
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(channels, item, 3, padding=1), nn.ReLU()]
        channels = item
    layers += [nn.Flatten(), nn.Linear(4608, 1024), nn.ReLU(), nn.Dropout(0.5)]
    layers += [nn.Linear(1024, 512), nn.ReLU(), nn.Dropout(0.5), nn.Linear(512, CLASSES)]
    model = nn.Sequential(*layers).to(memory_format=layout)
    inputs, target = torch.from_numpy(x).to(memory_format=layout), torch.from_numpy(y)
    loss, optimizer = nn.CrossEntropyLoss(), torch.optim.AdamW(model.parameters(), 1e-4, fused=True)

    def step() -> None:
        optimizer.zero_grad()
        loss(model(inputs), target).backward()
        optimizer.step()

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description="A training step beside PyTorch's.")
    parser.add_argument("--batch", type=int, default=128, help="default: 128")
    parser.add_argument("--turns", type=int, default=9, help="default: 9")
    options = parser.parse_args()

    torch.set_num_threads(thread_count())
    rng = np.random.default_rng(0)
    x = rng.standard_normal((options.batch, 1, 48, 48), dtype=np.float32)
    y = rng.integers(0, CLASSES, options.batch)
    steps = {
        "scratchnet": our_step(x, y),
        "torch": torch_step(x, y, torch.contiguous_format),
        "torch, channels last": torch_step(x, y, torch.channels_last),
    }
    for step in steps.values():  # compile, allocate
        step()
        step()
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(options.turns):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - start)
    ours = np.array(seconds["scratchnet"])
    print(f"batch {options.batch}, {thread_count()} threads, torch {torch.__version__}")
    for name, times in seconds.items():
        ratio = np.median(np.array(times) / ours)
        print(f"{name:22} {1e3 * np.median(times):7.0f} ms a step   {ratio:5.2f} × scratchnet's")


if __name__ == "__main__":
    main()
