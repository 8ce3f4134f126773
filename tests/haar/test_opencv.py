"""The drop-in: OpenCV's names, types and values; and where it is different, on purpose."""

import inspect
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from haar.opencv import CascadeClassifier, error
from tests.haar.cascades import HALVES, HALVES_XML, LBP_XML, OLD_XML
from tests.haar.synthetic import random_cascade, random_image

IMAGE = random_image(np.random.default_rng(8), 60, 45)
NOTHING = np.zeros((60, 45), np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "halves.xml").write_text(HALVES_XML)
    return tmp_path / "halves.xml"


@pytest.fixture
def classifier(path: Path) -> CascadeClassifier:
    return CascadeClassifier(str(path))


# -- loading --------------------------------------------------------------------------------------


def test_a_loaded_classifier(classifier: CascadeClassifier) -> None:
    assert not classifier.empty()
    assert classifier.getOriginalWindowSize() == (6, 6)
    assert classifier.getFeatureType() == 0
    assert classifier.isOldFormatCascade() is False


def test_other_kinds_of_cascade(path: Path) -> None:
    path.write_text(LBP_XML)
    assert CascadeClassifier(path).getFeatureType() == 1
    path.write_text(OLD_XML)
    assert CascadeClassifier(path).isOldFormatCascade() is True


@pytest.mark.parametrize("name", ["missing.xml", "", "null\0byte.xml", "."])
def test_a_missing_file_leaves_the_classifier_empty(classifier, path: Path, name: str) -> None:
    assert CascadeClassifier(name).empty()
    assert classifier.load(name) is False
    assert classifier.empty()
    assert classifier.load(path) is True
    assert not classifier.empty()


def test_an_empty_classifier_says_why(path: Path) -> None:
    path.write_text(HALVES_XML.replace("BOOST", "x"))
    bad = CascadeClassifier(path)
    assert bad.empty()
    for method in (bad.getFeatureType, bad.getOriginalWindowSize, bad.isOldFormatCascade):
        with pytest.raises(error, match=f"{method.__name__} needs a cascade.*expected BOOST"):
            method()
    with pytest.raises(error, match=r"the classifier is empty: .*expected BOOST, got 'x'"):
        bad.detectMultiScale(IMAGE)
    with pytest.raises(error, match="no file was loaded"):
        CascadeClassifier().detectMultiScale(IMAGE)


def test_convert_writes_the_new_format(path: Path) -> None:
    new = path.with_name("new.xml")
    path.write_text(OLD_XML)
    assert CascadeClassifier.convert(path, new) is True
    assert CascadeClassifier(new).isOldFormatCascade() is False
    assert CascadeClassifier(new).cascade == CascadeClassifier(path).cascade
    assert CascadeClassifier.convert("missing.xml", new) is False


# -- results --------------------------------------------------------------------------------------


def test_rectangles_are_an_int32_array_or_an_empty_tuple(classifier: CascadeClassifier) -> None:
    found = classifier.detectMultiScale(IMAGE, 1.1, 0)
    assert (found.dtype, found.shape[1]) == (np.int32, 4)
    assert np.array_equal(found, HALVES.candidates(IMAGE))
    assert classifier.detectMultiScale(NOTHING) == ()
    assert classifier.detectMultiScale2(NOTHING) == ((), ())
    assert classifier.detectMultiScale3(NOTHING) == ((), (), ())


def test_counts_levels_and_weights(classifier: CascadeClassifier) -> None:
    groups = HALVES.search(IMAGE, min_neighbors=1)
    assert len(groups.rectangles) > 1
    rectangles, counts = classifier.detectMultiScale2(IMAGE, minNeighbors=1)
    assert np.array_equal(rectangles, groups.rectangles)
    assert np.array_equal(counts, groups.counts)
    assert counts.dtype == np.int32
    _, levels, weights = classifier.detectMultiScale3(
        IMAGE, minNeighbors=1, outputRejectLevels=True
    )
    assert levels.tolist() == [2] * len(counts)
    assert (levels.dtype, weights.dtype) == (np.int32, np.float64)
    assert np.array_equal(weights, groups.scores)
    assert np.array_equal(classifier.detectMultiScale3(IMAGE, minNeighbors=1)[1], counts)


def test_none_is_an_arguments_default(classifier: CascadeClassifier) -> None:
    expected = classifier.detectMultiScale(IMAGE)
    got = classifier.detectMultiScale(IMAGE, None, None, None, None, None)
    assert np.array_equal(got, expected)
    assert classifier.detectMultiScale(None) == ()


@pytest.mark.parametrize("shape", [(0, 0), (0,), (9,), (5, 6), (6, 5, 3)])
def test_images_without_a_window_have_no_objects(classifier, shape: tuple[int, ...]) -> None:
    assert classifier.detectMultiScale(np.zeros(shape, np.uint8)) == ()


def test_arrays_are_bgr_and_pil_images_what_they_are(classifier: CascadeClassifier) -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (40, 50, 3), np.uint8)
    expected = HALVES.candidates(rgb).tolist()
    assert classifier.detectMultiScale(rgb[:, :, ::-1], minNeighbors=0).tolist() == expected
    assert classifier.detectMultiScale(Image.fromarray(rgb), minNeighbors=0).tolist() == expected


@pytest.mark.parametrize(
    ("image", "options", "message"),
    [
        (IMAGE / 255, {}, "dtype uint8, got float64"),
        (IMAGE > 9, {}, "dtype uint8, got bool"),
        (IMAGE, {"scaleFactor": 1.0}, "a number above 1"),
        (IMAGE, {"scaleFactor": float("nan")}, "a number above 1"),
        (IMAGE, {"scaleFactor": "2"}, "a number above 1"),
        (IMAGE, {"minNeighbors": 2.5}, "minNeighbors expects a whole number"),
        (IMAGE, {"minSize": (1, 2, 3)}, "minSize expects"),
        (IMAGE, {"maxSize": (1.5, 2.0)}, "maxSize expects"),
        (np.zeros((9, 9, 2), np.uint8), {}, r"got \(9, 9, 2\)"),
    ],
)
def test_what_opencv_refuses_is_refused(classifier, image, options: dict, message: str) -> None:
    with pytest.raises(error, match=message):
        classifier.detectMultiScale(image, **options)


# -- against OpenCV -------------------------------------------------------------------------------


@pytest.mark.oracle
def test_names_and_arguments_are_opencvs() -> None:
    cv2 = pytest.importorskip("cv2")
    theirs = {name for name in dir(cv2.CascadeClassifier) if not name.startswith("_")}
    assert theirs - set(dir(CascadeClassifier)) == {"read"}
    for name in ("detectMultiScale", "detectMultiScale2", "detectMultiScale3"):
        documented = getattr(cv2.CascadeClassifier, name).__doc__.split("->")[0]
        parameters = list(inspect.signature(getattr(CascadeClassifier, name)).parameters)[1:]
        places = [documented.index(f"{parameter}") for parameter in parameters]
        assert places == sorted(places)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(5))
def test_types_and_values_are_opencvs(seed: int, tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    path = str(tmp_path / "a.xml")
    random_cascade(rng, "haar" if seed % 2 else "lbp").save(path)
    theirs, ours = cv2.CascadeClassifier(path), CascadeClassifier(path)
    assert ours.getOriginalWindowSize() == theirs.getOriginalWindowSize()
    assert ours.getFeatureType() == theirs.getFeatureType()
    images = [
        None,
        np.zeros((0, 0), np.uint8),
        np.zeros(60, np.uint8),
        np.zeros((70, 70), np.uint8),
    ]
    colour = np.stack([random_image(rng, 70, 60) for _ in range(4)], axis=2)
    for image in [*images, IMAGE, IMAGE[::2, ::-1], colour, np.ascontiguousarray(colour[:, :, :3])]:
        for options in ({"minNeighbors": 0}, {"minNeighbors": 1, "minSize": [30, 20]}):
            results = [(c.detectMultiScale(image, **options),) for c in (ours, theirs)]
            results[0] += ours.detectMultiScale2(image, **options)
            results[1] += theirs.detectMultiScale2(image, **options)
            for got, expected in zip(*results, strict=True):
                assert type(got) is type(expected)
                assert np.array_equal(got, expected)
                assert getattr(got, "dtype", None) == getattr(expected, "dtype", None)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "text",
    [HALVES_XML.replace("width>", "width >"), HALVES_XML.replace("<width>", "<width a='b'>")],
)
def test_opencv_reads_the_same_unusual_files(text: str, path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    path.write_text(text)
    assert not cv2.CascadeClassifier(str(path)).empty()
    assert not CascadeClassifier(path).empty()
