"""A cascade as a file: its text by hand, singles that survive, and OpenCV reads it."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haar import CascadeError, HaarFeature, Node, Rectangle, Stage, WeakClassifier
from haar.opencv_xml import read_cascade
from haar.xml_writer import write_cascade
from tests.haar.cascades import HALVES, HALVES_XML, LBP_XML, OLD_XML
from tests.haar.synthetic import random_cascade

singles = st.floats(width=32, allow_nan=False, allow_infinity=False)
LARGEST = float(np.finfo(np.float32).max)


def test_the_file_by_hand() -> None:
    assert write_cascade(HALVES) == HALVES_XML


@pytest.mark.parametrize("text", [OLD_XML, LBP_XML])
def test_other_kinds_come_back(text: str) -> None:
    cascade = read_cascade(text.encode())
    assert read_cascade(write_cascade(cascade).encode("ascii")) == cascade


@settings(deadline=None, max_examples=50)
@given(singles, singles, singles, singles, st.floats(-10, 10))
def test_singles_come_back_and_doubles_as_the_nearest_single(a, b, c, d, real: float) -> None:
    stage = Stage(a, (WeakClassifier((Node(0, b),), (c, real)),))
    feature = HaarFeature((Rectangle(0, 0, 6, 6, d),))
    cascade = dataclasses.replace(HALVES, stages=(stage,), features=(feature,))
    again = read_cascade(write_cascade(cascade).encode())
    assert again.features == cascade.features
    assert again.stages[0].threshold == a
    assert again.stages[0].weak[0].nodes[0].threshold == b
    assert again.stages[0].weak[0].leaves == (c, float(np.float32(real)))
    assert all(map(np.array_equal, again.tables()[:-1], cascade.tables()[:-1]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (LARGEST, "3.40282347e+38"),
        (1e-45, "1.40129846e-45"),
        (2.0, "2."),
        (-0.5, "-0.5"),
        (1e20, "1.00000002e+20"),
    ],
)
def test_extreme_numbers(value: float, text: str) -> None:
    cascade = dataclasses.replace(HALVES, stages=(Stage(value, HALVES.stages[0].weak),))
    written = write_cascade(cascade)
    assert f"<stageThreshold>{text}</stageThreshold>" in written
    assert np.float32(read_cascade(written.encode()).stages[0].threshold) == np.float32(value)


def test_a_stump_of_a_file_says_nothing_that_could_not_be_written() -> None:
    """Its left and right are ignored; yet one of 39 digits would not be read again."""
    with pytest.raises(
        CascadeError, match=r"weak classifier 0, .* number of 32 bits, got '-3\.4e38'"
    ):
        read_cascade(HALVES_XML.replace("0 -1 0 0.5", "-3.4e38 -1 0 0.5").encode())


def test_numbers_of_numpy_are_written_like_pythons() -> None:
    weak = WeakClassifier((Node(np.int64(0), np.float32(0.5)),), (np.float64(-1), np.float32(1)))
    feature = HaarFeature(
        (Rectangle(*np.array([0, 0, 6, 6]), np.float64(-1)), HALVES.features[0][0][1])
    )
    cascade = dataclasses.replace(
        HALVES,
        stages=(Stage(np.float64(0), (weak,)), *HALVES.stages[1:]),
        features=(feature, HALVES.features[1]),
    )
    assert write_cascade(cascade) == HALVES_XML


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(12))
def test_opencv_reads_what_is_written(seed: int, tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    cascade = random_cascade(np.random.default_rng(seed))
    for name in ("a.xml", "a.xml.gz"):
        cascade.save(tmp_path / name)
        theirs = cv2.CascadeClassifier(str(tmp_path / name))
        assert theirs.getOriginalWindowSize() == (cascade.width, cascade.height)
