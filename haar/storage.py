"""OpenCV's storage: the little of XML that its files use, read tolerantly and without surprises.

    <?xml version="1.0"?>  <!-- comments -->
    <opencv_storage> <name attributes> text or more elements </name> … </opencv_storage>

General XML parsers refuse some of OpenCV's own files (a comment that contains "--", bytes that are
no UTF-8) and accept what nobody should (entities that expand to gigabytes). This one knows
elements, text and comments, nothing else; it never recurses, and gives up at fixed limits.

Text holds numbers and names, separated by white space. Numbers are C's: 0x10 is hexadecimal and
010 octal; one with a point or an exponent is real.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from ctypes import c_float
from pathlib import Path

from haar.checks import CascadeError

MAX_BYTES = 32 * 2**20  # of the file, and of what a .gz unpacks to; the largest in use has 3.6 MB
MAX_TAGS = 1_000_000
MAX_DEPTH = 32  # the formats need 10
MAX_TEXT = 1_000_000  # characters of one element
MAX_TAG = 10_000  # characters of one tag
MAX_DIGITS = 18  # of an integer

NAME = r"[A-Za-z_][\w.-]*"
TAG = re.compile(r"<([^<>]*)>")
OPENING = re.compile(rf"({NAME})(?:\s+{NAME}\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*")
INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+)")
REAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
SPECIAL = {".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}


class Element:
    """A tag, the text before its first child, and its children in order."""

    __slots__ = ("children", "name", "text")

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = ""
        self.children: list[Element] = []

    def find(self, name: str) -> Element | None:
        """The first child of this name."""
        for child in self.children:
            if child.name == name:
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
            with gzip.open(path) as packed:
                data = packed.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise CascadeError(f"not a readable .gz file: {error}") from error
    if len(data) > MAX_BYTES:
        raise CascadeError(f"expected a file of at most {MAX_BYTES} bytes, unpacked; it is larger")
    return data


def parse(data: bytes) -> Element:
    """The root element of an XML storage.

    Raises:
        CascadeError: it is no such file, ends too early, or exceeds a limit.
    """
    text = data.decode("latin-1")  # never fails; names and numbers are ASCII
    start = text.find("<?xml")
    if start < 0:
        raise CascadeError("expected a file that begins with <?xml; this is no XML file of OpenCV")
    text = text[start:]
    if text.count("<") > MAX_TAGS:
        raise CascadeError(f"expected at most {MAX_TAGS} tags, got {text.count('<')}")
    text = _without_comments(text)

    pieces = TAG.split(text)  # text, tag, text, tag, … text
    if pieces[1:2] and not pieces[1].startswith("?xml"):
        raise CascadeError("expected <?xml …?> as the first tag")
    return _assemble(pieces[3::2], pieces[2::2])


def _without_comments(text: str) -> str:
    parts: list[str] = []
    end = 0
    while (start := text.find("<!--", end)) >= 0:
        parts.append(text[end:start])
        end = text.find("-->", start + 4) + 3
        if end < 3:
            raise CascadeError(f"a comment is not closed: {shorten(text[start : start + 60])}")
    return "".join([*parts, text[end:]])


def _assemble(tags: list[str], texts: list[str]) -> Element:
    """The tree of elements; `texts[i]` stands before `tags[i]`, one more stands after the last."""
    top = Element("")
    open_elements: list[Element] = []
    element = top
    fresh = False  # the last tag opened `element`: the text that follows is its own
    for tag, text in zip(tags, texts, strict=False):
        if fresh:
            if len(text) > MAX_TEXT:
                raise CascadeError(f"<{element.name}>: more than {MAX_TEXT} characters of text")
            element.text = text
        elif text and not text.isspace():
            raise CascadeError(
                f"<{element.name}>: unexpected text {shorten(text)} after an element"
            )
        if tag[:1] == "/":
            if tag[1:].rstrip() != element.name or not open_elements:
                raise CascadeError(f"<{shorten(tag)}> does not close <{element.name}>")
            element = open_elements.pop()
            fresh = False
            if element is top:
                break
        else:
            child = Element(tag if tag == "_" else _name(tag))
            element.children.append(child)
            open_elements.append(element)
            if len(open_elements) > MAX_DEPTH:
                raise CascadeError(f"expected at most {MAX_DEPTH} nested elements, got more")
            element = child
            fresh = True
    if element is not top or not top.children:
        unfinished = f"<{element.name}> is not closed" if element.name else "there is no element"
        raise CascadeError(f"the file ends too early: {unfinished}")
    return top.children[0]


def _name(tag: str) -> str:
    match = OPENING.fullmatch(tag) if len(tag) <= MAX_TAG else None
    if match:
        return match[1]
    hint = ""
    if tag.startswith("!"):
        hint = "; declarations and entities are not part of OpenCV's files"
    elif tag.endswith("/"):
        hint = "; empty elements are not part of OpenCV's files"
    raise CascadeError(f"unexpected tag <{shorten(tag)}>{hint}")


def shorten(text: str) -> str:
    """At most 40 characters of a text, on one line, to be quoted in a message."""
    text = " ".join(text[:200].split())
    return ascii(text if len(text) <= 40 else text[:40] + "…")


class Numbers(dict[str, float]):
    """The value of each token, an int or a float; a token that comes again costs a look-up."""

    def __missing__(self, token: str) -> float:
        value = self[token] = number(token)
        return value


def number(token: str) -> float:
    """The int or float that a token means.

    Raises:
        ValueError: it is no number.
    """
    digits = token.lstrip("+-")
    if REAL.fullmatch(token) and not digits.isdecimal():
        return float(token)
    if INTEGER.fullmatch(token) and len(digits) <= MAX_DIGITS:
        if digits[0] != "0" or digits == "0":
            return int(token)
        return int(token, 16 if digits[1] in "xX" else 8)  # a digit 8 or 9 is a ValueError too
    if token.lower() in SPECIAL:
        return SPECIAL[token.lower()]
    raise ValueError(token)


class Singles(dict[str, float]):
    """The value of each token, rounded to single precision."""

    def __missing__(self, token: str) -> float:
        value = self[token] = c_float(number(token)).value
        return value
