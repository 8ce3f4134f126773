"""Fields of a cascade file: elements that hold numbers or rows of further elements.

Text holds numbers and names, separated by white space. Numbers are C's: 0x10 is hexadecimal and
010 octal; one with a point or an exponent is real. Where a whole number is wanted, a real one is
rounded; where a real one is wanted, it is rounded to single precision.

On its way out an error gets the place of each level in front:

    stage 3, weak classifier 5, <leafValues>: expected a number, got 'x'
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Sequence
from typing import TypeVar

from haar.checks import MAX_NODES, CascadeError
from haar.features import MAX_RECTANGLES, HaarFeature, Rectangle
from haar.storage import Element, find, shorten

T = TypeVar("T")

MAX_DIGITS = 18  # of an integer

INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+)")
REAL = re.compile(r"[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?")
SPECIAL = {".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}
are_decimals = re.compile(r"(?:\s*+-?[0-9]++\.[0-9]*+(?:e[-+]?[0-9]++)?(?=\s|$))++\s*+").fullmatch


# -- numbers --------------------------------------------------------------------------------------


def number(token: str) -> int | float:
    """The int or float that a token means.

    Raises:
        CascadeError: it is no number.
    """
    if INTEGER.fullmatch(token):
        digits = token.lstrip("+-")
        if len(digits) > MAX_DIGITS:
            raise CascadeError(f"expected at most {MAX_DIGITS} digits, got {shorten(token)}")
        if digits[0] != "0" or digits == "0":
            return int(token)
        if digits[1] in "xX":
            return int(token, 16)
        if not {"8", "9"} & set(digits):
            return int(token, 8)
    elif REAL.fullmatch(token):
        return float(token)
    elif token.lower() in SPECIAL:
        return SPECIAL[token.lower()]
    raise CascadeError(f"expected a number, got {shorten(token)}")


def singles(text: str) -> tuple[float, ...]:
    """The numbers in a text, rounded to single precision.

    Raises:
        CascadeError: something in it is no number.
    """
    # Nearly all real numbers are plain decimals, which Python's float reads as C does.
    meaning = float if are_decimals(text) else number
    return tuple(array("f", map(meaning, text.split())))


class Wholes(dict[str, int]):
    """The value of each token where a whole number is wanted: one of 32 bits, signed or not.

    Most tokens come again and again, and then cost a look-up.
    """

    def __missing__(self, token: str) -> int:
        if token.isdecimal() and token[0] != "0" and len(token) <= MAX_DIGITS:
            whole = int(token)
        else:
            value = number(token)
            if not math.isfinite(value):
                raise CascadeError(f"expected a whole number, got {token}")
            whole = round(value)
        if not -(2**31) <= whole < 2**32:
            raise CascadeError(f"expected a whole number of 32 bits, got {shorten(token)}")
        self[token] = whole
        return whole


class Weights(dict[str, float]):
    """The same for the weights of rectangles, in single precision."""

    def __missing__(self, token: str) -> float:
        (self[token],) = singles(token)
        return self[token]


# -- elements -------------------------------------------------------------------------------------


def placed(place: str, error: CascadeError) -> CascadeError:
    """The error with the place where it happened in front; to be raised from it."""
    first = error.__cause__ is None  # nobody has said yet where it happened
    return CascadeError(f"{place}{': ' if first else ', '}{error}")


def need(parent: Element, name: str) -> Element:
    """The first child of this name; the other `…_of` are its text, and its rows."""
    child = find(parent, name)
    if child is None:
        raise CascadeError(f"<{name}> is missing")
    return child


def text_of(parent: Element, name: str) -> str:
    return need(parent, name)[1]


def rows_of(parent: Element, name: str, most: int) -> Sequence[Element]:
    rows = need(parent, name)[2]
    if len(rows) > most:
        raise CascadeError(f"<{name}>: expected at most {most} of them, got {len(rows)}")
    return rows


def each(kind: str, rows: Sequence[Element], read: Callable[[Element], T]) -> tuple[T, ...]:
    """read(row) of every row."""
    results: list[T] = []
    try:
        for row in rows:
            results.append(read(row))
    except CascadeError as error:
        raise placed(f"{kind} {len(results)}", error) from error
    return tuple(results)


class Fields:
    """The fields that both formats have; each token is understood once."""

    def __init__(self) -> None:
        self.wholes = Wholes()
        self.weights = Weights()
        self.nodes = 0

    def count_nodes(self, number: int) -> None:
        """Give up before hostile files fill the memory with nodes."""
        self.nodes += number
        if self.nodes > MAX_NODES:
            raise CascadeError(f"expected at most {MAX_NODES} nodes in all stages, got more")

    def integers(self, parent: Element, name: str, count: int) -> tuple[int, ...]:
        """So many whole numbers in a child."""
        tokens = text_of(parent, name).split()
        if len(tokens) != count:
            expected = f"{count} numbers" if count > 1 else "1 number"
            raise CascadeError(f"<{name}>: expected {expected}, got {len(tokens)}")
        try:
            return tuple([self.wholes[token] for token in tokens])
        except CascadeError as error:
            raise placed(f"<{name}>", error) from error

    def integer(self, parent: Element, name: str) -> int:
        """The whole number in a child."""
        return self.integers(parent, name, 1)[0]

    def single(self, parent: Element, name: str) -> float:
        """The real number in a child."""
        text = text_of(parent, name)
        try:
            numbers = singles(text)
        except CascadeError as error:
            raise placed(f"<{name}>", error) from error
        if len(numbers) != 1:
            raise CascadeError(f"<{name}>: expected 1 number, got {len(numbers)}")
        return numbers[0]

    def haar_feature(self, row: Element) -> HaarFeature:
        """<rects> of x, y, width, height, weight; <tilted> may be missing."""
        rectangles = each("rectangle", rows_of(row, "rects", MAX_RECTANGLES), self._rectangle)
        tilted = find(row, "tilted") is not None and self.integer(row, "tilted") != 0
        return HaarFeature(rectangles, tilted)

    def _rectangle(self, row: Element) -> Rectangle:
        tokens = row[1].split()
        if len(tokens) != 5:
            raise CascadeError(f"expected x, y, width, height, weight, got {len(tokens)} numbers")
        x, y, width, height, weight = tokens
        wholes = self.wholes
        return Rectangle(wholes[x], wholes[y], wholes[width], wholes[height], self.weights[weight])
