"""Where each step of a training step stands to what the machine can do.

    python examples/benchmarks/roofline.py --figure roofline.png
    python examples/benchmarks/roofline.py --network batch_norm --batch 64 --csv roofline.csv

    limit of a step    = max(arithmetic / peak, bytes / bandwidth)         seconds at least
    share              = limit / measured                                  1 is perfect
    lost               = measured − limit

The machine's limits (`machine_limits`) are measured before and after a training step, which is
measured part by part; what a part has to do at least, `step_work` counts. A small batch lies in the
cache, where memory's bandwidth is no limit: there a share may exceed 1.

Source: Williams, Waterman and Patterson, "Roofline: an insightful visual performance model", 2009.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any

from machine_limits import Limits, Work, machine_limits
from measuring import Rounds, measured
from reporting import Table, add_options, check_options
from roofline_figure import Roof, draw
from step_work import all_steps, work
from training_step import NETWORKS, RATE, built, random_batch

from scratchnet.layers.base import Array, leaves
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import AdamW
from scratchnet.plan.chain import Chain, Step
from scratchnet.plan.fusion import fused
from scratchnet.plan.parameters import flatten_parameters

# -- measuring ------------------------------------------------------------------------------------


class Stopwatch:
    """Seconds by what was done; what is inside of something else counts there only."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inside = 0.0

    def time(self, name: str, call: Callable[[], Any]) -> Any:
        before, self._inside = self._inside, 0.0
        start = time.perf_counter()
        result = call()
        elapsed = time.perf_counter() - start
        self.seconds[name] = self.seconds.get(name, 0.0) + elapsed - self._inside
        self._inside = before + elapsed
        return result


def title(step: Step) -> str:
    """The layers of a step, and what they make of which shape; else how it runs."""
    if not step.layers or hasattr(step, "steps"):
        return step.algorithm
    shapes = [step.layers[0].built()[0], step.layers[-1].built()[1]]
    names = " ".join(type(layer).__name__.removesuffix("2D") for layer in step.layers)
    channels = "→".join(str(shape[0]) for shape in shapes)
    size = f" {shapes[0][1]}²" if len(shapes[0]) == 3 else ""
    return f"{names} {channels}{size}"


def take_times(chain: Chain, watch: Stopwatch) -> dict[str, Step]:
    """Make every step tell the stopwatch how long it takes, those inside of others too.

    Returns them by name.
    """
    steps = {f"{i} {title(step)}": step for i, step in enumerate(all_steps(chain.steps), 1)}
    for name, step in steps.items():

        def timed(method: Callable[..., Any], name: str) -> Callable[..., Any]:
            return lambda *xs, **options: watch.time(name, lambda: method(*xs, **options))

        def timed_prepare(method: Callable[..., Any], name: str) -> Callable[..., Any]:
            def prepare(*, backward: bool) -> None:
                way = "backward" if backward else "forward"
                watch.time(f"{name} {way}", lambda: method(backward=backward))

            return prepare

        instance: Any = step
        instance.forward = timed(step.forward, f"{name} forward")
        instance.backward = timed(step.backward, f"{name} backward")
        instance.prepare = timed_prepare(step.prepare, name)
        instance.finish = timed(step.finish, f"{name} backward")
    return steps


def training_times(
    network: str, N: int, rounds: int, minutes: float
) -> tuple[Rounds, dict[str, tuple[str, Work]]]:
    """The seconds of each part of a training step, and each part's algorithm and work."""
    layers = built(network)
    named = [leaf for i, layer in enumerate(layers) for leaf in leaves(layer, str(i))]
    parameters = flatten_parameters(named)
    chain, watch = fused(layers), Stopwatch()
    steps = take_times(chain, watch)
    loss, optimizer = SoftmaxCrossEntropy(), AdamW(RATE)
    x, labels = random_batch(N)

    def losses(scores: Array) -> Array:
        loss.forward(scores, labels)
        return loss.backward()

    def train() -> None:
        scores = chain.forward(x, training=True)
        chain.backward(watch.time("loss", lambda: losses(scores)))
        watch.time("AdamW", lambda: optimizer.step(parameters))

    def measure(_: int) -> dict[str, float]:
        watch.seconds.clear()
        watch.time("between the steps", train)
        return dict(watch.seconds)

    measure(0)
    measure(0)
    found = measured(measure, rounds, minutes, "training steps")
    parts = {"AdamW": ("one pass", _adam_work(parameters))}
    for name, step in steps.items():
        for way, done in zip(("forward", "backward"), work(step, N), strict=True):
            parts[f"{name} {way}"] = step.algorithm.split(":")[0], done
    return found, parts


def _adam_work(parameters: Sequence[Any]) -> Work:
    """Reads w, dw, m and v, writes w, m and v; a dozen operations for each parameter."""
    size = sum(parameter.value.size for parameter in parameters)
    return Work(12 * size, 28 * size)


# -- the command line -----------------------------------------------------------------------------


def report(found: Rounds, parts: dict[str, tuple[str, Work]], limits: Limits) -> Table:
    total = sum(found.median(name) for name in found.names)
    table = Table(
        part="45", algorithm="20", ms=">8.2f", of_step=">7.1%", GFLOPs=">7.1f", GBs=">6.1f",
        FLOP_per_byte=">13.1f", limit_ms=">8.2f", share=">6.0%", lost_ms=">7.2f",
    )  # fmt: skip
    for name in found.names:
        seconds = found.median(name)
        algorithm, done = parts.get(name, ("", Work(0, 0)))
        row: list[Any] = [name, algorithm, 1e3 * seconds, seconds / total]
        if done.bytes:
            limit = limits.seconds(done)
            row += [done.operations / seconds / 1e9, done.bytes / seconds / 1e9, done.intensity]
            row += [1e3 * limit, limit / seconds, 1e3 * (seconds - limit)]
        else:
            row += [None] * 6
        table.add(*row)
    return table


def summary(table: Table) -> str:
    """The whole step, and what is furthest from its limit."""
    total = sum(row[2] for row in table.rows)
    limit = sum(row[7] or 0 for row in table.rows)
    lost = sorted((row for row in table.rows if row[9]), key=lambda row: -row[9])
    worst = "; ".join(f"{row[0]}: {row[9]:.1f} ms" for row in lost[:5])
    return (
        f"the step: {total:.1f} ms, its limit {limit:.1f} ms ({limit / total:.0%})\nlost: {worst}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Where each step stands to the machine's limit.")
    parser.add_argument("--network", choices=NETWORKS, default="seven", help="default: seven")
    parser.add_argument("--batch", type=int, default=128, help="default: 128")
    parser.add_argument(
        "--megabytes", type=int, default=64, help="of an array for the bandwidth (default 64)"
    )
    add_options(parser, rounds=9, minutes=2)
    options = parser.parse_args(arguments)
    threads = check_options(parser, options)
    for name in ("batch", "megabytes"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} expects at least 1, got {getattr(options, name)}")

    before = machine_limits(threads, 10 * options.rounds, options.megabytes)
    found, parts = training_times(options.network, options.batch, options.rounds, options.minutes)
    limits = before.or_better(machine_limits(threads, 10 * options.rounds, options.megabytes))
    print(f"peak: {limits.one_thread / 1e9:.1f} GFLOP/s on one thread, ", end="")
    print(f"{limits.peak / 1e9:.1f} on all {threads}")
    if limits.peak < 0.8 * threads * limits.one_thread:
        print("  less than threads × one thread: others are at work, or threads share a core")
    rates = ", ".join(f"{name} {rate / 1e9:.1f}" for name, rate in limits.passes.items())
    print(f"memory, GB/s: {rates}")
    print(f"{options.network}, batch {options.batch}, {threads} threads; rounds: {found}")
    table = report(found, parts, limits)
    print(summary(table))
    if options.csv:
        table.write_csv(options.csv)
    if options.figure:
        roof = Roof(limits.peak, limits.one_thread, limits.bandwidth, threads)
        draw(roof, table.rows, options.figure, f"{options.network}, batch {options.batch}")


if __name__ == "__main__":
    main()
