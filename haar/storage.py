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
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from haar.checks import CascadeError

MAX_BYTES = 32 * 2**20  # of the file, and of what a .gz unpacks to; the largest in use has 3.6 MB
MAX_TAGS = 1_000_000
MAX_DEPTH = 32  # the formats need 10
MAX_TEXT = 1_000_000  # characters of one element
MAX_TAG = 10_000  # characters of one tag
MAX_DIGITS = 18  # of an integer

NAME = r"[A-Za-z_][\w.-]*"
TOKEN = re.compile(rf"<(?:({NAME})>([^<>]*+)</\1|([^<>]*+))>", re.ASCII)  # a leaf, or a tag
OPENING = re.compile(rf"({NAME})(?:\s+{NAME}\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*")
DECIMALS = re.compile(r"(?:\s*+-?[0-9]++\.[0-9]*+(?:e-?[0-9]++)?(?=\s|$))++\s*+")
INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+)")
REAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
SPECIAL = {".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}


Element = tuple[str, str, Sequence[Any]]
"""(name, text, children): text or children; what stands between children is ignored."""


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

    tokens = TOKEN.findall(text)
    if not tokens or not tokens[0][2].startswith("?xml"):
        raise CascadeError("expected <?xml …?> as the first tag")
    return _assemble(tokens[1:])


def _without_comments(text: str) -> str:
    parts: list[str] = []
    end = 0
    while (start := text.find("<!--", end)) >= 0:
        parts.append(text[end:start])
        end = text.find("-->", start + 4) + 3
        if end < 3:
            raise CascadeError(f"a comment is not closed: {shorten(text[start : start + 60])}")
    return "".join([*parts, text[end:]])


def _assemble(tokens: list[tuple[str, str, str]]) -> Element:
    """The tree of elements; the token of a leaf is an element: (name, text, no children)."""
    name, children = "", list[Element]()  # of the element that is open
    above: list[tuple[str, list[Element]]] = []  # those around it
    for token in tokens:
        leaf, text, tag = token
        if leaf:
            if len(text) > MAX_TEXT:
                raise CascadeError(f"<{leaf}>: more than {MAX_TEXT} characters of text")
            children.append(token)
        elif tag[:1] != "/":
            above.append((name, children))
            if len(above) > MAX_DEPTH:
                raise CascadeError(f"expected at most {MAX_DEPTH} nested elements, got more")
            name, children = tag if tag == "_" else _name(tag), []
        elif tag[1:].rstrip() != name or not above:
            raise CascadeError(f"<{shorten(tag)}> does not close <{name}>")
        else:
            element = (name, "", children)
            name, children = above.pop()
            children.append(element)
        if not above:
            return children[0]
    unfinished = f"<{name}> is not closed" if name else "there is no element"
    raise CascadeError(f"the file ends too early: {unfinished}")


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


# -- numbers --------------------------------------------------------------------------------------


def singles(text: str) -> tuple[float, ...]:
    """The numbers in a text, rounded to single precision.

    Raises:
        ValueError: something in it is no number.
    """
    # Nearly all real numbers are plain decimals, which Python's float reads as C does.
    meaning = float if DECIMALS.fullmatch(text) else number
    return tuple(array("f", map(meaning, text.split())))


class Wholes(dict[str, int]):
    """The value of each token where a whole number is wanted; OpenCV rounds a real one.

    Most tokens come again and again, and then cost a look-up.
    """

    def __missing__(self, token: str) -> int:
        if token.isdecimal() and token[0] != "0" and len(token) <= MAX_DIGITS:
            whole = int(token)
        else:
            value = number(token)
            whole = value if isinstance(value, int) else round(value)
        self[token] = whole
        return whole


def number(token: str) -> int | float:
    """The int or float that a token means.

    Raises:
        ValueError: it is no number.
    """
    if INTEGER.fullmatch(token):
        digits = token.lstrip("+-")
        if len(digits) > MAX_DIGITS:
            raise ValueError(token)
        if digits[0] != "0" or digits == "0":
            return int(token)
        return int(token, 16 if digits[1] in "xX" else 8)  # a digit 8 or 9 is a ValueError too
    if REAL.fullmatch(token):
        return float(token)
    if token.lower() in SPECIAL:
        return SPECIAL[token.lower()]
    raise ValueError(token)
