"""Augmentation: what each option does alone, that all of it is seeded, and what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.fer.augment import Augment

OFF = {"flip": False, "rotation": 0.0, "scale": 0.0, "shift": 0.0}


def only(**options):
    """Augment with nothing but these options."""
    return Augment(**{**OFF, **options})


def faces(N=32, dtype=np.float32):
    return np.random.default_rng(0).random((N, 1, 48, 48)).astype(dtype)


def rng(seed=1):
    return np.random.default_rng(seed)


def blob(N):
    """One bright spot above and left of the centre, whose place and size can be measured."""
    y, x = np.mgrid[0:48, 0:48]
    spot = np.exp(-((x - 19.5) ** 2 + (y - 15.5) ** 2) / 18)
    return np.repeat(spot[None], N, axis=0)


def places(images):
    """(x, y) of every image's centre of mass, (N, 2), from the image's centre."""
    y, x = np.mgrid[0:48, 0:48] - 23.5
    mass = images.sum(axis=(1, 2))
    return (
        np.stack([(images * x).sum(axis=(1, 2)), (images * y).sum(axis=(1, 2))], 1) / mass[:, None]
    )


# -- one option at a time -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_with_everything_off_the_bits_stay(dtype):
    x = faces(dtype=dtype)
    y = only()(x, rng())
    assert y.dtype == dtype
    assert y.tobytes() == x.tobytes()
    assert not np.shares_memory(x, y)


def test_flip_mirrors_half_of_the_images_exactly():
    x = faces(400)
    y = only(flip=True)(x, rng())
    same = (y == x).all(axis=(1, 2, 3))
    mirrored = (y == x[..., ::-1]).all(axis=(1, 2, 3))
    assert np.all(same ^ mirrored)
    assert 160 < mirrored.sum() < 240  # 200 ± 4 standard deviations


def test_rotation_turns_about_the_centre_within_its_range():
    before, after = places(blob(200)), places(only(rotation=10.0)(blob(200), rng()))
    np.testing.assert_allclose(np.hypot(*after.T), np.hypot(*before.T), rtol=0.01)
    angle = np.rad2deg(
        np.arctan2(after[:, 1], after[:, 0]) - np.arctan2(before[:, 1], before[:, 0])
    )
    assert -10.1 < angle.min() < -9
    assert 9 < angle.max() < 10.1


def test_scale_moves_the_spot_away_from_the_centre_and_spreads_it():
    before, after = blob(200), only(scale=0.1)(blob(200), rng())
    factor = (places(after) / places(before)).mean(axis=1)
    assert 0.895 < factor.min() < 0.91
    assert 1.09 < factor.max() < 1.105
    np.testing.assert_allclose(
        after.sum(axis=(1, 2)) / before.sum(axis=(1, 2)), factor**2, rtol=0.01
    )


def test_shift_is_a_share_of_the_side():
    moved = places(only(shift=0.1)(blob(200), rng())) - places(blob(200))
    assert np.all(np.abs(moved) < 4.8 + 1e-3)
    assert np.all(moved.max(axis=0) > 4.6)
    assert np.all(moved.min(axis=0) < -4.6)
    assert abs(np.corrcoef(moved.T)[0, 1]) < 0.2  # across and down are drawn apart


def test_a_crop_alone_copies_a_window_pixel_by_pixel():
    x = faces(300)
    y = only(crop=44)(x, rng())
    assert y.shape == (300, 1, 44, 44)
    corners = []
    for n in range(300):
        found = [
            (top, left)
            for top in range(5)
            for left in range(5)
            if np.array_equal(y[n, 0], x[n, 0, top : top + 44, left : left + 44])
        ]
        corners += found
    assert len(corners) == 300
    assert len(set(corners)) == 25  # every place is taken at some time


def test_contrast_keeps_the_mean_and_scales_the_deviation():
    x = faces(200, np.float64)
    y = only(contrast=0.3)(x, rng())
    np.testing.assert_allclose(y.mean(axis=(1, 2, 3)), x.mean(axis=(1, 2, 3)), atol=1e-12)
    gain = y.std(axis=(1, 2, 3)) / x.std(axis=(1, 2, 3))
    assert 0.7 < gain.min() < 0.72
    assert 1.28 < gain.max() < 1.3


def test_brightness_adds_one_number_to_an_image():
    x = faces(200, np.float64)
    added = only(brightness=0.2)(x, rng()) - x
    assert np.ptp(added, axis=(1, 2, 3)).max() < 1e-12
    assert -0.2 < added.min() < -0.19
    assert 0.19 < added.max() < 0.2


def test_erase_hides_one_rectangle_behind_the_mean():
    x = faces(200)
    y = only(erase=0.5)(x, rng())
    changed = (y != x)[:, 0]
    hit = changed.any(axis=(1, 2))
    assert 70 < hit.sum() < 130
    share = changed[hit].mean(axis=(1, 2))
    assert 0.015 < share.min() < 0.03
    assert 0.18 < share.max() < 0.21
    for n in np.flatnonzero(hit):
        rows, columns = np.flatnonzero(changed[n].any(1)), np.flatnonzero(changed[n].any(0))
        box = y[n, 0, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert np.all(box == x[n].mean())
        assert len(rows) <= 3.5 * len(columns) + 1
        assert len(columns) <= 3.5 * len(rows) + 1


def test_erase_one_hits_every_image_and_zero_none():
    x = faces()
    assert (only(erase=1.0)(x, rng()) != x).any(axis=(1, 2, 3)).all()
    assert np.array_equal(only(erase=0.0)(x, rng()), x)


@pytest.mark.parametrize("border", ["edge", "reflect", "constant"])
def test_the_border_is_what_comes_in(border):
    ones = np.ones((64, 1, 48, 48), np.float32)
    y = Augment(border=border)(ones, rng())
    assert y.max() <= 1
    assert (y.min() == 0) if border == "constant" else (y.min() > 1 - 1e-6)


# -- all together ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "shape", [(5, 1, 48, 48), (5, 48, 48), (3, 30, 41), (1, 1, 48, 48), (0, 1, 48, 48)]
)
@pytest.mark.parametrize("crop", [None, 24])
def test_shape_and_dtype_stay(dtype, shape, crop):
    x = rng().random(shape).astype(dtype)
    y = Augment(crop=crop, contrast=0.2, brightness=0.1, erase=0.5)(x, rng())
    assert y.shape == (shape if crop is None else (*shape[:-2], crop, crop))
    assert y.dtype == dtype
    assert np.isfinite(y).all()
    assert y.flags.c_contiguous


def test_the_channel_axis_makes_no_difference():
    augment = Augment(erase=0.3, contrast=0.1)
    assert np.array_equal(augment(faces(), rng())[:, 0], augment(faces()[:, 0], rng()))


def test_the_input_is_left_as_it_is():
    x = faces()
    Augment(erase=1.0, contrast=0.3, brightness=0.3)(x, rng())
    assert np.array_equal(x, faces())


def test_the_same_generator_gives_the_same_bits_and_the_next_call_others():
    augment, first, second = Augment(erase=0.5), rng(), rng()
    y = augment(faces(), first)
    assert y.tobytes() == augment(faces(), second).tobytes()
    assert y.tobytes() != augment(faces(), first).tobytes()
    assert y.tobytes() != augment(faces(), rng(2)).tobytes()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 32))
def test_cutting_the_stream_into_batches_changes_no_bit(cut):
    augment = Augment(erase=0.5, contrast=0.2, brightness=0.1, crop=44)
    x, generator = faces(), rng()
    parts = augment(x[:cut], generator), augment(x[cut:], generator)
    assert np.concatenate(parts).tobytes() == augment(x, rng()).tobytes()


def test_switching_an_option_off_changes_nothing_for_the_others():
    with_flip = only(flip=True, erase=0.0)(faces(), rng())
    with_erase = only(flip=True, erase=0.3)(faces(), rng())
    untouched = (with_flip == with_erase).all(axis=(1, 2, 3))
    assert 0 < untouched.sum() < 32
    assert (with_flip == with_erase).mean() > 0.9


def test_one_face_in_many_copies_becomes_many_faces():
    y = Augment()(np.repeat(faces(1), 50, axis=0), rng())
    assert len({image.tobytes() for image in y}) == 50


# -- outside of training --------------------------------------------------------------------------


def test_evaluation_shows_the_middle():
    x = faces()
    assert np.array_equal(Augment(crop=44).evaluation(x), x[..., 2:46, 2:46])
    assert np.array_equal(Augment(crop=43).evaluation(x), x[..., 2:45, 2:45])
    assert np.array_equal(Augment().evaluation(x), x)


def test_the_output_shape_is_what_the_network_is_built_for():
    assert Augment(crop=44).output_shape((1, 48, 48)) == (1, 44, 44)
    assert Augment().output_shape((1, 48, 48)) == (1, 48, 48)


def test_config_survives_json():
    augment = Augment(rotation=5, crop=40, erase=0.25, border="reflect")
    again = Augment(**json.loads(json.dumps(augment.config())))
    assert again == augment
    assert np.array_equal(again(faces(), rng()), augment(faces(), rng()))


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rotation": -5}, "rotation degrees in 0 … 180, got -5"),
        ({"rotation": float("nan")}, "rotation .* got nan"),
        ({"scale": 1.0}, "scale a share in 0 … 1, less than 1, got 1.0"),
        ({"scale": -0.1}, "scale .* got -0.1"),
        ({"shift": 1.5}, "shift .* got 1.5"),
        ({"crop": 0}, "crop None or a whole number of pixels, got 0"),
        ({"crop": 44.5}, "crop .* got 44.5"),
        ({"contrast": 1.0}, "contrast .* got 1.0"),
        ({"brightness": -1}, "brightness .* got -1"),
        ({"erase": 1.1}, "erase a probability in 0 … 1, got 1.1"),
        ({"border": "wrap"}, "border one of edge, reflect, constant, got 'wrap'"),
    ],
)
def test_options_out_of_range_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        Augment(**options)


@pytest.mark.parametrize("method", ["__call__", "evaluation"])
@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.zeros((2, 3, 48, 48)), {}, r"grey images .* got \(2, 3, 48, 48\)"),
        (np.zeros((48, 48)), {}, r"grey images .* got \(48, 48\)"),
        (np.zeros((2, 1, 48, 48), np.uint8), {}, "got uint8; pre-process first"),
        (np.zeros((2, 1, 40, 48)), {"crop": 44}, "at least 44 × 44 pixels, got 40 × 48"),
    ],
)
def test_wrong_images_are_named(method, x, options, message):
    arguments = (x, rng()) if method == "__call__" else (x,)
    with pytest.raises(ValueError, match=message):
        getattr(Augment(**options), method)(*arguments)
