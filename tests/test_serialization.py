"""Files: round trips to the bit, whole or not at all, and nothing in them is ever run."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from scratchnet import serialization
from scratchnet.serialization import (
    FormatError,
    check_arrays,
    read_archive,
    read_arrays,
    read_folder,
    write_archive,
    write_arrays,
    write_folder,
)

DOCUMENT = {"name": "ein Netz", "sizes": [1, 2]}


def arrays():
    rng = np.random.default_rng(0)
    return {
        "0.W": rng.standard_normal((3, 4)).astype(np.float32),
        "5.body.0.W": rng.standard_normal((2, 1)),
        "file": np.array([np.nan, np.inf, -0.0], np.float16),
        "empty": np.zeros((0, 3), np.int64),
    }


def same(one, other):
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype
        and one[name].shape == other[name].shape
        and one[name].tobytes() == other[name].tobytes()
        for name in one
    )


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# -- arrays ---------------------------------------------------------------------------------------


def test_arrays_come_back_to_the_bit(tmp_path):
    write_arrays(tmp_path / "a.npz", arrays())
    assert same(read_arrays(tmp_path / "a.npz"), arrays())
    assert files(tmp_path) == ["a.npz"]


def test_a_crash_while_writing_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    write_arrays(path, arrays())

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write_arrays(path, {"new": np.zeros(3)})
    assert same(read_arrays(path), arrays())
    monkeypatch.undo()
    write_arrays(path, {"new": np.zeros(3)})  # over what the crash left behind
    assert list(read_arrays(path)) == ["new"]
    assert files(tmp_path) == ["a.npz"]


class Evil:
    """Unpickling this would run code."""

    def __reduce__(self):
        return (os.mkdir, ("owned",))


def test_an_array_of_objects_is_refused_and_not_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "a.npz", W=np.array([Evil()], dtype=object))
    with pytest.raises(FormatError, match=r"a\.npz is not a readable .npz of plain arrays"):
        read_arrays(tmp_path / "a.npz")
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(FormatError, match=r"b\.npz is not a readable .npz of plain arrays"):
        read_arrays(tmp_path / "b.npz")
    assert not (tmp_path / "owned").exists()


def test_an_array_of_objects_is_not_pickled_either(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(tmp_path / "a.npz", {"W": np.array([Evil()], dtype=object)})


def test_a_missing_file_a_folder_and_a_single_array_are_told_apart_from_an_npz(tmp_path):
    with pytest.raises(FormatError, match="does not exist"):
        read_arrays(tmp_path / "nothing.npz")
    with pytest.raises(FormatError, match="not a readable"):
        read_arrays(tmp_path)
    np.save(tmp_path / "single.npy", np.zeros(3))
    with pytest.raises(FormatError, match="not a readable"):
        read_arrays(tmp_path / "single.npy")
    (tmp_path / "empty.npz").touch()
    with pytest.raises(FormatError, match="not a readable"):
        read_arrays(tmp_path / "empty.npz")


def test_a_zip_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(FormatError, match=r"holds what is no array: readme\.txt"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_damaged_file_is_a_format_error_and_nothing_else(tmp_path, save):
    """300 files cut off or with some bytes changed: read as they were, or refused in one line."""
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    save(buffer, **{"0.W": arrays()["0.W"], "0.b": np.zeros(3)})
    good, path, refused = buffer.getvalue(), tmp_path / "a.npz", 0
    for trial in range(300):
        damaged = bytearray(good)
        for _ in range(rng.integers(1, 4)):
            damaged[rng.integers(len(damaged))] = rng.integers(256)
        if trial % 3 == 0:
            damaged = damaged[: rng.integers(len(damaged))]
        path.write_bytes(bytes(damaged))
        try:
            read_arrays(path)
        except FormatError as error:
            assert "\n" not in str(error)
            refused += 1
    assert refused > 200


def test_everything_that_does_not_fit_is_reported_together():
    expected = {
        "a": np.zeros((2, 3)),
        "b": np.zeros(4),
        "c": np.zeros(5),
        "d": np.zeros(1),
        "e": np.zeros(1),
    }
    got = {
        "b": np.zeros((4, 1)),
        "c": np.zeros(5),
        "d": np.array([np.nan]),
        "e": np.zeros(1, int),
        "f": np.zeros(2),
    }
    with pytest.raises(FormatError) as error:
        check_arrays(expected, got, "file.npz")
    assert str(error.value) == (
        "file.npz does not fit this network: b: expected shape (4,), got (4, 1); "
        "d: holds NaN or infinity; e: expected floating-point numbers, got int64; "
        "missing: a (2, 3); unexpected: f (2,)"
    )
    check_arrays(expected, dict(expected), "file.npz")


# -- model folder ---------------------------------------------------------------------------------


def test_a_folder_comes_back_as_it_was(tmp_path):
    folder = tmp_path / "deep" / "model"
    for document in (DOCUMENT, DOCUMENT | {"name": "its successor"}):
        write_folder(folder, document, arrays())
        read, named = read_folder(folder)
        assert read == document
        assert same(named, arrays())
    assert files(tmp_path) == [
        "deep",
        "deep/model",
        "deep/model/model.json",
        "deep/model/weights.npz",
    ]


@pytest.mark.parametrize("crash_at", ["weights", "first rename", "second rename"])
def test_a_crash_while_saving_leaves_the_old_model_whole(tmp_path, monkeypatch, crash_at):
    folder = tmp_path / "model"
    write_folder(folder, DOCUMENT, arrays())
    renames = []

    def crash(*_):
        raise KeyboardInterrupt

    path_type, rename = type(folder), type(folder).rename

    def rename_or_crash(self, target):
        renames.append(target)
        if len(renames) == ("first rename", "second rename").index(crash_at) + 1:
            raise KeyboardInterrupt
        return rename(self, target)

    if crash_at == "weights":
        monkeypatch.setattr(serialization, "write_arrays", crash)
    else:
        monkeypatch.setattr(path_type, "rename", rename_or_crash)
    with pytest.raises(KeyboardInterrupt):
        write_folder(folder, {"name": "new"}, {"new": np.zeros(1)})
    monkeypatch.undo()

    document, named = read_folder(folder)
    assert document == DOCUMENT
    assert same(named, arrays())
    write_folder(folder, {"name": "new"}, {"new": np.zeros(1)})
    assert read_folder(folder)[0] == {"name": "new"}
    assert files(tmp_path) == ["model", "model/model.json", "model/weights.npz"]


def test_a_folder_of_something_else_is_never_replaced(tmp_path):
    (tmp_path / "theses").mkdir()
    (tmp_path / "theses" / "thesis.tex").write_text("years of work")
    (tmp_path / "notes").write_text("a file")
    for name in ("theses", "notes"):
        with pytest.raises(FileExistsError, match=f"{name} exists and is no model folder"):
            write_folder(tmp_path / name, DOCUMENT, arrays())
    assert files(tmp_path) == ["notes", "theses", "theses/thesis.tex"]
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty", DOCUMENT, arrays())
    assert read_folder(tmp_path / "empty")[0] == DOCUMENT


def test_faults_of_a_folder_are_named(tmp_path):
    with pytest.raises(FormatError, match=r"nothing is not a model folder; expected model\.json"):
        read_folder(tmp_path / "nothing")
    folder = tmp_path / "model"
    folder.mkdir()
    with pytest.raises(FormatError, match=r"holds no model\.json"):
        read_folder(folder)
    for text in ("{", "[" * 100_000, "[1]", '"text"'):
        (folder / "model.json").write_text(text)
        with pytest.raises(FormatError, match=r"model\.json is damaged"):
            read_folder(folder)
    (folder / "model.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(FormatError, match=r"model\.json is damaged"):
        read_folder(folder)
    (folder / "model.json").write_text("{}")
    with pytest.raises(FormatError, match=r"weights\.npz does not exist"):
        read_folder(folder)


def test_a_document_may_not_hold_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_folder(tmp_path / "model", {"x": float("nan")}, {})
    assert not (tmp_path / "model").exists()


# -- archive --------------------------------------------------------------------------------------


def test_a_tree_comes_back_as_it_was(tmp_path):
    generator = np.random.Generator(np.random.MT19937(3)).bit_generator.state
    tree = {
        "none": None,
        "numbers": [1, 2.5, -(2**127), True, float("inf")],
        "text": "Σ",
        "nested": {"weights": arrays(), "empty": {}, "list": [{"a": np.arange(3)}, []]},
        "generator": generator,
    }
    write_archive(tmp_path / "new" / "a.npz", tree)
    read = read_archive(tmp_path / "new" / "a.npz")
    assert same(read["nested"].pop("weights"), arrays())
    assert np.array_equal(read["nested"]["list"][0].pop("a"), np.arange(3))
    assert read["nested"] == {"empty": {}, "list": [{}, []]}
    assert read["numbers"] == tree["numbers"]
    assert read["none"] is None
    assert read["text"] == "Σ"
    assert np.array_equal(read["generator"]["state"]["key"], generator["state"]["key"])


def test_numpy_numbers_become_plain_ones_and_tuples_become_lists(tmp_path):
    write_archive(tmp_path / "a.npz", {"n": np.int64(3), "x": np.float32(0.5), "t": (1, 2)})
    assert read_archive(tmp_path / "a.npz") == {"n": 3, "x": 0.5, "t": [1, 2]}


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    write_arrays(path, arrays())
    with pytest.raises(FormatError, match="not an archive of this library"):
        read_archive(path)
    for text in ("{", "[]", '{"a": {"__array__": "missing"}}', '{"a": {"__array__": []}}'):
        write_arrays(path, {"__document__": np.frombuffer(text.encode(), np.uint8)})
        with pytest.raises(FormatError, match="is damaged"):
            read_archive(path)
    write_arrays(path, {"__document__": np.array([255, 254], np.uint8)})
    with pytest.raises(FormatError, match="is damaged"):
        read_archive(path)
