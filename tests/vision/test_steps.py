"""Steps by name: a list that goes to JSON and back, and errors that say which word is wrong."""

import json

import numpy as np
import pytest

from scratchnet.vision.equalise import equalise
from scratchnet.vision.gaussian import gaussian_blur
from scratchnet.vision.resize import resize
from scratchnet.vision.steps import STEPS, checked, run

NEEDED = {
    "resize": {"shape": [12, 12]},
    "cover_crop": {"shape": [12, 12]},
    "gamma": {"exponent": 0.5},
}
"""What has no default."""

every_step = pytest.mark.parametrize("name", STEPS)


def spec(name):
    return {"step": name, **NEEDED.get(name, {})}


def pictures(N=5, H=12, W=12):
    return np.random.default_rng(0).integers(0, 256, (N, H, W)).astype(np.uint8)


def test_steps_run_in_their_order():
    stack = pictures(H=20, W=31)
    specs = [
        {"step": "resize", "shape": [12, 10], "method": "area"},
        {"step": "gaussian", "sigma": 0.7},
        {"step": "equalise"},
    ]
    by_hand = equalise(gaussian_blur(resize(stack, (12, 10), "area"), 0.7))
    assert np.array_equal(run(checked(specs), stack), by_hand)
    assert np.array_equal(run([], stack), stack)


def test_defaults_are_written_out():
    assert checked([{"step": "clahe"}]) == [{"step": "clahe", "clip_limit": 2.0, "tiles": [8, 8]}]
    assert checked([{"step": "otsu"}]) == [{"step": "otsu"}]


@every_step
def test_a_step_comes_back_from_json(name):
    complete = checked([spec(name)])
    again = json.loads(json.dumps(complete))
    assert again == complete == checked(again)
    assert np.array_equal(run(again, pictures()), run([spec(name)], pictures()))


@every_step
def test_a_picture_does_not_depend_on_its_company(name):
    stack = pictures(N=40)
    together = run([spec(name)], stack)
    alone = np.concatenate([run([spec(name)], stack[i : i + 1]) for i in range(40)])
    assert together.tobytes() == alone.tobytes()


@every_step
def test_no_pictures_are_no_pictures(name):
    assert run([spec(name)], pictures()[:0]).shape == (0, 12, 12)


@every_step
def test_the_pictures_are_left_alone(name):
    stack = pictures()
    run([spec(name)], stack)
    assert np.array_equal(stack, pictures())


def test_the_grey_step_takes_colours_and_grey():
    grey = pictures()
    assert np.array_equal(run([{"step": "grey"}], np.stack([grey] * 3, axis=-1)), grey)
    assert np.array_equal(run([{"step": "grey"}], grey), grey)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"step": "equalize"}, r"one of grey, resize, .*tan_triggs, …}, got {'step': 'equalize'}"),
        ({"sigma": 2}, r"one of grey, .* got {'sigma': 2}"),
        ("equalise", "got 'equalise'"),
        ({"step": ["otsu"]}, r"got {'step': \['otsu'\]}"),
        ({"step": "gaussian", "sgima": 2}, "'gaussian' expects sigma; 'sgima' is unknown in"),
        ({"step": "gamma"}, "'gamma' expects exponent; 'exponent' is missing in"),
        ({"step": "otsu", "value": 3}, "'otsu' expects no parameters; 'value' is unknown"),
        ({"step": "median", "size": np.int64(3)}, "'median' expects plain values, got"),
    ],
)
def test_wrong_steps_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        checked([wrong])
