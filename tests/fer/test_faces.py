"""Generated faces: seeded, complete, and with landmarks on what they name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scratchnet.fer.drawing.action_units import COLUMN, EMOTIONS
from scratchnet.fer.drawing.portrait import draw_faces
from scratchnet.fer.drawing.shape import LEFT_EYE
from scratchnet.fer.drawing.variation import TRAITS, traits_from
from scratchnet.fer.faces import generate_faces
from scratchnet.fer.labels import SEVEN, SIX, to_six


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def faces():
    return generate_faces(140, rng(1), emotions=np.arange(140) % 7)


def test_a_seed_is_a_set_of_faces():
    one, same, other = (
        generate_faces(9, rng(3)),
        generate_faces(9, rng(3)),
        generate_faces(9, rng(4)),
    )
    assert one.images.tobytes() == same.images.tobytes()
    np.testing.assert_array_equal(one.labels, same.labels)
    assert one.images.tobytes() != other.images.tobytes()


def test_a_second_call_on_the_same_generator_gives_other_faces():
    generator = rng(3)
    first, second = generate_faces(2, generator), generate_faces(2, generator)
    assert first.images.tobytes() != second.images.tobytes()


@pytest.mark.parametrize("count", [1, 5, 130])
def test_face_i_depends_on_the_seed_and_i_only(count):
    some, many = generate_faces(count, rng(7)), generate_faces(131, rng(7))
    for name in ("images", "labels", "landmarks", "boxes", "action_units"):
        np.testing.assert_array_equal(getattr(some, name), getattr(many, name)[:count])


def test_shapes_and_dtypes(faces):
    assert (faces.images.shape, faces.images.dtype) == ((140, 48, 48), np.uint8)
    assert (faces.labels.shape, faces.labels.dtype) == ((140,), np.int64)
    assert (faces.landmarks.shape, faces.landmarks.dtype) == ((140, 68, 2), np.float32)
    assert (faces.boxes.shape, faces.boxes.dtype) == ((140, 4), np.float32)
    assert (faces.action_units.shape, faces.action_units.dtype) == ((140, 13), np.float32)
    assert faces.class_names == SEVEN
    assert len(faces) == 140


def test_emotions_that_are_given_are_drawn(faces):
    np.testing.assert_array_equal(np.bincount(faces.labels), [20] * 7)


def test_labels_are_uniform_by_default():
    counts = np.bincount(generate_faces(700, rng(2), size=32).labels, minlength=7)
    assert counts.sum() == 700 and counts.min() > 60  # > expected 100, deviation 9.3


def test_no_faces_are_no_faces():
    assert generate_faces(0, rng()).images.shape == (0, 48, 48)


def test_six_classes_are_the_same_faces_with_disgust_as_angry():
    six, seven = generate_faces(30, rng(5), classes=6), generate_faces(30, rng(5), classes=7)
    assert six.class_names == SIX
    np.testing.assert_array_equal(six.images, seven.images)
    np.testing.assert_array_equal(six.labels, to_six(seven.labels))


@pytest.mark.parametrize("size", [32, 33, 96, 200])
def test_a_face_of_any_size_is_the_same_face(size):
    small, large = generate_faces(3, rng(6)), generate_faces(3, rng(6), size=size)
    assert large.images.shape == (3, size, size)
    np.testing.assert_allclose(large.landmarks / size, small.landmarks / 48, atol=1e-5)
    np.testing.assert_array_equal(large.labels, small.labels)


def test_landmarks_are_inside_of_the_picture():
    faces = generate_faces(1000, rng(8), size=32, intensity=(1.0, 1.0))
    assert faces.landmarks.min() >= 0
    assert faces.landmarks.max() <= 31


def test_action_units_are_those_of_the_emotion_within_the_intensity():
    faces = generate_faces(200, rng(9), size=32, intensity=(0.5, 0.5))
    for label, units in zip(faces.labels, faces.action_units, strict=True):
        mix = EMOTIONS[SEVEN[label]]
        for unit, column in COLUMN.items():
            # Half of the mix, give or take the fifth that each unit varies by.
            assert 0.4 * mix.get(unit, 0) <= units[column] + 1e-6
            assert units[column] <= 0.6 * mix.get(unit, 0) + 1e-6


def test_no_intensity_is_a_neutral_face():
    assert not generate_faces(20, rng(), size=32, intensity=(0, 0)).action_units.any()


def portrait(mix: dict[int, float], size: int = 192) -> tuple[np.ndarray, np.ndarray]:
    """One plain face, in front of white: its picture and its landmarks."""
    traits = dict(traits_from(np.full((1, len(TRAITS)), 0.5), size))
    for name in ("has_glasses", "beard", "moustache"):
        traits[name] = np.zeros(1, np.float32)
    traits["focus"] = np.ones(1, np.float32)
    units = np.zeros((1, len(COLUMN)), np.float32)
    for unit, intensity in mix.items():
        units[0, COLUMN[unit]] = intensity
    canvas = np.ones((1, size, size), np.float32)
    landmarks = draw_faces(canvas, traits, units)
    return canvas[0], landmarks[0]


def tone_at(picture: np.ndarray, landmark: np.ndarray, side: int = 5) -> float:
    x, y = np.rint(landmark).astype(int)
    r = side // 2
    return float(picture[y - r : y + r + 1, x - r : x + r + 1].mean())


def test_landmarks_lie_on_what_they_name():
    picture, at = portrait({})
    skin = tone_at(picture, (at[1] + at[33]) / 2)
    for brow_or_lash_or_mouth in (18, 19, 20, 23, 24, 25, 37, 38, 43, 44, 61, 62, 63):
        assert tone_at(picture, at[brow_or_lash_or_mouth]) < 0.75 * skin
    for jaw in range(3, 14):  # > the jaw's landmarks are where the face ends: skin on one side only
        middle = at[[30]].mean(axis=0)
        inside, outside = (middle + (at[jaw] - middle) * share for share in (0.85, 1.12))
        assert tone_at(picture, inside) != pytest.approx(tone_at(picture, outside), abs=0.04)


def test_an_open_mouth_is_dark_inside_and_shows_teeth_above():
    picture, at = portrait({26: 1.0})
    assert tone_at(picture, at[62] + (0, 4), 3) > 0.8
    dark = at[62] + 0.55 * (at[66] - at[62])
    assert tone_at(picture, dark, 3) < 0.3


def test_a_raised_lid_bares_more_of_the_white():
    def white(mix):
        picture, at = portrait(mix)
        left, top = np.floor(at[LEFT_EYE].min(axis=0)).astype(int)
        right, bottom = np.ceil(at[LEFT_EYE].max(axis=0)).astype(int)
        return (picture[top : bottom + 1, left : right + 1] > 0.7).sum()

    assert white({5: 1.0}) > 1.3 * white({}) > 0
    assert white({7: 1.0}) < 0.8 * white({})


def test_faces_can_be_added_to_one_scene():
    scene = np.full((120, 200), 0.5, np.float32)
    traits = dict(traits_from(np.full((1, len(TRAITS)), 0.5), 60))
    for place_x in (40.0, 150.0):
        traits["place_x"] = np.array([place_x], np.float32)
        landmarks = draw_faces(scene[None], traits, np.zeros((1, len(COLUMN)), np.float32))
        assert landmarks[0, :, 0].mean() == pytest.approx(place_x, abs=2)
    changed = (scene != 0.5).any(axis=0)
    assert changed[40] and changed[150] and not changed[95]


def test_a_kaggle_csv_reads_back_as_the_same_faces(faces, tmp_path):
    path = tmp_path / "faces.csv"
    usage = ["Training"] * 100 + ["PublicTest"] * 40
    faces.to_kaggle_csv(path, usage)
    table = pd.read_csv(path)
    assert list(table.columns) == ["emotion", "pixels", "Usage"]
    np.testing.assert_array_equal(table["emotion"], faces.labels)
    assert table["Usage"].tolist() == usage
    pixels = np.array([row.split(" ") for row in table["pixels"]], np.uint8)
    np.testing.assert_array_equal(pixels.reshape(-1, 48, 48), faces.images)
    assert [entry.name for entry in tmp_path.iterdir()] == ["faces.csv"]


def test_a_csv_that_fails_leaves_the_old_one(faces, tmp_path, monkeypatch):
    path = tmp_path / "faces.csv"
    path.write_text("old")
    monkeypatch.setattr("pathlib.Path.replace", lambda self, target: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        faces.to_kaggle_csv(path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["faces.csv"]


def test_a_csv_holds_nothing_but_fer2013s_size_classes_and_usages(faces, tmp_path):
    path = tmp_path / "faces.csv"
    with pytest.raises(ValueError, match=r"48 × 48 pixels and seven classes, got 32 × 32 and 7"):
        generate_faces(1, rng(), size=32).to_kaggle_csv(path)
    with pytest.raises(ValueError, match=r"got 48 × 48 and 6 classes; generate with"):
        generate_faces(1, rng(), classes=6).to_kaggle_csv(path)
    with pytest.raises(ValueError, match=r"one name or 140, one a face; got 2"):
        faces.to_kaggle_csv(path, ["Training", "PublicTest"])
    with pytest.raises(ValueError, match=r"Training, PublicTest or PrivateTest, got \['Test'\]"):
        faces.to_kaggle_csv(path, "Test")
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 5}, "classes must be 7 .* or 6 .*, got 5"),
        ({"size": 31}, "size expects 32 pixels or more, got 31"),
        ({"intensity": (0.8, 0.2)}, r"0 <= low <= high <= 1, got \(0.8, 0.2\)"),
        ({"intensity": (0.5, 1.5)}, "0 <= low <= high <= 1"),
        ({"emotions": [0, 1]}, r"emotions expects \(3,\) integers, got \(2,\)"),
        ({"emotions": [0, 1, 7]}, r"labels 0\.\.6 of Angry, .*, got 0\.\.7"),
        ({"emotions": [0.0, 1.0, 2.0]}, r"integers, got \(3,\) float64"),
    ],
)
def test_a_wrong_argument_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        generate_faces(3, rng(), **arguments)


def test_a_negative_count_is_named():
    with pytest.raises(ValueError, match="count expects a number of faces, 0 or more, got -1"):
        generate_faces(-1, rng())
