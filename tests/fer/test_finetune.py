"""Fine-tuning: what is frozen stays, what is trained learns, and pre-processing is kept."""

import json

import numpy as np
import pytest

from scratchnet import Sequential
from scratchnet.callbacks import Callback
from scratchnet.fer import DataError, Dataset
from scratchnet.fer.finetune import (
    RECIPE,
    copied,
    finetune,
    first_layers,
    last_layer,
    read_finetuning,
)
from scratchnet.fer.labels import SEVEN
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import Recipe, write_run
from scratchnet.layers import BatchNorm, Dense, Flatten, ReLU
from tests.fer.recognition import network

STEPS = ({"step": "median", "size": 3},)
RECIPE = Recipe(**{**vars(RECIPE), "epochs": 3, "batch_size": 16, "max_rate": 0.01})


def striped(count=60, names=("bored", "wink")):
    """Faces whose class is seen in where they are bright."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, len(names), count)
    images = rng.integers(0, 80, (count, 48, 48))
    for image, label in zip(images, labels, strict=True):
        image[8 * label : 8 * label + 8] += 150
    return Dataset(images.astype(np.uint8), labels.astype(np.int64), tuple(names))


class StopAfter(Callback):
    """Ctrl-C in the epoch after this one; never, if it is 0."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_batch_end(self, training, logs):
        if self.epoch and training.epoch >= self.epoch:
            raise KeyboardInterrupt


@pytest.fixture
def trained():
    layers = [Flatten(), Dense(8), BatchNorm(), ReLU(), Dense(7)]
    model = Sequential(layers).build((1, 48, 48), np.random.default_rng(1))
    model.class_names = SEVEN
    model.preprocessing = Preprocessing(steps=STEPS).config()
    model.layers[2].buffers["running_mean"][...] = 0.3
    return model


def test_a_copy_with_the_same_classes_answers_the_same(trained):
    x = np.random.default_rng(2).standard_normal((3, 1, 48, 48), dtype=np.float32)
    copy = copied(trained, SEVEN, np.random.default_rng(0))
    assert (copy.predict(x) == trained.predict(x)).all()
    copy.layers[1].params["W"][...] = 0
    assert trained.layers[1].params["W"].any()


def test_a_head_for_other_classes_begins_by_knowing_nothing(trained):
    x = np.random.default_rng(2).standard_normal((3, 1, 48, 48), dtype=np.float32)
    copy = copied(trained, ("bored", "wink"), np.random.default_rng(0))
    assert copy.predict(x).tolist() == [[0.5, 0.5]] * 3
    assert (first_layers(copy).scores(x) == first_layers(trained).scores(x)).all()


def test_trunk_and_head_are_the_network(trained):
    x = np.random.default_rng(2).standard_normal((3, 1, 48, 48), dtype=np.float32)
    features = first_layers(trained).scores(x)
    assert features.shape == (3, 8)
    head = last_layer(trained, np.random.default_rng(0))
    np.testing.assert_allclose(head.scores(features), trained.scores(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("freeze", [True, False])
def test_fine_tuning_learns(trained, tmp_path, freeze):
    faces = striped()
    before = trained.state()
    tuned = finetune(trained, faces, RECIPE, tmp_path, freeze=freeze)
    p = tuned.predict(Preprocessing(**tuned.preprocessing)(faces.images))
    assert (p.argmax(axis=1) == faces.labels).mean() > 0.9
    assert all((trained.state()[name] == array).all() for name, array in before.items())

    after = tuned.state()
    trunk = {name for name in before if not name.startswith("4.")}
    changed = {name for name in trunk if (after[name] != before[name]).any()}
    assert not changed if freeze else changed >= {"1.W", "2.gamma", "2.running_mean"}

    saved = Sequential.load(tmp_path / "model")
    assert saved.class_names == ("bored", "wink")
    assert saved.preprocessing == trained.preprocessing
    assert (saved.state()["4.W"] == tuned.state()["4.W"]).all()
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 4
    assert len(tuned.history.rows) == 3
    json.dumps(saved.preprocessing)


@pytest.mark.parametrize("freeze", [True, False])
def test_an_interrupted_run_goes_on_to_the_same_bits(trained, tmp_path, freeze):

    def tune(run, epoch=0, **how):
        stop = [StopAfter(epoch)]
        return finetune(trained, striped(), RECIPE, run, freeze=freeze, callbacks=stop, **how)

    whole = tune(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        tune(tmp_path / "parts", 2)
    Sequential.load(tmp_path / "parts" / "model")
    parts = tune(tmp_path / "parts", resume=True)
    assert all((parts.state()[name] == array).all() for name, array in whole.state().items())
    assert [row["loss"] for row in parts.history.rows] == [
        row["loss"] for row in whole.history.rows
    ]


def test_a_run_remembers_where_it_began(tmp_path):
    data = {"path": "faces", "classes": None, "fer_plus": None}
    write_run(tmp_path / "tuned", RECIPE, data | {"model": None, "freeze": True})
    assert read_finetuning(tmp_path / "tuned") == (RECIPE, data | {"model": None, "freeze": True})
    write_run(tmp_path / "trained", RECIPE, data)
    with pytest.raises(DataError, match=r"resume it with `train --resume`"):
        read_finetuning(tmp_path / "trained")


def test_networks_and_faces_that_cannot_be_tuned(trained, tmp_path):
    with pytest.raises(DataError, match="at least two classes"):
        finetune(trained, striped(names=("wink",)), RECIPE, tmp_path)
    headless = Sequential([Flatten(), Dense(2), ReLU()]).build(
        (1, 48, 48), np.random.default_rng(0)
    )
    headless.preprocessing = network().preprocessing
    with pytest.raises(ValueError, match="ends in Dense, got ReLU"):
        finetune(headless, striped(), RECIPE, tmp_path)
