"""The benchmark of boosting runs from end to end; no test asserts a time."""

import importlib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "examples" / "benchmarks"


def test_a_line_with_everything(monkeypatch, capsys) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    benchmark = importlib.import_module("boosting")
    quick = ["--samples", "40", "--boosted", "1", "--rounds", "1", "--minutes", "0"]
    benchmark.main(["--features", "lbp", *quick])
    header, line = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["features", "samples", "threads"]
    assert line.split()[:3] == ["8464", "40", "1"]
