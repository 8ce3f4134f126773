"""The same rectangles on machines with fewer instructions, from machine code of their own.

Compiling takes some 15 seconds for each; the code is kept in pytest's cache from run to run.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json
from haar.opencv import CascadeClassifier
from tests.haar.golden.record import FOLDER, IMAGES, record
from tests.haar.synthetic import hashed_image

golden = json.loads((FOLDER / "golden.json").read_text())["cascades"]
for name, expected in golden.items():
    classifier = CascadeClassifier(FOLDER / f"{name}.xml")
    assert [record(classifier, hashed_image(*image)) for image in IMAGES] == expected, name
print(len(golden))
"""

MACHINES = {
    "AVX2": {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": ""},  # "": none of the host's
    "whatever the family has": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_lesser_machine_finds_the_golden_rectangles(machine: str, request) -> None:
    if machine == "AVX2" and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("not of the x86 family")
    folder = request.config.cache.mkdir("haar-kernels")
    environment = os.environ | MACHINES[machine] | {"NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("12", "")
