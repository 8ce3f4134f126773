"""examples/pack_model.py: from run folders to a folder that travels, with its card."""

import json
import runpy
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import haar
from scratchnet import Sequential
from scratchnet.fer.averaging import averaged_predictions, view_scores
from scratchnet.fer.evaluation.candidate import Candidate
from scratchnet.fer.pack import digest, load_packed
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.pretrained import load_networks
from scratchnet.fer.recipe import Recipe, write_run
from scratchnet.fer.recognizer import EmotionRecognizer
from scratchnet.fer.sources import load_faces
from scratchnet.fer.train import held_out, train, training_faces
from scratchnet.losses import softmax
from scratchnet.metrics import fit_temperature, negative_log_likelihood
from tests.fer.recognition import Everywhere

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
    document = json.loads((out / "model.json").read_text(encoding="utf-8"))
    card = document["card"]
    assert card["flip"] is True
    assert card["temperature"] > 0 and card["temperatures_of_fewer"] == []
    (network,) = card["networks"]
    command = "python examples/train_fer.py --data faces --network simple"
    assert network["command"].startswith(command)
    assert Recipe(**card["recipe"]) == Recipe(**network["recipe"]) == RECIPE
    assert network["weights_sha256"] == document["weights_sha256"] == digest(out)
    assert network["accuracy"] == {"Test": card["results"]["Test"]["accuracy"]}
    assert (network["epochs"], network["best_epoch"]) == (1, 1)
    assert card["results"]["Test"]["images"] == 9  # 15 % of 60
    assert card["data"]["faces"] == {"Test": 9, "Training": 51}
    assert card["data"]["learned_from"] + card["data"]["held_out"] == 51
    assert "float16 changes 0 of 13 answers" in heard.out
    for file in ("model.json", "card.md"):
        assert str(runs[0].parent) not in (out / file).read_text(encoding="utf-8")
    text = (out / "card.md").read_text(encoding="utf-8")
    assert "What it is for, and not for" in text and digest(out) in text
    assert (out / "history.csv").read_bytes() == (runs[0] / "history.csv").read_bytes()
    load_packed(out)


def test_what_is_packed_answers_like_what_was_trained(pack_model, runs, tmp_path):
    out = tmp_path / "box"
    pack_model(runs[0], "--out", out)
    with np.load(out / "weights.npz") as arrays:
        assert {arrays[n].dtype.name for n in arrays if arrays[n].ndim > 1} == {"float16"}
    faces = load_faces(runs[0].parent / "faces", np.random.default_rng(0))
    candidate = Candidate(out)
    p = candidate.probabilities(candidate.scores(faces.images))
    exact = Sequential.load(runs[0] / "model")
    x = Preprocessing(**exact.preprocessing)(faces.images)
    np.testing.assert_allclose(p, averaged_predictions([exact], x), atol=2e-3)


def test_a_network_that_float16_spoils_is_refused(pack_model, runs, tmp_path, monkeypatch):
    """Two classes that differ by less than half precision can tell apart."""
    model = Sequential.load(runs[0] / "model")
    W = model.layers[-1].params["W"]
    W[:, 0], W[:, 1] = 100, 100 * (1 + 1e-4)
    model.save(tmp_path / "run" / "model")
    for file in ("run.json", "history.csv"):
        shutil.copy(runs[0] / file, tmp_path / "run" / file)
    heard = pack_model(tmp_path / "run", "--out", tmp_path / "box")
    assert "float16 costs" in heard.err, heard.out
    assert not (tmp_path / "box").exists()


def test_an_ensemble_is_packed_as_numbered_folders(pack_model, runs, tmp_path):
    out = tmp_path / "box"
    pack_model(runs[0], "--out", out)
    heard = pack_model(*runs[:2], "--out", out, "--one-look")
    assert "2 networks" in heard.out, heard.err
    one, other = load_networks(out)
    assert not np.array_equal(one.layers[0].params["W"], other.layers[0].params["W"])
    card, second = (
        json.loads((folder / "model.json").read_text(encoding="utf-8"))["card"]
        for folder in (out, out / "2")
    )
    assert card["flip"] is second["flip"] is False
    assert len(card["networks"]) == 2 and second["networks"] == card["networks"][1:]
    for i, folder in enumerate((out, out / "2")):
        assert card["networks"][i]["weights_sha256"] == digest(folder)
        assert (folder / "history.csv").read_bytes() == (runs[i] / "history.csv").read_bytes()
    assert card["networks"][1]["recipe"]["seed"] == second["recipe"]["seed"] == 1
    for folder in (out, out / "2"):
        assert "--seed 1" in (folder / "card.md").read_text(encoding="utf-8")
    for entry in ("networks", "results"):  # each alone is judged alone
        assert second[entry] != card[entry]
    assert card["temperatures_of_fewer"] == [card["networks"][0]["temperature"]]
    assert second["temperature"] == card["networks"][1]["temperature"]


@pytest.mark.parametrize("look", [[], ["--one-look"]])
def test_temperature_and_figures_are_those_of_what_is_served(pack_model, runs, tmp_path, look):
    """`evaluate`'s candidate finds the card's temperature and accuracy again; so do fewer."""
    out = tmp_path / "box"
    pack_model(*runs[:2], "--out", out, *look)
    faces = load_faces(runs[0].parent / "faces", np.random.default_rng(0))
    learn, test = faces.split("Training"), faces.split("Test")
    held = learn.select(held_out(learn, RECIPE)[1])
    for folder in (out, out / "2"):
        candidate = Candidate(folder)
        fitted = candidate.fit_temperature(candidate.scores(held.images), held.labels)
        assert candidate.temperature == pytest.approx(fitted, abs=1e-4)
        p = candidate.probabilities(candidate.scores(test.images), candidate.temperature)
        result = candidate.card["results"]["Test"]
        loss = negative_log_likelihood(p, test.labels)
        assert result["negative_log_likelihood"] == pytest.approx(loss, rel=1e-5)
    fewer = EmotionRecognizer.load(out, Everywhere(), networks=1)
    x = fewer.preprocess(held.images)
    answers = softmax(view_scores(fewer.models, x, flip=not look).astype(np.float64))
    assert fewer.temperature == pytest.approx(fit_temperature(answers, held.labels), abs=1e-4)


def test_the_cascade_for_eyes_is_noted_on_the_card(pack_model, runs, tmp_path):
    out = tmp_path / "box"
    pack_model(runs[0], "--out", out, "--eyes", "own-eye")
    assert EmotionRecognizer.load(out, Everywhere()).eyes is not None
    heard = pack_model(runs[0], "--out", tmp_path / "other", "--eyes", "ears")
    assert "ears" in heard.err and not (tmp_path / "other").exists()
    haar.Cascade.eye().save(tmp_path / "mine.xml")
    heard = pack_model(runs[0], "--out", tmp_path / "other", "--eyes", tmp_path / "mine.xml")
    assert "--eyes expects a name" in heard.err and not (tmp_path / "other").exists()


def test_runs_that_held_out_other_faces_are_refused(pack_model, runs, tmp_path):
    heard = pack_model(runs[0], runs[2], "--out", tmp_path / "box")
    assert "was trained on other faces than" in heard.err
    assert not (tmp_path / "box").exists()


def test_a_folder_that_is_no_run_is_refused(pack_model, tmp_path):
    assert "is not a run folder" in pack_model(tmp_path, "--out", tmp_path / "box").err


def test_a_fine_tuned_network_is_refused(pack_model, runs, tmp_path):
    data = {"path": "faces", "classes": None, "fer_plus": None}
    write_run(tmp_path / "tuned", replace(RECIPE, network="finetuned"), data)
    heard = pack_model(tmp_path / "tuned", "--out", tmp_path / "box")
    assert "was fine-tuned; a card tells of a training from the beginning" in heard.err
