"""`kernel` and `inlined`: how every function of this folder is compiled.

    nogil          kernels run on plain Python threads (`parallel.share_out`)
    numpy errors   a division by zero gives inf, as in NumPy, and costs no branch
    cache          a `kernel`'s machine code is kept on disk: only the first run ever compiles
    no C wrapper   nobody calls a kernel from C, and compiling takes a seventh less without it

Numba stamps a cache entry with the age of the file that defines the function, and misses a change
in a file which that one imports. A kernel that inlines a stale neighbour would compute with code
that nobody can read any more; so the stamp here is a digest of *all* sources of this folder.

The digest is also part of what Numba takes for its version. It reads that first: the rest of an old
entry may speak of classes that do not exist any more, and could not even be read.

Processes may compile side by side (`scratchnet.warmup`). Numba numbers the files of machine code:
two processes that count at the same time take the same number for different code; and it writes the
index before the code that it points to. Here a file is named by what it holds, and written first.
Two processes may still forget an entry of each other's index; it is compiled once more, then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numba


@cache
def sources_digest(folder: Path) -> str:
    """A digest of every Python file in `folder`."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def kernel(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Compile `function` lazily, without the GIL, with a cache that cannot go stale.

    Options are Numba's (`fastmath={"reassoc"}` lets a sum be vectorised, `inline="always"`, ...).
    """
    if function is None:
        return lambda f: kernel(f, **options)
    dispatcher = numba.njit(
        nogil=True, error_model="numpy", cache=True, no_cfunc_wrapper=True, **options
    )(function)
    cache_file = _cache_file(dispatcher)
    if cache_file is not None:
        digest = sources_digest(Path(__file__).parent)
        cache_file._source_stamp = digest
        cache_file._version = f"{numba.__version__} {digest}"
        cache_file.save = partial(_save, cache_file)
    return dispatcher


def inlined(function: Callable[..., Any]) -> Any:
    """Compile what a kernel does over and over, as a part of the kernel's own code.

    A call hands over every array as seven numbers, and returns vectors by way of memory: for a few
    vectors it takes longer than what is done with them. On disk there is only the kernel.
    """
    return numba.njit(
        nogil=True, error_model="numpy", no_cfunc_wrapper=True, forceinline=True
    )(function)  # fmt: skip


def _cache_file(dispatcher: Any) -> Any:
    """Where a kernel's machine code is kept; None in an application that has no folder for it."""
    return getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)


def _save(cache_file: Any, key: Any, code: Any) -> None:
    """Keep machine code, and only then say where."""
    digest = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    name = f"{Path(cache_file._index_path).stem}.{digest}.nbc"
    cache_file._save_data(name, code)
    cache_file._save_index(cache_file._load_index() | {key: name})


def is_compiled(dispatcher: Any, types: tuple[Any, ...]) -> bool:
    """Whether there is machine code of a kernel for arguments of these types, here or on disk."""
    if types in dispatcher.overloads:
        return True
    cache_file = _cache_file(dispatcher)
    if cache_file is None:
        return False
    key = dispatcher._cache._index_key(types, dispatcher.targetctx.codegen())
    return key in cache_file._load_index()
