"""Callbacks, one by one, on a network whose training can be followed by hand.

The network is one weight: score 0 is w x, score 1 is 0. With x = 1 and label 0 the loss falls as w
grows; how fast does not matter here. What an epoch "measured" is written into its row by a script.
"""

import io
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pandas as pd
import pytest

from scratchnet import Sequential
from scratchnet.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    ModelCheckpoint,
    ProgressBar,
    ReduceLROnPlateau,
    WeightAverage,
)
from scratchnet.layers import BatchNorm, Dense
from scratchnet.optimizers import SGD


def generator(seed=0):
    return np.random.default_rng(seed)


def network():
    return Sequential([Dense(2, bias=False)]).build((1,), generator(), np.float64)


class Script(Callback):
    """Pretends that the epochs measured these values; notes the weights at each epoch's end."""

    def __init__(self, values, name="val_loss"):
        self.values, self.name = values, name
        self.weights, self.scales = [], []

    def on_epoch_end(self, training, row):
        row[self.name] = self.values[training.epoch]
        self.weights.append(training.model.layers[0].params["W"].copy())
        self.scales.append(training.optimizer.scale)


def run(values, *callbacks, model=None, name="val_loss", epochs=None, **options):
    """Train for as many epochs as there are values; returns (model, script)."""
    model, script = model or network(), Script(values, name)
    options = {"optimizer": SGD(0.5), "rng": generator()} | options
    model.fit(
        np.ones((4, 1)),
        np.zeros(4, int),
        epochs=epochs or len(values),
        batch_size=2,
        callbacks=[script, *callbacks],
        **options,
    )
    return model, script


def weights(model):
    return model.layers[0].params["W"]


# -- EarlyStopping --------------------------------------------------------------------------------


def test_early_stopping_waits_and_puts_the_best_weights_back():
    stopping = EarlyStopping(patience=2)
    model, script = run([3, 1, 2, 1, 0, 0], stopping)
    assert len(script.weights) == 4  # best in the 2nd epoch, then two that are no better
    assert (stopping.best, stopping.best_epoch, stopping.wait) == (1, 2, 2)
    assert np.array_equal(weights(model), script.weights[1])


def test_an_accuracy_is_better_where_it_is_greater():
    stopping = EarlyStopping(patience=1, monitor="val_accuracy")
    model, script = run([0.1, 0.3, 0.2, 0.9], stopping, name="val_accuracy")
    assert stopping.best_epoch == 2
    assert np.array_equal(weights(model), script.weights[1])


def test_an_improvement_has_to_exceed_min_delta():
    stopping = EarlyStopping(patience=2, min_delta=0.5)
    _, script = run([3, 2.5, 2.4, 2.3], stopping)
    assert stopping.best_epoch == 3  # 3 - 2.5 is not more than 0.5, 3 - 2.4 is
    assert len(script.weights) == 4


def test_the_best_weights_come_back_after_the_last_epoch_too():
    model, script = run([1, 2, 3], EarlyStopping(patience=9))
    assert np.array_equal(weights(model), script.weights[0])


@pytest.mark.parametrize("fault", [KeyboardInterrupt, FloatingPointError])
def test_the_best_weights_come_back_after_an_interruption(fault):
    def fail(training, logs):
        if training.epoch == 2:
            raise fault

    model, stopping, script = network(), EarlyStopping(), Script([1, 2, 3])
    with pytest.raises(fault):
        model.fit(
            np.ones((4, 1)),
            np.zeros(4, int),
            rng=generator(),
            epochs=3,
            callbacks=[script, stopping, LambdaCallback(on_batch_end=fail)],
        )
    assert np.array_equal(weights(model), script.weights[0])


def test_running_statistics_come_back_with_the_weights():
    model = Sequential([BatchNorm(), Dense(2)]).build((1,), generator())
    kept = []
    note = LambdaCallback(on_epoch_end=lambda training, row: kept.append(training.model.state()))
    values = iter([1, 2])
    script = LambdaCallback(on_epoch_end=lambda training, row: row.update(val_loss=next(values)))
    x = generator().standard_normal((8, 1))
    model.fit(
        x, np.arange(8) % 2, rng=generator(), epochs=2, callbacks=[script, note, EarlyStopping()]
    )
    assert not np.array_equal(kept[0]["0.running_mean"], kept[1]["0.running_mean"])
    assert all(np.array_equal(array, kept[0][name]) for name, array in model.state().items())


def test_a_second_run_with_the_same_callbacks_forgets_the_first():
    """Else a network could end with the weights of another one."""
    stopping, reducing, average = EarlyStopping(patience=2), ReduceLROnPlateau(), WeightAverage()
    run([0.1, 5], average, stopping, reducing)
    model, script = run([4, 3], average, stopping, reducing)
    assert np.array_equal(weights(model), script.weights[1])
    assert (stopping.best, reducing.best) == (3, 3)
    assert average.steps == 4


def test_monitoring_what_nobody_measured_says_so():
    with pytest.raises(ValueError, match=r"EarlyStopping monitors 'val_loss', but the epoch meas"):
        run([1], EarlyStopping(), name="another")


# -- ModelCheckpoint, ReduceLROnPlateau -----------------------------------------------------------


def test_model_checkpoint_keeps_the_best_epochs_model(tmp_path):
    _, script = run([3, 1, 2], ModelCheckpoint(tmp_path / "best"))
    kept = Sequential.load(tmp_path / "best")
    assert np.array_equal(weights(kept), script.weights[1])


def test_reduce_lr_on_plateau_by_hand():
    """Patience 2: halved after the 2nd epoch without improvement, then it counts anew."""
    _, script = run([5, 5, 5, 5, 5, 4, 4], ReduceLROnPlateau(0.5, patience=2))
    assert script.scales == [1, 1, 1, 0.5, 0.5, 0.25, 0.25]  # as each epoch found it


def test_the_reduced_rate_is_used_and_written_down():
    optimizer = SGD(0.5)
    model, _ = run([5, 5, 5], ReduceLROnPlateau(0.1, patience=1), optimizer=optimizer)
    assert [row["learning_rate"] for row in model.history.rows] == pytest.approx([0.5, 0.5, 0.05])
    assert optimizer.learning_rate == pytest.approx(0.005)


@pytest.mark.parametrize("factor", [0, 1, 2])
def test_a_factor_outside_of_0_to_1_is_refused(factor):
    with pytest.raises(ValueError, match="expects a factor between 0 and 1"):
        ReduceLROnPlateau(factor)


# -- WeightAverage --------------------------------------------------------------------------------


def test_the_average_of_a_weight_by_hand():
    """d = min(0.2, (1 + t) / (10 + t)): 2/11, then 0.2; the average starts at the first w."""
    w, found = [], []
    average = WeightAverage(0.2)
    note = LambdaCallback(
        on_batch_end=lambda training, logs: w.append(weights(training.model)[0, 0])
    )
    see = LambdaCallback(
        on_epoch_end=lambda training, row: found.append(weights(training.model)[0, 0])
    )
    model, _ = run([0, 0], note, average, see)
    assert len(w) == 4
    a = w[0]
    a = 0.2 * a + 0.8 * w[1]
    assert found[0] == pytest.approx(a, rel=1e-14)
    a = 0.2 * a + 0.8 * w[2]
    a = 0.2 * a + 0.8 * w[3]
    assert found[1] == pytest.approx(a, rel=1e-14)
    assert weights(model)[0, 0] == found[1]


def test_early_averages_are_shorter():
    average = WeightAverage(0.999)
    w = []
    note = LambdaCallback(
        on_batch_end=lambda training, logs: w.append(weights(training.model)[0, 0])
    )
    model, _ = run([0], note, average)
    assert weights(model)[0, 0] == pytest.approx(3 / 12 * w[0] + 9 / 12 * w[1], rel=1e-14)


def test_training_goes_on_with_the_weights_themselves():
    plain, averaged = [], []
    for notes, callbacks in ((plain, []), (averaged, [WeightAverage(0.9)])):
        note = LambdaCallback(
            on_batch_end=lambda training, logs, notes=notes: notes.append(
                weights(training.model).copy()
            )
        )
        run([0, 0, 0], note, *callbacks)
    assert np.array_equal(plain, averaged)


def test_the_average_is_what_is_validated_saved_and_kept(tmp_path):
    class Evaluations(Callback):
        found = None

        def on_epoch_end(self, training, row):
            self.found = training.model.evaluate(np.ones((4, 1)), np.zeros(4, int))["loss"]
            assert row["val_loss"] == self.found

    model = network()
    model.fit(
        np.ones((4, 1)),
        np.zeros(4, int),
        rng=generator(),
        optimizer=SGD(0.5),
        batch_size=1,
        epochs=2,
        validation_data=(np.ones((4, 1)), np.zeros(4, int)),
        callbacks=[WeightAverage(0.9), ModelCheckpoint(tmp_path / "m"), Evaluations()],
    )
    assert np.array_equal(weights(Sequential.load(tmp_path / "m")), weights(model))


def test_running_statistics_stay_those_of_the_last_weights():
    found = []
    x = generator().standard_normal((6, 2)).astype(np.float32)
    model = Sequential([BatchNorm(), Dense(2)]).build((2,), generator())
    running = model.layers[0].buffers["running_mean"]
    note = LambdaCallback(
        on_batch_end=lambda training, logs: found.append(running.copy()),
        on_epoch_end=lambda training, row: found.append(running.copy()),
    )
    callbacks = [WeightAverage(0.2), note]
    model.fit(x, np.arange(6) % 2, rng=generator(), batch_size=3, callbacks=callbacks, epochs=1)
    first, last, validated = found
    assert not np.array_equal(first, last)
    assert np.array_equal(last, validated)
    assert np.array_equal(last, running)


@pytest.mark.parametrize("decay", [0, 1, -1])
def test_a_decay_outside_of_0_to_1_is_refused(decay):
    with pytest.raises(ValueError, match="expects a decay between 0 and 1"):
        WeightAverage(decay)


# -- CSVLogger, LambdaCallback, ProgressBar -------------------------------------------------------


def test_the_csv_holds_the_history_after_every_epoch(tmp_path):
    path = tmp_path / "new folder" / "history.csv"
    lengths = []
    count = LambdaCallback(
        on_epoch_end=lambda training, row: lengths.append(len(pd.read_csv(path)))
    )
    model, _ = run([3, 2, 1], CSVLogger(path), count)
    assert lengths == [1, 2, 3]
    kept = pd.read_csv(path)
    pd.testing.assert_frame_equal(kept, model.history.to_frame())
    assert [file.name for file in path.parent.iterdir()] == ["history.csv"]


def test_a_lambda_callback_hears_what_it_asked_for():
    heard = []
    run([1], LambdaCallback(on_train_begin=lambda training: heard.append(training.epochs)))
    assert heard == [1]
    for name in ("on_monday", "state_dict", "epoch_end"):
        with pytest.raises(ValueError, match=f"on_batch_end.*; got '{name}'"):
            LambdaCallback(**{name: print})


def test_the_library_is_silent_and_the_progress_bar_speaks():
    pytest.importorskip("tqdm")
    quiet, loud, written = io.StringIO(), io.StringIO(), io.StringIO()
    with redirect_stdout(quiet), redirect_stderr(quiet):
        run([0.5], WeightAverage(), EarlyStopping())
    assert quiet.getvalue() == ""
    with redirect_stdout(written), redirect_stderr(loud):
        model, _ = run([0, 0], ProgressBar(), name="nothing else")
    assert "epoch 2/2" in loud.getvalue()
    lines = written.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"epoch   1  loss {model.history.rows[0]['loss']:.4f}  accuracy ")


def test_the_bar_is_closed_when_training_is_interrupted():
    pytest.importorskip("tqdm")
    bar = ProgressBar()

    def stop(training, logs):
        raise KeyboardInterrupt

    with redirect_stderr(io.StringIO()), pytest.raises(KeyboardInterrupt):
        run([1], bar, LambdaCallback(on_batch_end=stop))
    assert bar._bar.disable  # what tqdm sets on close


# -- state ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [EarlyStopping, ReduceLROnPlateau, WeightAverage])
def test_a_state_is_loaded_whole_and_shares_nothing(make):
    first, second = make(), make()
    run([3, 2, 4], first)
    second.load_state_dict(first.state_dict())
    before = repr(first.state_dict())
    assert repr(second.state_dict()) == before
    assert repr(vars(second)) == repr(vars(first))
    for array in (second.state_dict().get("average") or {}).values():
        array += 1
    assert repr(first.state_dict()) == before
