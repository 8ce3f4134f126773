"""examples/benchmarks: what they measure is worked by hand here, and each runs from end to end.

No test asserts a time. Runs are of the tiniest network, in one round.
"""

import csv
import functools
import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from scratchnet import Sequential
from scratchnet.layers import (
    AvgPool2D,
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
from scratchnet.plan.fusion import fused

FOLDER = Path(__file__).parents[1] / "examples" / "benchmarks"
QUICK = ["--rounds", "1", "--minutes", "0", "--threads", "2"]

pytest.importorskip("matplotlib")


@pytest.fixture
def benchmark(monkeypatch):
    """Import a benchmark as the script sees its neighbours; threads stay as they were."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("SCRATCHNET_THREADS", "2")
    return importlib.import_module


@pytest.fixture
def measuring(benchmark):
    return benchmark("measuring")


def tiny():
    """A layer or more of each kind of step, with hardly any arithmetic."""
    body = [BatchNorm(), ReLU(), Conv2D(16, 3, padding=1, bias=False)]
    return [
        Conv2D(16, 3, stride=4, padding=1),
        ReLU(),
        Residual(body),
        BatchNorm(),
        ReLU(),
        MaxPool2D(2),
        Flatten(),
        Dense(8),
        ReLU(),
        Dropout(0.5),
        Dense(6),
    ]


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# -- quiet rounds ---------------------------------------------------------------------------------


def test_busy_is_all_but_idle_and_waiting_for_a_disk(measuring):
    #            user nice system idle iowait irq softirq steal guest guest_nice
    stat = "cpu  100 20 30 9000 500 4 5 6 70 8\ncpu0 50 10 15 4500 250 2 2 3 35 4\n"
    assert measuring.busy_ticks(stat) == 100 + 20 + 30 + 4 + 5 + 6


def test_the_load_of_others_is_known_on_linux(measuring):
    seconds = measuring.others_seconds()
    if sys.platform == "linux":
        assert seconds > 0


def test_only_quiet_rounds_are_kept(measuring):
    loads = [0.0, 0.5, 0.08, 0.09, None]
    rounds = [measuring.Round({"a": float(i)}, load) for i, load in enumerate(loads)]
    found = measuring.keep_quiet(rounds)
    assert [one.seconds["a"] for one in found.kept] == [0, 2, 4]
    assert (found.dropped, found.quiet, str(found)) == (2, True, "3 of 5")
    assert found.complaint() == ""


def test_where_no_round_is_quiet_all_are_kept_and_it_says_so(measuring):
    rounds = [measuring.Round({"a": 0.001, "b": 0.0025}, load) for load in (0.5, 1.25)]
    found = measuring.keep_quiet(rounds)
    assert (found.kept, found.dropped, found.quiet) == (rounds, 0, False)
    assert str(found) == "2 not quiet"
    first, *lines = found.complaint().splitlines()
    assert first.startswith("no quiet round")
    assert lines == [
        "  not quiet, 0.50 cores busy:  a 1.000  b 2.500",
        "  not quiet, 1.25 cores busy:  a 1.000  b 2.500",
    ]


def test_ratios_are_taken_round_by_round(measuring):
    pairs = [(1.0, 2.0), (2.0, 8.0), (10.0, 30.0)]
    found = measuring.keep_quiet([measuring.Round({"we": a, "they": b}, 0) for a, b in pairs])
    assert found.median("we") == 2
    assert found.median("they") == 8
    assert found.best("they") == 2
    assert found.ratio("they", "we") == 3  # of 2, 4 and 3; the medians' own ratio is 4


def test_rounds_go_on_until_enough_were_quiet(measuring):
    now = iter(range(100))
    used = iter([0, 0, 10, 11, 20, 20])  # one of three rounds has load
    found = measuring.measured(
        lambda number: {"number": number}, 2, 9, clock=lambda: next(now), others=lambda: next(used)
    )
    assert [one.seconds["number"] for one in found.kept] == [0, 2]
    assert found.dropped == 1


def test_rounds_end_when_the_minutes_are_over(measuring):
    now = iter(range(0, 1000, 25))
    found = measuring.measured(
        lambda number: {"number": number}, 99, 2, clock=lambda: next(now), others=lambda: None
    )
    # The clock is read once at the begin and three times a round: 75 seconds.
    assert len(found.kept) == 2
    assert found.kept[0].load is None


def test_a_short_call_is_repeated(measuring):
    assert measuring.repeats(0.1, 0.25) == 3
    assert measuring.repeats(0.25, 0.25) == measuring.repeats(9.0, 0.25) == 1


def test_competitors_take_turns_and_every_second_round_goes_backwards(measuring):
    called = []
    calls = {name: lambda name=name: called.append(name) for name in "ab"}
    found = measuring.interleaved(calls, 2, 1, long_enough=0)
    assert "".join(called[:4]) == "abab"  # warm up, then see how long it takes
    assert "".join(called[4:8]) == "abba"
    assert found.names == ["a", "b"]


def test_peak_memory_is_that_of_a_python_process_at_least(measuring):
    peak = measuring.peak_megabytes()
    assert peak is None or 10 < peak < 1e6


def test_a_table_is_printed_as_it_grows_and_written_as_csv(benchmark, capsys, tmp_path):
    table = benchmark("reporting").Table(name="6", peak_MB=">7.1f", rounds="")
    table.add("we", 12.345, "3 of 3")
    table.add("they", None, "1 not quiet")
    assert capsys.readouterr().out.splitlines() == [
        "name    peak MB  rounds",
        "we         12.3  3 of 3",
        "they          -  1 not quiet",
    ]
    table.write_csv(tmp_path / "table.csv")
    assert rows_of(tmp_path / "table.csv")[0] == {
        "name": "we",
        "peak_MB": "12.345",
        "rounds": "3 of 3",
    }
    with pytest.raises(ValueError, match="3 cells, got 1"):
        table.add("we")


@pytest.mark.parametrize(
    "script, options, complaint",
    [
        ("conv", ["--rounds", "0"], "--rounds expects at least 1, got 0"),
        ("conv", ["--batch", "0"], "--batch expects at least 1, got 0"),
        ("conv", ["--shapes", "99"], "--shapes expects numbers of 0"),
        ("roofline", ["--figure", "roof.svg"], "--figure expects the name of a .png"),
        ("roofline", ["--megabytes", "0"], "--megabytes expects at least 1, got 0"),
        ("training_step", ["--batch", "8", "0"], "--batch expects at least 1, got 0"),
        ("training_step", ["--threads", "0"], "--threads expects at least 1, got 0"),
    ],
)
def test_wrong_options(benchmark, capsys, script, options, complaint):
    with pytest.raises(SystemExit) as end:
        benchmark(script).main(options)
    assert end.value.code == 2
    assert complaint in capsys.readouterr().err


# -- conv -----------------------------------------------------------------------------------------


def test_a_shape_says_what_is_unusual_about_it(benchmark):
    conv = benchmark("conv")
    assert str(conv.Shape(64, 128, 12)) == "64→128 12² 3×3"
    assert (
        str(conv.Shape(8, 8, 24, kernel=5, stride=2, groups=8)) == "8→8 24² 5×5, stride 2, groups 8"
    )


def test_every_algorithm_is_near_the_definition_in_float64(benchmark):
    conv = benchmark("conv")
    for shape, algorithms in [
        (conv.Shape(16, 24, 9), {"Winograd", "indirect", "implicit GEMM"}),
        (conv.Shape(16, 16, 8, stride=2), {"indirect", "implicit GEMM"}),
        (conv.Shape(16, 16, 6, groups=16), {"implicit GEMM"}),
    ]:
        errors = conv.errors(shape.layer())
        assert {name for name in errors if "torch" not in name} >= {"implicit GEMM"}
        assert set(errors) >= algorithms
        assert max(errors.values()) < 2e-5


def test_relative_error_is_a_part_of_the_largest_number(benchmark):
    found, exact = np.array([1.0, 2.1, -4.0]), np.array([1.0, 2.0, -4.0])
    assert benchmark("conv").relative_error(found, exact) == pytest.approx(0.1 / 4)


def test_conv_from_end_to_end(benchmark, monkeypatch, capsys, tmp_path):
    conv = benchmark("conv")
    monkeypatch.setattr(conv, "SHAPES", (conv.Shape(16, 16, 8),))
    monkeypatch.setattr(conv, "LONG_ENOUGH", 0)
    arguments = ["--csv", str(tmp_path / "conv.csv"), "--figure", str(tmp_path / "conv.png")]
    conv.main([*QUICK, "--batch", "2", *arguments])
    assert "16→16 8² 3×3" in capsys.readouterr().out
    rows = rows_of(tmp_path / "conv.csv")
    assert [row["algorithm"] for row in rows][:3] == ["Winograd", "indirect", "implicit GEMM"]
    for row in rows:
        # 2·N·OH·OW·F·C·KH·KW operations
        operations = 2 * 2 * 8 * 8 * 16 * 16 * 3 * 3
        rate = operations / (float(row["forward_ms"]) / 1e3) / 1e9
        assert float(row["forward_GFLOPs"]) == pytest.approx(rate)
    assert (tmp_path / "conv.png").stat().st_size > 5000


# -- roofline -------------------------------------------------------------------------------------


def steps_of(roofline, layers, shape):
    """The steps that do something themselves."""
    rng = np.random.default_rng(0)
    for layer in layers:
        shape = layer.build(shape, rng)
    steps = roofline.all_steps(fused(layers).steps)
    return [step for step in steps if not hasattr(step, "steps")]


def test_the_work_of_a_step_by_hand(benchmark):
    roofline = benchmark("roofline")
    layers = [Conv2D(16, 3, padding=1), ReLU(), Conv2D(32, 3, padding=1), Flatten(), Dense(5)]
    enter, rows, winograd, leave, flatten, dense = steps_of(roofline, layers, (2, 6, 6))
    N, pixels = 3, 3 * 36
    assert roofline.work(enter, N) == ((0, 8 * 2 * pixels), (0, 0))

    W = 16 * 2 * 9
    x, y = 2 * pixels, 16 * pixels
    forward, backward = roofline.work(rows, N)
    assert forward == (2 * pixels * W, 4 * (x + W + y))
    # No dx, as these are the images; dy and, for the ReLU, y are read.
    assert backward == (2 * pixels * W, 4 * (2 * y + x + 2 * W))

    # Four tiles of 3 × 3 an image, 25 products of each for each channel and filter.
    x, y, W = 16 * pixels, 32 * pixels, 32 * 16 * 9
    forward, backward = roofline.work(winograd, N)
    assert forward == (2 * N * 4 * 25 * 16 * 32, 4 * (x + W + y))
    assert backward == (2 * forward.operations, 4 * (y + 2 * x + 2 * W))

    assert roofline.work(leave, N) == ((0, 8 * y), (0, 8 * y))
    assert roofline.work(flatten, N) == ((0, 0), (0, 0))
    forward, backward = roofline.work(dense, N)
    D = 32 * 36
    assert forward == (2 * N * D * 5, 4 * (N * D + 5 * D + N * 5))
    assert backward == (4 * N * D * 5, 4 * (2 * N * D + 2 * 5 * D + N * 5))
    assert forward.intensity == forward.operations / forward.bytes


def test_the_work_of_batch_norm_and_of_sums_by_hand(benchmark):
    roofline = benchmark("roofline")
    body = [BatchNorm(), ReLU(), Conv2D(16, 3, padding=1)]
    layers = [Conv2D(16, 3, padding=1), Residual(body), BatchNorm(), ReLU(), MaxPool2D(2)]
    _, _, total, inner, norm, _ = steps_of(roofline, layers, (16, 4, 4))
    N, x, W = 2, 2 * 16 * 16, 9 * 16 * 16
    y = x // 4
    assert roofline.work(total, N) == ((0, 0), (0, 0))  # the inner step does it on its way
    products = 2 * N * 36 * 16 * 16
    forward, backward = roofline.work(inner, N)
    assert forward == (products, 4 * (x + W + x))
    assert backward == (2 * products, 4 * ((x + x + W) + (W + x) + (2 * x + x)))
    forward, backward = roofline.work(norm, N)
    assert forward == (2 * x, 4 * (x + y) + y)  # a winner is a byte
    assert backward == (9 * x, 4 * (3 * x + 2 * y) + 2 * y)


def test_the_limit_is_arithmetic_or_memory_whichever_takes_longer(benchmark):
    roofline = benchmark("roofline")
    limits = roofline.Limits(50.0, 100.0, {"copy": 5.0, "update": 10.0})
    assert limits.bandwidth == 10
    better = roofline.Limits(60.0, 90.0, {"copy": 6.0, "update": 9.0})
    assert limits.or_better(better) == (60, 100, {"copy": 6, "update": 10})
    assert limits.seconds(roofline.Work(200, 10)) == 2
    assert limits.seconds(roofline.Work(200, 50)) == 5


def test_what_is_inside_of_something_else_counts_once(benchmark, monkeypatch):
    roofline = benchmark("roofline")
    now = iter([0, 1, 4, 5, 7, 10])
    monkeypatch.setattr(roofline.time, "perf_counter", lambda: next(now))
    watch = roofline.Stopwatch()

    def outer():
        watch.time("inner", lambda: None)
        watch.time("inner", lambda: None)

    watch.time("outer", outer)
    monkeypatch.undo()
    assert watch.seconds == {"inner": 5, "outer": 5}  # 4 − 1 + 7 − 5, and the rest of 10


def test_places_of_names_keep_a_gap_and_stay_inside(benchmark):
    spread_out = benchmark("roofline_figure").spread_out
    assert spread_out([0.5, 0.1], 0.2) == [0.5, 0.1]
    assert spread_out([0.5, 0.5, 0.6], 0.2) == pytest.approx([0.5, 0.7, 0.9])
    assert spread_out([1.0, 0.95], 0.2) == pytest.approx([1.0, 0.8])
    many = sorted(spread_out(np.random.default_rng(0).random(30), 0.03))
    assert min(np.diff(many)) > 0.0299
    assert 0 <= many[0] <= many[-1] <= 1
    assert spread_out([], 0.1) == []


def test_roofline_from_end_to_end(benchmark, monkeypatch, capsys, tmp_path):
    training_step, roofline = benchmark("training_step"), benchmark("roofline")
    monkeypatch.setitem(training_step.NETWORKS, "seven", tiny)
    arguments = ["--csv", str(tmp_path / "roof.csv"), "--figure", str(tmp_path / "roof.png")]
    roofline.main([*QUICK, "--batch", "2", "--megabytes", "1", *arguments])
    printed = capsys.readouterr().out
    assert "GFLOP/s on one thread" in printed
    assert "lost:" in printed
    rows = rows_of(tmp_path / "roof.csv")
    algorithms = {row["algorithm"] for row in rows}
    assert algorithms > {
        "indirect convolution",
        "matrix product",
        "pixel by pixel",
        "sum",
        "one pass",
    }
    assert math.isclose(sum(float(row["of_step"]) for row in rows), 1)
    # A part for each step of the plan, those inside of the sum too.
    assert sum(row["part"].endswith(" forward") for row in rows) >= 10
    assert (tmp_path / "roof.png").stat().st_size > 5000


# -- training_step --------------------------------------------------------------------------------


def test_without_torch_training_step_says_how_to_get_it(benchmark, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SystemExit) as end:
        benchmark("training_step").main(QUICK)
    assert end.value.code == 1
    assert 'pip install -e ".[bench]"' in capsys.readouterr().err


def test_our_side_alone_prints_its_peak_memory(benchmark, monkeypatch, capsys):
    training_step = benchmark("training_step")
    monkeypatch.setitem(training_step.NETWORKS, "seven", tiny)
    training_step.main(["--alone", "scratchnet", "--batch", "2"])
    printed = capsys.readouterr().out.strip()
    assert printed == "" or float(printed) > 10


@pytest.mark.oracle
@pytest.mark.parametrize("network", ["seven", "batch_norm", "residual", "tiny"])
def test_torchs_network_has_our_parameters_and_gives_our_outputs(benchmark, monkeypatch, network):
    torch = pytest.importorskip("torch")
    training_step = benchmark("training_step")
    monkeypatch.setitem(training_step.NETWORKS, "tiny", tiny)
    layers = training_step.built(network)
    rng = np.random.default_rng(1)
    for layer in layers:  # so that nothing is as it begins: 0 or 1
        for array in [*layer.params.values(), *layer.buffers.values()]:
            array += 0.1 * rng.random(array.shape, np.float32)
    theirs = benchmark("torch_networks").mirrored(layers).eval()
    ours = sum(array.size for layer in layers for array in layer.params.values())
    assert sum(p.numel() for p in theirs.parameters()) == ours

    x, _ = training_step.random_batch(2)
    y = x
    for layer in layers:
        y = layer.forward(y)
    with torch.inference_mode():
        expected = theirs(torch.from_numpy(x)).numpy()
    scale = np.abs(expected).max()
    assert scale > 0
    np.testing.assert_allclose(y, expected, atol=2e-5 * scale)


@pytest.mark.oracle
def test_a_mirrored_training_step_has_our_gradients(benchmark):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    body = [Conv2D(6, 3, padding=1, bias=False), BatchNorm(momentum=0.7), ReLU()]
    shortcut = [Conv2D(6, 1, bias=False)]
    layers = [Residual(body, shortcut), MaxPool2D(2), GlobalAvgPool2D(), Dense(3), BatchNorm()]
    model = Sequential(layers).build((2, 6, 6), rng)
    theirs = benchmark("torch_networks").mirrored(layers)
    x = rng.standard_normal((4, 2, 6, 6), np.float32)
    dy = rng.standard_normal((4, 3), np.float32)
    model.plan.forward(x, training=True)
    model.plan.backward(dy)
    theirs(torch.from_numpy(x)).backward(torch.from_numpy(dy))
    ours = sorted(np.linalg.norm(g) for _, layer in model.leaves() for g in layer.grads.values())
    other = sorted(float(p.grad.norm()) for p in theirs.parameters())
    np.testing.assert_allclose(ours, other, rtol=1e-3, atol=1e-5)
    norm = layers[0].body[1]
    np.testing.assert_allclose(
        norm.buffers["running_var"], theirs[0].body[1].running_var.numpy(), rtol=1e-4
    )


@pytest.mark.oracle
def test_a_layer_without_counterpart_is_refused(benchmark):
    pytest.importorskip("torch")
    mirrored = benchmark("torch_networks").mirrored
    with pytest.raises(ValueError, match="no counterpart in torch is known for AvgPool2D"):
        mirrored([AvgPool2D(2)])
    conv = Conv2D(2, 3, padding=((0, 1), (0, 1)))
    conv.build((1, 4, 4), np.random.default_rng(0))
    with pytest.raises(ValueError, match="torch pads both sides alike"):
        mirrored([conv])


@pytest.mark.oracle
@pytest.mark.parametrize("mode", [[], ["--inference"]])
def test_training_step_from_end_to_end(benchmark, monkeypatch, capsys, tmp_path, mode):
    pytest.importorskip("torch")
    training_step = benchmark("training_step")
    monkeypatch.setitem(training_step.NETWORKS, "seven", tiny)
    monkeypatch.setattr(training_step, "memory_alone", lambda name, *_, **__: 100.0 + len(name))
    arguments = ["--csv", str(tmp_path / "step.csv"), "--figure", str(tmp_path / "step.png")]
    arguments += ["--against", "torch", "torch channels_last"]
    short = functools.partial(training_step.interleaved, long_enough=0)
    monkeypatch.setattr(training_step, "interleaved", short)
    training_step.main([*QUICK, "--batch", "1", "4", *mode, *arguments])
    assert capsys.readouterr().out.startswith("Inference" if mode else "A training step")
    rows = rows_of(tmp_path / "step.csv")
    assert [row["batch"] for row in rows] == ["1"] * 3 + ["4"] * 3
    assert [row["competitor"] for row in rows[:3]] == ["scratchnet", "torch", "torch channels_last"]
    assert [row["peak_MB"] for row in rows[:3]] == ["110.0", "105.0", "119.0"]
    assert float(rows[0]["ratio"]) == 1
    assert (tmp_path / "step.png").stat().st_size > 5000


@pytest.mark.oracle
def test_memory_is_measured_in_a_process_of_its_own(benchmark):
    pytest.importorskip("torch")
    training_step = benchmark("training_step")
    how = {"inference": True, "threads": 1}
    peak = training_step.memory_alone("torch", "residual", 1, **how)
    assert peak is None or 50 < peak < 5000


# -- the first step -------------------------------------------------------------------------------


def test_the_first_step_is_timed_in_three_ways(benchmark, capsys, monkeypatch):
    """The medians of three rounds, each with a cache of its own that warm finds filled."""
    first_step, asked = benchmark("first_step"), []
    taken = iter([15, 8, 1.0, 13, 9, 1.2, 14, 7, 1.1])

    def seconds(mode, network, batch, cache):
        asked.append((mode, cache))
        return next(taken)

    monkeypatch.setattr(first_step, "seconds", seconds)
    monkeypatch.setattr(sys, "argv", ["first_step.py", "--rounds", "3"])
    first_step.main()
    *_, medians = capsys.readouterr().out.splitlines()
    assert medians == "medians: cold 14.0 s, beforehand 8.0 s, warm 1.1 s"
    (_, cold), (_, beforehand), (_, warm), *_ = asked
    assert beforehand == warm != cold
    assert len({cache for _, cache in asked}) == 6


def test_a_process_that_is_timed_takes_a_step(benchmark, tmp_path, monkeypatch):
    first_step = benchmark("first_step")
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parents[1]))
    assert first_step.seconds("beforehand", "simple", 2, tmp_path) > 0
    assert list(tmp_path.rglob("*.nbi"))
