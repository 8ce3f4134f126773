"""The loop: what an epoch measures, how a run ends, and that a resumed run has the same bits.

Run as a program, this file trains a tiny network: `python test_training.py FOLDER EPOCHS [PAUSE]`
goes on from FOLDER's checkpoint up to EPOCHS, and in epoch PAUSE stands still, to be killed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import scratchnet
from scratchnet import Sequential
from scratchnet.callbacks import (
    Callback,
    EarlyStopping,
    LambdaCallback,
    ReduceLROnPlateau,
    WeightAverage,
)
from scratchnet.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Residual
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import SGD, Adam, AdamW, RMSProp
from scratchnet.schedules import Cosine, OneCycle, StepDecay, WarmUp
from scratchnet.serialization import FormatError, read_archive, write_archive


def generator(seed=0):
    return np.random.default_rng(seed)


def data(count=22):
    rng = generator(1)
    y = np.arange(count) % 3
    return rng.standard_normal((count, 1, 6, 6)).astype(np.float32) + y.reshape(-1, 1, 1, 1), y


def network():
    layers = [
        Conv2D(4, 3, padding=1),
        BatchNorm(),
        ReLU(),
        Residual([Conv2D(4, 3, padding=1), BatchNorm(), ReLU(), Dropout(0.2)]),
        MaxPool2D(2),
        Flatten(),
        Dropout(0.3),
        Dense(3),
    ]
    return Sequential(layers).build((1, 6, 6), generator(2))


def train(folder, epochs, pause=None):
    """Up to `epochs` in all, from the checkpoint in `folder` if there is one; saves the model."""
    model, (x, y) = network(), data()
    epoch, batches = [0], [0]

    def jitter(batch, rng):
        batches[0] += 1
        if epoch[0] == pause and batches[0] % 3 == 2:  # the second of an epoch's three batches
            (folder / "in the middle").touch()
            time.sleep(60)
        return batch + rng.standard_normal(batch.shape).astype(np.float32) / 10

    def follow(training):
        epoch[0], batches[0] = training.epoch + 1, 0

    history = model.fit(
        x,
        y,
        rng=generator(3),
        loss=SoftmaxCrossEntropy(label_smoothing=0.1, class_weights=[1, 2, 1]),
        optimizer=AdamW(OneCycle(0.05, 18), clip_norm=1.0),
        epochs=epochs,
        batch_size=7,
        validation_split=0.2,
        augment=jitter,
        callbacks=[
            WeightAverage(0.9),
            ReduceLROnPlateau(patience=3, monitor="loss", min_delta=9.0),  # waiting when cut
            EarlyStopping(patience=5, monitor="val_accuracy"),
            LambdaCallback(on_epoch_begin=follow),
        ],
        checkpoint=folder / "checkpoint.npz",
        resume=True,
    )
    model.save(folder / "model")
    return history


def outcome(folder):
    """Everything that a run left behind, but for its durations, as comparable text."""
    tree = read_archive(folder / "checkpoint.npz")
    for row in tree["history"]:
        del row["seconds"]
    model = Sequential.load(folder / "model")
    return plain(tree) | {"model": plain(model.state())}


def plain(tree):
    if isinstance(tree, np.ndarray):
        return str(tree.dtype), tree.shape, tree.tobytes()
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    return [plain(value) for value in tree] if isinstance(tree, list) else tree


def start(folder, *arguments):
    """This file as a program of its own."""
    folder.mkdir(exist_ok=True)
    root = str(Path(scratchnet.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": root, "SCRATCHNET_KERNELS": "reference"}
    command = [sys.executable, __file__, str(folder), *map(str, arguments)]
    return subprocess.Popen(command, env=environment)


# -- what an epoch measures -----------------------------------------------------------------------


def test_an_epochs_row_by_hand():
    """Scores (x, −x), almost no learning: a right sample costs log(1 + e⁻²), a wrong one 2 more."""
    model = Sequential([Dense(2)]).build((1,), generator())
    model.layers[0].params["W"][...] = [[1, -1]]
    x, y = np.array([[1.0], [1.0], [1.0], [-1.0], [1.0]]), np.array([0, 0, 0, 1, 1])
    sizes = []
    heard = LambdaCallback(on_batch_end=lambda training, logs: sizes.append(logs["size"]))
    history = model.fit(
        x,
        y,
        rng=generator(),
        optimizer=SGD(StepDecay(1e-12, every=2, factor=0.5)),
        epochs=2,
        batch_size=2,
        validation_data=(x[:4], y[:4]),
        callbacks=[heard],
    )
    assert sizes == [2, 2, 1, 2, 2, 1]
    first, second = history.rows
    assert (first["epoch"], second["epoch"]) == (1, 2)
    assert first["loss"] == pytest.approx(0.126928 + 2 / 5, abs=1e-6)
    assert first["accuracy"] == 4 / 5
    assert first["val_loss"] == pytest.approx(0.126928, abs=1e-6)
    assert first["val_accuracy"] == 1
    assert first["learning_rate"] == 0.5e-12  # of its third step
    assert second["learning_rate"] == 0.25e-12  # of the sixth
    assert list(history.to_frame().columns) == [
        "epoch",
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
        "learning_rate",
        "seconds",
    ]


def test_each_epoch_sees_every_sample_once_in_a_new_order():
    model = Sequential([Dense(2)]).build((1,), generator())
    x, seen = np.arange(10.0).reshape(10, 1), []
    model.fit(
        x,
        np.arange(10) % 2,
        rng=generator(),
        epochs=2,
        batch_size=4,
        augment=lambda batch, rng: seen.append(batch.ravel().tolist()) or batch,
    )
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    first, second = [*seen[0], *seen[1], *seen[2]], [*seen[3], *seen[4], *seen[5]]
    assert sorted(first) == sorted(second) == x.ravel().tolist()
    assert first != second


def test_augmentation_is_for_training_only_and_has_the_runs_generator():
    model = Sequential([Dense(2)]).build((1,), generator())
    x, y = np.zeros((6, 1)), np.arange(6) % 2
    model.layers[0].params["W"][...] = 1e3

    def blind(batch, rng):
        assert isinstance(rng, np.random.Generator)
        return batch + 1e-30

    rows = model.fit(
        x, y, rng=generator(), optimizer=SGD(1e-30), epochs=1, augment=blind, validation_data=(x, y)
    ).rows
    assert rows[0]["val_loss"] == pytest.approx(np.log(2))
    shorten = {"augment": lambda batch, rng: batch[:, :0]}
    with pytest.raises(ValueError, match=r"the model expects \(N, 1\), got \(6, 0\)"):
        model.fit(x, y, rng=generator(), epochs=1, **shorten)


# -- how a run ends -------------------------------------------------------------------------------


class Diary(Callback):
    """Writes down what it is told, and does something at one moment."""

    def __init__(self, at=None, act=None):
        self.at, self.act, self.told = at, act, []

    def __getattribute__(self, name):
        if not name.startswith("on_"):
            return super().__getattribute__(name)

        def note(training, *_):
            self.told.append(name)
            if name == self.at:
                self.act(training)

        return note


def test_callbacks_are_told_in_the_order_of_their_header():
    diary = Diary()
    x, y = data()
    network().fit(x, y, rng=generator(), epochs=2, batch_size=11, callbacks=[diary])
    epoch = ["on_epoch_begin", "on_batch_end", "on_batch_end", "on_validation_begin"]
    epoch += ["on_epoch_end", "on_validation_end"]
    assert diary.told == ["on_train_begin", *epoch, *epoch, "on_train_end"]


def test_a_callback_may_stop_the_run_after_the_epoch():
    diary = Diary("on_batch_end", lambda training: setattr(training, "stop", True))
    x, y = data()
    history = network().fit(x, y, rng=generator(), epochs=9, batch_size=11, callbacks=[diary])
    assert len(history.rows) == 1
    assert diary.told.count("on_batch_end") == 2
    assert diary.told[-1] == "on_train_end"


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ZeroDivisionError])
def test_the_end_is_told_however_training_ends(fault):
    def fail(training):
        raise fault

    diary = Diary("on_validation_begin", fail)
    x, y = data()
    with pytest.raises(fault):
        network().fit(x, y, rng=generator(), epochs=2, callbacks=[diary])
    assert diary.told[-1] == "on_train_end"


@pytest.mark.parametrize("optimizer", [SGD(1e30), SGD(1e18), SGD(1e200), RMSProp(1e38)])
def test_a_diverging_loss_ends_in_one_error_and_no_warnings(optimizer):
    x, y = data()
    with pytest.raises(FloatingPointError, match=r"loss became (nan|inf) in epoch \d.*lower the"):
        network().fit(x, y, rng=generator(), optimizer=optimizer, epochs=30, batch_size=11)


def test_a_network_of_nan_does_not_pass_for_one_that_guesses():
    """NaN weights before a ReLU once came out as zeros, and the loss as ln K."""
    model = Sequential([Dense(4), ReLU(), Dense(3)]).build((2,), generator())
    model.layers[0].params["W"][...] = np.nan
    with pytest.raises(FloatingPointError, match=r"the loss became nan in epoch 1, after 0 steps"):
        model.fit(np.ones((4, 2)), np.arange(4) % 3, rng=generator(), epochs=1)


def test_a_loss_that_diverges_in_the_last_step_is_seen_by_the_validation():
    x, y = data()
    with pytest.raises(FloatingPointError, match="the validation loss became"):
        network().fit(
            x, y, rng=generator(), optimizer=SGD(1e38), epochs=1, batch_size=22,
            validation_data=(x, y),
        )  # fmt: skip


def test_an_interrupted_fit_leaves_its_history():
    def stop(training, row):
        raise KeyboardInterrupt

    model, (x, y) = network(), data()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, rng=generator(), epochs=5, callbacks=[LambdaCallback(on_epoch_end=stop)])
    assert len(model.history.rows) == 1


# -- resuming -------------------------------------------------------------------------------------


def test_three_epochs_and_three_more_are_six(tmp_path):
    """On the kernels, in one process: another model, other callbacks, another optimiser."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(whole, 6)
    train(parts, 3)
    history = train(parts, 6)
    assert len(history.rows) == 6
    assert outcome(whole) == outcome(parts)
    assert outcome(whole)["optimizer"]["scale"] == 0.5  # after the 4th epoch


def test_a_new_process_and_a_killed_one_end_in_the_same_bits(tmp_path):
    whole, parts, killed = (tmp_path / name for name in ("whole", "parts", "killed"))
    running = [start(whole, 6), start(parts, 3), start(killed, 6, 4)]
    assert [process.wait(timeout=60) for process in running[:2]] == [0, 0]
    for _ in range(600):
        if (killed / "in the middle").exists():
            break
        time.sleep(0.1)
    running[2].kill()
    assert running[2].wait(timeout=60) != 0
    assert len(read_archive(killed / "checkpoint.npz")["history"]) == 3
    assert not (killed / "model").exists()

    running = [start(parts, 6), start(killed, 6)]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert outcome(whole) == outcome(parts)
    assert outcome(whole) == outcome(killed)


def fit(folder, *, epochs=2, optimizer=None, resume=True, **options):
    model, (x, y) = options.pop("model", None) or network(), data()
    x, y = options.pop("x", x), options.pop("y", y)
    history = model.fit(
        x,
        y,
        rng=generator(),
        optimizer=optimizer or Adam(),
        epochs=epochs,
        checkpoint=folder / "c.npz",
        resume=resume,
        **options,
    )
    return model, history


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: SGD(0.1, 0.9, True),
        lambda: RMSProp(WarmUp(Cosine(0.01, 4), 2)),
        lambda: Adam(OneCycle(0.01, 4), weight_decay=0.1),
        lambda: AdamW(StepDecay(0.01, 2)),
    ],
)
def test_every_optimiser_and_schedule_resumes(tmp_path, optimizer):
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole, _ = fit(tmp_path / "whole", epochs=3, optimizer=optimizer())
    fit(tmp_path / "parts", epochs=1, optimizer=optimizer())
    parts, _ = fit(tmp_path / "parts", epochs=3, optimizer=optimizer())
    assert plain(whole.state()) == plain(parts.state())


def test_without_resume_a_run_begins_anew(tmp_path):
    first, _ = fit(tmp_path, epochs=1)
    again, history = fit(tmp_path, epochs=1, resume=False)
    assert len(history.rows) == 1
    assert plain(first.state()) == plain(again.state())


def test_a_run_that_was_done_is_not_trained_further(tmp_path):
    model, _ = fit(tmp_path, epochs=2)
    again, history = fit(tmp_path, epochs=2)
    assert len(history.rows) == 2
    assert plain(model.state()) == plain(again.state())


def test_a_run_that_was_stopped_early_stays_stopped_with_its_best_weights(tmp_path):
    def stopping():
        return [EarlyStopping(patience=1, monitor="accuracy", min_delta=1)]

    model, history = fit(tmp_path, epochs=9, callbacks=stopping())
    assert len(history.rows) == 2
    again, history = fit(tmp_path, epochs=9, callbacks=stopping())
    assert len(history.rows) == 2
    assert plain(model.state()) == plain(again.state())


def test_another_run_is_refused_and_the_difference_named(tmp_path):
    fit(tmp_path)
    x, y = data()
    others = {
        "network": {"model": Sequential([Flatten(), Dense(3)]).build((1, 6, 6), generator())},
        "loss": {"loss": SoftmaxCrossEntropy(0.1)},
        "optimizer": {"optimizer": Adam(0.1)},
        "batch_size": {"batch_size": 5},
        "samples, inputs, targets": {"x": x[1:], "y": y[1:]},
        "inputs": {"x": x + 1e-6},
        "targets": {"y": y[::-1].copy()},
        "callbacks": {"callbacks": [EarlyStopping(monitor="loss")]},
    }
    for difference, options in others.items():
        match = rf"c\.npz belongs to another run: {difference} differ; resume with the settings"
        with pytest.raises(FormatError, match=match):
            fit(tmp_path, epochs=3, **options)
    fit(tmp_path, epochs=3)  # more epochs are the same run


def test_a_damaged_checkpoint_is_one_clear_error(tmp_path):
    fit(tmp_path)
    path = tmp_path / "c.npz"
    tree, whole = read_archive(path), path.read_bytes()

    def refused(match):
        with pytest.raises(FormatError, match=match) as error:
            fit(tmp_path, epochs=3)
        assert "\n" not in str(error.value)

    path.write_bytes(whole[:-100])
    refused(r"c\.npz is not a readable")
    write_archive(path, tree | {"format": 2})
    refused("expected checkpoint format 1, got 2")
    for key in tree:
        if key != "format":
            write_archive(path, {name: value for name, value in tree.items() if name != key})
            refused(rf"c\.npz is damaged: KeyError\('{key}'\)")
        if key not in ("format", "stop", "history"):
            write_archive(path, tree | {key: "?"})
            refused(r"c\.npz is damaged")
    write_archive(path, tree | {"weights": tree["weights"] | {"0.W": np.zeros(3)}})
    refused(r"c\.npz does not fit this network: 0\.W: expected shape \(4, 1, 3, 3\), got \(3,\)")


if __name__ == "__main__":
    train(Path(sys.argv[1]), *map(int, sys.argv[2:]))
