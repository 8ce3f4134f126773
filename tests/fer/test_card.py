"""The model card says what it must: how it was made, how right it is, what it is not for."""

import numpy as np

from scratchnet.fer.card import SECTIONS, model_card
from scratchnet.fer.report import summarize

P = np.array([[0.7, 0.3], [0.4, 0.6], [0.9, 0.1], [0.2, 0.8]])
LABELS = np.array([0, 1, 1, 1])
RESULT = summarize(P, LABELS, ["a", "b"], np.random.default_rng(0), np.arange(4) == 0)
RESULT["calibration_error_unscaled"] = 0.123

NETWORK = {
    "network": "wide",
    "parameters": 1_458_343,
    "macs": 172_451_136,
    "command": "python examples/train_fer.py --data fer2013.csv --network wide",
    "recipe": {"votes": 0.5},
    "epochs": 60,
    "best_epoch": 57,
    "validation_accuracy": 0.712,
    "minutes": 81.4,
    "weights_sha256": 64 * "a",
    "temperature": 1.3,
    "accuracy": {"PublicTest": 0.703},
}
CARD = {
    "networks": [NETWORK],
    "recipe": NETWORK["recipe"],
    "data": {
        "file": "fer2013.csv",
        "fer_plus": "fer2013new.csv",
        "sha256_of_pixels_and_labels": 64 * "b",
        "faces": {"Training": 28_709, "PublicTest": 3_589},
        "learned_from": 25_694,
        "held_out": 2_855,
    },
    "flip": True,
    "temperature": 1.25,
    "temperatures_of_fewer": [],
    "results": {"PublicTest": RESULT},
}


def card_text(card, name):
    """Without its line breaks."""
    return " ".join(model_card(card, name).split())


def test_a_card_tells_how_it_was_made_and_how_right_it_is():
    raw = model_card(CARD | {"answers_changed_by_float16": 2}, "fer2013")
    assert raw.startswith("# fer2013\n")
    for section in SECTIONS:
        assert f"\n## {section}\n" in raw
    assert "\n    " + NETWORK["command"] + "\n" in raw
    assert "\n| b | 1.00 | 0.67 | 0.80 | 3 |" in raw
    text = " ".join(raw.split())
    assert "172 million" in text
    assert "changes the answers to 2 of the 2,855 held-out faces" in text
    assert "divided by 1.250" in text
    assert "number 57 was kept, the best on the held-out faces (71.2%)" in text
    assert "Right alone" not in text
    assert 64 * "a" in text


def test_a_card_tells_what_it_learned_from():
    text = card_text(CARD, "x")
    assert "`fer2013.csv`: 28,709 Training, 3,589 PublicTest; SHA-256" in text and 64 * "b" in text
    assert "Trained on 25,694 faces; 2,855 others" in text
    assert "(`fer2013new.csv`, Barsoum et al., 2016) decide 50% of each target" in text
    assert "Labels are noisy" in text
    own = CARD["data"] | {"file": "faces", "faces": {"Training": 51, "Test": 9}}
    assert "Labels are noisy" not in card_text(CARD | {"data": own}, "x")


def test_a_card_tells_how_right_it_is():
    text = card_text(CARD, "x")
    assert "**75.0%** right" in text
    assert "Without the 1 that are also in Training: 66.7%" in text
    assert "(12.3% without the temperature), negative log-likelihood" in text
    assert "Most often confused: b taken for a (33%)." in text


def test_a_card_says_what_the_network_is_not_for():
    text = card_text(CARD, "x")
    for words in ("not what a person feels", "at work and in schools is prohibited", "by group"):
        assert words in text


def test_without_votes_the_card_does_not_mention_them():
    assert "The votes of FER+" not in card_text(CARD | {"recipe": {"votes": 0.0}}, "x")


def test_an_ensemble_says_how_many_it_is():
    networks = [NETWORK | {"command": f"train --seed {seed}"} for seed in range(3)]
    text = card_text(CARD | {"networks": networks}, "x")
    assert "The mean of 3 networks, each `wide`" in text
    assert text.count("Right alone: PublicTest 70.3%") == 3
    assert all(f" train --seed {seed} " in text for seed in range(3))
    assert "`EmotionRecognizer.pretrained(networks=1)` asks only the first" in text
    assert "networks=1" not in card_text(CARD, "x")


def test_a_card_names_the_cascade_for_eyes_if_there_is_one():
    assert "by the eyes that `own-eye` finds" in card_text(CARD | {"eyes": "own-eye"}, "x")
    assert "Faces are turned upright first" not in card_text(CARD, "x")
