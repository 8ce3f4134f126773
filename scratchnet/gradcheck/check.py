"""The check: every entry of every gradient against a difference quotient.

    linear    h = 1                       rtol 1e-12      y is affine in the quantity
    smooth    h = 1e-3, at a kink 1e-4…   rtol 1e-9
    complex   h = 1e-30                   rtol 1e-12      forward takes complex numbers
    a whole network                       rtol 1e-6

An error is measured in units of the largest entry of its gradient. At the end all entries are
moved at once, so that those which were not drawn count too. For an affine y this is the adjoint
test ⟨Lx, g⟩ = ⟨x, Lᵀg⟩.

Chapter: docs/gradients.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.gradcheck.habits import examine
from scratchnet.gradcheck.judge import FIRST_STEP, Opinion, judge
from scratchnet.gradcheck.report import GradientReport, GradientRow, Verdict
from scratchnet.gradcheck.subject import Place, Subject
from scratchnet.layers.base import Array, Shape
from scratchnet.losses import Loss

RTOL = {"linear": 1e-12, "smooth": 1e-9, "complex": 1e-12}
RTOL_OF_A_NETWORK = 1e-6
NEGLIGIBLE = 1e-3
"""A gradient all of whose entries are below this share of the largest of all is measured by it."""
EPS, TINY = np.finfo(np.float64).eps, np.finfo(np.float64).tiny


def check_gradients(
    function: Any,
    x: ArrayLike,
    *,
    loss: Loss | None = None,
    target: Any = None,
    training: bool = True,
    scheme: str = "auto",
    rtol: float | None = None,
    entries: int = 256,
    shake: float = 0.25,
    seed: int = 0,
) -> GradientReport:
    """Check that `backward` is the derivative of `forward`, and raise if it is not.

    A copy is checked, in float64: `function` itself is not touched.

    Args:
        function: a layer, a Sequential (built or not), or a loss, which needs a target.
        x: the input (N, ...), or a loss's scores. Keep it off kinks: see `spaced_input`.
        loss: checks L = loss(function(x), target) instead of a random combination of outputs.
        target: what the loss compares with.
        training: whether forward runs in training or in evaluation.
        scheme: "linear", "smooth", "complex", or "auto": linear for each quantity in which the
            output is found to be affine, else smooth.
        rtol: allowed error over the largest entry of a gradient, in place of the scheme's own.
        entries: how many entries of each gradient are compared one by one, drawn at random.
        shake: parameters are moved by this many normal deviates: a new layer's ones and zeros
            hide what a gradient owes to them.
        seed: for the upstream gradient, the shaking and the draw.

    Returns:
        The report; `print` shows it as a table.

    Raises:
        GradientError: a gradient is wrong or a rule is broken; its text is the report.
        InconclusiveGradient: a kink or rounding hides a gradient; a GradientError too.
        ValueError: the arguments do not fit together.
    """
    if scheme not in ("auto", *RTOL):
        raise ValueError(f"scheme is expected to be auto, {', '.join(RTOL)}; got {scheme!r}")
    if isinstance(function, Loss) and loss is not None:
        raise ValueError(f"expected one loss, got {function!r} and {loss!r}")
    rng = np.random.default_rng(seed)
    subject = Subject(
        function, np.asarray(x), loss=loss, target=target, training=training, rng=rng, shake=shake
    )
    gradients, habits = examine(subject)
    largest_of_all = max(map(_largest, gradients.values()), default=0.0)
    rows = [
        _row(_Claim(subject, name, gradient, largest_of_all), scheme, rtol, entries, rng)
        for name, gradient in gradients.items()
    ]
    report = GradientReport(str(subject), tuple(rows), tuple(habits))
    report.raise_if_failed()
    return report


def spaced_input(
    shape: Shape, rng: np.random.Generator, gap: float = 0.01, away: float = 0.1
) -> Array:
    """An input on which ReLU and max pooling have a derivative, shuffled.

    No entry is nearer to 0 than `away`, no two are nearer to each other than `gap`: a step of
    1e-3 crosses no kink.
    """
    size = int(np.prod(shape, dtype=int))
    spaced = (away + gap * np.arange(size)) * rng.choice([-1.0, 1.0], size)
    return rng.permutation(spaced).reshape(shape)


class _Claim(NamedTuple):
    """That `gradient` is the derivative with respect to the quantity `name`."""

    subject: Subject
    name: str
    gradient: Array
    largest_of_all: float
    """The largest entry of the gradients of all quantities."""


class _Probe(NamedTuple):
    """One direction to move in: one entry, or (place None) all of them."""

    place: Place
    direction: Array | float
    claimed: float
    unit: float
    """The largest slope that such a direction could have."""


def _row(
    claim: _Claim, scheme: str, rtol: float | None, entries: int, rng: np.random.Generator
) -> GradientRow:
    """One line of the report; "auto" tries linear first and gives it up at a bend."""
    if scheme != "auto":
        return _compare(claim, scheme, rtol, entries, rng)
    if _seems_affine(claim, rng):
        row = _compare(claim, "linear", rtol, entries, rng)
        if row.kinks == 0:
            return row
    return _compare(claim, "smooth", rtol, entries, rng)


def _seems_affine(claim: _Claim, rng: np.random.Generator) -> bool:
    """Whether L is a straight line in a random direction, over steps of 1 and 2."""
    f = claim.subject.along(claim.name, None, rng.standard_normal(claim.gradient.shape))
    with np.errstate(all="ignore"):
        try:
            ahead, behind, further = f(1.0), f(-1.0), f(2.0)
        except ValueError:  # beyond what forward takes: a probability of 2
            return False
    bends = abs(ahead + behind) + abs(further - 2 * ahead)
    return bool(bends <= 1e-12 * (abs(ahead) + claim.subject.magnitude))


def _compare(
    claim: _Claim, scheme: str, rtol: float | None, entries: int, rng: np.random.Generator
) -> GradientRow:
    """The worst of all differences between a gradient and its difference quotients."""
    subject, name, gradient, largest_of_all = claim
    if rtol is None:
        rtol = RTOL_OF_A_NETWORK if subject.is_network else RTOL[scheme]
    places = np.arange(gradient.size)
    if len(places) > entries:
        places = np.sort(rng.choice(places, entries, replace=False))

    # Some gradients are truly 0, such as a bias's before batch norm: rounding is all they have.
    rounding = EPS * subject.magnitude / FIRST_STEP[scheme]
    floor = max(rounding / rtol, NEGLIGIBLE * largest_of_all)
    found: list[tuple[float, _Probe, Opinion]] = []
    for probe in _probes(claim, scheme, places, rng):
        unit = max(probe.unit, floor)
        f = subject.along(name, probe.place, probe.direction)
        opinion = judge(scheme, f, probe.claimed, unit, rtol)
        error = abs(opinion.numeric - probe.claimed) / max(unit, abs(opinion.numeric), TINY)
        found.append((error, probe, opinion))

    order = [Verdict.RIGHT, Verdict.INCONCLUSIVE, Verdict.WRONG]
    error, probe, opinion = max(found, key=lambda one: (order.index(one[2].verdict), one[0]))
    return GradientRow(
        name=name,
        scheme=scheme,
        checked=len(places),
        size=gradient.size,
        largest=_largest(gradient),
        error=error,
        tolerance=rtol,
        index=probe.place,
        analytic=probe.claimed,
        numeric=opinion.numeric,
        kinks=sum(one.kink for _, _, one in found),
        verdict=opinion.verdict,
    )


def _probes(
    claim: _Claim, scheme: str, places: Array, rng: np.random.Generator
) -> Iterator[_Probe]:
    """Each drawn entry by itself, then all entries at once."""
    subject, name, gradient, _ = claim
    largest = _largest(gradient)
    for flat in places:
        place = tuple(int(i) for i in np.unravel_index(flat, gradient.shape))
        yield _Probe(place, 1.0, float(gradient[place]), largest)
    if scheme == "linear":
        direction = subject.value(name)
    else:
        direction = rng.standard_normal(gradient.shape) / np.sqrt(max(gradient.size, 1))
    unit = float(np.linalg.norm(gradient) * np.linalg.norm(direction))
    yield _Probe(None, direction, float(np.sum(gradient * direction)), unit)


def _largest(gradient: Array) -> float:
    return float(np.abs(gradient).max(initial=0.0))
