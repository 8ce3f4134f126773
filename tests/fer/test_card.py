"""The model card says what it must: how it was made, how right it is, what it is not for."""

import numpy as np

from scratchnet.fer.card import SECTIONS, model_card
from scratchnet.fer.report import summarize

P = np.array([[0.7, 0.3], [0.4, 0.6], [0.9, 0.1], [0.2, 0.8]])
LABELS = np.array([0, 1, 1, 1])
RESULT = summarize(P, LABELS, ["a", "b"], np.random.default_rng(0), np.arange(4) == 0)

CARD = {
    "network": "wide",
    "parameters": 1_458_343,
    "macs": 172_451_136,
    "members": 1,
    "command": "python examples/train_fer.py --data fer2013.csv --network wide",
    "epochs": 60,
    "minutes": 81.4,
    "faces": 25_694,
    "held_out": 2_855,
    "votes": 0.5,
    "flip": True,
    "temperature": 1.25,
    "results": {"PublicTest": RESULT},
}


def test_a_card_tells_how_it_was_made_and_how_right_it_is():
    text = model_card(CARD, "fer2013")
    assert text.startswith("# fer2013\n")
    for section in SECTIONS:
        assert f"\n## {section}\n" in text
    assert "    " + CARD["command"] + "\n" in text
    assert "172 million" in text
    assert "correct by 50%" in text
    assert "**75.0%** right" in text
    assert "Without the 1 that are also in Training: 66.7%" in text
    assert "| b | 1.00 | 0.67 | 0.80 | 3 |" in text


def test_a_card_says_what_the_network_is_not_for():
    text = " ".join(model_card(CARD, "x").split())
    for words in ("not what a person feels", "at work and in schools is prohibited", "by group"):
        assert words in text


def test_without_votes_the_card_does_not_mention_them():
    assert "FER+'s votes" not in model_card(CARD | {"votes": 0.0}, "x")


def test_an_ensemble_says_how_many_it_is():
    assert "The mean of 3 networks" in model_card(CARD | {"members": 3}, "x")
