r"""`$\frac{a}{b}$` to MathML, which browsers show by themselves: no script, no font, no network."""

from __future__ import annotations

import re
from functools import cache

from latex2mathml.converter import convert


@cache
def mathml(formula: str, displayed: bool) -> str:
    """A formula of a chapter as a `<math>` element.

    Raises:
        ValueError: a command that plain MathML can't show.
    """
    try:
        shown = str(convert(formula.strip(), display="block" if displayed else "inline"))
    except Exception as error:  # latex2mathml has one class for each thing that may be wrong
        raise ValueError(
            f"cannot show ${formula.strip()}$: {type(error).__name__} {error}"
        ) from error
    if unknown := re.search(r"\\[A-Za-z]+", shown):
        raise ValueError(f"cannot show ${formula.strip()}$: {unknown[0]} is not known")
    return shown
