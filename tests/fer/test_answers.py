"""What the recogniser says: plain values whose JSON and tables anybody can read."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from scratchnet.fer.answers import Answer, Box, Face, columns, to_frame

CROP = np.arange(48 * 48, dtype=np.uint32).reshape(48, 48).astype(np.uint8)
NAMES = ("Angry", "Happy", "Neutral")


def face(*probabilities, status="ok"):
    shares = dict(zip(NAMES, probabilities, strict=True))
    return Face(Box(10, 20, 45, 45), shares, status, CROP)


def test_label_and_mixture_are_the_most_probable():
    found = face(0.1, 0.65, 0.25)
    assert found.label == "Happy"
    assert list(found.mixture.items()) == [("Happy", 0.65), ("Neutral", 0.25)]


def test_entropy_in_bits_by_hand():
    assert face(0.0, 1.0, 0.0).entropy == 0
    assert face(0.25, 0.5, 0.25).entropy == 1.5  # ½·1 + ¼·2 + ¼·2
    assert face(1 / 3, 1 / 3, 1 / 3).entropy == pytest.approx(np.log2(3))


def test_a_face_as_text():
    assert str(face(0.1, 0.65, 0.25)) == "Happy 65%, Neutral 25%  at 10,20, 45×45 pixels"
    assert str(face(0.1, 0.65, 0.25, status="too_small")).endswith("pixels  (too small)")


def test_json_is_plain():
    answer = Answer("a.jpg", 300, 200, [face(0.1, 0.65, 0.25)])
    assert json.loads(json.dumps(answer.to_dict())) == {
        "photo": "a.jpg",
        "width": 300,
        "height": 200,
        "faces": [
            {
                "box": {"x": 10, "y": 20, "width": 45, "height": 45},
                "label": "Happy",
                "probabilities": {"Angry": 0.1, "Happy": 0.65, "Neutral": 0.25},
                "mixture": {"Happy": 0.65, "Neutral": 0.25},
                "entropy": 1.23616,
                "status": "ok",
            }
        ],
    }


def test_a_face_as_data_uri_is_the_crop():
    uri = face(0.1, 0.65, 0.25).to_dict(with_face=True)["face"]
    kind, _, text = uri.partition(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(text))) as picture:
        assert (np.asarray(picture) == CROP).all()


def test_every_photo_has_a_row():
    answers = [
        Answer("two.jpg", 300, 200, [face(0.1, 0.65, 0.25), face(0.8, 0.1, 0.1)]),
        Answer("none.jpg", 300, 200, []),
        Answer("broken.jpg", 0, 0, [], "broken.jpg: it is damaged"),
    ]
    table = to_frame(answers, NAMES)
    assert list(table.columns) == columns(NAMES)
    assert table["photo"].tolist() == ["two.jpg", "two.jpg", "none.jpg", "broken.jpg"]
    assert table["status"].tolist() == ["ok", "ok", "no_face", "unreadable"]
    assert table["face"].tolist()[:2] == [1, 2] and table["face"].isna().tolist()[2:] == [True] * 2
    assert table["label"].tolist()[:2] == ["Happy", "Angry"]
    assert table["Happy"].tolist()[:2] == [0.65, 0.1]


def test_an_unreadable_photo_says_why():
    answer = Answer("b.jpg", 0, 0, [], "b.jpg: there is no such file")
    assert answer.to_dict() == {"photo": "b.jpg", "error": "b.jpg: there is no such file"}
