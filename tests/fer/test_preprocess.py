"""Pre-processing by hand, and that it travels with the model."""

import json

import numpy as np
import pytest

from scratchnet import Sequential
from scratchnet.callbacks import Callback
from scratchnet.fer import Dataset
from scratchnet.fer.preprocess import STD_FLOOR, Preprocessing
from scratchnet.fer.train import Recipe, train
from scratchnet.layers import Dense, Flatten
from scratchnet.vision.equalise import equalise
from scratchnet.vision.fit import cover_crop
from scratchnet.vision.grey import to_grey
from scratchnet.vision.tan_triggs import tan_triggs


def test_a_picture_is_centred_and_scaled_by_itself():
    """Half 100, half 140: mean 120, deviation 20."""
    dark = np.full((4, 4), 100, np.uint8)
    dark[:, 2:] = 140
    bright = dark + 60  # brightness does not matter
    x = Preprocessing(size=4)(np.stack([dark, bright]))
    assert x.shape == (2, 1, 4, 4)
    assert x.dtype == np.float32
    assert x[0, 0].tolist() == x[1, 0].tolist() == [[-1, -1, 1, 1]] * 4


def test_contrast_does_not_matter_above_the_floor():
    noise = np.random.default_rng(0).integers(0, 100, (1, 8, 8)).astype(np.uint8)
    x = Preprocessing(size=8)(np.concatenate([noise, 2 * noise]))
    assert x[0] == pytest.approx(x[1], abs=1e-6)
    assert x[0].mean() == pytest.approx(0, abs=1e-6)
    assert x[0].std() == pytest.approx(1, abs=1e-6)


def test_the_noise_of_a_blank_picture_stays_small():
    blank = np.full((2, 4, 4), 77, np.uint8)
    blank[1, 0, 0] = 78
    x = Preprocessing(size=4)(blank)
    assert not x[0].any()
    assert x[1].max() == pytest.approx((15 / 16) / STD_FLOOR)


def test_unit_scaling_by_hand():
    picture = np.array([[[0, 51], [102, 255]]], np.uint8)
    x = Preprocessing(size=2, normalize="unit")(picture)
    assert x[0, 0] == pytest.approx(np.array([[0, 0.2], [0.4, 1]]))


def test_a_picture_does_not_depend_on_its_company():
    pictures = np.random.default_rng(1).integers(0, 256, (1030, 4, 4)).astype(np.uint8)
    whole = Preprocessing(size=4)(pictures)
    for i in (0, 1023, 1024, 1029):
        assert np.array_equal(whole[i], Preprocessing(size=4)(pictures[i : i + 1])[0])
    assert Preprocessing(size=4)(pictures[:0]).shape == (0, 1, 4, 4)


def test_pictures_are_left_alone():
    pictures = np.random.default_rng(2).integers(0, 256, (3, 4, 4)).astype(np.uint8)
    before = pictures.copy()
    Preprocessing(size=4)(pictures)
    assert np.array_equal(pictures, before)


def test_the_settings_come_back_from_plain_values():
    for settings in (Preprocessing(), Preprocessing(size=96, normalize="unit")):
        assert Preprocessing(**settings.config()) == settings
    assert Preprocessing().config() == {"size": 48, "normalize": "picture"}


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((2, 4, 4), np.float32),
        np.zeros((2, 5, 4), np.uint8),
        np.zeros((4, 4), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
    ],
)
def test_other_pictures_are_refused(pictures):
    with pytest.raises(ValueError, match=r"expects \(N, 4, 4\) uint8, got .*; convert and resize"):
        Preprocessing(size=4)(pictures)


def test_an_unknown_normalisation_is_refused():
    with pytest.raises(ValueError, match="expects one of picture, unit, none, got 'max'"):
        Preprocessing(normalize="max")


# -- steps ----------------------------------------------------------------------------------------

LISTS = [
    [{"step": "equalise"}],
    [{"step": "tan_triggs"}],
    [{"step": "median"}, {"step": "clahe", "tiles": [4, 4]}, {"step": "gamma", "exponent": 0.7}],
    [{"step": "grey"}, {"step": "cover_crop", "shape": [16, 16]}, {"step": "gaussian"}],
    [{"step": "resize", "shape": [16, 16], "method": "bilinear"}, {"step": "otsu"}],
    [{"step": "linear", "contrast": 1.4, "brightness": 9}, {"step": "threshold", "value": 99}],
]


def pictures(N=6, H=16, W=16, seed=3):
    return np.random.default_rng(seed).integers(0, 256, (N, H, W)).astype(np.uint8)


def test_steps_come_before_the_normalisation():
    x = Preprocessing(16, "unit", [{"step": "equalise"}])(pictures())
    assert np.array_equal(x[:, 0], equalise(pictures()) / np.float32(255))
    x = Preprocessing(16, "none", [{"step": "tan_triggs"}])(pictures())
    assert np.array_equal(x[:, 0], tan_triggs(pictures()))


def test_colours_of_any_size_become_inputs():
    photo = np.random.default_rng(4).integers(0, 256, (2, 30, 20, 3)).astype(np.uint8)
    steps = [{"step": "grey"}, {"step": "cover_crop", "shape": [16, 16]}]
    x = Preprocessing(16, "none", steps)(photo)
    assert np.array_equal(x[:, 0], cover_crop(to_grey(photo), (16, 16)))


@pytest.mark.parametrize("steps", LISTS)
def test_steps_and_their_defaults_come_back_from_json(steps):
    settings = Preprocessing(16, "none", steps)
    again = Preprocessing(**json.loads(json.dumps(settings.config())))
    assert again == settings
    assert np.array_equal(again(pictures()), settings(pictures()))


def test_a_model_of_before_the_steps_is_read():
    """What scratchnet 0.1 wrote into model.json."""
    old = Preprocessing(**json.loads('{"size": 48, "normalize": "picture"}'))
    assert old == Preprocessing()
    assert old.config() == {"size": 48, "normalize": "picture"}


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            [{"step": "sharpen"}],
            "a step expects .* one of grey, resize, .* got {'step': 'sharpen'}",
        ),
        ([{"step": "median", "width": 3}], "'median' expects size; 'width' is unknown"),
        ([{"step": "median", "size": 4}], "expects an odd size, such as 3 or 5, got 4"),
        ([{"step": "gaussian", "sigma": "wide"}], "steps cannot use these values: .* 'wide'"),
        ([{"step": "resize", "shape": [9, 9]}], r"\(N, 48, 48\) uint8, got \(1, 9, 9\) .*'resize'"),
        ([{"step": "tan_triggs"}, {"step": "otsu"}], "otsu_threshold counts grey values"),
    ],
)
def test_steps_that_cannot_be_done_are_refused_before_the_first_face(steps, message):
    with pytest.raises(ValueError, match=message):
        Preprocessing(steps=steps)


# -- training and serving -------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [[], *LISTS])
def test_a_loaded_model_sees_the_pixels_of_its_training(steps, tmp_path):
    """Bit by bit, though training sees all pictures together and serving one at a time."""
    trained = pictures(N=40)
    settings = Preprocessing(16, "none" if steps == LISTS[1] else "picture", steps)
    x = settings(trained)
    model = Sequential([Flatten(), Dense(2)]).build((1, 16, 16), np.random.default_rng(0))
    model.preprocessing = settings.config()
    model.save(tmp_path / "model")

    loaded = Sequential.load(tmp_path / "model")
    serve = Preprocessing(**loaded.preprocessing)
    served = np.concatenate([serve(trained[i : i + 1]) for i in range(len(trained))])
    assert served.tobytes() == x.tobytes()
    assert loaded.predict(served).tobytes() == model.predict(x).tobytes()


def test_a_run_leaves_a_model_that_is_served_what_it_was_trained_on(tmp_path):
    """The pixels that reach the training loop are those that the saved model's settings make."""
    seen = {}

    class Watch(Callback):
        def on_train_begin(self, training):
            seen["x"] = np.concatenate([training.x, training.validation[0]])

    faces = Dataset(pictures(N=60, seed=5), np.arange(60) % 3, ("a", "b", "c"))
    recipe = Recipe(network="simple", epochs=1, batch_size=20)
    train(faces, recipe, tmp_path, callbacks=[Watch()])
    serve = Preprocessing(**Sequential.load(tmp_path / "model").preprocessing)
    served = {serve(face[np.newaxis]).tobytes() for face in faces.images}
    assert served == {x.tobytes() for x in seen["x"]}
