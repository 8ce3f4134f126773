"""Gradient checking: is `backward` the derivative of `forward`? A difference quotient knows.

For a random upstream g, L = ⟨g, y⟩ is one number that depends on the input and on every
parameter. `backward(g)` claims to be its derivative; the difference of two forward passes is its
derivative, whatever the code of `backward` says.

    report = check_gradients(Conv2D(4, 3), x)        raises GradientError where they disagree
    print(report)                                    the worst error of each gradient

    differences.py   three difference quotients, and how a kink shows in them
    subject.py       a layer, network or loss as a function that can be called again and again
    habits.py        what a layer must not do besides: change its input, add to its gradients, ...
    check.py         the check
    report.py        what it found, as a table

Source: the practice is that of Martins, Sturdza & Alonso, "The complex-step derivative
approximation" (2003), and of every numerical analyst who distrusts a step size.
"""

from scratchnet.gradcheck.check import check_gradients, spaced_input
from scratchnet.gradcheck.report import (
    GradientError,
    GradientReport,
    GradientRow,
    InconclusiveGradient,
)

__all__ = [
    "GradientError",
    "GradientReport",
    "GradientRow",
    "InconclusiveGradient",
    "check_gradients",
    "spaced_input",
]
