"""The cache of machine code: kept between runs, never older than any source, never in the way."""

import subprocess
import sys
from pathlib import Path

from haar.kernels import jit, search
from haar.kernels.jit import sources_digest


def folder(path, tables="", **sources):
    (path / "kernels").mkdir(parents=True)
    (path / "tables.py").write_text(tables)
    for name, text in sources.items():
        (path / "kernels" / f"{name}.py").write_text(text)
    return path / "kernels"


def test_the_digest_changes_with_any_source_and_with_the_tables(tmp_path):
    sources = {"a": "x = 1", "b": "y = 2"}
    one = sources_digest(folder(tmp_path / "1", **sources))
    assert one == sources_digest(folder(tmp_path / "2", **sources))
    others = [
        sources_digest(folder(tmp_path / "3", a="x = 1", b="y = 3")),
        sources_digest(folder(tmp_path / "4", a="x = 1", c="y = 2")),
        sources_digest(folder(tmp_path / "5", **sources, c="")),
        sources_digest(folder(tmp_path / "6", "z = 3", **sources)),
    ]
    assert len({one, *others}) == 5


def test_the_kernels_need_no_other_source_of_the_package():
    """What they import from outside of their folder is in the digest, or plain Python."""
    outside = set()
    for path in Path(jit.__file__).parent.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("from haar.") and not line.startswith("from haar.kernels"):
                outside.add((path.name, line.split()[1]))
    plain = {"detect.py", "splits.py"}  # they call kernels, and define none
    assert {module for name, module in outside if name not in plain} == {"haar.tables"}


def test_the_kernel_is_stamped_with_the_digest_of_its_folder():
    file = search.search._cache._cache_file
    digest = sources_digest(Path(jit.__file__).parent)
    assert file._source_stamp == digest
    assert digest in file._version


CALLER = """
from package.kernels.jit import kernel
from package.kernels.neighbour import number, {name}
@kernel
def twice(pair):
    return 2 * number() + pair.one
value = twice({name}(1))
print(value, sum(twice.stats.cache_hits.values()))
"""
NEIGHBOUR = """
from typing import NamedTuple
from package.kernels.jit import kernel
class {name}(NamedTuple):
    one: int
@kernel
def number():
    return {number}
"""


def test_a_kernel_is_compiled_anew_when_only_its_neighbour_changed(tmp_path):
    """Numba alone would go on with the old neighbour, or stumble over a class that is gone."""
    package = folder(tmp_path / "package", __init__="")
    (tmp_path / "package" / "__init__.py").touch()
    source = Path(jit.__file__).read_text(encoding="utf-8")
    (package / "jit.py").write_text(source, encoding="utf-8")

    def run(number, name="Pair"):
        (package / "caller.py").write_text(CALLER.format(name=name))
        (package / "neighbour.py").write_text(NEIGHBOUR.format(number=number, name=name))
        command = [sys.executable, "-B", "-c", "import package.kernels.caller"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert run(3) == ["7", "0"]
    assert run(3) == ["7", "1"]  # from the disk
    assert run(4) == ["9", "0"]
    assert run(4, "Couple") == ["9", "0"]  # there is no class Pair any more
