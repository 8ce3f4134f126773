"""FER2013's file: a CSV whose every row is one face of 48 × 48, written out as numbers.

    emotion,pixels,Usage
    0,70 80 82 72 ... 106 109 82,Training        0..6, then 2304 grey values 0..255, then a split

It is read row by row, straight out of a .gz or .zip, so that memory holds the pictures (74 MB for
all of FER2013) and never the 300 MB of text. A row that is not exactly as above is an error that
names the row; none is skipped. Columns may stand in any order, and Usage may be missing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.datasets import USAGES, DataError
from scratchnet.fer.labels import SEVEN
from scratchnet.fer.packed import Lines, unpacked

SIDE = 48
PIXELS = SIDE * SIDE
LONGEST_ROW = 1 << 16  # bytes; a good row has at most 9,240
ROWS_A_REPORT = 256  # how often `progress` hears from us
FAULTS_NAMED = 3

LABELS = {str(label).encode(): label for label in range(len(SEVEN))}
SPLITS = {name.encode(): name for name in USAGES}

Progress = Callable[[int, int], object]


class Faces(NamedTuple):
    """The columns of the file: (N, 48, 48) uint8, (N,) int64 of seven classes, (N,) str or None."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    usage: NDArray[np.str_] | None


def read_kaggle_csv(path: Path, progress: Progress | None = None) -> Faces:
    """Read all faces of a CSV, plain or in a .gz or .zip (told by content, not by name).

    `progress(done, total)` is called now and then with the bytes of the file on disk.
    Raises DataError for a file that is malformed, damaged or of another kind.
    """
    total = path.stat().st_size
    with path.open("rb") as raw, unpacked(raw, path.name) as stream:
        report = (lambda: progress(min(raw.tell(), total), total)) if progress else None
        return _read_rows(stream, path.name, report)


def _read_rows(stream: Lines, name: str, report: Callable[[], object] | None) -> Faces:
    """Read the header, then row after row; raise one DataError for all faults together."""
    columns = _columns(stream.readline(LONGEST_ROW), name)
    pixels, labels, splits = bytearray(), bytearray(), []
    faults: list[str] = []
    faulty, last_is_faulty = 0, False
    line = b"\n"
    for row, line in enumerate(iter(lambda: stream.readline(LONGEST_ROW), b""), start=2):
        if line.isspace():
            continue
        try:
            face, label, split = _parse(line, columns)
            pixels += face
            labels.append(label)
            splits.append(split)
            last_is_faulty = False
        except ValueError as fault:
            faulty, last_is_faulty = faulty + 1, True
            if faulty <= FAULTS_NAMED:
                faults.append(f"row {row}: {fault}")
        if report and row % ROWS_A_REPORT == 0:
            report()
    if report:
        report()

    if faulty:
        more = f"; and {faulty - FAULTS_NAMED:,} more" if faulty > FAULTS_NAMED else ""
        cut = " The file ends inside its last row: is it truncated?"
        if not last_is_faulty or line.endswith(b"\n"):
            cut = ""
        raise DataError(
            f"{name} has {faulty:,} malformed row{'s' if faulty > 1 else ''} (the header is row 1):"
            f" {'; '.join(faults)}{more}.{cut} Download it again, or correct or remove the rows"
        )
    if not labels:
        raise DataError(f"{name} has a header but no rows; download it again")
    return Faces(
        np.frombuffer(pixels, np.uint8).reshape(-1, SIDE, SIDE),
        np.frombuffer(labels, np.uint8).astype(np.int64),
        np.array(splits) if "usage" in columns else None,
    )


def _columns(header: bytes, name: str) -> dict[str, int]:
    """Where each column stands, by its name in lower case."""
    if header[257:262] == b"ustar":
        raise DataError(f"{name} is a tar archive; unpack it and give fer2013.csv itself")
    text = header.decode("utf-8-sig", errors="replace")
    columns = {title.strip(' "\r\n').lower(): i for i, title in enumerate(text.split(","))}
    missing = [column for column in ("emotion", "pixels") if column not in columns]
    if missing:
        raise DataError(
            f"{name} has no column {' and no column '.join(missing)}: expected the header "
            f"emotion,pixels,Usage, got {text[:60].strip()!r}; is it FER2013's CSV from Kaggle?"
        )
    return columns


def _parse(line: bytes, columns: dict[str, int]) -> tuple[bytes, int, str]:
    """One row as (2304 bytes, label, split); ValueError says what is wrong with it."""
    fields = [field.strip(b' "\r\n') for field in line.split(b",")]
    if len(fields) != len(columns):
        raise ValueError(f"{len(fields)} columns, expected {len(columns)}")

    label = LABELS.get(fields[columns["emotion"]])
    if label is None:
        raise ValueError(f"emotion {_shown(fields[columns['emotion']])}, expected 0 to 6")
    split = ""
    if "usage" in columns:
        known = SPLITS.get(fields[columns["usage"]])
        if known is None:
            raise ValueError(
                f"Usage {_shown(fields[columns['usage']])}, expected {', '.join(USAGES)}"
            )
        split = known
    return _parse_pixels(fields[columns["pixels"]]), label, split


def _parse_pixels(text: bytes) -> bytes:
    """`b"70 80 82"` -> 2304 bytes."""
    strange = text.translate(None, b"0123456789 ")
    if strange:
        raise ValueError(f"pixels hold {_shown(strange)}, expected whole numbers 0 to 255")
    values = np.fromstring(text, np.int64, sep=" ")  # saturates, so that nothing wraps into range
    if len(values) != PIXELS:
        raise ValueError(f"{len(text.split()):,} pixels, expected {PIXELS:,} ({SIDE}×{SIDE})")
    if values.max() > 255:
        raise ValueError(f"pixel value {values.max()}, expected 0 to 255")
    return values.astype(np.uint8).tobytes()


def _shown(field: bytes) -> str:
    """A field as it may stand in a message: short, and on one line."""
    text = field[:20].decode("utf-8", errors="replace")
    return repr(text + "…" if len(field) > 20 else text)
