"""The detector: its arithmetic by hand, the kernels against the definition, both against OpenCV."""

from pathlib import Path

import numpy as np
import pytest

import haar
from haar import reference
from haar.kernels.detect import find_candidates
from haar.scales import plan_levels

STUMPS = """<?xml version="1.0"?>
<opencv_storage><cascade type_id="opencv-cascade-classifier">
  <stageType>BOOST</stageType><featureType>HAAR</featureType>
  <height>8</height><width>8</width>
  <featureParams><maxCatCount>0</maxCatCount></featureParams>
  <stageNum>2</stageNum>
  <stages>
    <_><stageThreshold>0.5</stageThreshold><weakClassifiers>
      <_><internalNodes>0 -1 0 0.01</internalNodes><leafValues>-1. 1.</leafValues></_>
    </weakClassifiers></_>
    <_><stageThreshold>-0.5</stageThreshold><weakClassifiers>
      <_><internalNodes>0 -1 1 -0.02</internalNodes><leafValues>-1. 0.75</leafValues></_>
      <_><internalNodes>0 -1 0 0.05</internalNodes><leafValues>-0.5 1.</leafValues></_>
    </weakClassifiers></_>
  </stages>
  <features>
    <_><rects><_>0 0 8 8 -1.</_><_>0 4 8 4 2.</_></rects></_>
    <_><rects><_>0 0 8 8 -1.</_><_>2 0 4 8 2.</_></rects></_>
  </features>
</cascade></opencv_storage>
"""


@pytest.fixture
def cascade(tmp_path: Path) -> haar.Cascade:
    """Dark above, bright below: two stages, three stumps, in a window of 8 × 8."""
    path = tmp_path / "stumps.xml"
    path.write_text(STUMPS, encoding="utf-8")
    return haar.Cascade.load(path)


def texture(height: int, width: int, seed: int) -> np.ndarray:
    """Noise of several sizes, so that every stage has something to say."""
    rng = np.random.default_rng(seed)
    image = np.zeros((height, width))
    for cell in (2, 5, 11):
        coarse = rng.random((height // cell + 2, width // cell + 2))
        image += np.kron(coarse, np.ones((cell, cell)))[:height, :width]
    return np.uint8(255 * (image - image.min()) / np.ptp(image))


def test_an_integral_image_by_hand() -> None:
    sums = haar.integral_image(np.array([[1, 2], [3, 4]], np.uint8))
    assert sums.tolist() == [[0, 0, 0], [0, 1, 3], [0, 4, 10]]


def test_bright_below_dark_is_found_and_the_reverse_is_not(cascade: haar.Cascade) -> None:
    image = np.full((8, 8), 20, np.uint8)
    image[4:] = 220
    assert cascade.candidates(image).tolist() == [[0, 0, 8, 8]]
    assert cascade.candidates(image[::-1]).tolist() == []


def test_an_image_smaller_than_the_window_has_no_objects(cascade: haar.Cascade) -> None:
    assert cascade.detect(np.zeros((7, 40), np.uint8)).shape == (0, 4)


def test_a_flat_image_has_no_objects(cascade: haar.Cascade) -> None:
    assert len(cascade.candidates(np.full((30, 30), 128, np.uint8))) == 0


@pytest.mark.parametrize("shape", [(8, 8), (9, 31), (47, 33), (100, 61), (70, 150)])
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_kernels_find_what_the_definition_finds(
    cascade: haar.Cascade, shape: tuple[int, int], threads: int
) -> None:
    grey = texture(*shape, seed=sum(shape))
    levels = plan_levels(shape[::-1], (8, 8), 1.2, (0, 0), (0, 0))
    expected, sums = reference.find_candidates(grey, cascade, levels, 1)
    got, got_sums = find_candidates(grey, cascade, levels, threads)
    assert np.array_equal(got, expected)
    assert np.array_equal(got_sums, sums)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(6))
def test_opencv_finds_the_same_rectangles_in_the_same_order(cascade, tmp_path, seed) -> None:
    cv2 = pytest.importorskip("cv2")
    cv2.setNumThreads(1)
    path = tmp_path / "again.xml"
    cascade.save(path)
    image = texture(90 + 7 * seed, 120 - 5 * seed, seed)
    theirs = cv2.CascadeClassifier(str(path))
    for neighbors in (0, 3):
        expected = np.reshape(theirs.detectMultiScale(image, 1.15, neighbors), (-1, 4))
        assert np.array_equal(cascade.detect(image, 1.15, neighbors), expected)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "name", ["frontalface_default", "frontalface_alt2", "eye_tree_eyeglasses", "fullbody"]
)
def test_opencv_agrees_on_its_own_cascades(name: str) -> None:
    cv2 = pytest.importorskip("cv2")
    cv2.setNumThreads(1)
    path = Path(cv2.data.haarcascades) / f"haarcascade_{name}.xml"
    theirs, ours = cv2.CascadeClassifier(str(path)), haar.Cascade.load(path)
    for seed in range(3):
        image = texture(200, 240, seed)
        expected = np.reshape(theirs.detectMultiScale(image, 1.1, 0), (-1, 4))
        assert np.array_equal(ours.candidates(image), expected)
