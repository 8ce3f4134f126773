"""The whole evaluation, on a small network and drawn faces; what is served is what is judged."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict

import numpy as np
import pytest

from scratchnet import Sequential, metrics
from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.evaluation import as_text, evaluate
from scratchnet.fer.evaluation import pictures as evaluation_pictures
from scratchnet.fer.evaluation import run as evaluation_run
from scratchnet.fer.evaluation.candidate import Candidate
from scratchnet.fer.evaluation.parts import choose_parts
from scratchnet.fer.faces import generate_faces
from scratchnet.fer.labels import SEVEN, SIX
from scratchnet.fer.pack import pack
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import Recipe, write_run
from scratchnet.fer.recognizer import EmotionRecognizer
from scratchnet.fer.sources import load_faces
from scratchnet.fer.train import held_out
from scratchnet.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU

pytest.importorskip("matplotlib")

COUNTS = {"Training": 120, "PublicTest": 40}


def network(seed=0, names=SEVEN):
    layers = [Conv2D(4, 3, padding=1), ReLU(), MaxPool2D(4), Flatten(), Dense(len(names))]
    model = Sequential(layers).build((1, 48, 48), np.random.default_rng(seed))
    model.class_names, model.preprocessing = names, Preprocessing().config()
    return model


@pytest.fixture
def faces():
    drawn = generate_faces(sum(COUNTS.values()), np.random.default_rng(0))
    images, labels = drawn.images.copy(), drawn.labels.copy()
    images[120], labels[120] = images[7], labels[7]  # one test face is also in Training
    usage = np.repeat(list(COUNTS), list(COUNTS.values()))
    return Dataset(images, labels, SEVEN, usage)


@pytest.fixture
def data(faces, tmp_path):
    path = tmp_path / "fer.csv"
    rows = zip(faces.labels, faces.images, faces.usage, strict=True)
    lines = [f"{label},{' '.join(map(str, image.ravel()))},{use}" for label, image, use in rows]
    path.write_text("\n".join(["emotion,pixels,Usage", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def votes(faces, tmp_path):
    """FER+'s file: eight people give FER2013's label, two say neutral."""
    columns = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    path = tmp_path / "votes.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Usage", "Image name", *columns, "contempt", "unknown", "NF"])
        for label, use in zip(faces.labels, faces.usage, strict=True):
            counts = np.bincount([label, 6], weights=[8, 2], minlength=7).astype(int)
            writer.writerow([use, "", *counts, 0, 0, 0])
    return path


@pytest.fixture
def run(tmp_path, data):
    """A run folder whose network was, so it says, trained on `data`."""
    folder = tmp_path / "run"
    write_run(folder, Recipe(seed=3), {"path": str(data), "classes": 7})
    network().save(folder / "model")
    return folder


@pytest.fixture
def undrawn(monkeypatch):
    monkeypatch.setattr(evaluation_run, "_figures", lambda *a: [])


def test_the_folder_holds_numbers_tables_figures_and_the_page(run, data, votes, tmp_path):
    out = tmp_path / "out"
    report = evaluate(run / "model", data, out, None, fer_plus=votes)
    names = {path.name for path in out.iterdir()}
    assert {f"{name}.csv" for name in (
        "summary", "classes", "confusion", "confusion_by_row", "most_confused", "ranks",
        "coverage", "calibration", "dead_units", "second_opinion",
    )} <= names  # fmt: skip
    assert {f"{name}.png" for name in (
        "confusion", "ranks", "reliability", "reliability_scaled", "coverage", "faces", "mistakes",
        "samples", "distribution", "filters", "dead_units", "votes",
    )} <= names  # fmt: skip
    assert {"metrics.json", "report.md", "report.html"} <= names
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8")) == report
    html = (out / "report.html").read_text(encoding="utf-8")
    assert html.count("data:image/png;base64,") == len([n for n in names if n.endswith(".png")])
    assert "http" not in html


def test_numbers_are_those_of_the_metrics(run, data, faces, tmp_path, undrawn):
    report = evaluate(run / "model", data, tmp_path / "out")
    model, test = Sequential.load(run / "model"), faces.split("PublicTest")
    p = model.predict(Preprocessing()(test.images))
    assert report["part"] == "PublicTest"
    assert report["images"] == 40
    assert report["accuracy"] == metrics.top_k(p, test.labels, 1)
    assert report["leaked_images"] == 1
    clean = p[1:].argmax(axis=1) == test.labels[1:]
    assert report["without_leaked"]["accuracy"] == pytest.approx(clean.mean())
    assert report["coverage"][0]["accuracy"] == report["accuracy"]
    before = metrics.negative_log_likelihood(p, test.labels)
    assert report["calibration"]["before"]["negative_log_likelihood"] == pytest.approx(before)


def test_the_temperature_is_that_of_the_faces_held_out_of_training(
    run, data, faces, tmp_path, undrawn
):
    report = evaluate(run / "model", data, tmp_path / "out")
    training = faces.split("Training")
    kept = training.select(held_out(training, Recipe(seed=3))[1])
    p = Sequential.load(run / "model").predict(Preprocessing()(kept.images))
    expected = metrics.fit_temperature(p, kept.labels)
    assert report["calibration"]["temperature"] == pytest.approx(expected, rel=1e-4)
    assert report["calibration"]["fitted_on"] == len(kept)


def test_a_stored_temperature_is_the_recognisers(run, data, faces, tmp_path, undrawn):
    report = evaluate(run / "model", data, tmp_path / "out", store_temperature=True)
    temperature = report["calibration"]["temperature"]
    card = json.loads((run / "model" / "model.json").read_text(encoding="utf-8"))["card"]
    assert card == {"temperature": temperature}
    again = evaluate(run / "model", data, tmp_path / "out")
    assert again["calibration"]["served_temperature"] == temperature
    after = again["calibration"]["after"]["negative_log_likelihood"]
    assert again["negative_log_likelihood"] == pytest.approx(after)


def test_where_nobody_knows_what_was_held_out_nothing_is_fitted(data, tmp_path, undrawn):
    network().save(tmp_path / "foreign")
    report = evaluate(tmp_path / "foreign", data, tmp_path / "out")
    assert "temperature" not in report["calibration"]
    with pytest.raises(ValueError, match="which faces were held out"):
        evaluate(tmp_path / "foreign", data, tmp_path / "out", store_temperature=True)


def test_the_recipe_may_stand_in_the_card(faces, data, tmp_path):
    card = {"recipe": asdict(Recipe(split_seed=5))}
    parts = choose_parts(tmp_path, card, SEVEN, data)
    training = faces.split("Training")
    expected = training.select(held_out(training, Recipe(split_seed=5))[1])
    assert (parts.calibration.images == expected.images).all()


def test_who_learned_from_votes_held_out_other_faces(faces, data, votes, tmp_path):
    """What FER+ takes for no faces was left out before faces were held out."""
    rows = votes.read_text(encoding="utf-8").splitlines()
    rows[1:11] = [f"{row.rpartition(',')[0]},10" for row in rows[1:11]]  # all ten say NF
    votes.write_text("\n".join(rows) + "\n", encoding="utf-8")
    card = {"recipe": asdict(Recipe(votes=0.5))}
    assert choose_parts(tmp_path, card, SEVEN, data).calibration is None
    parts = choose_parts(tmp_path, card, SEVEN, data, fer_plus=votes)
    learn = faces.select(np.arange(10, 120))
    expected = learn.select(held_out(learn, Recipe())[1])
    assert (parts.calibration.images == expected.images).all()
    whole = faces.split("Training")
    assert len(expected) != len(held_out(whole, Recipe())[1])

    write_run(
        tmp_path, Recipe(votes=0.5), {"path": str(data), "classes": 7, "fer_plus": str(votes)}
    )
    parts = choose_parts(tmp_path / "model", {}, SEVEN, data)  # run.json knows the file
    assert (parts.calibration.images == expected.images).all()
    assert choose_parts(tmp_path / "model", {}, SEVEN, None).calibration is None  # other faces


def test_the_folder_it_was_trained_on_is_split_as_then(faces, tmp_path):
    from PIL import Image

    for index in range(60):
        folder = tmp_path / "mine" / SEVEN[index % 7]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(faces.images[index]).save(folder / f"{index}.png")
    recipe = Recipe(seed=5, split_seed=2)
    write_run(tmp_path / "run", recipe, {"path": str(tmp_path / "mine"), "classes": None})
    then = load_faces(tmp_path / "mine", np.random.default_rng(recipe.split_seed))
    parts = choose_parts(tmp_path / "run" / "model", {}, SEVEN, tmp_path / "mine")
    assert (parts.test.images == then.split("Test").images).all()


def test_an_ensemble_is_scaled_as_it_is_served(run, faces, data, tmp_path, undrawn, cascade):
    """The temperature is fitted for the mean over networks and mirror images, and reported so."""
    recipe = asdict(Recipe(seed=3))
    card = {"flip": True, "recipe": recipe, "networks": [{}, {}]}
    for seed, folder in enumerate((tmp_path / "box", tmp_path / "box" / "2")):
        network(seed).save(tmp_path / "one")
        pack(tmp_path / "one", folder, card if not seed else {})
    report = evaluate(tmp_path / "box", data, tmp_path / "out", store_temperature=True)
    temperature = report["calibration"]["temperature"]

    training, test = faces.split("Training"), faces.split("PublicTest")
    kept = training.select(held_out(training, Recipe())[1])

    def loss(T):
        served = EmotionRecognizer.load(tmp_path / "box", cascade, temperature=T)
        p = served.predict_faces(kept.images)
        return metrics.negative_log_likelihood(p / p.sum(axis=1, keepdims=True), kept.labels)

    around = [loss(temperature * factor) for factor in (0.97, 1.0, 1.03)]
    assert min(around) == around[1]
    stored = EmotionRecognizer.load(tmp_path / "box", cascade)
    assert (stored.flip, len(stored.models)) == (True, 2)
    assert stored.temperature == temperature
    p = stored.predict_faces(test.images)
    after = report["calibration"]["after"]
    assert after["negative_log_likelihood"] == pytest.approx(
        metrics.negative_log_likelihood(p, test.labels), rel=1e-5
    )
    assert after["expected_calibration_error"] == pytest.approx(
        metrics.expected_calibration_error(p, test.labels), abs=1e-4
    )
    assert report["calibration"]["before"] != after


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("classes", [7, 6])
def test_the_candidate_answers_as_the_recogniser_does(run, faces, flip, classes, cascade):
    path = run / "model" / "model.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["card"] = {"flip": flip, "temperature": 1.7}
    path.write_text(json.dumps(document), encoding="utf-8")
    candidate = Candidate(run / "model", classes)
    p = candidate.probabilities(candidate.scores(faces.images), 1.7)
    served = EmotionRecognizer.load(run / "model", cascade, classes=classes)
    assert candidate.class_names == served.class_names == (SEVEN if classes == 7 else SIX)
    np.testing.assert_allclose(p, served.predict_faces(faces.images), rtol=1e-5, atol=1e-7)


@pytest.fixture
def cascade():
    from haar.cascade import Cascade

    class Blind(Cascade):
        width = height = 24

        def __init__(self):
            pass

        def detect(self, *_, **__):
            return np.zeros((0, 4), np.int32)

    return Blind()


def test_six_classes_are_asked_of_a_network_of_seven(run, data, votes, tmp_path, undrawn):
    report = evaluate(run / "model", data, tmp_path / "out", 6, fer_plus=votes)
    assert tuple(report["classes"]) == SIX
    assert np.sum(report["confusion_matrix"]) == 40
    assert len(report["second_opinion"]["mean_votes"]) == 6


def test_a_model_of_other_classes_is_refused(data, tmp_path):
    network(names=("Left", "Right")).save(tmp_path / "other")
    with pytest.raises(DataError, match="the model answers Left, Right"):
        evaluate(tmp_path / "other", data, tmp_path / "out")


def test_a_folder_that_it_was_not_trained_on_is_an_examination_as_a_whole(faces, tmp_path):
    from PIL import Image

    for index in range(14):
        folder = tmp_path / "mine" / SEVEN[index % 7]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(faces.images[index]).save(folder / f"{index}.png")
    parts = choose_parts(tmp_path, {}, SEVEN, tmp_path / "mine")
    assert len(parts.test) == 14
    assert parts.leaked is None
    assert parts.calibration is None


def test_what_is_printed_is_short_and_says_the_essential(run, data, tmp_path, undrawn):
    lines = as_text(evaluate(run / "model", data, tmp_path / "out")).splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("PublicTest: ")
    assert "also in Training" in lines[1]
    assert "with temperature" in lines[3]


def test_a_network_without_maps_has_no_explanations(run, faces):
    model = Sequential([Flatten(), Dense(7)]).build((1, 48, 48), np.random.default_rng(0))
    model.class_names, model.preprocessing = SEVEN, Preprocessing().config()
    model.save(run / "dense")
    candidate = Candidate(run / "dense")
    p = np.eye(7)[faces.labels]
    arguments = candidate, p, faces.labels, faces.images, np.random.default_rng(0)
    assert list(evaluation_pictures.explanations(*arguments)) == []
