"""What an installed package must bring along; CI runs this file against a built wheel too."""

import importlib
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import haar
from scratchnet.learn import EXERCISES
from scratchnet.learn.writing import write_skeleton

WEIGHTS = Path(__file__).parents[1] / "scratchnet" / "fer" / "weights"
"""In the source tree beside this file, whatever is installed."""


@pytest.mark.parametrize("package", ["scratchnet", "haar"])
def test_type_information_is_installed(package: str) -> None:
    assert resources.files(package).joinpath("py.typed").is_file()


@pytest.mark.parametrize(
    "module",
    [
        "scratchnet.layers",
        "scratchnet.reference.conv2d",
        "scratchnet.kernels.conv2d",
        "scratchnet.sequential",
        "scratchnet.callbacks",
        "scratchnet.gradcheck",
        "scratchnet.vision.geometry",
        "scratchnet.fer.train",
        "scratchnet.fer.faces",
        "haar",
    ],
)
def test_module_is_installed(module: str) -> None:
    assert importlib.import_module(module).__doc__


@pytest.mark.parametrize("file", ["frontalface.xml", "eye.xml", "README.md"])
def test_cascades_and_their_card_are_installed(file: str) -> None:
    assert resources.files("haar").joinpath("cascades", file).is_file()


@pytest.mark.parametrize(
    ("load", "side"), [(haar.Cascade.frontal_face, 24), (haar.Cascade.eye, 20)]
)
def test_an_installed_cascade_is_a_detector(load, side: int) -> None:
    cascade = load()
    assert (cascade.width, cascade.height, cascade.feature_type) == (side, side, "haar")
    assert len(cascade.stages) >= 10
    wall = np.random.default_rng(0).integers(0, 256, (60, 80)).astype(np.uint8)
    assert cascade.detect(wall).tolist() == []


def test_trained_networks_and_their_cards_are_installed() -> None:
    installed = resources.files("scratchnet").joinpath("fer", "weights")
    files = [path for path in WEIGHTS.rglob("*") if path.is_file()]
    assert {"model.json", "weights.npz", "card.md", "history.csv"} <= {file.name for file in files}
    for file in files:
        found = installed.joinpath(*file.relative_to(WEIGHTS).parts)
        assert found.read_bytes() == file.read_bytes()
    from scratchnet.fer import EmotionRecognizer

    p = EmotionRecognizer.pretrained().predict_faces(np.zeros((1, 48, 48), np.uint8))
    assert p.shape == (1, 7)
    assert p.sum() == pytest.approx(1, abs=1e-5)


def test_the_beginnings_of_the_exercises_are_installed(tmp_path: Path) -> None:
    for exercise in EXERCISES:
        assert "NotImplementedError" in write_skeleton(exercise, tmp_path).read_text("utf-8")


def test_import_is_light() -> None:
    """Importing the library compiles nothing: neither Numba nor pandas is even loaded."""
    code = (
        "import sys, scratchnet; "
        "print([m for m in ('numba', 'pandas', 'matplotlib', 'tqdm') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
