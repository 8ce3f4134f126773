"""Sequential: one step by hand, the habits of Keras, and errors that say what to do."""

import json

import numpy as np
import pytest

from scratchnet import Sequential
from scratchnet.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Residual,
    Softmax,
)
from scratchnet.losses import (
    CrossEntropy,
    MeanSquaredError,
    SoftmaxCrossEntropy,
    SquaredHinge,
    balanced_class_weights,
)
from scratchnet.ops import implementation
from scratchnet.optimizers import SGD, Adam
from scratchnet.serialization import FormatError
from scratchnet.training import stratified_split


def generator(seed=0):
    return np.random.default_rng(seed)


def small_network(classes=3, seed=0):
    """Every kind of state: weights, running statistics, a random layer, a container."""
    layers = [
        Conv2D(4, 3, padding=1),
        BatchNorm(),
        ReLU(),
        Residual([Conv2D(4, 3, padding=1), BatchNorm(), ReLU()]),
        MaxPool2D(2),
        Flatten(),
        Dropout(0.2),
        Dense(classes),
    ]
    return Sequential(layers).build((1, 6, 6), generator(seed))


def blobs(count=24, classes=3, seed=1):
    """Pictures that are brighter in a corner of their class."""
    rng = generator(seed)
    y = np.arange(count) % classes
    x = rng.standard_normal((count, 1, 6, 6)).astype(np.float32)
    for i, label in enumerate(y):
        x[i, 0, 2 * label : 2 * label + 2, 2 * label : 2 * label + 2] += 4
    return x, y


def same_state(one, other):
    return all(np.array_equal(array, other.state()[name]) for name, array in one.state().items())


# -- one step by hand -----------------------------------------------------------------------------


def test_one_step_of_training_by_hand():
    """y = 1·2 + 1·1 = 3, target 1: L = 4, dy = 4, dW = 4 x, db = 4; W ← W − 0.1 dW."""
    model = Sequential([Dense(1)]).build((2,), generator(), np.float64)
    model.layers[0].params["W"][...] = 1
    x, target = np.array([[2.0, 1.0]]), np.array([[1.0]])
    optimizer = SGD(0.1)
    history = model.fit(
        x, target, rng=generator(), loss=MeanSquaredError(), optimizer=optimizer, epochs=1
    )
    assert history.rows[0]["loss"] == 4
    assert model.layers[0].params["W"].ravel() == pytest.approx([0.2, 0.6], rel=1e-15)
    assert model.layers[0].params["b"] == pytest.approx([-0.4], rel=1e-15)
    assert model.predict(x).item() == pytest.approx(0.6, rel=1e-15)


def test_training_is_the_walk_over_the_layers():
    """`fit` against its own header, written out: the same weights, to the bit."""
    x, y = blobs(20)
    fitted, walked = small_network(), small_network()
    fitted.fit(x, y, rng=generator(5), optimizer=Adam(0.01), epochs=2, batch_size=8)

    _, rng = generator(5).spawn(2)
    loss, optimizer = SoftmaxCrossEntropy(), Adam(0.01)
    for _ in range(2):
        order = rng.permutation(20)
        for batch in (order[:8], order[8:16], order[16:]):
            loss.forward(walked.forward(x[batch], training=True), y[batch])
            walked.backward(loss.backward())
            optimizer.step(walked.plan.parameters)
    assert same_state(fitted, walked)


def test_evaluate_and_predict_are_the_walk_over_the_layers():
    x, y = blobs(20)
    model = small_network()
    scores = model.forward(x)
    assert np.array_equal(model.scores(x, batch_size=8), scores)
    assert np.array_equal(model.predict(x, batch_size=8), SoftmaxCrossEntropy().link(scores))
    measured = model.evaluate(x, y, batch_size=8)
    assert measured["loss"] == pytest.approx(SoftmaxCrossEntropy().forward(scores, y), rel=1e-12)
    assert measured["accuracy"] == (scores.argmax(axis=1) == y).mean()


def test_activations_are_the_outputs_of_all_layers():
    x, _ = blobs(2)
    model = small_network()
    outputs = model.activations(x)
    assert [a.shape[1:] for a in outputs] == [layer.output_shape for layer in model.layers]
    assert np.array_equal(outputs[-1], model.forward(x))
    assert np.array_equal(outputs[0], model.layers[0].forward(x))


def test_backward_returns_the_gradient_of_the_input():
    x, _ = blobs(2)
    model = small_network()
    scores = model.forward(x)
    assert model.backward(np.ones_like(scores)).shape == x.shape


def test_twenty_samples_are_learned_by_heart():
    x, y = blobs(20)
    model = small_network()
    history = model.fit(x, y, rng=generator(), optimizer=Adam(0.01), epochs=25, batch_size=10)
    assert model.evaluate(x, y)["accuracy"] == 1
    assert model.history is history
    assert [row["epoch"] for row in history.rows] == list(range(1, 26))


def test_the_first_loss_is_that_of_guessing():
    x, y = blobs(30)
    layers = [Flatten(), Dense(3, initializer="zeros")]
    model = Sequential(layers).build((1, 6, 6), generator())
    assert model.evaluate(x, y)["loss"] == pytest.approx(np.log(3))


# -- targets --------------------------------------------------------------------------------------


def test_one_hot_rows_train_as_labels_do():
    x, y = blobs()
    models = []
    for target in (y, np.eye(3)[y], np.eye(3, dtype=np.float32)[y], y.astype(np.uint8)):
        model = small_network()
        model.fit(x, target, rng=generator(2), epochs=2, batch_size=7, validation_split=0.25)
        models.append(model)
        assert model.evaluate(x, target) == models[0].evaluate(x, y)
        assert same_state(model, models[0])


def test_a_validation_split_takes_its_share_of_each_class():
    labels = np.repeat([0, 1, 2], [20, 10, 5])
    train, held_out = stratified_split(labels, 0.2, generator())
    assert sorted([*train, *held_out]) == list(range(35))
    assert np.bincount(labels[held_out]).tolist() == [4, 2, 1]
    again = stratified_split(labels, 0.2, generator())[1]
    assert np.array_equal(held_out, again)
    assert not np.array_equal(held_out, stratified_split(labels, 0.2, generator(1))[1])


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5])
def test_a_share_outside_of_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="expects a share between 0 and 1"):
        stratified_split(np.arange(4), share, generator())


def test_a_split_with_an_empty_side_is_refused():
    with pytest.raises(ValueError, match="leaves one side empty"):
        stratified_split(np.arange(4), 0.2, generator())


def test_balanced_class_weights_by_hand():
    """6 samples and 2: 8 / (2 · 6) and 8 / (2 · 2); on average a sample weighs 1."""
    labels = [0, 0, 0, 1, 0, 0, 1, 0]
    weights = balanced_class_weights(labels, 2)
    assert weights == [8 / 12, 2.0]
    assert np.mean(np.array(weights)[labels]) == 1
    for classes in (1, 3):
        with pytest.raises(ValueError, match=r"got counts \[6, 2"):
            balanced_class_weights(labels, classes)


def test_class_weights_turn_the_decision_to_the_rare_class():
    """Equal inputs, 9 samples of class 0 and 1 of class 1: what remains is the weighted prior."""
    x, y = np.zeros((10, 1), np.float32), np.array([0] * 9 + [1])

    def learned(loss):
        model = Sequential([Dense(2)]).build((1,), generator())
        model.fit(x, y, rng=generator(), loss=loss, optimizer=SGD(1.0), epochs=60, batch_size=10)
        return model.predict(x[:1])[0]

    assert learned(SoftmaxCrossEntropy()) == pytest.approx([0.9, 0.1], abs=0.01)
    balanced = SoftmaxCrossEntropy(class_weights=balanced_class_weights(y, 2))
    assert learned(balanced) == pytest.approx([0.5, 0.5], abs=0.01)


# -- what predict returns -------------------------------------------------------------------------


def test_predict_applies_the_link_of_the_loss():
    x, y = blobs(12)
    model = small_network()
    assert model.predict(x).sum(axis=1) == pytest.approx(np.ones(12))
    model.fit(x, y, rng=generator(), loss=SquaredHinge(), epochs=1)
    assert np.array_equal(model.predict(x), model.scores(x))

    ends_in_softmax = Sequential([Flatten(), Dense(3), Softmax()]).build((1, 6, 6), generator())
    ends_in_softmax.fit(x, y, rng=generator(), loss=CrossEntropy(), epochs=1)
    assert np.array_equal(ends_in_softmax.predict(x), ends_in_softmax.forward(x))


def test_no_samples_have_no_predictions():
    model = small_network()
    assert model.predict(np.zeros((0, 1, 6, 6))).shape == (0, 3)
    assert model.predict(np.zeros((0, 1, 6, 6))).dtype == np.float32


def test_inputs_are_brought_to_the_networks_dtype_and_left_alone():
    x, _ = blobs(4)
    model = small_network()
    wide = x.astype(np.float64)
    before = wide.copy()
    assert np.array_equal(model.predict(wide), model.predict(x))
    assert np.array_equal(wide, before)
    assert model.forward(wide).dtype == np.float32


# -- wrong inputs ---------------------------------------------------------------------------------


def told(match, call, *arguments, kind=ValueError, **options):
    """The call fails with one line that matches."""
    with pytest.raises(kind, match=match) as error:
        call(*arguments, **options)
    assert "\n" not in str(error.value)


def test_wrong_samples_are_refused_with_a_remedy():
    model = small_network()
    x, y = blobs(4)
    fit = lambda x, y=y: model.fit(x, y, rng=generator(), epochs=1)  # noqa: E731
    rgb = np.repeat(x, 3, axis=1)
    for call in (fit, model.predict, lambda x: model.evaluate(x, y), model.forward):
        told(r"expects \(N, 1, 6, 6\), got \(4, 3, 6, 6\); this network takes 1 channel", call, rgb)
        told(r"channels come first: x\.transpose\(0, 3, 1, 2\)", call, x.transpose(0, 2, 3, 1))
        told(r"the channels are missing: x\[:, np\.newaxis\]", call, x[:, 0])
        told(r"got \(1, 6, 6\); for one sample pass x\[np\.newaxis\]", call, x[0])
        told(r"got \(4, 1, 6, 5\); convert the samples", call, x[..., 1:])
        told("expects numbers, got an array of <U", call, x.astype(str))


def test_nan_in_the_data_is_named_with_its_sample():
    model = small_network()
    x, y = blobs(6)
    bad = x.copy()
    bad[4, 0, 1, 1] = np.nan
    told(r"^x\[4\] holds NaN or infinity", model.fit, bad, y, rng=generator())
    told(r"^x\[4\] holds NaN or infinity", model.evaluate, bad, y)
    bad[2, 0, 1, 1] = np.inf
    held_out = {"validation_data": (bad, y), "rng": generator()}
    told(r"^validation x\[2\] holds NaN or infinity", model.fit, x, y, **held_out)


def test_wrong_targets_are_refused():
    model = small_network()
    x, y = blobs(4)
    told(r"labels of x are expected in 0\.\.2.*got 1\.\.3", model.fit, x, y + 1, rng=generator())
    told(r"got -1\.\.1", model.fit, x, y - 1, rng=generator())
    told("of one length", model.fit, x, y[:3], rng=generator())
    told("of one length", model.evaluate, x, y[:3])
    told("at least 1", model.fit, x[:0], y[:0], rng=generator())
    told("at least 1", model.evaluate, x[:0], y[:0])
    told("of one length", model.fit, x, 1, rng=generator())
    told(r"rows \(4, 3\)", model.fit, x, np.eye(4), rng=generator())
    told("convert labels", model.fit, x, y.astype(float), rng=generator())
    data = {"validation_data": (x, y + 1), "rng": generator()}
    told("labels of validation x are expected in", model.fit, x, y, **data)


def test_wrong_arguments_of_fit_are_refused():
    model = small_network()
    x, y = blobs(6)
    both = {"validation_split": 0.5, "validation_data": (x, y)}
    told("validation_split or validation_data, got both", model.fit, x, y, rng=generator(), **both)
    told("expects a checkpoint to resume from", model.fit, x, y, rng=generator(), resume=True)
    told("epochs of at least 1, got 0", model.fit, x, y, rng=generator(), epochs=0)
    told("batch_size of at least 1, got 0", model.fit, x, y, rng=generator(), batch_size=0)
    told("batch_size expects at least 1, got -2", model.evaluate, x, y, batch_size=-2)
    told("batch_size expects at least 1, got 0", model.predict, x, batch_size=0)


def test_a_model_that_is_not_built_says_so():
    model = Sequential([Dense(2)])
    for call in (model.forward, model.predict, model.activations):
        told("not built; call model.build", call, np.zeros((1, 3)), kind=RuntimeError)
    told("not built", model.fit, np.zeros((1, 3)), [0], rng=generator(), kind=RuntimeError)
    for call in (model.summary, model.state, model.parameter_count):
        told("not built", call, kind=RuntimeError)


def test_wrong_layers_are_refused():
    told("expects at least one layer", Sequential, [])
    told("write Dense\\(10\\), not Dense", Sequential, [Dense], kind=TypeError)
    twice = Dense(3)
    told("each layer object once", Sequential, [twice, ReLU(), twice])
    told("each layer object once", Sequential, [twice, Residual([twice])])
    model = Sequential([Conv2D(2, 3), Dense(4)])
    told(r"^layer 1: Dense expects \(D,\).*put Flatten", model.build, (1, 6, 6), generator())


# -- description ----------------------------------------------------------------------------------


def test_the_summarys_numbers_by_hand():
    layers = [
        Conv2D(1000, 3, padding=1),  # 1000 (9 + 1) parameters, 36 pixels · 9000 weights
        MaxPool2D(2),
        Residual([Conv2D(1000, 1, bias=False), BatchNorm()]),  # 10⁶ + 2000; 9 pixels · 10⁶
        Flatten(),
        Dense(10),  # 9000 · 10 + 10
    ]
    model = Sequential(layers).build((1, 6, 6), generator())
    how = ["layer"] * 4
    if implementation() == "kernels":
        how = [
            "indirect convolution",
            "pixel by pixel",
            "sum: indirect convolution, pixel by pixel",
        ]
        how.append("matrix product")
    lines = [" ".join(line.split()) for line in model.summary().splitlines()]
    assert [line for line in lines if "─" not in line] == [
        "layer output parameters MMAC runs as",
        f"Conv2D 1000 × 6 × 6 10,000 0.32 {how[0]}",
        f"MaxPool2D 1000 × 3 × 3 0 0.00 {how[1]}",
        f"Residual 1000 × 3 × 3 1,002,000 9.00 {how[2]}",
        "Flatten 9000 0 0.00 layer",
        f"Dense 10 90,010 0.09 {how[3]}",
        "total 1,102,010 9.41",
    ]
    assert model.parameter_count() == 1_102_010
    assert model.macs() == 36 * 9000 + 9 * 10**6 + 90_000
    assert repr(model).startswith("Sequential([Conv2D(filters=1000, kernel_size=3")


# -- files ----------------------------------------------------------------------------------------


def trained():
    model = small_network()
    x, y = blobs()
    loss = SoftmaxCrossEntropy(label_smoothing=0.1, class_weights=[1, 2, 3])
    model.fit(x, y, rng=generator(), loss=loss, epochs=2)
    model.class_names = ("a", "b", "ç")
    model.preprocessing = {"size": 6, "normalize": "picture"}
    return model, x


def test_a_saved_model_comes_back_to_the_bit(tmp_path):
    model, x = trained()
    model.save(tmp_path / "model")
    loaded = Sequential.load(tmp_path / "model")
    assert same_state(model, loaded)
    assert loaded.class_names == ("a", "b", "ç")
    assert loaded.preprocessing == {"size": 6, "normalize": "picture"}
    assert loaded.loss.config() == model.loss.config()
    assert loaded.to_json() == model.to_json()
    assert np.array_equal(loaded.predict(x), model.predict(x))
    loaded.fit(*blobs(), rng=generator(), epochs=1)  # a loaded model can go on learning


def test_weights_alone_come_back_to_the_bit(tmp_path):
    model, _ = trained()
    model.save_weights(tmp_path / "weights.npz")
    other = small_network(seed=9)
    other.load_weights(tmp_path / "weights.npz")
    assert same_state(model, other)


def test_half_precision_weights_can_be_loaded():
    model, _ = trained()
    model.set_state({name: array.astype(np.float16) for name, array in model.state().items()})
    assert model.layers[0].params["W"].dtype == np.float32


def test_the_architecture_alone_is_json():
    model = small_network()
    other = Sequential.from_json(model.to_json(), generator(0))
    assert other.to_json() == model.to_json()
    assert same_state(model, other)  # drawn from the same generator
    unbuilt = Sequential.from_json(Sequential([Dense(3)]).to_json())
    assert unbuilt.input_shape is None
    assert unbuilt.layers[0].config() == Dense(3).config()


def changed(**changes):
    return json.dumps(json.loads(small_network().to_json()) | changes)


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "expected model format 1, got"),
        ("{}", "expected model format 1, got None"),
        (changed(format=2), "expected model format 1, got 2"),
        (changed(layers=[]), "at least one layer"),
        (changed(layers=3), "does not describe a network"),
        (changed(layers=[{"type": "os.system", "config": {}}]), "unknown layer type 'os.system'"),
        (changed(layers=[{"type": [], "config": {}}]), "does not describe a network"),
        (changed(layers=[{"type": "Dense", "config": {"unit": 3}}]), "Dense cannot be made from"),
        (changed(layers=[{"type": "Dense", "config": 3}]), "Dense cannot be made from"),
        (changed(layers=[{"type": "Dense", "config": {"units": -1}}]), "at least 1"),
        (changed(layers=["Dense"]), "described by 'type' and 'config'"),
        (changed(dtype="object"), "expected dtype float32 or float64, got 'object'"),
        (changed(input_shape=[3]), "layer 0: Conv2D expects"),
        (changed(input_shape="x"), "does not describe a network"),
        (json.dumps({"format": 1}), "does not describe a network: 'layers'"),
    ],
)
def test_a_description_of_no_network_is_refused(text, message):
    told(message, Sequential.from_json, text, kind=FormatError)


def test_weights_of_another_network_are_refused_with_all_differences(tmp_path):
    Sequential([Flatten(), Dense(3), Dense(3)]).build((1, 6, 6), generator()).save_weights(
        tmp_path / "w.npz"
    )
    model = Sequential([Flatten(), Dense(4), BatchNorm()]).build((1, 6, 6), generator())
    before = model.state()
    with pytest.raises(FormatError) as error:
        model.load_weights(tmp_path / "w.npz")
    text = str(error.value)
    assert "1.W: expected shape (36, 4), got (36, 3)" in text
    assert "missing: 2.gamma (4,)" in text
    assert "missing: 2.running_mean (4,)" in text
    assert "unexpected: 2.W (3, 3)" in text
    assert all(np.array_equal(array, before[name]) for name, array in model.state().items())


def edit(folder, change):
    path = folder / "model.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda d: d.pop("loss"), "model.json is incomplete: 'loss'"),
        (lambda d: d.update(loss={"type": "Zero", "config": {}}), "unknown loss 'Zero'"),
        (lambda d: d.update(class_names=3), "model.json is incomplete"),
        (lambda d: d.update(preprocessing=[1]), "model.json is incomplete"),
        (lambda d: d["layers"].pop(), "unexpected: 7.W"),
        (lambda d: d.update(format="1"), "expected model format 1, got '1'"),
    ],
)
def test_a_damaged_model_folder_is_refused(tmp_path, change, message):
    model, _ = trained()
    model.save(tmp_path / "model")
    edit(tmp_path / "model", change)
    told(message, Sequential.load, tmp_path / "model", kind=FormatError)


def test_a_file_of_nan_is_refused(tmp_path):
    model, _ = trained()
    model.layers[0].params["b"][0] = np.nan
    model.save(tmp_path / "model")
    told("0.b: holds NaN or infinity", Sequential.load, tmp_path / "model", kind=FormatError)
