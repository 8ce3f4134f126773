"""The cascade as an object: detection by hand, files there and back, copies."""

import copy
import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import haar
from haar.opencv_xml import read_cascade
from haar.xml_writer import write_cascade
from tests.haar.cascades import HALVES, HALVES_XML, OLD_XML
from tests.haar.synthetic import old_format, random_cascade

WIDE = np.repeat([20, 20, 20, 220, 220, 220], 9).reshape(6, 9).astype(np.uint8)


def test_candidates_by_hand() -> None:
    """Nine columns: windows at 0 and 2, every other pixel; at scale 1.1, 7 rows are too many."""
    assert HALVES.candidates(WIDE).tolist() == [[0, 0, 6, 6], [2, 0, 6, 6]]
    found = HALVES.search(WIDE, min_neighbors=0)
    assert found.counts.tolist() == [1, 1]
    assert found.scores.tolist() == [2.75, 2.75]


def test_two_neighbours_make_one_object() -> None:
    """0.2·(6 + 6)/2 = 1.2 pixels apart at most: 2 is too far, so each is alone."""
    assert HALVES.detect(WIDE, min_neighbors=1).shape == (0, 4)
    tall = np.repeat(WIDE[:, :6], 4, axis=0).repeat(4, axis=1)
    objects = HALVES.detect(tall, min_neighbors=1)
    assert objects.dtype == np.int32
    assert len(objects) >= 1


def test_a_cascade_loads_itself(tmp_path: Path) -> None:
    (tmp_path / "halves.xml").write_text(HALVES_XML)
    cascade = haar.Cascade.load(tmp_path / "halves.xml")
    assert cascade.features == HALVES.features
    assert cascade == haar.Cascade.load(str(tmp_path / "halves.xml"))


def test_a_file_that_is_no_cascade_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "bad.xml"
    path.write_text(HALVES_XML.replace("BOOST", "x"))
    with pytest.raises(haar.CascadeError, match=r"bad\.xml: <stageType>: expected BOOST, got 'x'"):
        haar.Cascade.load(path)
    with pytest.raises(FileNotFoundError, match="missing"):
        haar.Cascade.load(tmp_path / "missing.xml")


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6))
def test_what_is_written_is_read_again(seed: int) -> None:
    cascade = random_cascade(np.random.default_rng(seed))
    again = read_cascade(write_cascade(cascade).encode("ascii"))
    assert again == cascade
    assert not again.old_format
    if cascade.feature_type == "haar":
        old = read_cascade(old_format(cascade).encode("ascii"))
        assert old == cascade
        assert old.old_format


@pytest.mark.parametrize("name", ["a.xml", "a.xml.gz"])
def test_files_come_back_the_same(tmp_path: Path, name: str) -> None:
    cascade = read_cascade(OLD_XML.encode())
    path = tmp_path / name
    path.write_text("what was here before")
    cascade.save(path)
    assert haar.Cascade.load(path) == cascade
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    first = path.read_bytes()
    cascade.save(str(path))
    assert path.read_bytes() == first
    assert list(tmp_path.iterdir()) == [path]  # nothing temporary stays


def test_a_gz_file_need_not_be_called_so(tmp_path: Path) -> None:
    path = tmp_path / "packed.xml"
    path.write_bytes(gzip.compress(HALVES_XML.encode()))
    assert haar.Cascade.load(path).features == HALVES.features


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        HALVES.save(tmp_path / "missing" / "a.xml")


def test_copies_are_equal_and_derive_their_tables_anew() -> None:
    tables = HALVES.tables()
    assert HALVES.tables() is tables
    for other in (copy.deepcopy(HALVES), pickle.loads(pickle.dumps(HALVES))):
        assert other == HALVES
        assert hash(other) == hash(HALVES)
        assert other.prepared == {}
        assert other.candidates(WIDE).tolist() == HALVES.candidates(WIDE).tolist()


def test_tables_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        HALVES.tables().leaf[0] = 5


def test_tables_by_hand() -> None:
    tables = HALVES.tables()
    assert tables.stumps
    assert tables.stage_start.tolist() == [0, 1, 3]
    assert tables.node_start.tolist() == [0, 1, 2, 3]
    assert tables.leaf_start.tolist() == [0, 2, 4, 6]
    assert tables.node_feature.tolist() == [0, 0, 1]
    assert tables.leaf.tolist() == [-1, 1, 0.25, 2, -0.5, 0.75]
    assert tables.stage_threshold.tolist() == [
        np.float32(0) - np.float32(1e-5),
        np.float32(0.9) - np.float32(1e-5),
    ]
    assert tables.rectangles[1].tolist() == [[0, 0, 6, 6], [2, 0, 2, 6], [0, 0, 0, 0]]
    assert tables.weights.tolist() == [[-1, 2, 0], [-1, 3, 0]]
    tree = read_cascade(OLD_XML.encode()).tables()
    assert not tree.stumps
    assert (tree.node_left.tolist(), tree.node_right.tolist()) == ([0, -1], [1, -2])
    assert tree.tilted.tolist() == [False, True]


def test_a_picture_and_its_array_have_the_same_objects() -> None:
    rng = np.random.default_rng(3)
    colour = rng.integers(0, 256, (40, 50, 3), np.uint8)
    expected = HALVES.candidates(colour).tolist()
    assert len(expected) > 3
    assert HALVES.candidates(Image.fromarray(colour)).tolist() == expected
    assert HALVES.candidates(colour[:, :, ::-1], channels="bgr").tolist() == expected
    assert HALVES.candidates(colour[::-1, ::-1][::-1, ::-1]).tolist() == expected
    colour.setflags(write=False)
    assert HALVES.candidates(colour).tolist() == expected


def test_a_cascade_is_shown_in_one_line() -> None:
    assert repr(HALVES) == f"<Cascade haar, 6×6 pixels, 2 stages, {len(HALVES.features)} features>"
