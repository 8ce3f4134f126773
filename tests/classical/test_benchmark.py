"""examples/benchmarks/classical.py runs from end to end, and the answers agree; no time counts."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import pytest

pytest.importorskip("sklearn")

FOLDER = Path(__file__).parents[2] / "examples" / "benchmarks"
QUICK = ["--rounds", "1", "--minutes", "0", "--threads", "1", "--shrink", "20"]

pytestmark = pytest.mark.oracle


@pytest.fixture
def benchmark(monkeypatch):
    """The script, as it sees its neighbours; threads stay as they were."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("SCRATCHNET_THREADS", "1")
    module = importlib.import_module("classical")
    monkeypatch.setattr("measuring.LONG_ENOUGH", 0.0)
    return module


def test_it_runs_and_the_answers_agree(benchmark, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    table, picture = tmp_path / "classical.csv", tmp_path / "classical.png"
    ours = ["PCA", "LDA", "k nearest", "k-means", "logistic regression", "MLP"]
    benchmark.main([*QUICK, "--only", *ours, "--csv", str(table), "--figure", str(picture)])
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["algorithm"] for row in rows} == set(ours)
    for row in rows:  # > two networks that began with other random weights
        assert float(row["apart"]) < (0.3 if row["algorithm"] == "MLP" else 1e-3)
    assert picture.stat().st_size > 0
    assert "1 threads each" in capsys.readouterr().out


def test_a_missing_peer_is_told(benchmark, monkeypatch, capsys):
    gone = benchmark.CASES[0]._replace(peer="not_installed_anywhere")
    monkeypatch.setattr(benchmark, "CASES", [gone])
    benchmark.main(QUICK)
    assert "left out, not_installed_anywhere is not installed" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--only", "magic"], ["--shrink", "0"]])
def test_wrong_options_are_refused(benchmark, wrong, capsys):
    with pytest.raises(SystemExit):
        benchmark.main([*QUICK, *wrong])
    assert "expects" in capsys.readouterr().err
