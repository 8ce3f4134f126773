"""examples/pack_model.py: from run folders to a folder that travels, with its card."""

import json
import runpy
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scratchnet.fer.pack import load_ensemble, load_packed
from scratchnet.fer.recipe import Recipe, write_run
from scratchnet.fer.sources import load_faces
from scratchnet.fer.train import train, training_faces

PACK = Path(__file__).parents[1] / "examples" / "pack_model.py"
RECIPE = Recipe(network="simple", epochs=1, batch_size=16, max_rate=1e-3, validation_share=0.25)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs of different seeds on a folder of 60 faces of two classes."""
    place = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for label, name in enumerate(("happy", "sad")):
        (place / "faces" / name).mkdir(parents=True)
        for i in range(30):
            pixels = rng.integers(0, 80, (48, 48)).astype(np.uint8)
            pixels[20 * label : 20 * label + 9] += 150
            Image.fromarray(pixels).save(place / "faces" / name / f"{i}.png")
    data = {"path": str(place / "faces"), "classes": None, "fer_plus": None}
    folders = [place / "run-0", place / "run-1", place / "elsewhere"]
    recipes = [RECIPE, replace(RECIPE, seed=1), replace(RECIPE, split_seed=1)]
    for run, recipe in zip(folders, recipes, strict=True):
        faces = load_faces(data["path"], np.random.default_rng(recipe.split_seed))
        write_run(run, recipe, data)
        train(training_faces(faces)[0], recipe, run)
    return folders


@pytest.fixture
def pack_model(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", [str(PACK), *map(str, arguments)])
        try:
            runpy.run_path(str(PACK), run_name="__main__")
        except SystemExit as end:
            assert end.code == 2
        return capsys.readouterr()

    return run


def test_a_run_is_packed_with_its_card(pack_model, runs, tmp_path):
    out = tmp_path / "box"
    heard = pack_model(runs[0], "--out", out)
    assert "1 network," in heard.out, heard.err
    assert {path.name for path in out.iterdir()} == {
        *("model.json", "weights.npz", "card.md", "history.csv"),
    }
    card = json.loads((out / "model.json").read_text(encoding="utf-8"))["card"]
    assert card["flip"] is True
    assert card["temperature"] > 0
    assert card["command"].startswith("python examples/train_fer.py --data faces --network simple")
    assert card["results"]["Test"]["images"] == 9  # 15 % of 60
    assert str(runs[0].parent) not in (out / "model.json").read_text(encoding="utf-8")
    assert "What it is for, and not for" in (out / "card.md").read_text(encoding="utf-8")
    load_packed(out)


def test_an_ensemble_is_packed_as_numbered_folders(pack_model, runs, tmp_path):
    out = tmp_path / "box"
    pack_model(runs[0], "--out", out)
    heard = pack_model(*runs[:2], "--out", out, "--one-look")
    assert "2 networks" in heard.out, heard.err
    one, other = load_ensemble(out)
    assert not np.array_equal(one.layers[0].params["W"], other.layers[0].params["W"])
    for folder in (out, out / "2"):
        card = json.loads((folder / "model.json").read_text(encoding="utf-8"))["card"]
        assert (card["members"], card["flip"]) == (2, False)
    assert "--seed 1" in (out / "2" / "card.md").read_text(encoding="utf-8")


def test_runs_that_held_out_other_faces_are_refused(pack_model, runs, tmp_path):
    heard = pack_model(runs[0], runs[2], "--out", tmp_path / "box")
    assert "was trained on other faces than" in heard.err
    assert not (tmp_path / "box").exists()


def test_a_folder_that_is_no_run_is_refused(pack_model, tmp_path):
    assert "is not a run folder" in pack_model(tmp_path, "--out", tmp_path / "box").err
