"""examples/ablation.py: its road from the report's recipe to the shipped one, and a short walk."""

import json
import runpy
import sys
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scratchnet.fer.recipe import MAX_RATES, Recipe

ABLATION = Path(__file__).parents[1] / "examples" / "ablation.py"

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")


def write_csv(path, times=1):
    """48 faces to train on and 18 to report on, a bright stripe for each class, or more of them."""
    rng = np.random.default_rng(0)
    rows = ["emotion,pixels,Usage"]
    for i in range(66 * times):
        pixels = rng.integers(0, 80, (48, 48))
        pixels[7 * (i % 6) : 7 * (i % 6) + 6] += 150
        label = (0, 2, 3, 4, 5, 6)[i % 6]
        part = "Training" if i < 48 * times else "PublicTest"
        rows.append(f"{label},{' '.join(map(str, pixels.ravel()))},{part}")
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture
def ablation(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", [str(ABLATION), *map(str, arguments)])
        try:
            runpy.run_path(str(ABLATION), run_name="__main__")
        except SystemExit as end:
            assert end.code == 2
        return capsys.readouterr()

    return run


def test_the_road_leads_from_the_report_to_the_usual_recipe_a_change_at_a_time():
    program = runpy.run_path(str(ABLATION))
    road = program["recipes"](20, True)
    first, last = (asdict(road[i][1]) for i in (0, -1))
    assert (first["network"], first["batch_size"], first["augment"]) == ("nine", 1024, "none")
    usual = Recipe(network="wide", max_rate=MAX_RATES["wide"], votes=0.5, patience=20)
    assert last == asdict(usual)
    changes = [
        [name for name in asdict(a) if getattr(a, name) != getattr(b, name)]
        for (_, a), (_, b) in pairwise(road)
    ]
    assert [change for change in changes if len(change) != 1] == [["network", "max_rate"]]
    assert len(program["recipes"](20, False)) == len(road) - 1


def test_a_step_is_trained_once_and_stands_in_table_and_picture(ablation, tmp_path):
    csv, out = write_csv(tmp_path / "fer.csv"), tmp_path / "out"
    options = "--data", csv, "--epochs", 1, "--only", 1, 2, "--out", out
    heard = ablation(*options)
    assert "table and picture" in heard.out, heard.err
    table = pd.read_csv(out / "ablation.csv")
    assert table["step"].tolist() == [1, 2]
    assert table["accuracy"].between(0, 1).all()
    assert table["command"].str.contains("--network nine").all()
    assert str(tmp_path) not in (out / "ablation.md").read_text(encoding="utf-8")
    assert (out / "ablation.png").stat().st_size > 1000
    finished = (out / "01" / "finished.json").stat().st_mtime_ns
    assert set(json.loads((out / "01" / "finished.json").read_text())) == {"validation", "minutes"}
    ablation(*options)
    assert (out / "01" / "finished.json").stat().st_mtime_ns == finished
    again = ablation("--data", csv, "--epochs", 2, "--only", 1, "--out", out)
    assert "was begun with other settings" in again.err


def test_a_network_that_has_diverged_calls_every_face_angry(ablation, tmp_path):
    """The report's 0.15: the largest of six NaN is the first, and the first class is Angry."""
    heard = ablation("--data", write_csv(tmp_path / "fer.csv", 10), "--faults")
    sound, diverged, *others = heard.out.strip().split("\n\n")
    assert sound.startswith("sound")
    assert "of the answers" in sound
    assert "scratchnet stops: the loss became nan in epoch" in diverged
    assert "16.7% right; 100% of the answers are Angry; 16.7% of the faces are" in diverged
    assert len(others) == 2
