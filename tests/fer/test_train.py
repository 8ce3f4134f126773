"""A run on a few striped "faces": what it leaves behind, and that it goes on where it stopped."""

import numpy as np
import pandas as pd
import pytest

from scratchnet import Sequential
from scratchnet.callbacks import Callback
from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.networks import NETWORKS
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.train import MAX_RATES, Recipe, overfit, read_run, train, write_run
from scratchnet.serialization import FormatError

TINY = Recipe(network="simple", epochs=3, batch_size=8, validation_share=0.25, average=0.5)
DATA = {"path": None, "classes": 7}


def faces(count=24, classes=3, side=16):
    """Class k has a bright stripe in its own place, in noise."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 80, (count, side, side)).astype(np.uint8)
    labels = np.arange(count) % classes
    for image, label in zip(images, labels, strict=True):
        image[5 * label : 5 * label + 3] += 150
    return Dataset(images, labels.astype(np.int64), tuple("abcdefg"[:classes]))


def same_state(one, other):
    return all(np.array_equal(array, other.state()[name]) for name, array in one.state().items())


class Watch(Callback):
    """Keeps what the run trains on, and can interrupt it."""

    def __init__(self, interrupt_after=None):
        self.interrupt_after, self.training = interrupt_after, None

    def on_train_begin(self, training):
        self.training = training

    def on_epoch_begin(self, training):
        if training.epoch == self.interrupt_after:
            raise KeyboardInterrupt


# -- a run ----------------------------------------------------------------------------------------


def test_a_run_leaves_model_history_and_checkpoint(tmp_path):
    run = tmp_path / "new" / "run"
    model = train(faces(), TINY, run)
    names = {path.name for path in run.iterdir()}
    assert names == {"model", "history.csv", "checkpoint.npz"}
    assert len(pd.read_csv(run / "history.csv")) == 3
    kept = Sequential.load(run / "model")
    assert same_state(model, kept)
    assert kept.class_names == ("a", "b", "c")
    assert kept.preprocessing == Preprocessing(size=16).config()
    assert kept.loss.config()["label_smoothing"] == 0.05


def test_equal_recipes_on_equal_data_give_equal_bits(tmp_path):
    one, other = (train(faces(), TINY, tmp_path / name) for name in "ab")
    assert same_state(one, other)


def test_equal_pictures_stay_on_one_side(tmp_path):
    """Every picture is there three times."""
    watch, data = Watch(), faces(12)
    thrice = data.select(np.tile(np.arange(12), 3))
    train(thrice, TINY, tmp_path, callbacks=[watch])
    training = watch.training
    learned = {picture.tobytes() for picture in training.x}
    checked = {picture.tobytes() for picture in training.validation[0]}
    assert len(learned) + len(checked) == 12
    assert not learned & checked
    assert len(training.x) + len(training.validation[0]) == 36


def test_the_schedule_is_stretched_over_the_epochs(tmp_path):
    watch = Watch()
    train(faces(), TINY, tmp_path, callbacks=[watch])
    optimizer = watch.training.optimizer
    assert optimizer.iterations == 3 * 3  # 18 faces in batches of 8
    rates = [optimizer.schedule(step) for step in range(10)]
    assert max(rates) == pytest.approx(TINY.max_rate, rel=0.01)
    assert rates[9] == min(rates)


def test_a_run_without_an_average(tmp_path):
    recipe = Recipe(**(vars(TINY) | {"average": 0, "epochs": 1}))
    assert len(train(faces(), recipe, tmp_path).history.rows) == 1


def test_an_interrupted_run_keeps_its_best_model_and_resumes_to_the_same_bits(tmp_path):
    whole = train(faces(), TINY, tmp_path / "whole", callbacks=[Watch()])
    run = tmp_path / "parts"
    with pytest.raises(KeyboardInterrupt):
        train(faces(), TINY, run, callbacks=[Watch(interrupt_after=2)])
    Sequential.load(run / "model")
    assert len(pd.read_csv(run / "history.csv")) == 2
    parts = train(faces(), TINY, run, callbacks=[Watch()], resume=True)
    assert same_state(whole, parts)
    assert same_state(whole, Sequential.load(run / "model"))


def test_a_run_that_is_interrupted_before_its_first_epoch_leaves_no_model(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(faces(), TINY, tmp_path, callbacks=[Watch(interrupt_after=0)])
    assert not (tmp_path / "model").exists()
    train(faces(), TINY, tmp_path, resume=True)  # nothing to go on with: it begins


def test_other_data_cannot_go_on_with_a_checkpoint(tmp_path):
    train(faces(), Recipe(**(vars(TINY) | {"epochs": 1})), tmp_path)
    other = faces()
    other.images[3] = other.images[3, :, ::-1]
    with pytest.raises(FormatError, match="belongs to another run: inputs differ"):
        train(other, Recipe(**(vars(TINY) | {"epochs": 1})), tmp_path, resume=True)


@pytest.mark.parametrize("count, classes", [(0, 1), (1, 1), (6, 1)])
def test_too_few_faces_are_refused(tmp_path, count, classes):
    with pytest.raises(DataError, match=f"two classes, got {count} faces of {min(count, 1)}"):
        train(faces(count, classes), TINY, tmp_path)


def test_one_face_can_be_learned_by_heart():
    face = faces(1).images[0]
    before = face.copy()
    probabilities = overfit(face, 2, "simple", 7, steps=60)
    assert probabilities[-1] >= 0.99
    assert len(probabilities) < 60
    assert np.array_equal(face, before)


# -- recipes and run.json -------------------------------------------------------------------------


def test_there_is_a_top_rate_for_every_network():
    assert set(MAX_RATES) == set(NETWORKS)
    assert Recipe().network == next(iter(NETWORKS))
    assert Recipe().max_rate == MAX_RATES[Recipe().network]


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"epochs": 0}, "epochs expects at least 1, got 0"),
        ({"batch_size": -1}, "batch_size expects at least 1, got -1"),
        ({"epochs": 2.5}, "epochs expects int, got 2.5"),
        ({"seed": -1}, "seed expects at least 0, got -1"),
        ({"seed": "x"}, "seed expects int, got 'x'"),
        ({"network": 7}, "network expects str, got 7"),
        ({"max_rate": 0}, "max_rate expects a number above 0, got 0"),
        ({"max_rate": float("nan")}, "max_rate expects a number above 0, got nan"),
        ({"validation_share": 1}, "validation_share expects a share, got 1"),
    ],
)
def test_a_wrong_recipe_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**wrong)


def test_run_json_comes_back(tmp_path):
    write_run(tmp_path / "run", TINY, DATA)
    assert read_run(tmp_path / "run") == (TINY, DATA)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"recipe": {}}',
        '{"recipe": {}, "data": {"path": null}}',
        '{"recipe": {"epoch": 3}, "data": {"path": null, "classes": 7}}',
        '{"recipe": {"epochs": 0}, "data": {"path": null, "classes": 7}}',
        '{"recipe": {"seed": [1]}, "data": {"path": null, "classes": 7}}',
        '{"recipe": 3, "data": {"path": null, "classes": 7}}',
    ],
)
def test_a_damaged_run_json_is_a_data_error(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(DataError, match=r"run\.json is damaged"):
        read_run(tmp_path)


def test_a_folder_without_run_json_is_no_run(tmp_path):
    with pytest.raises(DataError, match=r"is not a run folder: it holds no run\.json"):
        read_run(tmp_path)
