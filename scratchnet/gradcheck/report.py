"""What a gradient check found: a table that a person reads, and the errors that it raises."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

COLUMNS = (
    "", "gradient", "scheme", "checked", "error", "allowed",
    "worst at", "backward", "difference", "kinks",
)  # fmt: skip


class Verdict(Enum):
    """How the check of one gradient ended."""

    RIGHT = "right"
    WRONG = "WRONG"
    INCONCLUSIVE = "unclear"


@dataclass(frozen=True)
class GradientRow:
    """One gradient, of the input or of a parameter, compared with difference quotients.

    Attributes:
        name: "x" for the input (the scores of a loss), else the parameter: "W", "3.body.0.gamma".
        scheme: "linear" (central, h = 1), "smooth" (five-point) or "complex".
        checked, size: how many entries were compared one by one, of how many.
        largest: the largest entry of the gradient, by absolute value: the unit of `error`.
        error: the worst |backward - difference|, over `largest`.
        tolerance: what `error` may be at most.
        index: where the worst error is; None where it is in all entries moved at once.
        analytic, numeric: what backward and the difference quotient say there.
        kinks: entries for which a kink lay so near that the step had to be shortened; in the
            linear scheme, along which the output bends.
    """

    name: str
    scheme: str
    checked: int
    size: int
    largest: float
    error: float
    tolerance: float
    index: tuple[int, ...] | None
    analytic: float
    numeric: float
    kinks: int
    verdict: Verdict


@dataclass(frozen=True)
class GradientReport:
    """The check of one layer, network or loss.

    Attributes:
        subject: what was checked, where and how, in words.
        rows: one for the input and one for each parameter.
        habits: rules that it broke besides, one sentence each.
    """

    subject: str
    rows: tuple[GradientRow, ...]
    habits: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """All gradients are right and no rule is broken."""
        return not self.habits and all(row.verdict is Verdict.RIGHT for row in self.rows)

    @property
    def error(self) -> float:
        """The worst error of all gradients, each relative to its largest entry."""
        return max((row.error for row in self.rows), default=0.0)

    @property
    def kinks(self) -> int:
        """Entries, over all gradients, near which a kink was met."""
        return sum(row.kinks for row in self.rows)

    def __getitem__(self, name: str) -> GradientRow:
        """The row of the input, "x", or of a parameter.

        Raises:
            KeyError: there is no such gradient.
        """
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"no gradient {name!r}; there are {', '.join(r.name for r in self.rows)}")

    def raise_if_failed(self) -> None:
        """Raise what the report says.

        Raises:
            GradientError: a gradient is wrong, or a rule is broken.
            InconclusiveGradient: nothing is wrong, but a kink or rounding hides a gradient.
        """
        if self.habits or any(row.verdict is Verdict.WRONG for row in self.rows):
            raise GradientError(self)
        if not self.passed:
            raise InconclusiveGradient(self)

    def __str__(self) -> str:
        table: list[tuple[str, ...]] = [COLUMNS]
        for row in self.rows:
            place = "all at once" if row.index is None else str(row.index)
            table.append(
                (
                    row.verdict.value,
                    row.name,
                    row.scheme,
                    f"{row.checked}/{row.size}",
                    f"{row.error:.1e}",
                    f"{row.tolerance:.1e}",
                    place,
                    f"{row.analytic:.9g}",
                    f"{row.numeric:.9g}",
                    str(row.kinks),
                )
            )
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
        return "\n".join([self.subject, *(lines if self.rows else []), *self._remarks()])

    def _remarks(self) -> list[str]:
        remarks = [f"broken rule: {habit}" for habit in self.habits]
        for row in self.rows:
            if row.verdict is Verdict.INCONCLUSIVE:
                remarks.append(
                    f"unclear: no step gives {row.name} a derivative: a kink (ReLU at 0, a tie of "
                    "maxima) or rounding; move the input off the kink, as spaced_input does"
                )
        return remarks


class GradientError(AssertionError):
    """A gradient is not the derivative of its forward; `report` tells which and where."""

    def __init__(self, report: GradientReport) -> None:
        super().__init__(str(report))
        self.report = report


class InconclusiveGradient(GradientError):
    """The check could not tell: a kink lies at the point, or rounding drowns the difference."""
