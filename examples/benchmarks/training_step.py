"""A training step, or inference, of three networks beside PyTorch's, in one run.

    pip install -e ".[bench,examples]"
    python examples/benchmarks/training_step.py --network seven batch_norm residual --batch 64 1024
    python examples/benchmarks/training_step.py --inference --figure inference.png --csv table.csv

A step is forward, softmax cross-entropy, backward and AdamW (torch's fused one) on a batch of
random images (N, 1, 48, 48) in float32, dropout included; inference is forward in evaluation. Both
sides have the same layers, begin with the same weights, and use the same number of threads. torch
runs as it comes, with channels last, and compiled, if it can compile here.

The competitors take turns, and rounds in which other processes worked are dropped (`measuring`).
`ratio` is how many times as long as ours a competitor takes. Peak memory is that of a process that
does nothing else, imports included, after a few steps.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from measuring import Rounds, interleaved, peak_megabytes, progress
from reporting import Table, add_options, check_options

from scratchnet.fer.networks import make_network
from scratchnet.layers import BatchNorm, Conv2D, Dense, GlobalAvgPool2D, MaxPool2D, ReLU
from scratchnet.layers.base import Array, Layer, Shape

if TYPE_CHECKING:
    import torch

CLASSES = 6
INPUT = (1, 48, 48)
RATE = 1e-4
LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
STEPS = 4
"""Before peak memory is read."""
OURS, BY_LAYERS = "scratchnet", "layer by layer"
TORCH = ("torch", "torch channels_last", "torch compiled")


def batch_norm_network() -> list[Layer]:
    """64 64 P 128 128 P 256 256 P, global average, dense; batch norm behind each convolution."""
    layers: list[Layer] = []
    for filters in (64, 128, 256):
        for _ in range(2):
            layers += [Conv2D(filters, 3, padding=1, bias=False), BatchNorm(), ReLU()]
        layers.append(MaxPool2D(2))
    return [*layers, GlobalAvgPool2D(), Dense(CLASSES)]


NETWORKS: dict[str, Callable[[], Sequence[Layer]]] = {
    "seven": lambda: make_network("seven", CLASSES).layers,
    "batch_norm": batch_norm_network,
    "residual": lambda: make_network("residual", CLASSES).layers,
}


def built(network: str) -> Sequence[Layer]:
    """The layers of a network, with parameters."""
    layers = NETWORKS[network]()
    rng = np.random.default_rng(0)
    shape: Shape = INPUT
    for layer in layers:
        shape = layer.build(shape, rng)
    return layers


def random_batch(N: int) -> tuple[Array, Array]:
    """Images (N, 1, 48, 48) and labels (N,)."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((N, *INPUT), dtype=np.float32), rng.integers(0, CLASSES, N)


# -- the competitors ------------------------------------------------------------------------------


def our_step(network: str, x: Array, y: Array, *, inference: bool, fuse: bool) -> Callable[[], Any]:
    from scratchnet.losses import SoftmaxCrossEntropy
    from scratchnet.optimizers import AdamW
    from scratchnet.plan import Plan

    plan = Plan(built(network), fuse=fuse)
    loss, optimizer = SoftmaxCrossEntropy(), AdamW(RATE)

    def step() -> None:
        loss.forward(plan.forward(x, training=True), y)
        plan.backward(loss.backward())
        optimizer.step(plan.parameters)

    return (lambda: plan.predict(x)) if inference else step


def torch_model(network: str) -> torch.nn.Module:
    """The network with the weights that ours begins with."""
    from torch_networks import mirrored

    return mirrored(built(network))


def torch_step(
    variant: str, network: str, x: Array, y: Array, *, inference: bool, threads: int
) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(threads)
    last = variant.endswith("channels_last")
    layout = torch.channels_last if last else torch.contiguous_format
    model = torch_model(network).to(memory_format=layout).train(not inference)
    inputs, target = torch.from_numpy(x).to(memory_format=layout), torch.from_numpy(y)
    loss = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), RATE, fused=True)
    run = model
    if variant.endswith("compiled"):
        torch._dynamo.reset()
        run = torch.compile(model)

    def step() -> None:
        optimizer.zero_grad()
        loss(run(inputs), target).backward()
        optimizer.step()

    def infer() -> None:
        with torch.inference_mode():
            run(inputs)

    return infer if inference else step


def competitor(
    name: str, network: str, N: int, *, inference: bool, threads: int
) -> Callable[[], Any]:
    """One step, or one inference, of this side."""
    x, y = random_batch(N)
    if name in (OURS, BY_LAYERS):
        return our_step(network, x, y, inference=inference, fuse=name == OURS)
    return torch_step(name, network, x, y, inference=inference, threads=threads)


def compiles(threads: int) -> str:
    """Why torch.compile does not work here; nothing if it does."""
    import torch

    torch.set_num_threads(threads)
    try:
        torch.compile(torch.nn.Conv2d(1, 4, 3))(torch.zeros(2, 1, 8, 8)).sum().backward()
    except Exception as error:  # whatever is missing: a compiler, a header, this Python's support
        return f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120]}"
    return ""


# -- measuring ------------------------------------------------------------------------------------


def memory_alone(name: str, network: str, N: int, *, inference: bool, threads: int) -> float | None:
    """Peak MB of a process that does nothing but a few steps.

    A process starts with its parent's peak on its record, so ask before this one grows.
    """
    command = [sys.executable, __file__, "--alone", name, "--network", network, "--batch", str(N)]
    command += ["--threads", str(threads), *(["--inference"] if inference else [])]
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"no memory of {name}, {network}, batch {N}: {reason}", file=sys.stderr)
        return None
    return float(done.stdout) if done.stdout.strip() else None


def compare(names: Sequence[str], network: str, N: int, options: argparse.Namespace) -> Rounds:
    calls = {
        name: competitor(name, network, N, inference=options.inference, threads=options.threads)
        for name in names
    }
    return interleaved(calls, options.rounds, options.minutes, f"{network}, batch {N}")


# -- the figure -----------------------------------------------------------------------------------


def figure(rows: list[tuple[Any, ...]], path: Path, what: str) -> None:
    """For each network and batch, a bar for each of torch's variants: its ratio to ours."""
    from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
    from scratchnet.visualize.palette import INK, OKABE_ITO

    networks = list(dict.fromkeys(row[0] for row in rows))
    variants = [name for name in TORCH if any(row[2] == name for row in rows)]
    drawing = blank_figure(max(6.0, 1.5 + 3.2 * len(networks)), 4.2)
    panels = drawing.subplots(1, len(networks), sharey=True, squeeze=False)[0]
    for panel, network in zip(panels, networks, strict=True):
        batches = list(dict.fromkeys(row[1] for row in rows if row[0] == network))
        width = 0.8 / len(variants)
        for v, variant in enumerate(variants):
            ratios = {row[1]: row[4] for row in rows if row[0] == network and row[2] == variant}
            places = [b + (v - (len(variants) - 1) / 2) * width for b in range(len(batches))]
            heights = [ratios.get(N, 0) for N in batches]
            bars = panel.bar(places, heights, 0.92 * width, color=OKABE_ITO[v], label=variant)
            panel.bar_label(bars, fmt="%.2f", fontsize=8, padding=1.5, bbox=LABEL)
        panel.axhline(1, color=INK, linewidth=1)
        panel.set_xticks(range(len(batches)), map(str, batches))
        panel.set(xlabel="batch", title=network)
        tidy(panel)
    panels[0].set_ylabel("torch's time / ours")
    handles, labels = panels[0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    headline(drawing, f"{what}: how many times as long torch takes")
    save_figure(drawing, path)


# -- the command line -----------------------------------------------------------------------------


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="A training step beside PyTorch's.")
    parser.add_argument(
        "--network", nargs="+", choices=NETWORKS, default=["seven"], help="default: seven"
    )
    parser.add_argument("--batch", nargs="+", type=int, default=[128], help="default: 128")
    parser.add_argument("--inference", action="store_true", help="instead of a training step")
    parser.add_argument(
        "--against",
        nargs="+",
        choices=[BY_LAYERS, *TORCH],
        default=TORCH,
        help=f"default: torch's three; {BY_LAYERS!r} is ours without the plan's fusion",
    )
    parser.add_argument(
        "--memory", action=argparse.BooleanOptionalAction, default=True, help="default: measured"
    )
    parser.add_argument("--alone", choices=[OURS, BY_LAYERS, *TORCH], help=argparse.SUPPRESS)
    add_options(parser, rounds=9, minutes=5)
    return parser


def alone(options: argparse.Namespace) -> None:
    """What `memory_alone` starts."""
    step = competitor(
        options.alone, options.network[0], options.batch[0],
        inference=options.inference, threads=options.threads,
    )  # fmt: skip
    for _ in range(STEPS):
        step()
    print("" if (peak := peak_megabytes()) is None else peak)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = make_parser()
    options = parser.parse_args(arguments)
    options.threads = check_options(parser, options)
    if min(options.batch) < 1:
        parser.error(f"--batch expects at least 1, got {min(options.batch)}")
    if options.alone:
        alone(options)
        return
    if find_spec("torch") is None:  # not imported yet: see memory_alone
        parser.exit(1, 'This compares with PyTorch: pip install -e ".[bench]"\n')
    names = [OURS, *options.against]
    pairs = [(network, N) for network in options.network for N in options.batch]
    memory: dict[tuple[str, str, int], float | None] = {}
    if options.memory:
        cases = [(name, network, N) for network, N in pairs for name in names]
        with progress(len(cases), "peak memory", "process") as bar:
            for case in cases:
                memory[case] = memory_alone(
                    *case, inference=options.inference, threads=options.threads
                )
                bar.update(1)
    import torch

    if TORCH[2] in names and (reason := compiles(options.threads)):
        print(f"torch.compile is left out, as it does not work here: {reason}")
        names.remove(TORCH[2])

    what = "Inference" if options.inference else "A training step"
    print(f"{what}, {options.threads} threads, torch {torch.__version__}; medians of quiet rounds")
    table = Table(
        network="10", batch=">5", competitor="19", ms=">9.2f", ratio=">6.2f", peak_MB=">7.0f",
        rounds="",
    )  # fmt: skip
    for network, N in pairs:
        found = compare(names, network, N, options)
        for name in found.names:
            table.add(
                network, N, name, 1e3 * found.median(name), found.ratio(name, OURS),
                memory.get((name, network, N)), str(found),
            )  # fmt: skip
        print(found.complaint(), end="")
    if options.csv:
        table.write_csv(options.csv)
    beside_torch = [row for row in table.rows if row[2] in TORCH]
    if options.figure and beside_torch:
        figure(beside_torch, options.figure, what)


if __name__ == "__main__":
    main()
