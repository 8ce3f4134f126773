"""Open a file for reading lines, whatever it is packed in: nothing, gzip or zip.

The kind is told by the first bytes, not by the name; the text streams through, and is never whole
in memory. What people often hold in place of the data (a Git LFS pointer, the web page that asked
them to log in, half a download) is recognised, and the error says what to do.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from scratchnet.fer.datasets import DataError


class Lines(Protocol):
    """All that we ask of an open file."""

    def readline(self, limit: int, /) -> bytes: ...


@contextmanager
def unpacked(raw: BinaryIO, name: str) -> Iterator[Lines]:
    """The lines in the open file `raw`; DataError, then and while reading, if it is not sound."""
    start = raw.read(64)
    raw.seek(0)
    if not start:
        raise DataError(f"{name} is empty; download it again")
    if start.startswith(b"version https://git-lfs"):
        raise DataError(f"{name} is a Git LFS pointer, not the data; fetch it with `git lfs pull`")
    if start.lstrip()[:1] == b"<":
        raise DataError(f"{name} is a web page, not the data; log in, then download it again")
    try:
        if start.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=raw) as file, io.BufferedReader(file, 1 << 20) as lines:
                yield lines
        elif start.startswith(b"PK"):
            with zipfile.ZipFile(raw) as archive, archive.open(_member(archive, name)) as member:
                yield member
        else:
            yield raw
    except EOFError:
        raise DataError(
            f"{name} is truncated: its compressed data ends too early; download it again"
        ) from None
    except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(f"{name} is damaged ({error}); download it again") from None


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The one CSV in a zip, or the one that is called fer2013.csv."""
    files = [i for i in archive.infolist() if i.filename.lower().endswith(".csv")]
    named = [i for i in files if Path(i.filename).name.lower() == "fer2013.csv"]
    if len(named or files) != 1:
        raise DataError(
            f"{name} should hold one .csv, or one fer2013.csv, but holds "
            f"{', '.join(archive.namelist()[:6]) or 'nothing'}; unpack it and give the file itself"
        )
    chosen = (named or files)[0]
    if chosen.flag_bits & 1:
        raise DataError(f"{name} is encrypted; unpack it and give {chosen.filename} itself")
    return chosen
