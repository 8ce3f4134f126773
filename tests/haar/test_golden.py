"""What OpenCV found once (`golden/record.py`, and its own files) is found again, without OpenCV."""

import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest

import haar
from haar import ops, reference
from haar.kernels import detect
from haar.opencv import CascadeClassifier
from tests.haar.golden.record import FACTOR, IMAGES, record
from tests.haar.synthetic import hashed_image

FOLDER = Path(__file__).parent / "golden"
GOLDEN = json.loads((FOLDER / "golden.json").read_text(encoding="ascii"))["cascades"]
IMPLEMENTATIONS = {"reference": reference, "kernels": detect}


def test_the_golden_images_are_the_ones_that_were_recorded() -> None:
    # (0, 0) is in the flat corner: 400 // 4
    digests = []
    for image in IMAGES:
        pixels = hashed_image(*image)
        assert pixels[0, 0] == 100
        digests.append(hashlib.md5(pixels.tobytes()).hexdigest())
    assert digests == IMAGE_DIGESTS


IMAGE_DIGESTS = ["d474692516a8c1c2421731926a5fe42c", "650e6f07b48d704453b4acbc07892eec"]


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("name", GOLDEN)
def test_rectangles_levels_and_scores_are_the_recorded_ones(name, implementation, monkeypatch):
    find = IMPLEMENTATIONS[implementation].find_candidates
    monkeypatch.setattr(ops, "find_candidates", find)
    classifier = CascadeClassifier(FOLDER / f"{name}.xml")
    assert classifier.isOldFormatCascade() == name.startswith("old")
    for image, expected in zip(IMAGES, GOLDEN[name], strict=True):
        assert record(classifier, hashed_image(*image)) == expected


def test_a_compressed_file_is_the_same_cascade(tmp_path) -> None:
    path = tmp_path / "again.xml.gz"
    path.write_bytes(gzip.compress((FOLDER / "old-trees.xml").read_bytes()))
    again = haar.Cascade.load(path)
    assert again == haar.Cascade.load(FOLDER / "old-trees.xml")
    assert (
        len(again.candidates(hashed_image(*IMAGES[0]), scale_factor=FACTOR))
        == (GOLDEN["old-trees"][0]["candidates"])
    )


# -- OpenCV's own photographs and files, where they are at hand -----------------------------------

# With default parameters: the groups; the number of candidates, and the digest of them in order.
PHOTOGRAPHS = {
    "lena.jpg, frontalface_default": (
        [[219, 203, 169, 169]],
        (74, "a861efa1e6469e897b8ec96b00df2959"),
    ),
    "lena.jpg, eye_tree_eyeglasses": (
        [[307, 246, 43, 43], [241, 241, 51, 51]],
        (89, "7b6f9c816bece24cbdcc8b8adc3664df"),
    ),
    "lena.jpg, eye": (
        [[286, 312, 22, 22], [307, 245, 44, 44], [242, 240, 52, 52]],
        (166, "afb884907eb5cfaffb4c03166ee960cc"),
    ),
    "messi5.jpg, frontalface_alt2": (
        [[226, 93, 39, 39], [247, 66, 75, 75]],
        (19, "cd377c99706054ef7a16b1d1de5f2742"),
    ),
    "lena.jpg, lbpcascade_frontalface_improved": (
        [[239, 239, 128, 128]],
        (19, "24b8ac65d732fc5122b9bd649c2960d9"),
    ),
}


@pytest.mark.oracle
@pytest.mark.parametrize("case", PHOTOGRAPHS)
def test_opencvs_sample_photographs(case: str) -> None:
    cv2 = pytest.importorskip("cv2")  # to decode the pixels as it did when this was recorded
    photo, name = case.split(", ")
    path = Path(os.environ.get("OPENCV_SAMPLES_DATA_PATH", "nowhere")) / photo
    if not path.is_file():
        pytest.skip(f"OPENCV_SAMPLES_DATA_PATH has no {photo}: it comes with OpenCV's sources")
    try:
        cascade = haar.Cascade.load(haar.find_cascade(name))
    except FileNotFoundError:
        pytest.skip(f"OpenCV's cascade {name} is not on this machine")
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    groups, candidates = PHOTOGRAPHS[case]
    assert cascade.detect(grey).tolist() == groups
    found = cascade.candidates(grey)
    assert (len(found), hashlib.md5(found.astype("<i4").tobytes()).hexdigest()) == candidates
