"""A slice of `tests/haar/parity.py`: random cases, each of which OpenCV answers the same."""

from pathlib import Path

import numpy as np
import pytest

from haar import Cascade
from haar.opencv import CascadeClassifier
from tests.haar.parity import Case, differences, random_case, subjects
from tests.haar.synthetic import hashed_image, random_image, write
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
    rng = np.random.default_rng(1)
    for file in sorted((Path(cv2.__file__).parent / "data").glob("*.xml")):
        theirs, ours = cv2.CascadeClassifier(str(file)), CascadeClassifier(file)
        case = Case(random_image(rng, 130, 110), {"scaleFactor": 1.15, "minNeighbors": 1})
        assert differences(theirs, ours, case)[0] == "", file.name


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
