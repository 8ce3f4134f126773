"""Every algorithm for a convolution, shape by shape: how fast, and how exact.

    python examples/benchmarks/conv.py
    python examples/benchmarks/conv.py --batch 128 --threads 1 --figure conv.png --csv conv.csv

    Winograd        Winograd's algorithm on maps, as the plan runs it
    indirect        the indirect convolution on maps, likewise; channels filled up to sixteen
    depthwise       every channel by itself, on maps, likewise
    implicit GEMM   on images (N, C, H, W), for every shape
    torch           as it comes, and with channels last, if it is installed

Forward is y with its bias; backward is dx, dW and db. GFLOP/s count the arithmetic of the
definition, 2·N·OH·OW·F·C/groups·KH·KW forward and twice that backward: so an algorithm that gets
along with less, as Winograd's does, may well exceed what the machine can add and multiply. The
error is the largest of y, dx and dW, relative to the largest number of each, from the reference in
float64, for two images.

Shapes: the report's network, then what is less usual. Competitors take turns, and rounds in which
other processes worked are dropped (`measuring`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from measuring import interleaved
from reporting import Table, add_options, check_options

from scratchnet.kernels import implicit_gemm, indirect_conv
from scratchnet.layers import Conv2D
from scratchnet.layers.base import Array
from scratchnet.plan.convolution_step import Convolution
from scratchnet.plan.fusion import maps_step
from scratchnet.plan.image_steps import Export, Import
from scratchnet.plan.store import Store
from scratchnet.reference.conv2d import conv2d_backward, conv2d_forward

ALGORITHMS = ("Winograd", "indirect", "depthwise", "implicit GEMM", "torch", "torch channels_last")
LONG_ENOUGH = 0.06
"""Seconds of each call in a round, of which there are up to ten."""


class Shape(NamedTuple):
    """A convolution of images (N, C, size, size)."""

    C: int
    F: int
    size: int
    kernel: int = 3
    stride: int = 1
    padding: int = 1
    dilation: int = 1
    groups: int = 1

    def __str__(self) -> str:
        usual = Shape(self.C, self.F, self.size)
        odd = [
            f"{name} {value}"
            for name, value, expected in zip(self._fields[4:], self[4:], usual[4:], strict=True)
            if value != expected and name != "padding"
        ]
        kernel = f"{self.kernel}×{self.kernel}"
        return ", ".join([f"{self.C}→{self.F} {self.size}² {kernel}", *odd])

    def layer(self) -> Conv2D:
        """The layer, built, with a bias that is not zero."""
        rng = np.random.default_rng(0)
        conv = Conv2D(self.F, self.kernel, self.stride, self.padding, self.dilation, self.groups)
        conv.build((self.C, self.size, self.size), rng)
        conv.params["b"][...] = rng.standard_normal(self.F)
        return conv


SHAPES = (
    *(Shape(1, 32, 48), Shape(32, 32, 48), Shape(32, 64, 24), Shape(64, 64, 24)),
    *(Shape(64, 128, 12), Shape(128, 128, 12)),
    Shape(3, 32, 48),
    Shape(20, 24, 13),
    Shape(64, 128, 24, stride=2),
    Shape(64, 64, 24, kernel=1, padding=0),
    Shape(32, 32, 24, kernel=5, padding=2),
    Shape(64, 64, 24, dilation=2, padding=2),
    Shape(64, 64, 24, groups=4),
    Shape(3, 64, 48, kernel=7, stride=2, padding=3),
    Shape(64, 64, 24, groups=64),
    Shape(64, 64, 24, stride=2, groups=64),
    Shape(64, 64, 24, kernel=5, padding=2, groups=64),
)


class Contender(NamedTuple):
    """An algorithm at work on one convolution."""

    forward: Callable[[], Any]
    backward: Callable[[], Any]
    results: Callable[[], tuple[Array, Array, Array]]
    """y, dx, dW after one of each."""


# -- the algorithms -------------------------------------------------------------------------------


def on_maps(step: Convolution, x: Array, dy: Array) -> Contender:
    conv, store = step.conv, Store()
    enter = Import(conv, step.C, wants_dx=True)
    leave = Export(conv.built()[1])
    pixels = enter.forward(x, training=True, store=store)

    def forward() -> Any:
        step.release(store)
        step.prepare(backward=False)
        return step.forward(pixels, training=True, store=store)

    def gradients() -> Any:
        step.prepare(backward=True)
        dx = step.backward(upstream, store)
        step.finish()
        return dx

    def backward() -> None:
        store.give_back(gradients())

    leave.forward(forward(), training=True, store=store)
    upstream = leave.backward(dy, store)

    def results() -> tuple[Array, Array, Array]:
        y = leave.forward(forward(), training=True, store=store)
        dx = enter.backward(gradients(), store)
        assert dx is not None
        return y, dx, conv.grads["W"].copy()

    return Contender(forward, backward, results)


def by_implicit_gemm(conv: Conv2D, x: Array, dy: Array) -> Contender:
    W, b = conv.params["W"], conv.params["b"]
    how = conv.stride, conv.edges, conv.dilation, conv.groups

    def forward() -> Array:
        return implicit_gemm.forward(x, W, b, *how)

    def backward() -> tuple[Array, Array, Array]:
        return implicit_gemm.backward(dy, x, W, *how)

    return Contender(forward, backward, lambda: (forward(), *backward()[:2]))


def by_torch(conv: Conv2D, x: Array, dy: Array, *, channels_last: bool) -> Contender:
    import torch

    layout = torch.channels_last if channels_last else torch.contiguous_format
    inputs, upstream, W = (
        torch.from_numpy(array).contiguous(memory_format=layout)
        for array in (x, dy, conv.params["W"])
    )
    b = torch.from_numpy(conv.params["b"])
    padding = [before for before, _ in conv.edges]
    how = list(conv.stride), padding, list(conv.dilation)

    def forward() -> Any:
        with torch.inference_mode():
            return torch.nn.functional.conv2d(inputs, W, b, *how, conv.groups)

    def backward() -> Any:
        return torch.ops.aten.convolution_backward(
            upstream, inputs, W, [conv.filters], *how, False, [0, 0], conv.groups, [True] * 3
        )

    def results() -> tuple[Array, Array, Array]:
        dx, dW, _ = backward()
        return forward().numpy(), dx.numpy(), dW.numpy()

    return Contender(forward, backward, results)


def contenders(conv: Conv2D, x: Array, dy: Array) -> Iterator[tuple[str, Contender]]:
    """All that can do it, by name. Which of ours can, the plan knows."""
    step = maps_step([conv], Store(), wants_dx=True, on_maps=True)
    if isinstance(step, Convolution):
        yield step.algorithm.split()[0], on_maps(step, x, dy)
        if step.by_winograd:
            other = Convolution(
                None, conv, None, None, by=indirect_conv, wants_dx=True, channels=step.C
            )
            yield "indirect", on_maps(other, x, dy)
    yield "implicit GEMM", by_implicit_gemm(conv, x, dy)
    if find_spec("torch") is not None:
        yield "torch", by_torch(conv, x, dy, channels_last=False)
        yield "torch channels_last", by_torch(conv, x, dy, channels_last=True)


# -- measuring ------------------------------------------------------------------------------------


def relative_error(found: Array, exact: Array) -> float:
    """The largest difference, as a part of the largest number."""
    return float(np.abs(found - exact).max() / np.abs(exact).max())


def random_arrays(conv: Conv2D, N: int) -> tuple[Array, Array]:
    """x and dy for N images."""
    rng = np.random.default_rng(1)
    x_shape, y_shape = conv.built()
    return (
        rng.standard_normal((N, *x_shape), dtype=np.float32),
        rng.standard_normal((N, *y_shape), dtype=np.float32),
    )


def errors(conv: Conv2D, N: int = 2) -> dict[str, float]:
    """The largest relative error of y, dx and dW, by algorithm."""
    x, dy = random_arrays(conv, N)
    x64, dy64, W, b = (a.astype(np.float64) for a in (x, dy, *conv.params.values()))
    how = conv.stride, conv.edges, conv.dilation, conv.groups
    y = conv2d_forward(x64, W, b, *how)
    dx, dW, _ = conv2d_backward(dy64, x64, W, *how)
    return {
        name: max(map(relative_error, contender.results(), (y, dx, dW)))
        for name, contender in contenders(conv, x, dy)
    }


def measure(shape: Shape, options: argparse.Namespace, table: Table) -> None:
    conv = shape.layer()
    inexact = errors(conv)
    calls: dict[str, Callable[[], Any]] = {}
    for name, contender in contenders(conv, *random_arrays(conv, options.batch)):
        calls[f"{name} forward"], calls[f"{name} backward"] = contender.forward, contender.backward
    found = interleaved(calls, options.rounds, options.minutes, str(shape), LONG_ENOUGH)
    work = 2e-9 * options.batch * conv.macs()
    for name, error in inexact.items():
        forward, backward = (found.median(f"{name} {way}") for way in ("forward", "backward"))
        table.add(
            str(shape), name, 1e3 * forward, 1e3 * backward, work / forward, 2 * work / backward,
            error, str(found),
        )  # fmt: skip


# -- the figure -----------------------------------------------------------------------------------


def figure(rows: Sequence[tuple[Any, ...]], path: Path, batch: int) -> None:
    """A bar for each shape and algorithm: GFLOP/s forward and backward."""
    from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
    from scratchnet.visualize.palette import OKABE_ITO

    shapes = list(dict.fromkeys(row[0] for row in rows))[::-1]
    names = [name for name in ALGORITHMS if any(row[1] == name for row in rows)]
    drawing = blank_figure(10, 1.6 + 0.55 * len(shapes))
    panels = drawing.subplots(1, 2, sharey=True)
    height = 0.84 / len(names)
    for panel, column, title in zip(panels, (4, 5), ("forward", "backward"), strict=True):
        for i, name in enumerate(names):
            values = {row[0]: row[column] for row in rows if row[1] == name}
            places = [s + ((len(names) - 1) / 2 - i) * height for s in range(len(shapes))]
            widths = [values.get(shape, 0) for shape in shapes]
            panel.barh(
                places, widths, 0.9 * height, color=OKABE_ITO[ALGORITHMS.index(name)], label=name
            )
        panel.set_yticks(range(len(shapes)), shapes)
        panel.set(title=title, xlabel="GFLOP/s of the definition")
        panel.margins(y=0.01)
        tidy(panel, grid="x")
    handles, labels = panels[0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    headline(drawing, f"Convolutions of {batch} images, by shape and algorithm")
    save_figure(drawing, path)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Every algorithm for a convolution.")
    parser.add_argument("--batch", type=int, default=32, help="images (default 32)")
    parser.add_argument(
        "--shapes", nargs="+", type=int, metavar="I", help=f"only these of 0 … {len(SHAPES) - 1}"
    )
    add_options(parser, rounds=5, minutes=1)
    options = parser.parse_args(arguments)
    threads = check_options(parser, options)
    if options.batch < 1:
        parser.error(f"--batch expects at least 1, got {options.batch}")
    wanted = range(len(SHAPES)) if options.shapes is None else options.shapes
    if not set(wanted) <= set(range(len(SHAPES))):
        parser.error(f"--shapes expects numbers of 0 … {len(SHAPES) - 1}, got {options.shapes}")
    if find_spec("torch") is None:
        print('torch is not installed, and left out: pip install -e ".[bench]"')
    else:
        import torch

        torch.set_num_threads(threads)
    print(f"{options.batch} images, {threads} threads, medians of quiet rounds")
    table = Table(
        shape="26", algorithm="19", forward_ms=">10.2f", backward_ms=">11.2f",
        forward_GFLOPs=">14.1f", backward_GFLOPs=">15.1f", error=">8.1e", rounds="",
    )  # fmt: skip
    for i in wanted:
        measure(SHAPES[i], options, table)
    if options.csv:
        table.write_csv(options.csv)
    if options.figure:
        figure(table.rows, options.figure, options.batch)


if __name__ == "__main__":
    main()
