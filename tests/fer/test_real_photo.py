"""A real photo, from the file to the answer: tests/data/README.md says whose portrait it is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import haar
from scratchnet.fer import EmotionRecognizer
from scratchnet.fer.annotate import draw_answers
from tests.fer.recognition import network

ASTRONAUT = Path(__file__).parents[1] / "data" / "astronaut.jpg"
MIDDLE = (224, 113)
"""Of her face, in pixels: between the eyes and the mouth."""


def is_her_face(box):
    x, y, width, height = box
    return all(
        abs(start + side / 2 - middle) < 12
        for start, side, middle in zip((x, y), (width, height), MIDDLE, strict=True)
    )


def test_the_photo_is_small_and_says_whose_it_is():
    assert ASTRONAUT.stat().st_size <= 60_000
    with Image.open(ASTRONAUT) as photo:
        assert b"Eileen Collins, NASA; public domain" in photo.info["comment"]


def test_exactly_one_face_is_found():
    (box,) = haar.Cascade.frontal_face().detect(Image.open(ASTRONAUT))
    assert is_her_face(box.tolist())
    assert 80 <= box[2] <= 110


def test_a_network_answers_with_probabilities():
    recognizer = EmotionRecognizer(network(), haar.Cascade.frontal_face())
    (face,) = recognizer(ASTRONAUT)
    assert is_her_face(face.box)
    assert face.status == "ok"
    assert sum(face.probabilities.values()) == pytest.approx(1, abs=1e-12)
    drawn = draw_answers(Image.open(ASTRONAUT), [face])
    assert (np.asarray(drawn) != np.asarray(Image.open(ASTRONAUT))).any()


def test_the_network_in_the_box_sees_her_smile():
    (face,) = EmotionRecognizer.pretrained()(ASTRONAUT)
    assert face.label == "Happy" and face.probabilities["Happy"] > 0.8
