"""docs/coming_from_opencv.md: its snippets run, and what it says of OpenCV is so.

The snippets need a photo and a cascade file; both are made in a folder of their own. Tests marked
`oracle` compare with OpenCV where it is installed. `python -m tests.docs.test_coming_from_opencv`
writes the numbers into the page.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from PIL import Image

import haar
import haar.opencv
from docs.figures.make_viola_jones import FACE, toy_cascade
from haar import Cascade
from tests.docs.chapters import Chapter, ChapterTests


class Page(Chapter):
    """The page, run in a folder that has what its reader has."""

    @cached_property
    def _run_all(self) -> tuple[str, dict[str, Any]]:
        with (
            tempfile.TemporaryDirectory() as folder,
            contextlib.chdir(folder),
            mock.patch.dict(os.environ, {"HAAR_CASCADES": folder}),
        ):
            shutil.copy(FACE, "photo.png")
            toy_cascade().save("haarcascade_frontalface_default.xml")
            return super()._run_all


CHAPTER = Page("coming_from_opencv.md")


class TestPage(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This page is of no layer, and has headings of its own."""
        headings = ("One line", "What is different, and why", "The native API", "Speed")
        assert not self.chapter.missing_sections(headings)


def test_the_table_names_every_method_and_argument():
    for name, _ in inspect.getmembers(haar.opencv.CascadeClassifier, inspect.isfunction):
        if not name.startswith("_"):
            assert f"{name}(" in CHAPTER.text
    arguments = list(inspect.signature(haar.opencv.CascadeClassifier.detectMultiScale3).parameters)
    for argument in arguments[1:]:
        assert argument in CHAPTER.text


# -- a cascade of two features, and what can be wrong with its file -------------------------------

NOISE = np.random.default_rng(0).integers(0, 256, (48, 64), dtype=np.uint8)
FLAT = np.full((40, 40), 99, np.uint8)
STAGE = """
<_><maxWeakCount>1</maxWeakCount><stageThreshold>0.5</stageThreshold><weakClassifiers>
<_><internalNodes>0 -1 0 0.01</internalNodes><leafValues>0. 1.</leafValues></_>
</weakClassifiers></_>"""
XML = """<?xml version="1.0"?>
<opencv_storage><cascade>
<stageType>BOOST</stageType><featureType>HAAR</featureType><height>12</height><width>12</width>
<featureParams><maxCatCount>0</maxCatCount></featureParams>
<stages>{stages}</stages>
<features>
<_><rects><_>0 0 12 12 -1.</_><_>6 0 6 12 2.</_></rects><tilted>0</tilted></_>
</features>
</cascade></opencv_storage>
"""


@pytest.fixture
def file(tmp_path):
    """A file of such a cascade, in which `old` was replaced by `new`; half of all windows pass."""

    def write(stages=2, old="", new=""):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.xml"
        text = XML.format(stages=stages * STAGE)
        assert old in text
        path.write_text(text.replace(old, new), encoding="ascii")
        return path

    return write


@pytest.fixture
def cv2():
    """OpenCV on one thread."""
    module = pytest.importorskip("cv2")
    threads = module.getNumThreads()
    module.setNumThreads(1)
    yield module
    module.setNumThreads(threads)


BROKEN = {
    "unparseable": ("</opencv_storage>", ""),
    "outside": ("<_>0 0 12 12 ", "<_>0 0 13 12 "),
    "tilted outside": ("<tilted>0", "<tilted>1"),
    "wrong index": ("0 -1 0 ", "0 -1 99999999 "),
    "no stage type": ("<stageType>BOOST</stageType>", ""),
}


# -- here -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_leaves_the_classifier_empty_and_says_why(file, fault):
    path = file(2, *BROKEN[fault])
    ours = haar.opencv.CascadeClassifier(path)
    assert ours.empty()
    assert not ours.load(path)
    with pytest.raises(haar.opencv.error, match=f"classifier is empty: .*{path.name}: "):
        ours.detectMultiScale(NOISE)
    with pytest.raises(haar.CascadeError):
        Cascade.load(path)


def test_a_missing_file_is_an_oserror_of_the_native_api():
    with pytest.raises(OSError, match="nowhere"):
        Cascade.load("nowhere.xml")


def test_the_order_does_not_depend_on_threads(file):
    cascade = Cascade.load(file())
    alone = cascade.candidates(NOISE, threads=1)
    assert len(alone) > 100
    for threads in (2, 3, 8):
        assert np.array_equal(cascade.candidates(NOISE, threads=threads), alone)


def test_one_cascade_serves_several_threads_at_once(file):
    cascade = Cascade.load(file())
    alone = cascade.candidates(NOISE, threads=1)
    with ThreadPoolExecutor(4) as pool:
        for answer in pool.map(lambda _: cascade.candidates(NOISE, threads=2), range(8)):
            assert np.array_equal(answer, alone)


def test_levels_without_reject_levels_are_counts(file):
    ours = haar.opencv.CascadeClassifier(file())
    rectangles, levels, _ = ours.detectMultiScale3(NOISE)
    again, counts = ours.detectMultiScale2(NOISE)
    assert np.array_equal(rectangles, again)
    assert np.array_equal(levels, counts)


def test_a_cascade_of_one_stage_reports_no_flat_windows(file):
    ours = haar.opencv.CascadeClassifier(file(stages=1))
    answer = ours.detectMultiScale3(FLAT, minNeighbors=0, outputRejectLevels=True)
    assert answer == ((), (), ())


def test_extreme_scale_factors(file):
    ours = haar.opencv.CascadeClassifier(file())
    once = ours.detectMultiScale(NOISE, scaleFactor=1e9, minNeighbors=0)
    assert {tuple(size) for size in once[:, 2:].tolist()} == {(12, 12)}
    with pytest.raises(haar.opencv.error, match="more than 10000 scales"):
        ours.detectMultiScale(NOISE, scaleFactor=1.0001)


def test_classifiers_can_be_copied_and_pickled(file):
    ours = haar.opencv.CascadeClassifier(file())
    expected = ours.detectMultiScale(NOISE)
    for copied in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert np.array_equal(copied.detectMultiScale(NOISE), expected)


def test_a_pil_image_is_an_image(file):
    ours = haar.opencv.CascadeClassifier(file())
    expected = ours.detectMultiScale(NOISE)
    assert np.array_equal(ours.detectMultiScale(Image.fromarray(NOISE)), expected)


def test_flags_have_no_effect(file):
    ours = haar.opencv.CascadeClassifier(file())
    expected = ours.detectMultiScale(NOISE)
    assert all(np.array_equal(ours.detectMultiScale(NOISE, flags=f), expected) for f in (1, 4, 99))


# -- OpenCV ---------------------------------------------------------------------------------------


@pytest.mark.oracle
def test_opencv_returns_the_same(cv2, file, tmp_path):
    toy = tmp_path / "toy.xml"
    toy_cascade().save(toy)
    photo = cv2.imread(str(FACE))
    for path, image in ((toy, photo), (file(), NOISE)):
        theirs, ours = cv2.CascadeClassifier(str(path)), haar.opencv.CascadeClassifier(path)
        assert theirs.getOriginalWindowSize() == ours.getOriginalWindowSize()
        assert theirs.getFeatureType() == ours.getFeatureType()
        assert theirs.isOldFormatCascade() is ours.isOldFormatCascade() is False
        found = ours.detectMultiScale(image)
        for flags in (0, cv2.CASCADE_SCALE_IMAGE, cv2.CASCADE_FIND_BIGGEST_OBJECT, 99):
            assert np.array_equal(theirs.detectMultiScale(image, flags=flags), found)
        for a, b in zip(
            theirs.detectMultiScale2(image), ours.detectMultiScale2(image), strict=True
        ):
            assert a.dtype == b.dtype
            assert np.array_equal(a, b)
        arguments = (image, 1.1, 3, 0, (0, 0), (0, 0), True)
        expected, got = theirs.detectMultiScale3(*arguments), ours.detectMultiScale3(*arguments)
        for a, b in zip(expected, got, strict=True):
            assert a.dtype == b.dtype
            assert np.array_equal(a, b)
        assert theirs.detectMultiScale(FLAT) == ours.detectMultiScale(FLAT) == ()
        windows = ours.cascade.candidates(image, channels="bgr")
        grouped, counts = cv2.groupRectangles(windows.tolist(), 3, 0.2)
        groups = haar.group_rectangles(windows, 3, 0.2)
        assert np.array_equal(grouped, groups.rectangles)
        assert np.array_equal(np.ravel(counts), groups.counts)


@pytest.mark.oracle
def test_opencvs_order_is_random_with_threads(cv2, file):
    theirs = cv2.CascadeClassifier(str(file()))
    alone = theirs.detectMultiScale(NOISE, minNeighbors=0)
    cv2.setNumThreads(4)
    for _ in range(100):
        answer = theirs.detectMultiScale(NOISE, minNeighbors=0)
        assert sorted(answer.tolist()) == sorted(alone.tolist())
        if not np.array_equal(answer, alone):
            return
    pytest.skip("a hundred times the same order: are there threads?")


@pytest.mark.oracle
def test_opencvs_third_method_fails_an_assertion(cv2, file):
    theirs = cv2.CascadeClassifier(str(file()))
    with pytest.raises(cv2.error, match=r"a->size\(\) == n in function 'clipObjects'"):
        theirs.detectMultiScale3(NOISE)
    assert theirs.detectMultiScale3(FLAT) == ((), (), ())


@pytest.mark.oracle
def test_opencv_reports_flat_windows_of_a_cascade_of_one_stage(cv2, file):
    for stages, expected in ((1, True), (2, False)):
        theirs = cv2.CascadeClassifier(str(file(stages)))
        assert len(theirs.detectMultiScale(FLAT, minNeighbors=0)) == 0
        answer = theirs.detectMultiScale3(FLAT, minNeighbors=0, outputRejectLevels=True)
        assert (len(answer[0]) > 0) == expected


@pytest.mark.oracle
def test_opencv_and_broken_files(cv2, file):
    for fault, claims_to_be_empty in (("unparseable", True), ("outside", False)):
        path = str(file(2, *BROKEN[fault]))
        with pytest.raises(SystemError):
            cv2.CascadeClassifier(path)
        theirs = cv2.CascadeClassifier()
        with pytest.raises(cv2.error):
            theirs.load(path)
        assert theirs.empty() == claims_to_be_empty

    with pytest.raises(cv2.error, match="HOG cascade is not supported"):
        cv2.CascadeClassifier().load(str(file(2, "HAAR", "HOG")))

    theirs = cv2.CascadeClassifier(str(file(2, *BROKEN["no stage type"])))
    assert theirs.empty()
    with pytest.raises(cv2.error, match=r"\(-215:Assertion failed\) !empty\(\)"):
        theirs.detectMultiScale(NOISE)
    assert not cv2.CascadeClassifier(str(file(2, *BROKEN["tilted outside"]))).empty()


OLD = """<?xml version="1.0"?>
<opencv_storage><old type_id="opencv-haar-classifier"><size>12 12</size><stages>
<_><trees><_><_><feature><rects><_>0 0 12 12 -1.</_><_>6 0 6 12 2.</_></rects><tilted>0</tilted>
</feature><threshold>0.01</threshold><left_val>0.</left_val><right_val>1.</right_val></_></_></trees>
<stage_threshold>0.5</stage_threshold><parent>-1</parent><next>-1</next></_>
</stages></old></opencv_storage>
"""


def test_an_old_file_is_said_to_be_old(tmp_path):
    path = tmp_path / "old.xml"
    path.write_text(OLD, encoding="ascii")
    assert haar.opencv.CascadeClassifier(path).isOldFormatCascade()
    new = tmp_path / "new.xml"
    assert haar.opencv.CascadeClassifier.convert(path, new)
    assert not haar.opencv.CascadeClassifier(new).isOldFormatCascade()


@pytest.mark.oracle
def test_opencv_forgets_that_a_file_is_old(cv2, tmp_path):
    path = tmp_path / "old.xml"
    path.write_text(OLD, encoding="ascii")
    theirs, ours = cv2.CascadeClassifier(str(path)), haar.opencv.CascadeClassifier(path)
    assert not theirs.isOldFormatCascade()
    found = ours.detectMultiScale(NOISE, minNeighbors=0)
    assert np.array_equal(theirs.detectMultiScale(NOISE, minNeighbors=0), found)


YAML = """%YAML:1.0
---
cascade:
   stageType: BOOST
   featureType: HAAR
   height: 12
   width: 12
   featureParams: { maxCatCount: 0 }
   stages:
      - { stageThreshold: 0.5, weakClassifiers: [
          { internalNodes: [ 0, -1, 0, 0.01 ], leafValues: [ 0., 1. ] } ] }
   features:
      - { rects: [ [ 0, 0, 12, 12, -1. ], [ 6, 0, 6, 12, 2. ] ], tilted: 0 }
"""


@pytest.mark.oracle
def test_opencv_reads_yaml_and_umat(cv2, tmp_path):
    path = tmp_path / "cascade.yml"
    path.write_text(YAML, encoding="ascii")
    theirs, ours = cv2.CascadeClassifier(str(path)), haar.opencv.CascadeClassifier(path)
    assert not theirs.empty()
    assert ours.empty()
    assert len(theirs.detectMultiScale(cv2.UMat(NOISE), minNeighbors=0))


@pytest.mark.oracle
def test_opencv_searches_more_than_ten_thousand_scales(cv2, file):
    path, factor = file(), 1.00001
    tiny = NOISE[:14, :14]
    assert np.log(14.5 / 12) / np.log(factor) > 10_000
    cv2.CascadeClassifier(str(path)).detectMultiScale(tiny, scaleFactor=factor)
    with pytest.raises(haar.opencv.error, match="more than 10000 scales"):
        haar.opencv.CascadeClassifier(path).detectMultiScale(tiny, scaleFactor=factor)


@pytest.mark.oracle
def test_opencv_cannot_copy_a_classifier(cv2, file):
    theirs = cv2.CascadeClassifier(str(file()))
    for copying in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copying(theirs)


@pytest.mark.oracle
def test_what_is_not_here_is_in_opencv(cv2):
    names = {name for name in dir(cv2.CascadeClassifier) if not name.startswith("_")}
    ours = {name for name in dir(haar.opencv.CascadeClassifier) if not name.startswith("_")}
    assert names - ours == {"read"}
    assert ours <= names
    assert not issubclass(haar.opencv.error, cv2.error)


IN_A_PROCESS_OF_ITS_OWN = """
import pathlib, resource, sys
import cv2, numpy as np
cv2.setNumThreads(1)
pages = int(pathlib.Path("/", "proc", "self", "statm").read_text().split()[0])
most = pages * resource.getpagesize() + 2**27
resource.setrlimit(resource.RLIMIT_AS, (most, most))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
image = np.random.default_rng(0).integers(0, 256, (60, 80), dtype=np.uint8)
try:
    cv2.CascadeClassifier(sys.argv[1]).detectMultiScale(image, scaleFactor=float(sys.argv[2]))
except cv2.error as fault:
    print(fault)
"""


def search_elsewhere(path: Path, factor: float) -> subprocess.CompletedProcess[str]:
    code = [sys.executable, "-c", IN_A_PROCESS_OF_ITS_OWN, path, str(factor)]
    return subprocess.run(code, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.oracle
@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
def test_opencv_crashes_at_a_wrong_index(cv2, file):
    assert search_elsewhere(file(2, *BROKEN["wrong index"]), 1.1).returncode < 0  # by a signal


@pytest.mark.oracle
@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
def test_opencv_runs_out_of_memory_at_a_huge_scale_factor(cv2, file):
    process = search_elsewhere(file(), 1e9)
    assert "std::bad_alloc" in process.stdout


if __name__ == "__main__":
    CHAPTER.rewrite()
