import os
import stat

import numpy as np
import pytest

from scratchnet.fer import fer2013
from scratchnet.fer.datasets import DataError
from scratchnet.fer.fer2013 import load_fer2013

ROWS = [(0, 10, "Training"), (1, 20, "Training"), (3, 30, "PublicTest"), (6, 40, "PrivateTest")]


@pytest.fixture
def csv(tmp_path, monkeypatch):
    """Four faces of one grey value each, in a folder of their own; and an empty user cache."""
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    path = tmp_path / "data" / "faces.csv"
    path.parent.mkdir()
    lines = [f"{label},{' '.join([str(grey)] * 2304)},{usage}" for label, grey, usage in ROWS]
    path.write_text("\n".join(["emotion,pixels,Usage", *lines]) + "\n")
    return path


@pytest.fixture
def readings(monkeypatch):
    """A list that grows by one whenever the CSV itself is read."""
    calls = []
    read = fer2013.read_kaggle_csv

    def counting(path, progress=None):
        calls.append(path)
        return read(path, progress)

    monkeypatch.setattr(fer2013, "read_kaggle_csv", counting)
    return calls


def beside(csv):
    return csv.with_name("faces.csv.npz")


def test_seven_classes_are_the_files_own(csv):
    data = load_fer2013(csv)
    assert data.labels.tolist() == [0, 1, 3, 6]
    assert data.class_names[1] == "Disgust" and len(data.class_names) == 7
    assert data.images[:, 47, 47].tolist() == [10, 20, 30, 40]
    assert data.split("PublicTest").labels.tolist() == [3]


def test_six_classes_count_disgust_as_angry_and_share_the_cache(csv, readings):
    load_fer2013(csv)
    data = load_fer2013(str(csv), classes=6)
    assert data.labels.tolist() == [0, 0, 2, 5]
    assert [data.class_names[i] for i in data.labels] == ["Angry", "Angry", "Happy", "Neutral"]
    assert len(readings) == 1


def test_the_second_load_reads_the_cache_and_gives_the_same(csv, readings):
    first, second = load_fer2013(csv), load_fer2013(csv)
    assert len(readings) == 1 and beside(csv).exists()
    assert np.array_equal(first.images, second.images)
    assert np.array_equal(first.labels, second.labels)
    assert first.usage.tolist() == second.usage.tolist()


def test_a_file_without_usage_is_cached_too(csv, readings):
    csv.write_text(f"emotion,pixels\n2,{'9 ' * 2304}\n")
    assert load_fer2013(csv).usage is None
    assert load_fer2013(csv).usage is None
    assert len(readings) == 1


def test_cache_false_neither_writes_nor_reads_one(csv, readings):
    load_fer2013(csv, cache=False)
    assert [file.name for file in csv.parent.iterdir()] == ["faces.csv"]
    load_fer2013(csv)
    load_fer2013(csv, cache=False)
    assert len(readings) == 3


def test_a_changed_file_is_read_anew(csv, readings):
    load_fer2013(csv)
    csv.write_text(csv.read_text().replace("\n6,", "\n5,"))  # as long as before
    os.utime(csv, ns=(0, 12345))
    assert load_fer2013(csv).labels.tolist() == [0, 1, 3, 5]
    load_fer2013(csv)
    assert len(readings) == 2


def test_a_cache_of_another_format_is_written_anew(csv, readings, monkeypatch):
    load_fer2013(csv)
    monkeypatch.setattr(fer2013, "CACHE_FORMAT", fer2013.CACHE_FORMAT + 1)
    load_fer2013(csv)
    load_fer2013(csv)
    assert len(readings) == 2


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage", [lambda c: b"", lambda c: b"rubbish", lambda c: c[:-100], lambda c: c[:200], flipped]
)
def test_a_damaged_cache_is_written_anew(csv, readings, damage):
    load_fer2013(csv)
    beside(csv).write_bytes(damage(beside(csv).read_bytes()))
    assert load_fer2013(csv).images[:, 0, 0].tolist() == [10, 20, 30, 40]
    load_fer2013(csv)
    assert len(readings) == 2


def test_a_cache_with_pickled_objects_is_not_opened(csv, readings):
    load_fer2013(csv)
    with np.load(beside(csv)) as kept:
        arrays = dict(kept)
    np.savez(beside(csv), **{**arrays, "labels": arrays["labels"].astype(object)})
    assert load_fer2013(csv).labels.dtype == np.int64
    assert len(readings) == 2


def test_a_read_only_folder_is_left_alone_and_the_users_cache_is_used(csv, readings, tmp_path):
    csv.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        load_fer2013(csv)
        load_fer2013(csv)
        assert [file.name for file in csv.parent.iterdir()] == ["faces.csv"]
    finally:
        csv.parent.chmod(stat.S_IRWXU)
    (kept,) = (tmp_path / "user" / "scratchnet").iterdir()
    assert kept.name.startswith("faces.csv-") and kept.suffix == ".npz"
    assert len(readings) == 1


def test_without_any_place_for_a_cache_loading_still_works(csv, readings, tmp_path):
    beside(csv).mkdir()  # a folder where the cache would be
    (tmp_path / "user").write_text("a file where the user's cache folder would be")
    assert len(load_fer2013(csv)) == len(load_fer2013(csv)) == 4
    assert len(readings) == 2
    assert sorted(file.name for file in csv.parent.iterdir()) == ["faces.csv", "faces.csv.npz"]


def test_an_interrupted_write_leaves_nothing_behind(csv, monkeypatch):
    def interrupted(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(fer2013.np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_fer2013(csv)
    assert [file.name for file in csv.parent.iterdir()] == ["faces.csv"]


def test_a_malformed_file_leaves_no_cache(csv):
    csv.write_text("emotion,pixels,Usage\n0,1 2 3,Training\n")
    with pytest.raises(DataError, match="row 2: 3 pixels"):
        load_fer2013(csv)
    assert [file.name for file in csv.parent.iterdir()] == ["faces.csv"]


def test_progress_ends_with_everything_done_from_file_and_from_cache(csv):
    for _ in range(2):
        calls = []
        load_fer2013(csv, progress=lambda done, total, calls=calls: calls.append((done, total)))
        assert calls[-1] == (csv.stat().st_size,) * 2


def test_wrong_paths_and_classes_are_named(csv):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*none\.csv; give the path of"):
        load_fer2013(csv.with_name("none.csv"))
    with pytest.raises(DataError, match="is a folder, expected a CSV file; use load_folder"):
        load_fer2013(csv.parent)
    with pytest.raises(ValueError, match=r"classes must be 7 .* got 8"):
        load_fer2013(csv, classes=8)
