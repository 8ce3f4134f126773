"""The cache of machine code: kept between runs, and never older than any source of its folder."""

import shutil
import subprocess
import sys
from pathlib import Path

from scratchnet.kernels import jit, relu
from scratchnet.kernels.jit import sources_digest


def folder(path, **sources):
    path.mkdir()
    for name, text in sources.items():
        (path / f"{name}.py").write_text(text)
    return path


def test_the_digest_changes_with_any_source(tmp_path):
    sources = {"a": "x = 1", "b": "y = 2"}
    one = sources_digest(folder(tmp_path / "1", **sources))
    assert one == sources_digest(folder(tmp_path / "2", **sources))
    others = [
        sources_digest(folder(tmp_path / "3", a="x = 1", b="y = 3")),
        sources_digest(folder(tmp_path / "4", a="x = 1", c="y = 2")),
        sources_digest(folder(tmp_path / "5", **sources, c="")),
        sources_digest(folder(tmp_path / "6", a="x = 1b", b="y = 2")),
    ]
    assert len({one, *others}) == 5


def test_every_kernel_is_stamped_with_the_digest_of_its_folder():
    digest = sources_digest(Path(jit.__file__).parent)
    for kernel in (relu._forward, relu._backward):
        file = kernel._cache._cache_file
        assert file._source_stamp == digest
        assert digest in file._version


CALLER = """
from package.jit import kernel
from package.neighbour import number, {name}
@kernel
def twice(pair):
    return 2 * number() + pair.one
print(twice({name}(1)), sum(twice.stats.cache_hits.values()))
"""
NEIGHBOUR = """
from typing import NamedTuple
from package.jit import kernel
class {name}(NamedTuple):
    one: int
@kernel
def number():
    return {number}
"""


def test_a_kernel_is_compiled_anew_when_only_its_neighbour_changed(tmp_path):
    """Numba alone would go on with the old neighbour, or stumble over a class that is gone."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    source = Path(jit.__file__).read_text(encoding="utf-8")
    (tmp_path / "package" / "jit.py").write_text(source, encoding="utf-8")

    def run(number, name="Pair"):
        (tmp_path / "package" / "caller.py").write_text(CALLER.format(name=name))
        (tmp_path / "package" / "neighbour.py").write_text(
            NEIGHBOUR.format(number=number, name=name)
        )
        command = [sys.executable, "-B", "-c", "import package.caller"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert run(3) == ["7", "0"]
    assert run(3) == ["7", "1"]  # from the disk
    assert run(4) == ["9", "0"]
    assert run(4, "Couple") == ["9", "0"]  # there is no class Pair any more
    shutil.rmtree(tmp_path / "package")


def test_code_is_written_before_the_index_and_never_in_the_place_of_other_code(
    tmp_path, monkeypatch
):
    """Two processes that do not see each other's entries: each finds its own code."""
    from numba.core.caching import IndexDataCacheFile

    file = IndexDataCacheFile(str(tmp_path), "module.f", "stamp")
    written = []
    save_index = file._save_index
    monkeypatch.setattr(file, "_save_data", lambda name, code: written.append((name, code)))
    monkeypatch.setattr(file, "_load_index", dict)
    monkeypatch.setattr(file, "_save_index", written.append)
    jit._save(file, ("int64",), "code of int64")
    jit._save(file, ("float64",), "code of float64")
    (first, _), index, (second, _), other = written
    assert first != second
    assert (index, other) == ({("int64",): first}, {("float64",): second})
    save_index(index | other)
    monkeypatch.undo()
    jit._save(file, ("int64",), "newer code")
    assert file._load_index() == {("int64",): first, ("float64",): second}
    assert file.load(("int64",)) == "newer code"
