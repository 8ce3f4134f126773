"""Packed networks: small, the same answers, and nothing loads that is not what was packed."""

import json

import numpy as np
import pytest

from scratchnet import Sequential
from scratchnet.fer.networks import make_network
from scratchnet.fer.pack import is_packed, load_packed, pack
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.serialization import FormatError, read_arrays

CARD = {"flip": True, "temperature": 1.25}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network with running statistics of its own, as a run leaves it."""
    rng = np.random.default_rng(0)
    model = make_network("residual", 7).build((1, 16, 16), rng)
    model.class_names, model.preprocessing = tuple("abcdefg"), Preprocessing(size=16).config()
    for _, layer in model.leaves():
        for array in layer.buffers.values():
            array += rng.random(array.shape).astype(np.float32)
    model.layers[-1].params["W"][...] = rng.standard_normal((128, 7))
    folder = tmp_path_factory.mktemp("run") / "model"
    model.save(folder)
    return folder


def faces():
    return np.random.default_rng(1).standard_normal((20, 1, 16, 16)).astype(np.float32)


def test_a_packed_network_is_half_as_large_and_answers_alike(saved, tmp_path):
    pack(saved, tmp_path / "packed", CARD)
    sizes = [(folder / "weights.npz").stat().st_size for folder in (saved, tmp_path / "packed")]
    assert sizes[1] < 0.55 * sizes[0]
    packed, original = load_packed(tmp_path / "packed"), Sequential.load(saved)
    assert {p.value.dtype for p in packed.plan.parameters} == {np.dtype(np.float32)}
    assert packed.class_names == original.class_names
    assert packed.preprocessing == original.preprocessing
    assert np.allclose(packed.predict(faces()), original.predict(faces()), atol=5e-3)
    document = json.loads((tmp_path / "packed" / "model.json").read_text())
    assert document["card"] == CARD


def test_vectors_keep_all_of_their_bits(saved, tmp_path):
    pack(saved, tmp_path / "packed", CARD)
    before, after = (read_arrays(f / "weights.npz") for f in (saved, tmp_path / "packed"))
    assert {after[name].dtype.name for name in after if after[name].ndim > 1} == {"float16"}
    vectors = [name for name in before if before[name].ndim == 1]
    assert any(name.endswith("running_var") for name in vectors)
    assert all(before[name].tobytes() == after[name].tobytes() for name in vectors)


def test_equal_networks_are_packed_to_equal_bytes(saved, tmp_path):
    for name in "ab":
        pack(saved, tmp_path / name, CARD)
    for file in ("model.json", "weights.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_what_is_packed_can_be_packed_again(saved, tmp_path):
    pack(saved, tmp_path / "a", {})
    pack(tmp_path / "a", tmp_path / "b", CARD)
    pack(tmp_path / "b", tmp_path / "b2", CARD)
    assert (tmp_path / "b" / "model.json").read_bytes() == (
        tmp_path / "b2" / "model.json"
    ).read_bytes()
    load_packed(tmp_path / "b")


def test_a_changed_byte_is_found(saved, tmp_path):
    folder = tmp_path / "packed"
    pack(saved, folder, CARD)
    weights = bytearray((folder / "weights.npz").read_bytes())
    weights[len(weights) // 2] ^= 1
    (folder / "weights.npz").write_bytes(weights)
    with pytest.raises(FormatError, match=r"weights\.npz is damaged: expected SHA-256"):
        load_packed(folder)


@pytest.mark.parametrize("missing", ["model.json", "weights.npz"])
def test_a_missing_file_is_named(saved, tmp_path, missing):
    pack(saved, tmp_path / "packed", CARD)
    (tmp_path / "packed" / missing).unlink()
    with pytest.raises(FormatError, match=f"no packed network.*{missing}"):
        load_packed(tmp_path / "packed")


def test_a_network_that_is_not_packed_has_no_checksum(saved, tmp_path):
    pack(saved, tmp_path / "packed", CARD)
    assert is_packed(tmp_path / "packed")
    assert not is_packed(saved) and not is_packed(tmp_path / "nowhere")
    with pytest.raises(FormatError, match=r"no packed network: .*weights_sha256"):
        load_packed(saved)


def test_a_weight_beyond_float16_is_refused(saved, tmp_path):
    model = Sequential.load(saved)
    model.layers[-1].params["W"][3, 2] = 7e4
    model.save(tmp_path / "large")
    with pytest.raises(ValueError, match=r"holds 7e\+04, which float16 cannot"):
        pack(tmp_path / "large", tmp_path / "packed", CARD)
    assert not (tmp_path / "packed").exists()
