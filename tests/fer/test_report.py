"""The report of a run, on a stub of a network: strict JSON, the promised pictures, clean skips."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from scratchnet import metrics, visualize
from scratchnet.fer.report import summarize, write_json, write_report

pytest.importorskip("matplotlib")

NAMES = ["Happy", "Sad", "Fear"]
N = 40


class Conv2D:
    def __init__(self):
        self.params = {"W": np.random.default_rng(0).standard_normal((4, 1, 3, 3))}


class MaxPool2D:
    def __init__(self):
        self.params = {}


class Stub:
    """A network of duck type: one convolution and as many pools as asked for."""

    def __init__(self, probabilities, pools=3):
        self.layers = [Conv2D()] + [MaxPool2D() for _ in range(pools)]
        self.probabilities = probabilities

    def predict(self, x):
        return self.probabilities

    def activations(self, x):
        return [np.ones((len(x), 4, 12 // 2**i, 12 // 2**i)) for i in range(len(self.layers))]

    def parameter_count(self):
        return np.int64(40)

    def macs(self):
        return 20_736


class History:
    def __init__(self, epochs):
        self.rows = [
            {"epoch": e, "loss": 1 / e, "accuracy": 0.5, "val_loss": 1 / e, "val_accuracy": 0.5}
            for e in range(1, epochs + 1)
        ]

    def to_frame(self):
        return pd.DataFrame(self.rows)


@pytest.fixture
def run():
    """What write_report takes, beside the folder: 30 of 40 faces right."""
    rng = np.random.default_rng(5)
    labels = np.arange(N) % 3
    predicted = np.where(np.arange(N) < 30, labels, (labels + 1) % 3)
    probabilities = np.full((N, 3), 0.2, np.float32)
    probabilities[np.arange(N), predicted] = 0.6
    return {
        "model": Stub(probabilities),
        "history": History(3),
        "class_names": NAMES,
        "test_images": rng.standard_normal((N, 1, 12, 12)).astype(np.float32),
        "test_labels": labels,
        "rng": np.random.default_rng(0),
        "samples": 3,
    }


@pytest.fixture
def drawn(monkeypatch):
    """The names of the figures, which are made but, to save time, not rendered."""
    names = []
    monkeypatch.setattr(visualize, "save_figure", lambda figure, path: names.append(path.stem))
    return names


def strict(path):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def test_the_run_folder_holds_the_promised_files(run, tmp_path):
    counts = pd.DataFrame({"Training": [5, 6, 7]}, index=NAMES)
    write_report(tmp_path / "run", **run, counts=counts)
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {
        "metrics.json", "curves.png", "confusion.png", "ranks.png", "reliability.png",
        "faces.png", "distribution.png", "filters.png",
        "feature_maps_pool2.png", "feature_maps_pool3.png",
    }  # fmt: skip
    for path in (tmp_path / "run").glob("*.png"):
        with Image.open(path) as image:
            image.load()
            assert min(image.size) > 150


def test_metrics_json_is_strict_and_is_what_is_returned(run, drawn, tmp_path):
    report = write_report(tmp_path, **run, seconds={"training": np.float32(12.5)})
    assert strict(tmp_path / "metrics.json") == report
    assert report["seconds"]["training"] == 12.5
    assert report["parameters"] == 40
    assert report["mmac"] == pytest.approx(0.020736)
    assert report["epochs"] == 3
    assert report["milliseconds_per_image"] >= 0


def test_every_number_is_that_of_the_metrics(run, drawn, tmp_path):
    report = write_report(tmp_path, **run)
    p, labels = run["model"].probabilities, run["test_labels"]
    confusion = metrics.confusion_matrix(labels, p.argmax(axis=1), 3)
    assert report["images"] == N
    assert report["accuracy"] == 0.75
    low, high = report["accuracy_interval"]
    assert 0.5 < low < 0.75 < high < 0.95
    assert report["balanced_accuracy"] == metrics.balanced_accuracy(confusion)
    assert report["macro_f1"] == metrics.macro_f1(confusion)
    assert report["cohen_kappa"] == metrics.cohen_kappa(confusion)
    assert report["confusion_matrix"] == confusion.tolist()
    assert report["rank_histogram"] == metrics.rank_histogram(p, labels).tolist()
    assert report["top_k"] == {str(k): metrics.top_k(p, labels, k) for k in (1, 2, 3)}
    assert report["negative_log_likelihood"] == metrics.negative_log_likelihood(p, labels)
    assert report["brier_score"] == metrics.brier_score(p, labels)
    assert report["expected_calibration_error"] == metrics.expected_calibration_error(p, labels)
    assert report["majority_baseline"] == {"class": "Happy", "accuracy": 14 / 40}
    assert report["classes"]["Sad"]["support"] == 13
    assert list(report["classes"]) == NAMES


def test_confused_pairs_go_by_name():
    labels = np.array([0, 0, 0, 1, 2])
    report = summarize(np.eye(3)[[0, 1, 1, 1, 2]], labels, NAMES, np.random.default_rng(0))
    (pair,) = report["most_confused"]
    assert pair == {
        "true": "Happy",
        "predicted": "Sad",
        "samples": 2,
        "share": pytest.approx(2 / 3),
    }


def test_leaked_faces_are_left_out_of_the_second_accuracy():
    labels = np.array([0, 0, 1, 1])
    p = np.eye(3)[[0, 0, 1, 2]]
    leaked = np.array([True, True, False, False])
    report = summarize(p, labels, NAMES, np.random.default_rng(0), leaked)
    assert report["accuracy"] == 0.75
    assert report["leaked_images"] == 2
    assert report["without_leaked"]["images"] == 2
    assert report["without_leaked"]["accuracy"] == 0.5


def test_all_leaked_leaves_no_second_accuracy():
    report = summarize(
        np.eye(3), np.arange(3), NAMES, np.random.default_rng(0), np.ones(3, dtype=bool)
    )
    assert report["leaked_images"] == 3
    assert "without_leaked" not in report


def test_a_mask_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"leaked_mask expects \(3,\), got \(2,\)"):
        summarize(np.eye(3), np.arange(3), NAMES, np.random.default_rng(0), np.zeros(2, dtype=bool))


def test_a_small_network_without_epochs_skips_what_it_has_not(run, drawn, tmp_path):
    run |= {"history": History(0), "model": Stub(run["model"].probabilities, pools=1)}
    run["model"].layers[0] = SimpleNamespace(params={"W": np.ones((5, 3))})  # a dense layer
    write_report(tmp_path, **run)
    assert drawn == ["confusion", "ranks", "reliability", "faces"]


def test_a_network_that_halves_by_stride_shows_its_second_and_third_halving(
    run, drawn, tmp_path, monkeypatch
):
    titles = []
    draw = visualize.feature_map_grid
    monkeypatch.setattr(
        visualize,
        "feature_map_grid",
        lambda maps, picture, layer: titles.append((layer, maps.shape)) or draw(maps, picture),
    )
    run["model"].layers = [Conv2D() for _ in range(5)]
    sizes = (12, 6, 6, 3, 2)  # of the layers' outputs: the second layer halves first
    run["model"].activations = lambda x: [np.ones((len(x), 4, size, size)) for size in sizes]
    write_report(tmp_path, **run)
    assert titles == [("the second halving", (4, 3, 3)), ("the third halving", (4, 2, 2))]
    assert drawn[-2:] == ["feature_maps_pool2", "feature_maps_pool3"]


def test_a_network_of_scores_has_no_calibration(run, drawn, tmp_path):
    run["model"] = Stub(10 * run["model"].probabilities - 5)
    report = write_report(tmp_path, **run)
    assert report["accuracy"] == 0.75
    assert "brier_score" not in report
    assert "reliability" not in drawn
    assert "ranks" in drawn


def test_pictures_are_shown_instead_of_inputs(run, drawn, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(
        visualize, "face_predictions", lambda images, *_, **__: shown.append(images)
    )
    pictures = np.zeros((N, 12, 12), np.uint8)
    write_report(tmp_path, **run, pictures=pictures)
    assert shown[0].dtype == np.uint8
    assert shown[0].shape == (3, 12, 12)


def test_given_probabilities_are_not_predicted_again(run, drawn, tmp_path):
    probabilities = run["model"].probabilities
    run["model"].predict = None
    report = write_report(tmp_path, **run, probabilities=probabilities)
    assert report["accuracy"] == 0.75
    assert "milliseconds_per_image" not in report


def test_the_same_generator_gives_the_same_interval_and_faces(run, drawn, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(
        visualize, "face_predictions", lambda images, *_, **__: shown.append(images)
    )
    p = run["model"].probabilities
    first, second = (
        write_report(tmp_path, **run | {"rng": np.random.default_rng(9)}, probabilities=p)
        for _ in range(2)
    )
    assert first == second
    assert (shown[0] == shown[1]).all()


def test_diverged_predictions_are_one_clear_error(run, tmp_path):
    run["model"] = Stub(np.full((N, 3), np.nan))
    with pytest.raises(ValueError, match="lower the learning rate"):
        write_report(tmp_path, **run)


def test_lengths_that_do_not_agree_are_refused(run, tmp_path):
    run["test_labels"] = run["test_labels"][:-1]
    with pytest.raises(ValueError, match="40 images, 39 labels, 40 predictions"):
        write_report(tmp_path, **run)


def test_without_matplotlib_the_numbers_are_written_all_the_same(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match="scratchnet\\[examples\\]"):
        write_report(tmp_path, **run)
    assert strict(tmp_path / "metrics.json")["accuracy"] == 0.75


def test_nan_never_reaches_a_json_file(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"a": float("nan")})
    assert strict(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
