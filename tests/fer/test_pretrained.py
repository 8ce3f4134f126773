"""What comes in the box: all of its networks, sound, and asked as their card wants it."""

import json

import numpy as np
import pytest

from scratchnet.fer.pack import pack
from scratchnet.fer.pretrained import (
    how_asked,
    load_networks,
    pretrained_folder,
    read_card,
)
from scratchnet.serialization import FormatError
from tests.fer.recognition import network

THREE = {
    "flip": True,
    "temperature": 0.8,
    "temperatures_of_fewer": [1.0, 0.9],
    "networks": [{}, {}, {}],
}


@pytest.fixture
def box(tmp_path):
    """Three packed networks; the second and the third in numbered folders, with one beside them."""
    folder = tmp_path / "box"
    for seed, where in enumerate((folder, folder / "2", folder / "10")):
        network(seed=seed).save(tmp_path / "run")
        pack(tmp_path / "run", where, THREE if where == folder else {})
    (folder / "notes").mkdir()
    return folder


def test_a_box_is_a_network_and_its_numbered_folders(box):
    weights = [model.layers[1].params["W"][0, 0] for model in load_networks(box)]
    expected = [network(seed=seed).layers[1].params["W"][0, 0] for seed in range(3)]
    assert weights == pytest.approx(expected, rel=1e-3)
    assert len(load_networks(box, 2)) == 2
    assert len(load_networks(box / "10")) == 1


def test_a_run_left_one_network(tmp_path):
    network().save(tmp_path / "model")
    assert len(load_networks(tmp_path / "model")) == 1


@pytest.mark.parametrize("count", [0, 4])
def test_so_many_networks_there_are_not(box, count):
    with pytest.raises(ValueError, match=f"networks expects 1 to 3 for .*box, got {count}"):
        load_networks(box, count)


def test_every_network_is_checked(box):
    weights = bytearray((box / "10" / "weights.npz").read_bytes())
    weights[len(weights) // 2] ^= 1
    (box / "10" / "weights.npz").write_bytes(weights)
    load_networks(box, 2)
    with pytest.raises(FormatError, match=r"10.weights\.npz is damaged: expected SHA-256 \w{64}"):
        load_networks(box)


def test_a_network_that_got_lost_is_missed(box):
    (box / "10").rename(box.parent / "elsewhere")
    with pytest.raises(FormatError, match="holds 2 of its 3 networks; install the package again"):
        load_networks(box)


def test_fewer_networks_have_their_own_temperature():
    assert [how_asked(THREE, n)["temperature"] for n in (1, 2, 3)] == [1.0, 0.9, 0.8]
    assert how_asked({}, 1) == {"flip": False, "temperature": 1.0}
    assert how_asked({"temperature": 2, "flip": True}, 1) == {"flip": True, "temperature": 2.0}


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"flip": "yes"}, "flip to be true or false, got 'yes'"),
        ({"temperature": "hot"}, "temperature to be a number above 0, got 'hot'"),
        ({"temperature": 0}, "temperature to be a number above 0, got 0"),
        ({"temperature": float("inf")}, "temperature to be a number above 0, got inf"),
        (None, "entries by name, got None"),
        ({"temperatures_of_fewer": [1, None]}, "temperatures_of_fewer to be a list of numbers"),
        ({"networks": 3}, "networks to be a list, got 3"),
        ({"eyes": True}, "eyes to be the name of a cascade, got True"),
    ],
)
def test_a_card_that_would_change_answers_wrongly_is_refused(tmp_path, entry, complaint):
    (tmp_path / "model.json").write_text(json.dumps({"card": entry}))
    with pytest.raises(FormatError, match=f"the card expects {complaint}"):
        read_card(tmp_path)


def test_the_box_is_sound():
    """The shipped weights: whole, as their card says, and asked as it says."""
    folder = pretrained_folder()
    card, models = read_card(folder), load_networks(folder)
    assert len(models) == len(card["networks"]) == 1 + len(card["temperatures_of_fewer"])
    assert card["flip"] and 0.25 < card["temperature"] < 4
    for model, told in zip(models, card["networks"], strict=True):
        assert model.parameter_count() == told["parameters"]
        p = model.predict(np.zeros((1, *model.input_shape), np.float32))
        assert p.shape == (1, 7) and np.isfinite(p).all()
    text = (folder / "card.md").read_text(encoding="utf-8")
    for told in card["networks"]:
        assert told["command"] in text and told["weights_sha256"] in text
    history = list(folder.rglob("history.csv"))
    assert len(history) == len(models)
