"""docs/winograd.md: its numbers, in fractions; its code, from `six_convolutions`; its pictures.

`python -m tests.docs.test_winograd_chapter` writes the numbers and the code into the chapter. The
two measured tables stay as they are: here it is only checked that they can be true.
"""

from __future__ import annotations

import importlib
import inspect
import re
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.figures import make_winograd
from examples.benchmarks import six_convolutions as six
from scratchnet.kernels import winograd
from scratchnet.layers import BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, ReLU, Residual
from scratchnet.layers.base import leaves
from scratchnet.plan.fusion import fused
from scratchnet.plan.store import Store
from scratchnet.reference import conv2d as reference
from tests.docs.by_hand import block, factor, grids, whole
from tests.docs.chapters import ROOT, Chapter, ChapterTests
from tests.kernels.test_winograd import A_T, B_T, G

CHAPTER = Chapter("winograd.md")
N, SIZE, C, F = 32, 24, 64, 64
"""The chapter's example."""
TILES = N * (SIZE // 4) ** 2
HALF = Fraction(1, 2)
TABLES = SIZE * SIZE, 9 * C
"""Corners and taps of the example."""
F6 = six.toom_cook([0, 1, -1, 2, -2, HALF, -HALF])
W = np.array([2, 1, 3])


def table(*rows):
    """A table of Markdown; the first row is its head."""
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


# -- the measured table ---------------------------------------------------------------------------


@CHAPTER.computed
def speedup():
    rows = make_winograd.measured_rows()
    return f"{rows[0].ms / rows[-1].ms:.0f}"


@CHAPTER.computed
def turned():
    loops, other, *_ = make_winograd.measured_rows()
    return f"{loops.ms / other.ms:.1f}"


def test_the_measured_table_has_every_rewrite_and_fits_together():
    rows = make_winograd.measured_rows()
    assert [row.name for row in rows] == [*six.REWRITES, *six.ON_MAPS]
    gflop = 2 * 9 * C * F * N * SIZE * SIZE / 1e9
    for row in rows:
        assert row.gflops == pytest.approx(1e3 * gflop / row.ms, rel=0.02, abs=0.06)
        assert 0 < row.error < 2e-5
    assert f"{N} images of {SIZE} × {SIZE} pixels, {C} → {F} channels" in CHAPTER.text


# -- code and costs -------------------------------------------------------------------------------


def _quote(name, *functions):
    def code():
        sources = (inspect.getsource(getattr(f, "py_func", f)).strip() for f in functions)
        return "```py\n" + "\n\n\n".join(sources) + "\n```"

    code.__name__ = f"code_of_{name}"
    CHAPTER.computed(code)


_quote("loops", six.loops, six.seven_loops)
_quote("turned_loops", six.filters_innermost)
_quote("slices", six.slices)
_quote("im2col", six.im2col)
_quote("three_rows", six.three_rows)
_quote("toom_cook", six.toom_cook, six.with_roots)
_quote("winograd_forward", six.winograd_forward)
_quote("winograd_backward", six.winograd_backward)


@CHAPTER.computed
def products():
    count = 9 * C * F * N * SIZE * SIZE
    return block([f"9·{C}·{F}·{N}·{SIZE}·{SIZE} = {count}"])


def entries(matrix):
    """How many entries are not zero: the multiply-adds of a product with it."""
    return np.count_nonzero(matrix)


@CHAPTER.computed
def costs():
    pixels = N * SIZE * SIZE
    direct = 9 * C * F * pixels
    frame = 4 * N * (SIZE + 2) ** 2 * C
    x, y = 4 * pixels * C, 4 * pixels * F
    U, V, M = 36 * C * F, 36 * TILES * C, 36 * TILES * F
    in_numpy = 9 * U + 36 * V + C * M + 16 * M
    one_tile = 12 * entries(six.F4.BT) * C + 10 * entries(six.F4.AT) * F
    in_kernel = 9 * U + C * M + TILES * one_tile
    rows = {
        "1. loops": (direct, frame),
        "2. slices": (direct, frame + 9 * y),
        "3. im2col": (direct, frame + 9 * x),
        "4. three rows": (direct, frame + 2 * y),
        "4. indirect, on maps": (direct, 4 * 9 * C * F + 8 * sum(TABLES)),
        "5. Winograd, NumPy": (in_numpy, frame + 4 * (U + V + V + M) + y),
        "6. Winograd, kernel": (in_kernel, 4 * U),
    }
    return table(
        ("", "multiply-adds, millions", "written besides `y`, MB"),
        *(
            (name, f"{count / 1e6:.0f}", f"{size / 1e6:.0f}")
            for name, (count, size) in rows.items()
        ),
    )


# -- two tables -----------------------------------------------------------------------------------


@CHAPTER.computed
def looked_up(corners, taps, image, window):
    shown = 2
    places = corners[shown] + taps
    terms = [f"{factor(a)}·{factor(b)}" for a, b in zip(image[places], window, strict=True)]
    named = " + ".join(f"x[{corners[shown]} + {tap}]·w{k}" for k, tap in enumerate(taps))
    return block(
        [
            f"y{shown} = {named}",
            f"   = {' + '.join(f'x[{place}]·w{k}' for k, place in enumerate(places))}",
            f"   = {' + '.join(terms)} = {whole(image[places] @ window)}",
        ]
    )


@CHAPTER.computed
def table_sizes():
    corners, taps = TABLES
    return (
        f"{corners} + {taps} = {corners + taps} places, the same for all images, where `cols` has "
        f"{corners}·{taps} = {corners * taps} numbers for each image"
    )


def test_two_tables_are_every_convolution_and_its_backward():
    page = CHAPTER.session
    for size, kernel, stride, dilation in ((4, 2, 2, 1), (4, 2, 1, 2), (9, 3, 2, 2), (7, 1, 3, 1)):
        corners, taps = page["tables"](size, kernel, stride, dilation)
        x, w = random(1, 1, size, size), random(1, 1, kernel, kernel, seed=1)
        how = (stride, stride), ((0, 0), (0, 0)), (dilation, dilation), 1
        y = reference.conv2d_forward(x, w, None, *how)
        cols = x.ravel()[corners[:, np.newaxis] + taps]
        assert np.allclose(cols @ w.ravel(), y.ravel())

        dy = random(*y.shape, seed=2)
        dx, dw, _ = reference.conv2d_backward(dy, x, w, *how)
        turned = x.ravel()[taps[:, np.newaxis] + corners]
        assert np.allclose(turned @ dy.ravel(), dw.ravel())
        scattered = np.zeros(size * size)
        for tap, weight in zip(taps, w.ravel(), strict=True):
            scattered[corners + tap] += dy.ravel() * weight
        assert np.allclose(scattered, dx.ravel())


# -- polynomials and F(2, 3) ----------------------------------------------------------------------


@CHAPTER.computed
def polynomial_values():
    lines = [f"{'':8}{'1 + 2z':>10}{'2 + z + 3z²':>15}      product"]
    values = [(p, 1 + 2 * p, 2 + p + 3 * p * p) for p in (0, 1, -1)] + [("∞", 2, 3)]
    for p, a, b in values:
        point = p if p == "∞" else whole(p)
        line = f"{'z = ' + point.rjust(2):8}{whole(a):>10}{whole(b):>15}"
        lines.append(f"{line}      {factor(a)}·{factor(b)} = {whole(a * b)}")
    return block(lines)


@CHAPTER.computed
def interpolation():
    s = np.polynomial.polynomial.polymul([1, 2], [2, 1, 3])
    lines = ["s0 = 2", "s1 = (18 − (−4))/2 − 6 = 5", "s2 = (18 + (−4))/2 − 2 = 5", "s3 = 6"]
    assert [int(line.split(" = ")[-1]) for line in lines] == s.tolist()
    return block(lines)


@CHAPTER.computed
def polynomial_product():
    s = np.polynomial.polynomial.polymul([1, 2], [2, 1, 3])
    return (
        f"$({' + '.join(f'{c:g}{z}' for c, z in zip(s, ('', ' z', ' z^2', ' z^3'), strict=True))})$"
    )


def toeplitz_matrix(w):
    return np.array([[w[i - j] if 0 <= i - j < 3 else 0 for j in range(2)] for i in range(4)])


@CHAPTER.computed
def toeplitz():
    T = toeplitz_matrix(W)
    return grids(**{"T": T, "T (1, 2)": T @ [[1], [2]], "Tᵀ": T.T})


def test_toom_cook_cuts_the_filter_into_three_steps():
    U = six.F2.G @ W
    assert (six.F2.BT.T @ np.diag(U) @ six.F2.AT.T).tolist() == toeplitz_matrix(W).tolist()


def fraction(value):
    return str(Fraction(value)).replace("-", "−")


def _line(name, row, vector):
    """`name = 1·2 + (−1)·3 = −1`, without the products with 0."""
    pairs = [(a, b) for a, b in zip(row, vector, strict=True) if a]

    def enclosed(a):
        return f"({fraction(a)})" if a < 0 else fraction(a)

    total = sum(a * b for a, b in pairs)
    terms = " + ".join(f"{enclosed(a)}·{enclosed(b)}" for a, b in pairs)
    return f"{name} = {terms} = {fraction(total)}"


def _lines(name, matrix, vector):
    return [_line(f"{name}{k}", row, vector) for k, row in enumerate(matrix)]


def _entrywise(name, a, b):
    return [_line(f"{name}{k}", [p], [q]) for k, (p, q) in enumerate(zip(a, b, strict=True))]


def forward_by_hand(algorithm, d, w):
    V, U = algorithm.BT @ d, algorithm.G @ w
    return [
        "V = Bᵀ d",
        *_lines("  V", algorithm.BT, d),
        "U = G w",
        *_lines("  U", algorithm.G, w),
        "M = U ⊙ V",
        *_entrywise("  M", U, V),
        "y = Aᵀ M",
        *_lines("  y", algorithm.AT, U * V),
    ]


@CHAPTER.computed
def f2_by_hand(d, w):
    assert (w == W).all()
    return block(forward_by_hand(six.F2, d, w))


def matrices_of(algorithm):
    named = {"Bᵀ": algorithm.BT, "G": algorithm.G, "Aᵀ": algorithm.AT}
    shown = [
        block(_fractions(name, matrix)).removeprefix("```text\n").removesuffix("\n```")
        for name, matrix in named.items()
    ]
    columns = [text.splitlines() for text in shown]
    height = max(map(len, columns))
    for column in columns:
        width = max(map(len, column))
        column[:] = [line.ljust(width) for line in column + [""] * (height - len(column))]
    return block("        ".join(row) for row in zip(*columns, strict=True))


def _fractions(name, matrix):
    cells = [[fraction(value) for value in row] for row in matrix]
    width = max(len(cell) for row in cells for cell in row)
    return [name, "", *("  ".join(cell.rjust(width) for cell in row) for row in cells)]


@CHAPTER.computed
def f2_matrices():
    return matrices_of(six.F2)


@CHAPTER.computed
def f4_matrices():
    return matrices_of(six.F4)


@CHAPTER.computed
def f4_by_hand(line, w):
    return block(forward_by_hand(six.F4, line, w))


@CHAPTER.computed
def counts():
    rows = []
    for algorithm in (six.F2, six.F4, F6):
        m = len(algorithm.AT)
        t = m + 2
        largest = [fraction(np.abs(matrix).max()) for matrix in (algorithm.BT, algorithm.AT)]
        name = f"$F({m} \\times {m}, 3 \\times 3)$"
        per_pixel = f"{t * t / m**2:.3g}"
        rows.append((name, m * m * 9, t * t, per_pixel, f"{largest[0]}, {largest[1]}"))
    head = ("", "products of the definition", "products", "a pixel (definition: 9)")
    return table((*head, "largest entry of $B^{\\top}$, $A^{\\top}$"), *rows)


# -- backward -------------------------------------------------------------------------------------


def backward_lines(d, w, dy):
    BT, G, AT = six.F2
    V, U, dM = BT @ d, G @ w, AT.T @ dy
    return [
        "dM = A dy",
        *_lines("  dM", AT.T, dy),
        "dU = V ⊙ dM",
        *_entrywise("  dU", V, dM),
        "dw = Gᵀ dU",
        *_lines("  dw", G.T, V * dM),
        "dV = U ⊙ dM",
        *_entrywise("  dV", U, dM),
        "dd = B dV",
        *_lines("  dd", BT.T, U * dM),
    ]


@CHAPTER.computed
def backward_by_hand(d, w):
    return block(backward_lines(d, w, [1, 2]))


def test_the_backward_of_the_example_is_that_of_the_definition():
    d, dy = [1, 3, 2, 4], [1, 2]
    lines = backward_lines(d, W, dy)

    def results(name):
        return [Fraction(line.split(" = ")[-1]) for line in lines if line.startswith(f"  {name}")]

    assert results("dw") == [sum(dy[i] * d[i + k] for i in range(2)) for k in range(3)]
    assert results("dd") == np.convolve(dy, W).tolist() == [2, 5, 5, 6]


# -- the kernel -----------------------------------------------------------------------------------


@CHAPTER.computed
def block_size():
    tiles = winograd.job(SIZE, SIZE, C, F).block
    size = 36 * tiles * C * 4
    return f"{tiles} tiles, whose `V` and `M` take 36·{tiles}·{C}·4 = {size} bytes each"


@CHAPTER.computed
def transform_cost():
    once, kron = entries(six.F4.BT), entries(np.kron(six.F4.BT, six.F4.BT))
    return (
        f"12·{once} = {12 * once} multiply-adds at most, where the Kronecker product has {kron} "
        f"entries that are not 0, and 36·36 = {36 * 36} in all"
    )


@CHAPTER.computed
def register_tiles():
    shapes = [(1, 1), (4, 4), (28, 1), (14, 2), (9, 3), (6, 4), (5, 5), (4, 6)]
    rows = []
    for r, v in shapes:
        registers = r * v + v + 1
        assert registers <= 32
        rows.append((f"{r} × {v}", r * v, r + v, registers, f"{r * v / (r + v):.2f}"))
    return table(("rows × vectors", "FMAs", "loads", "registers", "FMAs a load"), *rows)


def test_six_by_four_is_the_best_tile_of_four_vectors():
    fits = [r for r in range(1, 32) if r * 4 + 4 + 1 <= 32]
    assert max(fits) == 6
    best = max(
        (r * v / (r + v), r, v) for r in range(1, 32) for v in range(1, 32) if r * v + v < 32
    )
    assert best == (2.5, 5, 5)


# -- an image at a time ---------------------------------------------------------------------------


@CHAPTER.computed
def passes():
    maps = 4 * N * SIZE * SIZE * C / 1e6
    rows = []
    for plan in (make_winograd.BY_LAYER, make_winograd.BY_STEP, make_winograd.BY_IMAGE):
        steps = {way: plans[plan] for way, plans in make_winograd.PASSES.items()}
        counts = {way: sum(map(len, make_winograd.arrows_of(some))) for way, some in steps.items()}
        read_again = make_winograd.arrows_of(steps["backward"])[0]
        kept = {name for name in read_again if not name.startswith("d")}
        total = sum(counts.values())
        rows.append((plan, *counts.values(), f"{total * maps:.0f}", f"{len(kept) * maps:.1f}"))
    return table(("", "forward", "backward", "together, MB", "kept for backward, MB"), *rows)


def block_of_a_network():
    """The steps of norm, ReLU and convolution, on maps."""
    layers = [Conv2D(16, 3, padding=1), BatchNorm(), ReLU(), Conv2D(16, 3, padding=1)]
    shape = (16, 8, 8)
    for layer in layers:
        shape = layer.build(shape, np.random.default_rng(0))
    return fused(layers)


def maps_taken(chain, monkeypatch):
    """How many maps forward and backward of these steps take, but for the images' edges."""
    taken, take = [], Store.maps

    def counted(store, images, frame):
        taken.append(images)
        return take(store, images, frame)

    monkeypatch.setattr(Store, "maps", counted)
    y = chain.forward(np.ones((2, 16, 8, 8), np.float32), training=True)
    forward = len(taken)
    chain.backward(np.ones_like(y))
    monkeypatch.undo()
    return forward, len(taken) - forward


def test_the_plan_takes_as_many_maps_more_as_the_figure_has_names_more(monkeypatch, further_steps):
    decided = {
        make_winograd.BY_LAYER: further_steps.Fusion(),
        make_winograd.BY_STEP: further_steps.Fusion(one_pass=True),
        make_winograd.BY_IMAGE: further_steps.Fusion(one_pass=True, way_in=True, way_out=True),
    }
    taken = {
        plan: maps_taken(further_steps.apart(block_of_a_network(), fusion), monkeypatch)
        for plan, fusion in decided.items()
    }
    forward, backward = taken[make_winograd.BY_IMAGE]
    assert taken[make_winograd.BY_STEP] == (forward + 1, backward)  # z; dx lies where x lay
    assert taken[make_winograd.BY_LAYER] == (forward + 2, backward)  # a and z; da where a lay


# -- further steps --------------------------------------------------------------------------------


@pytest.fixture
def further_steps(monkeypatch):
    """The benchmark, as it sees its neighbours, with a tiny network."""
    monkeypatch.syspath_prepend(ROOT / "examples" / "benchmarks")
    monkeypatch.setenv("SCRATCHNET_THREADS", "2")
    module = importlib.import_module("further_steps")
    monkeypatch.setitem(module.NETWORKS, "tiny", tiny)
    return module


def tiny():
    """Each kind of step that the plan may take apart."""
    body = [BatchNorm(), ReLU(), Conv2D(16, 3, padding=1, bias=False)]
    return [
        Conv2D(16, 3, stride=4, padding=1),
        Residual([*body, BatchNorm(), ReLU(), Conv2D(16, 3, padding=1, bias=False)]),
        BatchNorm(),
        ReLU(),
        Conv2D(16, 3, padding=1),
        ReLU(),
        MaxPool2D(2),
        Flatten(),
        Dense(6),
    ]


def test_every_row_computes_the_same_gradients(further_steps):
    x, target = six.random_problem(4, 48, 1, 1)[0].transpose(0, 3, 1, 2), random(4, 6)
    found = []
    for row in further_steps.ROWS:
        layers = further_steps.built("tiny")
        named = [leaf for i, layer in enumerate(layers) for leaf in leaves(layer, str(i))]
        chain = further_steps.chain_of(layers, row.fusion)
        with row.under():
            chain.forward(x, training=True)
            chain.backward(target.astype(np.float32))
        found.append(
            {f"{name}.{key}": g for name, layer in named for key, g in layer.grads.items()}
        )
    for grads in found[1:]:
        for name, expected in found[0].items():
            assert np.abs(grads[name] - expected).max() <= 1e-3 * np.abs(expected).max() + 1e-6, (
                name
            )


def described(chain):
    """What kind of steps these are, and what they do beside their own work."""
    return [
        (type(step), step.layers and [type(one) for one in step.layers], step.algorithm)
        + (step.adds_to_y, step.adds_to_dx, step.measures, step.wants_moments)
        for step in importlib.import_module("step_work").all_steps(chain.steps)
    ]


def test_the_last_row_is_the_plan_as_it_is(further_steps):
    last = further_steps.ROWS[-1].fusion
    for network in ("tiny", "seven", "residual", "batch_norm"):
        whole_plan = described(fused(further_steps.built(network)))
        assert described(further_steps.chain_of(further_steps.built(network), last)) == whole_plan


def test_rows_that_change_nothing_are_left_out(further_steps):
    names = [row.name for row in further_steps.ROWS]
    assert [row.name for row in further_steps.rows_of("residual")] == names
    assert [row.name for row in further_steps.rows_of("seven")] == names[:5]


def test_the_measured_steps_are_those_of_the_program_and_fit_together(further_steps):
    form = r"(\w+) +64  (\w+(?: \w+)?) +([\d.]+) +([\d.]+|-) +([\d.]+|-)  .*"
    printed = CHAPTER.text.split("further_steps.py", 1)[1].split("```")[1]
    shown = [found.groups() for found in re.finditer(form, printed)]
    networks = list(dict.fromkeys(network for network, *_ in shown))
    assert networks == ["seven", "batch_norm", "residual"]
    for network in networks:
        rows = [row for row in shown if row[0] == network]
        assert [name for _, name, *_ in rows] == [
            row.name for row in further_steps.rows_of(network)
        ]
        first, *others = (float(ms) for _, _, ms, *_ in rows)
        for above, ms, (*_, gain, in_all) in zip([first, *others], others, rows[1:], strict=False):
            assert float(gain) == pytest.approx(above / ms, rel=0.1)  # medians of each round's own
            assert float(in_all) == pytest.approx(first / ms, rel=0.1)


def test_the_program_prints_a_row_for_each_step(further_steps, monkeypatch, capsys, tmp_path):
    at_once = partial(further_steps.interleaved, long_enough=0)
    monkeypatch.setattr(further_steps, "interleaved", at_once)
    quick = ["--network", "tiny", "--batch", "2", "--rounds", "1", "--minutes", "0"]
    further_steps.main([*quick, "--figure", str(tmp_path / "steps.png")])
    assert (tmp_path / "steps.png").stat().st_size
    heading, *rows = [line for line in capsys.readouterr().out.splitlines() if "  " in line]
    assert heading.split() == ["network", "batch", "row", "ms", "gain", "in", "all", "rounds"]
    assert [row[19:28].strip() for row in rows[:7]] == [row.name for row in further_steps.ROWS]


# -- the price, and when it pays ------------------------------------------------------------------

CHANNELS = (16, 64, 256)
ROADS = {
    "im2col": six.im2col,
    "F(2×2, 3×3)": partial(six.winograd_forward, algorithm=six.F2),
    "F(4×4, 3×3)": six.winograd_forward,
    "the kernel": six.winograd_kernel,
    "F(6×6, 3×3)": partial(six.winograd_forward, algorithm=F6),
}


def rms_errors():
    """In units of 1e-7, by road, for each number of channels."""
    found = {name: [] for name in ROADS}
    for channels in CHANNELS:
        x, w = six.random_problem(4, 12, channels, 16)
        exact = six.im2col(x.astype(np.float64), w.astype(np.float64))
        for name, road in ROADS.items():
            error = np.sqrt(np.mean((road(x, w) - exact) ** 2) / np.mean(exact**2))
            found[name].append(1e7 * error)
    return found


def error_table(found):
    head = f"{'channels':14}" + "".join(f"{channels:8}" for channels in CHANNELS)
    rows = [f"{k:14}" + "".join(f"{e:8.1f}" for e in errors) for k, errors in found.items()]
    return [head, *rows]


def test_the_errors_are_those_of_the_chapter_within_a_factor_of_two():
    found = rms_errors()
    shown = CHAPTER.text[CHAPTER.text.index(error_table(found)[0]) :].splitlines()
    for line, (name, errors) in zip(shown[1:], found.items(), strict=False):
        assert line.startswith(name)
        for stated, error in zip(line[14:].split(), errors, strict=True):
            assert error / 2 <= float(stated) <= 2 * error
    small, middle, large = (found[f"F({m}×{m}, 3×3)"] for m in (2, 4, 6))
    assert all(a < b < c for a, b, c in zip(small, middle, large, strict=True))


def per_tile(channels, filters):
    """Multiply-adds of a 4 × 4 block: definition, products, transforms."""
    transforms = 12 * entries(six.F4.BT) * channels + 10 * entries(six.F4.AT) * filters
    return 144 * channels * filters, 36 * channels * filters, transforms


@CHAPTER.computed
def savings():
    rows = []
    for channels, filters in ((1, 32), (4, 4), (16, 16), (32, 32), (64, 64), (128, 128)):
        direct, pairs, transforms = per_tile(channels, filters)
        ratio = f"{direct / (pairs + transforms):.2f}"
        rows.append((f"{channels} → {filters}", direct, pairs, transforms, ratio))
    return table(("channels", "definition, a tile", "products", "transforms", "saved, ×"), *rows)


@CHAPTER.computed
def break_even():
    once = 12 * entries(six.F4.BT) + 10 * entries(six.F4.AT)
    least = next(c for c in range(1, 99) if per_tile(c, c)[0] > sum(per_tile(c, c)[1:]))
    bt, at = entries(six.F4.BT), entries(six.F4.AT)
    return (
        f"`36·C·C` products, and the transforms 12·{bt} + 10·{at} = {once} for each channel; the "
        f"definition takes `144·C·C`. It is less if `{once} < 108·C`: from {least} channels on"
    )


# -- exercise -------------------------------------------------------------------------------------

EXERCISE = {
    name: np.array(v) for name, v in {"d": [2, 0, 1, 3], "w": [1, 2, -1], "dy": [1, -1]}.items()
}


@CHAPTER.computed
def exercise():
    return grids(**{name: values[:, np.newaxis] for name, values in EXERCISE.items()})


@CHAPTER.computed
def solution():
    d, w, dy = EXERCISE.values()
    BT, G, AT = six.F2
    V, U, dM = BT @ d, G @ w, AT.T @ dy
    y = AT @ (U * V)
    named = {"V": V, "U": U, "M": U * V, "y": y}
    named |= {"dM": dM, "dd": BT.T @ (U * dM), "dw": G.T @ (V * dM)}
    return grids(**{name: _column(values) for name, values in named.items()})


def _column(values):
    return np.array([[float(value)] for value in values])


def test_the_solution_by_hand():
    assert np.correlate(EXERCISE["d"], EXERCISE["w"]).tolist() == [1, -1]
    assert solution() == grids(  # worked on paper
        V=[[-1], [1], [1], [3]],
        U=[[-1], [1], [-1], [-1]],
        M=[[1], [1], [-1], [-3]],
        y=[[1], [-1]],
        dM=[[1], [0], [2], [-1]],
        dd=[[1], [1], [-3], [1]],
        dw=[[2], [-1], [-2]],
    )


# -- the six rewrites -----------------------------------------------------------------------------

HOW = ((1, 1), ((1, 1), (1, 1)), (1, 1), 1)


def definition(x, w):
    y = reference.conv2d_forward(x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1), None, *HOW)
    return y.transpose(0, 2, 3, 1)


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def test_one_pixel_by_hand():
    x = np.arange(1.0, 10).reshape(1, 3, 3, 1)
    w = np.arange(9.0).reshape(3, 3, 1, 1)
    for rewrite in list(six.REWRITES.values())[:-1]:
        y = rewrite(x, w)[0, :, :, 0]
        assert y[1, 1] == pytest.approx(
            sum(a * b for a, b in zip(range(1, 10), range(9), strict=True))
        )
        assert y[0, 0] == pytest.approx(1 * 4 + 2 * 5 + 4 * 7 + 5 * 8)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(*(st.integers(1, 9) for _ in range(4)), st.integers(0, 5))
def test_all_rewrites_are_the_definition_in_float64(H, width, channels, filters, seed):
    x, w = random(2, H, width, channels, seed=seed), random(3, 3, channels, filters, seed=seed + 9)
    exact = definition(x, w)
    for rewrite in list(six.REWRITES.values())[:-1]:
        y = rewrite(x, w)
        assert y.dtype == np.float64
        assert np.allclose(y, exact, rtol=0, atol=1e-11)


def test_an_image_of_six_by_six_takes_tiles_of_three():
    assert winograd.job(6, 6, 128, 128).tile == 3
    assert winograd.products(6, 6, 4) == 4 * 36 == 144
    assert winograd.products(6, 6, 3) == 4 * 25 == 100


@pytest.mark.parametrize("size", [(4, 4), (5, 7), (1, 1), (12, 9)])
def test_the_kernels_are_the_definition_within_their_bounds(size):
    x, w = random(3, *size, 16).astype(np.float32), random(3, 3, 16, 32).astype(np.float32)
    exact = definition(x.astype(np.float64), w.astype(np.float64))
    for y, bound in ((six.winograd_kernel(x, w), 1e-5), (six.indirect_on_maps(x, w)(), 1e-6)):
        assert y.dtype == np.float32
        assert np.abs(y - exact).max() <= bound * np.abs(exact).max()


@pytest.mark.parametrize("algorithm", [six.F2, six.F4, F6], ids=["F2", "F4", "F6"])
@pytest.mark.parametrize("size", [(4, 4), (5, 7), (1, 3)])
def test_the_adjoint_is_the_gradient_of_the_definition(algorithm, size):
    x, w, dy = random(2, *size, 3), random(3, 3, 3, 2, seed=1), random(2, *size, 2, seed=2)
    dx, dw = six.winograd_backward(dy, x, w, algorithm)
    turned_dy, turned_x = (a.transpose(0, 3, 1, 2) for a in (dy, x))
    ref_dx, ref_dw, _ = reference.conv2d_backward(
        turned_dy, turned_x, w.transpose(3, 2, 0, 1), *HOW
    )
    assert np.allclose(dx, ref_dx.transpose(0, 2, 3, 1), rtol=0, atol=1e-11)
    assert np.allclose(dw, ref_dw.transpose(2, 3, 1, 0), rtol=0, atol=1e-11)


def test_tiles_and_blocks_are_adjoint_to_their_sums():
    x, y = random(2, 7, 9, 3), random(2, 7, 9, 2)
    tiles, blocks = six.tiles_of(x, 4), six.blocks_of(y, 4)
    other, others = random(*tiles.shape, seed=1), random(*blocks.shape, seed=2)
    assert (tiles * other).sum() == pytest.approx((x * six.sum_of_tiles(other, x.shape)).sum())
    assert (blocks * others).sum() == pytest.approx((y * six.image_of(others, y.shape)).sum())
    assert (six.image_of(blocks, y.shape) == y).all()


def test_the_matrices_are_those_of_the_kernel():
    """`tests.kernels.test_winograd_tiles` holds the kernel to the same ones."""
    for mine, its in ((six.F4.BT, B_T), (six.F4.AT, A_T), (six.F4.G, G)):
        assert np.array_equal(mine.astype(float), its)


def test_three_rows_copies_nothing_to_make_its_rows():
    x = six.framed(random(1, 3, 4, 2))
    rows = np.lib.stride_tricks.as_strided(x, (1, 5, 4, 6), x.strides)
    assert np.shares_memory(rows, x)
    assert (rows[0, 1, 2] == x[0, 1, 2:5].ravel()).all()


def test_turning_the_loops_keeps_the_order_of_each_sum():
    x, w = random(1, 5, 6, 7), random(3, 3, 7, 4)
    assert np.array_equal(six.loops(x, w), six.turned_loops(x, w))


def test_the_program_measures_every_rewrite(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples" / "benchmarks")
    import measuring

    at_once = partial(measuring.interleaved, long_enough=0)
    monkeypatch.setattr(measuring, "interleaved", at_once)
    rows, kept = six.measure(2, 5, 16, 16, rounds=1, minutes=0)
    assert [row.name for row in rows] == [*six.REWRITES, *six.ON_MAPS]
    assert all(row.ms > 0 and 0 < row.error < 1e-5 for row in rows)
    assert kept
    lines = "\n".join(["before", six.HEADING, *map(str, rows), "after"])
    assert [row.name for row in make_winograd.rows_in(lines)] == [row.name for row in rows]
    assert len(six.chart(rows).axes[0].patches) == len(rows)


def test_the_program_refuses_what_the_kernel_cannot(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["six_convolutions.py", "--channels", "20"])
    with pytest.raises(SystemExit):
        six.main()
    assert "channels and filters in sixteens" in capsys.readouterr().err


# -- the page -------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This chapter is of an algorithm, and has headings of its own."""
        sections = (
            "The operation", "Measured", "What the machine does", "Fewer products",
            "The backward is the transpose", "An image at a time",
            "What each further step gave", "The price",
            "When it does not pay", "The code", "Exercises", "Sources",
        )  # fmt: skip
        assert not self.chapter.missing_sections(sections)


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    assert make_winograd.D.tolist() == page["d"].tolist()
    assert make_winograd.W.tolist() == page["w"].tolist()


if __name__ == "__main__":
    CHAPTER.rewrite()
