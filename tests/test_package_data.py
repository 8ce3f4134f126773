"""What an installed package must bring along; CI runs this file against a built wheel too."""

import importlib
import subprocess
import sys
from importlib import resources

import pytest


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
