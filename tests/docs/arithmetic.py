"""Sums that may have to be rounded: `=` where what stands there is equal, `→` where it is not."""

from __future__ import annotations

from unicodedata import combining

from tests.docs.by_hand import whole


def rounded(value: float) -> str:
    """At most four places after the point: 2.25, −0.3603."""
    return whole(float(f"{value:.4f}") + 0.0)


def bracketed(value: float) -> str:
    """The same among other numbers: (−0.3603)."""
    return f"({rounded(value)})" if rounded(value).startswith("−") else rounded(value)


def result(name: str, expression: str, value: float) -> str:
    """`name = expression = value`, or `→ value`; the expression has the numbers as shown.

    Raises:
        AssertionError: the shown numbers do not even give the value roughly.
    """
    shown = rounded(value)
    shown_value, given = (_evaluate(text) for text in (shown, expression))
    assert abs(given - value) <= 2e-3 * max(1, abs(value)), (name, expression, value)
    sign = "=" if abs(shown_value - given) <= 1e-9 * max(1e-3, abs(given)) else "→"
    return f"{name} = {expression} {sign} {shown}"


def _evaluate(text: str) -> float:
    return float(eval(text.translate(str.maketrans("·−", "*-"))))


def columns(rows: list[list[str]], gap: int = 4) -> list[str]:
    """Rows of cells as lines with aligned columns; accents take no room."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "".join(
            cell + " " * (width - _width(cell) + gap)
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(not combining(letter) for letter in text)
