"""What each step from plain layers to the plan gave: a training step, with one of them more a row.

    pip install -e ".[examples]"
    python examples/benchmarks/further_steps.py --network residual batch_norm --batch 64

    NumPy                 the definitions of `scratchnet.reference`, layer by layer
    kernels               compiled, in vectors, on threads; convolutions as matrix products
    Winograd              his algorithm where it fits
    maps                  one layout from the first layer to the last; each layer still by itself
    one pass              norm, ReLU and pool in one pass, or behind a convolution in none
    way in                norm, ReLU and pool on a convolution's way in, an image at a time
    way out               sums and moments on its way out: the plan as it is

It takes the plan of `scratchnet.plan.fusion` apart again, one decision at a time; rows that leave a
network as it is are left out. The rows take turns, and rounds in which other processes worked are
dropped (`measuring`). `gain` is the median of (the row above / this row) of each round, `in all`
of (the first row / this row).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from measuring import interleaved
from reporting import Table, add_options, check_options
from step_work import all_steps
from training_step import NETWORKS, RATE, built, random_batch

from scratchnet import ops
from scratchnet.kernels import winograd
from scratchnet.layers import BatchNorm, MaxPool2D, ReLU
from scratchnet.layers.base import Layer, leaves
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import AdamW
from scratchnet.plan.activation import Activation
from scratchnet.plan.chain import Chain, LayerStep, Step
from scratchnet.plan.convolution_step import Convolution
from scratchnet.plan.fusion import fused
from scratchnet.plan.parameters import flatten_parameters
from scratchnet.plan.pointwise_step import Pointwise
from scratchnet.plan.stretch import Stretch
from scratchnet.plan.sum_step import Sum

# -- the plan, taken apart ------------------------------------------------------------------------


class Fusion(NamedTuple):
    """Which of the plan's decisions hold."""

    one_pass: bool = False
    way_in: bool = False
    way_out: bool = False


def apart(chain: Chain, fusion: Fusion) -> Chain:
    """The steps of a plan with only these decisions."""
    steps = [piece for step in chain.steps for piece in pieces(step, fusion)]
    loose = Chain(steps, chain.store)
    if not fusion.way_out:
        for step in steps:
            step.measures = False
    return loose


def pieces(step: Step, fusion: Fusion) -> list[Step]:
    """The steps that a step of the plan becomes."""
    match step:
        case Stretch():
            step.steps = [piece for inner in step.steps for piece in pieces(inner, fusion)]
        case Sum():
            step.body = apart(step.body, fusion)
            step.shortcut = step.shortcut and apart(step.shortcut, fusion)
        case Pointwise():
            return activations(step.layers, fusion)
        case Convolution():
            return _convolution(step, fusion)
    return [step]


def _convolution(step: Convolution, fusion: Fusion) -> list[Step]:
    at = step.layers.index(step.conv)
    before, behind = step.layers[:at], step.layers[at + 1 :]
    relu, pool = of_kind(behind, ReLU), of_kind(behind, MaxPool2D)
    bare = Convolution(
        step.before if fusion.way_in else None,
        step.conv,
        relu if fusion.one_pass else None,
        pool if fusion.one_pass else None,
        by=step.by,
        wants_dx=step.wants_dx,
        channels=step.C,
    )
    if not fusion.way_out:
        bare.adds_to_y = bare.adds_to_dx = False
    first = [] if fusion.way_in else activations(before, fusion)
    last = [] if fusion.one_pass else activations(behind, fusion)
    return [*first, bare, *last]


def activations(layers: Sequence[Layer], fusion: Fusion) -> list[Step]:
    """Norm, ReLU and pool as one step, or as one each."""
    groups = [layers] if fusion.one_pass and layers else [[layer] for layer in layers]
    steps: list[Step] = []
    for group in groups:
        norm, relu, pool = (of_kind(group, kind) for kind in (BatchNorm, ReLU, MaxPool2D))
        step = Pointwise(Activation(norm, relu, pool, group[0].built()[0]))
        step.adds_to_dx = fusion.way_out
        steps.append(step)
    return steps


def of_kind(layers: Sequence[Layer], kind: type[Layer]) -> Any:
    """The layer of this class among them, or None."""
    return next((layer for layer in layers if type(layer) is kind), None)


# -- the rows -------------------------------------------------------------------------------------


def on_reference() -> AbstractContextManager[Any]:
    """Layers call the definitions, as with SCRATCHNET_KERNELS=reference."""
    used = ("conv2d", "max_pool", "avg_pool", "dense", "batch_norm", "relu", "optimizers")
    definitions = {
        name: getattr(import_module(f"scratchnet.reference.{module}"), name)
        for name, module in ops.OPERATIONS.items()
        if module in used
    }
    return mock.patch.multiple(ops, create=True, **definitions)


def without_winograd() -> AbstractContextManager[Any]:
    """Every convolution takes the road of those that Winograd's algorithm does not fit."""
    return mock.patch.object(winograd, "fits", return_value=False)


class Row(NamedTuple):
    """How a network runs, if `fusion` is None layer by layer."""

    name: str
    fusion: Fusion | None = None
    under: Callable[[], AbstractContextManager[Any]] = nullcontext


ROWS = (
    Row("NumPy", under=on_reference),
    Row("kernels", under=without_winograd),
    Row("Winograd"),
    Row("maps", Fusion()),
    Row("one pass", Fusion(one_pass=True)),
    Row("way in", Fusion(one_pass=True, way_in=True)),
    Row("way out", Fusion(one_pass=True, way_in=True, way_out=True)),
)


def chain_of(layers: Sequence[Layer], fusion: Fusion | None) -> Chain:
    """Built layers as steps."""
    if fusion is None:
        return Chain([LayerStep(layer) for layer in layers])
    return apart(fused(layers), fusion)


def signature(layers: Sequence[Layer], row: Row) -> Any:
    """Two rows of one signature do the same."""
    if row.fusion is None:
        return row.name
    return [
        (type(step), len(step.layers), step.adds_to_y, step.adds_to_dx, step.measures)
        for step in all_steps(chain_of(layers, row.fusion).steps)
    ]


def rows_of(network: str) -> Iterator[Row]:
    """The rows that change something about this network."""
    yield ROWS[0]
    for above, row in pairwise(ROWS):
        if signature(built(network), above) != signature(built(network), row):
            yield row


def training_step(network: str, N: int, row: Row) -> Callable[[], None]:
    """A step as `training_step.py` takes it."""
    layers, (x, y) = built(network), random_batch(N)
    parameters = flatten_parameters(
        [leaf for i, layer in enumerate(layers) for leaf in leaves(layer, str(i))]
    )
    chain, loss, optimizer = chain_of(layers, row.fusion), SoftmaxCrossEntropy(), AdamW(RATE)

    def step() -> None:
        with row.under():
            loss.forward(chain.forward(x, training=True), y)
            chain.backward(loss.backward())
            optimizer.step(parameters)

    return step


# -- the figure -----------------------------------------------------------------------------------


def figure(rows: Sequence[tuple[Any, ...]], path: Path) -> None:
    """For each network and batch, a bar a row: the milliseconds, on a scale of powers of ten."""
    from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
    from scratchnet.visualize.palette import OKABE_ITO

    panels_of = list(dict.fromkeys(row[:2] for row in rows))
    drawing = blank_figure(max(6.0, 4.2 * len(panels_of)), 3.6)
    panels = drawing.subplots(1, len(panels_of), squeeze=False)[0]
    for panel, (network, N) in zip(panels, panels_of, strict=True):
        names, times = zip(*(row[2:4] for row in rows if row[:2] == (network, N)), strict=True)
        bars = panel.barh(names, times, 0.7, color=OKABE_ITO[0])
        panel.bar_label(bars, fmt="{:.0f} ms", fontsize=8, padding=3)
        panel.invert_yaxis()
        panel.set(
            xscale="log", xlim=(min(times) / 4, max(times) * 6), title=f"{network}, {N} images"
        )
        tidy(panel, grid="x")
    headline(drawing, "A training step, with one step of the engine more a row")
    save_figure(drawing, path)


# -- the command line -----------------------------------------------------------------------------


def measure(network: str, N: int, options: argparse.Namespace, table: Table) -> None:
    rows = list(rows_of(network))
    calls = {row.name: training_step(network, N, row) for row in rows}
    found = interleaved(calls, options.rounds, options.minutes, f"{network}, batch {N}")
    names = list(calls)
    for above, name in zip([None, *names], names, strict=False):
        gain = found.ratio(above, name) if above else None
        in_all = found.ratio(names[0], name) if above else None
        table.add(network, N, name, 1e3 * found.median(name), gain, in_all, str(found))
    print(found.complaint(), end="")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="What each step of the engine gave.")
    parser.add_argument(
        "--network", nargs="+", choices=NETWORKS, default=["residual"], help="default: residual"
    )
    parser.add_argument("--batch", nargs="+", type=int, default=[64], help="default: 64")
    add_options(parser, rounds=5, minutes=3)
    options = parser.parse_args(arguments)
    threads = check_options(parser, options)
    if min(options.batch) < 1:
        parser.error(f"--batch expects at least 1, got {min(options.batch)}")
    print(f"A training step, {threads} threads; medians of quiet rounds")
    table = Table(
        network="10", batch=">5", row="9", ms=">9.2f", gain=">6.2f", in_all=">8.2f", rounds=""
    )
    for network in options.network:
        for N in options.batch:
            measure(network, N, options, table)
    if options.csv:
        table.write_csv(options.csv)
    if options.figure:
        figure(table.rows, options.figure)


if __name__ == "__main__":
    main()
