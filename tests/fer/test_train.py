"""A run on a few striped "faces": what it leaves behind, and that it goes on where it stopped."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scratchnet import Sequential
from scratchnet.callbacks import Callback
from scratchnet.fer.augment import AUGMENTATIONS
from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.label_shift import match_labels
from scratchnet.fer.labels import SEVEN
from scratchnet.fer.networks import NETWORKS
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import MAX_RATES, Recipe, command, read_run, write_run
from scratchnet.fer.train import held_out, overfit, targets, train, training_faces
from scratchnet.serialization import FormatError

TINY = Recipe(network="simple", epochs=3, batch_size=8, validation_share=0.25, average=0.5)
DATA = {"path": None, "classes": 7, "fer_plus": None}


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


@pytest.mark.parametrize(
    "choice",
    [
        {"optimizer": "sgd", "max_rate": 0.05},
        {"schedule": "constant"},
        {"augment": "none"},
        {"augment": "strong"},
    ],
)
def test_every_choice_trains(tmp_path, choice):
    watch = Watch()
    recipe = replace(TINY, epochs=1, **choice)
    train(faces(), recipe, tmp_path, callbacks=[watch])
    assert watch.training.augment == AUGMENTATIONS[recipe.augment]
    kind = {"adamw": "AdamW", "sgd": "SGD"}[recipe.optimizer]
    assert type(watch.training.optimizer).__name__ == kind
    rates = {watch.training.optimizer.schedule(step) for step in range(3)}
    assert (len(rates) == 1) is (recipe.schedule == "constant")


def test_networks_of_other_seeds_hold_out_the_same_faces(tmp_path):
    one, other, moved = (
        held_out(faces(), replace(TINY, seed=seed, split_seed=split_seed))
        for seed, split_seed in ((0, 0), (7, 0), (0, 1))
    )
    assert np.array_equal(one[1], other[1])
    assert not np.array_equal(one[1], moved[1])
    assert np.array_equal(np.sort(np.concatenate(one)), np.arange(24))


def test_targets_mix_labels_and_votes():
    """0.75 of label 1 and 0.25 of votes that are split between 0 and 1; no votes: the label."""
    two = faces(2).select(np.array([1, 0]))
    votes = np.array([[0.5, 0.5, 0], [0, 0, 0]], np.float32)
    mixed = targets(two, replace(TINY, votes=0.25), votes)
    assert mixed.tolist() == [[0.125, 0.875, 0], [1, 0, 0]]
    assert targets(two, TINY, None) is two.labels


def test_a_run_learns_from_votes_and_is_judged_by_labels(tmp_path):
    watch, data = Watch(), faces()
    votes = np.roll(data.one_hot(), 1, axis=1)
    recipe = replace(TINY, votes=0.5, epochs=1)
    train(data, recipe, tmp_path, votes=votes, callbacks=[watch])
    assert watch.training.target.shape == (18, 3)
    assert np.allclose(np.sort(watch.training.target, axis=1), [0, 0.5, 0.5])
    assert watch.training.validation[1].ndim == 1


@pytest.mark.parametrize("end", [nullcontext(), pytest.raises(KeyboardInterrupt)])
def test_a_network_of_votes_expects_the_held_out_labels_even_if_interrupted(
    tmp_path, monkeypatch, end
):
    """What the saved network expects is the labels' share, but for b / 2N: see label_shift.py."""
    shifts = []
    monkeypatch.setattr(
        "scratchnet.fer.train.match_labels", lambda *given: shifts.append(match_labels(*given))
    )
    data, recipe = faces(), replace(TINY, votes=0.5)
    watch = Watch(interrupt_after=None if isinstance(end, nullcontext) else 2)
    with end:
        train(data, recipe, tmp_path, votes=np.roll(data.one_hot(), 1, axis=1), callbacks=[watch])
    model, check = Sequential.load(tmp_path / "model"), data.select(held_out(data, recipe)[1])
    x = Preprocessing(**model.preprocessing)(check.images)
    p = np.concatenate([model.predict(x), model.predict(x[..., ::-1].copy())])
    share = np.bincount(check.labels, minlength=3) / len(check)
    np.testing.assert_allclose(p.mean(axis=0), share - shifts[0] / len(p), atol=1e-5)


def test_votes_are_given_if_and_only_if_the_recipe_asks_for_them(tmp_path):
    votes = faces().one_hot()
    with pytest.raises(DataError, match=r"gives votes a share of 0, but got some"):
        train(faces(), TINY, tmp_path, votes=votes)
    with pytest.raises(DataError, match=r"gives votes a share of 0\.5, but got none"):
        train(faces(), replace(TINY, votes=0.5), tmp_path)
    with pytest.raises(DataError, match=r"expects votes \(24, 3\), got \(23, 3\)"):
        train(faces(), replace(TINY, votes=0.5), tmp_path, votes=votes[1:])


def test_pictures_without_a_face_are_not_trained_on(tmp_path):
    usage = np.array(["Training"] * 3 + ["PublicTest"])
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (4, 48, 48)).astype(np.uint8)
    all_faces = Dataset(images, np.arange(4), SEVEN, usage)
    header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear"
    rows = [f"{part},,10,0,0,0,0,0,0,0,0,{10 * (i == 1)}" for i, part in enumerate(usage)]
    path = tmp_path / "votes.csv"
    path.write_text("\n".join([header + ",contempt,unknown,NF", *rows]) + "\n")
    learn, votes = training_faces(all_faces, path)
    assert learn.labels.tolist() == [0, 2]
    assert votes.tolist() == [[0, 0, 0, 0, 0, 0, 1]] * 2
    assert len(training_faces(all_faces)[0]) == 3
    assert training_faces(all_faces)[1] is None


def test_a_run_without_an_average(tmp_path):
    recipe = replace(TINY, average=0, epochs=1)
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
    train(faces(), replace(TINY, epochs=1), tmp_path)
    other = faces()
    other.images[3] = other.images[3, :, ::-1]
    with pytest.raises(FormatError, match="belongs to another run: inputs differ"):
        train(other, replace(TINY, epochs=1), tmp_path, resume=True)


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
        ({"split_seed": -1}, "split_seed expects at least 0, got -1"),
        ({"optimizer": "adam"}, "optimizer expects one of adamw, sgd, got 'adam'"),
        ({"schedule": "cosine"}, "schedule expects one of one-cycle, constant, got 'cosine'"),
        ({"augment": "all"}, "augment expects one of usual, strong, none, got 'all'"),
        ({"votes": 1.5}, "votes expects a share from 0 to 1, got 1.5"),
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


def test_an_older_run_json_has_no_votes(tmp_path):
    (tmp_path / "run.json").write_text(
        '{"recipe": {"network": "seven"}, "data": {"path": "x.csv", "classes": 6}}'
    )
    recipe, data = read_run(tmp_path)
    assert (recipe.network, recipe.votes, recipe.augment) == ("seven", 0.0, "usual")
    assert data == {"path": "x.csv", "classes": 6, "fer_plus": None}


def test_the_command_names_what_is_not_usual_and_no_private_path():
    recipe = Recipe(network="wide", max_rate=MAX_RATES["wide"], epochs=60, seed=2, votes=0.5)
    data = {"path": "private/fer2013.csv", "classes": None, "fer_plus": "private/votes.csv"}
    assert command(recipe, data) == (
        "python examples/train_fer.py --data fer2013.csv --fer-plus votes.csv "
        "--network wide --epochs 60 --votes 0.5 --seed 2"
    )
    assert command(TINY, DATA | {"classes": 6}).startswith(
        "python examples/train_fer.py --classes 6 --network simple --epochs 3 --batch-size 8 "
    )
