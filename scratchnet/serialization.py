"""Arrays and plain values on disk, in formats that cannot run code.

Two containers, both of JSON and NumPy's npz without pickles:

    a model folder    model.json (a document) + weights.npz (named arrays)
    an archive        one .npz: a tree of dicts, lists, plain values and arrays

Both are written under a temporary name and then renamed: a crash leaves the old one whole.
This module knows no model; it moves (document, arrays) to files and back.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

DOCUMENT = "__document__"
ARRAY = "__array__"

UNREADABLE = (
    *(ValueError, KeyError, AttributeError, TypeError, RuntimeError),
    *(OSError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error),
)
"""What NumPy and zipfile raise for files that are cut off, altered, or no archives at all."""


class FormatError(ValueError):
    """A file is not what this module writes: missing, damaged, or of another version."""


# -- arrays ---------------------------------------------------------------------------------------


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays to an .npz; an existing file is replaced as a whole.

    Unlike np.savez, this takes any name and pickles nothing.
    """
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, np.asarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)  # noqa: PTH105 - the name says that it overwrites


def read_arrays(path: Path) -> dict[str, Array]:
    """The named arrays of an .npz.

    Raises:
        FormatError: there is no such file, it is damaged, or it holds Python objects.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except FileNotFoundError as error:
        raise FormatError(f"{path} does not exist") from error
    except UNREADABLE as error:
        raise FormatError(f"{path} is not a readable .npz of plain arrays ({error})") from error
    foreign = [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]
    if foreign:
        raise FormatError(f"{path} holds what is no array: {', '.join(foreign)}")
    return arrays


def check_arrays(expected: Mapping[str, Array], got: Mapping[str, Array], where: str) -> None:
    """Compare names and shapes, and report everything that does not fit at once.

    Raises:
        FormatError: arrays are missing, unexpected or misshapen, or hold NaN or infinity.
    """
    faults = [f"missing: {name} {expected[name].shape}" for name in expected if name not in got]
    faults += [f"unexpected: {name} {got[name].shape}" for name in got if name not in expected]
    for name in expected.keys() & got.keys():
        if expected[name].shape != got[name].shape:
            faults.append(f"{name}: expected shape {expected[name].shape}, got {got[name].shape}")
        elif got[name].dtype.kind != "f":
            faults.append(f"{name}: expected floating-point numbers, got {got[name].dtype}")
        elif not np.isfinite(got[name]).all():
            faults.append(f"{name}: holds NaN or infinity")
    if faults:
        raise FormatError(f"{where} does not fit this network: {'; '.join(sorted(faults))}")


# -- model folder ---------------------------------------------------------------------------------


def write_folder(folder: Path, document: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write model.json and weights.npz into `folder`; a model folder is replaced as a whole.

    Raises:
        FileExistsError: what is there is something else, which would be lost.
    """
    if folder.exists() and not _replaceable(folder):
        raise FileExistsError(f"{folder} exists and is no model folder; choose a new name")
    new, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    text = json.dumps(document, indent=2, allow_nan=False)
    (new / "model.json").write_text(text + "\n", encoding="utf-8")
    write_arrays(new / "weights.npz", arrays)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / "model.json").exists() or not any(folder.iterdir()))


def read_folder(folder: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """What `write_folder` wrote: (document, arrays).

    Raises:
        FormatError: the folder or one of its files is missing or damaged.
    """
    old = folder.with_name(folder.name + ".old")
    if not folder.exists() and old.exists():  # a crash between the two renames
        folder = old
    if not folder.is_dir():
        raise FormatError(
            f"{folder} is not a model folder; expected model.json and weights.npz in it"
        )
    try:
        document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FormatError(f"{folder} holds no model.json, so it is not a saved model") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise FormatError(f"{folder / 'model.json'} is damaged: {error}") from error
    if not isinstance(document, dict):
        raise FormatError(f"{folder / 'model.json'} is damaged: expected an object at the top")
    return document, read_arrays(folder / "weights.npz")


# -- archive --------------------------------------------------------------------------------------


def _take_arrays(tree: Any, path: str, arrays: dict[str, Array]) -> Any:
    """The tree with each array replaced by its name in `arrays`."""
    if isinstance(tree, np.ndarray):
        arrays[path] = tree
        return {ARRAY: path}
    if isinstance(tree, Mapping):
        return {str(k): _take_arrays(v, f"{path}/{k}", arrays) for k, v in tree.items()}
    if isinstance(tree, Iterable) and not isinstance(tree, str):
        return [_take_arrays(v, f"{path}/{i}", arrays) for i, v in enumerate(tree)]
    return tree.item() if isinstance(tree, np.generic) else tree


def _put_arrays(tree: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(tree, dict):
        if set(tree) == {ARRAY}:
            return arrays[tree[ARRAY]]
        return {key: _put_arrays(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_put_arrays(value, arrays) for value in tree]
    return tree


def write_archive(path: Path, tree: Mapping[str, Any]) -> None:
    """Write a tree of dicts, lists, plain values and arrays to one .npz."""
    arrays: dict[str, Array] = {}
    text = json.dumps(_take_arrays(tree, "", arrays))
    arrays[DOCUMENT] = np.frombuffer(text.encode("utf-8"), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_arrays(path, arrays)


def read_archive(path: Path) -> dict[str, Any]:
    """The tree that `write_archive` wrote (tuples come back as lists).

    Raises:
        FormatError: the file is missing, damaged, or not such an archive.
    """
    arrays = read_arrays(path)
    if DOCUMENT not in arrays:
        raise FormatError(f"{path} is not an archive of this library: it has no {DOCUMENT}")
    try:
        tree = _put_arrays(json.loads(arrays.pop(DOCUMENT).tobytes().decode("utf-8")), arrays)
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise FormatError(f"{path} is damaged: {error}") from error
    if not isinstance(tree, dict):
        raise FormatError(f"{path} is damaged: expected an object at the top")
    return tree
