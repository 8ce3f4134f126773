"""The fused steps on machines with fewer instructions, from machine code of their own.

Compiling takes a while for each; the code is kept in pytest's cache from run to run.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
from scratchnet.kernels.tile import has_wide_registers
from scratchnet.layers import Conv2D
from tests.plan.steps import check_convolution, check_pointwise

shape = 17, 9, 10
for relu, pool in ((True, True), (False, False)):
    assert check_convolution(5, shape, Conv2D(81, 3, padding=1), relu, pool).by_winograd
    assert not check_convolution(5, shape, Conv2D(33, 3, 2, 1), relu, pool=False).by_winograd
    assert not check_convolution(2, shape, Conv2D(17, 5, 1, 2), relu, pool=False).by_winograd
    check_convolution(5, shape, Conv2D(17, 3, 1, 1, groups=17), relu, pool=False)
    check_convolution(2, (32, 5, 6), Conv2D(64, 3, 1, 1, groups=2), relu, pool=False)
    check_pointwise(5, 9, 10, 17, True, relu, pool, training=True)
print(has_wide_registers())
"""

MACHINES = {
    "AVX2": {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": ""},
    "whatever the family has": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
}


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
def test_the_steps_of_a_lesser_machine_are_the_reference(machine, request):
    if machine == "AVX2" and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("not of the x86 family")
    folder = request.config.cache.mkdir("scratchnet-kernels")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[2],
        env=os.environ | MACHINES[machine] | {"NUMBA_CACHE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("False", "")
