"""A slice of `tests/haar/parity.py`: random cases, each of which OpenCV answers the same."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from docs.figures.make_viola_jones import FACE
from haar import Cascade
from haar.opencv import CascadeClassifier
from tests.haar.parity import Case, differences, random_case, subjects
from tests.haar.synthetic import hashed_image, write
from tests.haar.test_kernels_limits import bar

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def cv2():
    module = pytest.importorskip("cv2")
    if not hasattr(module, "CascadeClassifier"):
        pytest.skip("this OpenCV has no CascadeClassifier")
    module.setNumThreads(1)
    return module


@pytest.mark.parametrize("seed", range(12))
def test_random_cascades(seed: int, tmp_path: Path, cv2) -> None:
    rng = np.random.default_rng(seed)
    source = subjects(rng, [], tmp_path, synthetic=1.0)
    for _, subject in zip(range(3), source, strict=False):
        theirs, ours = cv2.CascadeClassifier(str(subject.file)), CascadeClassifier(subject.file)
        for _ in range(2):
            case = random_case(rng, [], 80)
            assert differences(theirs, ours, case)[0] == "", (subject, case.options)


def test_opencvs_files(cv2) -> None:
    face = np.asarray(Image.open(FACE).convert("L").resize((130, 130)))
    case = Case(np.hstack([face, 255 - face]), {"scaleFactor": 1.1, "minNeighbors": 0})
    found = 0
    for file in sorted((Path(cv2.__file__).parent / "data").glob("*.xml")):
        theirs, ours = cv2.CascadeClassifier(str(file)), CascadeClassifier(file)
        assert differences(theirs, ours, case)[0] == "", file.name
        found += len(ours.detectMultiScale(case.image, **case.options)) > 0
    assert found >= 8  # equal emptiness would prove little


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 1), (1, 7), (2, 5), (3, 3), (90, 3), (257, 257), (300, 40)]
)
def test_windows_of_unusual_size(size: tuple[int, int], tmp_path: Path, cv2) -> None:
    cascade: Cascade = bar(*size)
    path = tmp_path / "bar.xml"
    path.write_text(write(cascade), encoding="ascii")
    theirs, ours = cv2.CascadeClassifier(str(path)), CascadeClassifier(path)
    image = hashed_image(330, 280, 1) if max(size) > 9 else hashed_image(40, 30, 1)
    for lightness in (0, 200):
        case = Case(np.maximum(image, lightness), {"scaleFactor": 1.2, "minNeighbors": 0})
        assert differences(theirs, ours, case)[0] == ""
