"""OpenCV's storage: the little of XML that its files use, read tolerantly and without surprises.

    <?xml version="1.0"?>  <!-- comments -->
    <opencv_storage> <name attributes> text or more elements </name> … </opencv_storage>

General XML parsers refuse some of OpenCV's own files (a comment that contains "--", bytes that are
no UTF-8) and accept what nobody should (entities that expand to gigabytes). This one knows
elements, text and comments, nothing else: attributes are skipped, declarations and empty elements
refused. It never recurses, reads each character a fixed number of times, and gives up at limits.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from haar.checks import CascadeError

MAX_BYTES = 32 * 2**20  # of the file, and of what a .gz unpacks to; the largest in use has 3.6 MB
MAX_TAGS = 1_000_000
MAX_DEPTH = 32  # the formats need 10
MAX_TEXT = 1_000_000  # characters of one element
MAX_TAG = 10_000  # characters of one tag

NAME = r"[A-Za-z_][\w.-]*+"
OPENING = re.compile(rf"({NAME})(?:\s+{NAME}\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*", re.ASCII)

DISGUISES = {
    b"version https://git-lfs": "a pointer of Git LFS; `git lfs pull` fetches the file itself",
    b"<!doctype html": "a web page; download the file itself (on GitHub: Raw)",
    b"<html": "a web page; download the file itself (on GitHub: Raw)",
    b"%yaml": "YAML, which is not read here; convert it to XML",
    b"{": "JSON, which is not read here; convert it to XML",
}

NO_CHILDREN: Any = ()

Element = tuple[str, str, Sequence[Any]]
"""(name, text, children): an element has text or children, not both."""


def find(element: Element, name: str) -> Element | None:
    """The first child of this name."""
    for child in element[2]:
        if child[0] == name:
            return child
    return None


def read_bytes(path: Path) -> bytes:
    """The contents of a file, unpacked if it is gzipped (whatever its name says).

    Raises:
        OSError: it cannot be read.
        CascadeError: it is larger than MAX_BYTES, or a damaged .gz.
    """
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise CascadeError(f"expected a whole .gz file, got a damaged one: {error}") from error
    if len(data) > MAX_BYTES:
        raise CascadeError(f"expected a file of at most {MAX_BYTES} bytes, unpacked; it is larger")
    return data


def _unlike_xml(data: bytes) -> CascadeError:
    """What a file that holds no <?xml is instead, as far as its beginning tells."""
    beginning = data[:1000].lstrip().lower()
    for mark, meaning in DISGUISES.items():
        if beginning.startswith(mark):
            return CascadeError(f"expected OpenCV's XML, which begins with <?xml, got {meaning}")
    got = shorten(data[:40].decode("latin-1")) if data else "an empty file"
    return CascadeError(f"expected OpenCV's XML, which begins with <?xml, got {got}")


def parse(data: bytes) -> Element:
    """The root element of an XML storage.

    Raises:
        CascadeError: it is no such file, ends too early, or exceeds a limit.
    """
    text = data.decode("latin-1")  # never fails; names and numbers are ASCII
    start = text.find("<?xml")
    if start < 0:
        raise _unlike_xml(data)
    text = text[start:]
    if text.count("<") > MAX_TAGS:
        raise CascadeError(f"expected at most {MAX_TAGS} tags, got {text.count('<')}")
    declaration, *pieces = _without_comments(text).split("<")[1:]
    if not declaration.rstrip().endswith("?>"):
        raise CascadeError(f"expected <?xml …?> as the first tag, got {shorten(f'<{declaration}')}")
    return _assemble(pieces)


def _without_comments(text: str) -> str:
    parts: list[str] = []
    end = 0
    while (start := text.find("<!--", end)) >= 0:
        parts.append(text[end:start])
        end = text.find("-->", start + 4) + 3
        if end < 3:
            raise CascadeError(
                f"expected --> behind a comment, got {shorten(text[start : start + 60])}"
            )
    return "".join([*parts, text[end:]])


def _assemble(pieces: list[str]) -> Element:
    """The tree of elements; a piece is a tag without its <, and the text behind it."""
    name, closing, text, children = "", "", "", NO_CHILDREN  # of the element that is open
    above: list[tuple[str, str, list[Element]]] = []  # those around it
    tags = _Tags()
    for piece in pieces:
        tag, end, behind = piece.partition(">")
        if not end and tag[:1] != "!":
            raise CascadeError(f"{shorten(f'<{tag}')}: expected a > at the end of the tag")
        if tag == closing or tag.rstrip() == closing:
            element = (name, text, children)
            name, closing, children = above.pop()
            text = ""
            children.append(element)
            if not above:
                return element
            if behind and not behind.isspace():
                raise CascadeError(f"<{name}>: expected an element, got {shorten(behind)}")
            continue
        opened = tags[tag]
        if text and not text.isspace():
            raise CascadeError(f"<{name}>: expected text or elements, not both: {shorten(text)}")
        if len(behind) > MAX_TEXT:
            raise CascadeError(f"<{opened[0]}>: expected at most {MAX_TEXT} characters, got more")
        above.append((name, closing, children or []))
        if len(above) > MAX_DEPTH:
            raise CascadeError(f"expected at most {MAX_DEPTH} nested elements, got more")
        (name, closing), text, children = opened, behind, NO_CHILDREN
    unfinished = f"<{name}> is not closed" if name else "there is no element"
    raise CascadeError(f"the file ends too early: {unfinished}")


class _Tags(dict[str, tuple[str, str]]):
    """An opening tag's name, and the tag that closes it; each kind of tag is looked at once."""

    def __missing__(self, tag: str) -> tuple[str, str]:
        match = OPENING.fullmatch(tag) if len(tag) <= MAX_TAG else None
        if not match:
            hint = ""
            if tag.startswith("/"):
                hint = "; it closes another element than the one that is open"
            elif tag.startswith("!"):
                hint = "; declarations and entities are not part of OpenCV's files"
            elif tag.endswith("/"):
                hint = "; empty elements are not part of OpenCV's files"
            raise CascadeError(f"unexpected tag {shorten(f'<{tag}>')}{hint}")
        self[tag] = match[1], f"/{match[1]}"
        return self[tag]


def shorten(text: str) -> str:
    """At most 40 characters of a text, on one line, to be quoted in a message."""
    text = " ".join(text[:200].split())
    return ascii(text if len(text) <= 40 else text[:40] + "…")
