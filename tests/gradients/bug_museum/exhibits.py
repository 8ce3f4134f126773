"""How a bug is hung up in the museum: a wrong function, and what it is put in place of.

    @planted(ops, "conv2d_backward", case="Conv2D", comes_from="...")
    def name_of_the_bug(right, dy, x, W, ...):
        '''What is wrong, in one line.'''

`right` is the function that is replaced: most bugs are one line beside it. A gradient check
catches every bug but those where forward and backward are wrong together, or where there is no
derivative: these break a convention, and a test of `test_conventions` catches them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

MUSEUM: dict[str, Bug] = {}
"""All bugs by name, in the order of the rooms."""

GRADIENT_CHECK = "check_gradients"


@dataclass(frozen=True)
class Bug:
    """One exhibit.

    Attributes:
        name: what it does, in a few words.
        wrong: one sentence.
        comes_from: who writes such a thing, and thinking of what.
        where: the function that it replaces: "Conv2D.backward".
        case: the case of `cases.CASES` that shows it.
        training: the mode in which it shows.
        caught_by: "check_gradients", or the name of a test in `test_conventions`.
    """

    name: str
    wrong: str
    comes_from: str
    owner: Any
    attribute: str
    function: Callable[..., Any]
    case: str
    training: bool
    caught_by: str

    @property
    def where(self) -> str:
        return f"{self.owner.__name__.rpartition('.')[2]}.{self.attribute}"

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Everything that runs inside has the bug."""
        right = getattr(self.owner, self.attribute)

        def wrong(*arguments: Any, **named: Any) -> Any:
            return self.function(right, *arguments, **named)

        with mock.patch.object(self.owner, self.attribute, wrong):
            yield


def planted(
    owner: Any,
    attribute: str,
    *,
    case: str,
    comes_from: str,
    training: bool = True,
    caught_by: str = GRADIENT_CHECK,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hang up the decorated function as a bug in place of `owner.attribute`."""

    def hang_up(function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__.replace("_", " ")
        wrong = (function.__doc__ or "").strip()
        assert name not in MUSEUM, f"there are two bugs named {name!r}"
        MUSEUM[name] = Bug(
            name, wrong, comes_from, owner, attribute, function, case, training, caught_by
        )
        return function

    return hang_up


def table() -> str:
    """The catalogue in Markdown, as docs/gradients.md shows it."""
    lines = ["| bug | where | what is wrong | comes from | caught by |", "|---|---|---|---|---|"]
    lines += [
        f"| {bug.name} | `{bug.where}` | {bug.wrong} | {bug.comes_from} | `{bug.caught_by}` |"
        for bug in MUSEUM.values()
    ]
    return "\n".join(lines)
