"""What an exercise is: functions with their body left out, and what is known of how people fill it.

    Exercise    one file that the learner completes: `skeletons/NAME.py`
    Task        one function in it: the solution, the cases it is tried on, known mistakes
    Mistake     a wrong variant of the solution, which the learner's results are compared with

A mistake is a function beside the solution; its name is what it is called in the report, its
docstring the advice:

    @mistake()
    def bias_forgotten(x, W, b):
        '''Add b, one number for each filter, to every output.'''
        return conv2d_forward(x, W, 0 * b)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arguments = tuple[Any, ...]
Loss = Callable[[Array], float]
"""L as a function of one array, everything else held fixed."""


@dataclass(frozen=True)
class Mistake:
    """A known wrong variant.

    Attributes:
        function: takes what the solution takes, and returns something wrong.
        read: where its subject is explained, if that is not where the exercise's is.
    """

    function: Callable[..., Any]
    read: str | None = None

    @property
    def name(self) -> str:
        return self.function.__name__.replace("_", " ")

    @property
    def advice(self) -> str:
        return " ".join((self.function.__doc__ or "").split())


def mistake(read: str | None = None) -> Callable[[Callable[..., Any]], Mistake]:
    """Decorator: the function is a known mistake."""
    return lambda function: Mistake(function, read)


@dataclass(frozen=True)
class Task:
    """One function that the learner writes.

    Attributes:
        solution: a right one; its name and its parameters are what the learner's must have.
        results: the names of what it returns, "y" or "dx", "dW", "db".
        cases: the arguments it is tried on, the smallest first; made anew by each call, with the
            same values, so that nothing the learner's function does to them stays.
        mistakes: known wrong variants, looked through in this order.
        slopes: for a backward: L as a function of the array that each result is the gradient of,
            and that array. A difference quotient then speaks as a witness beside the solution.
    """

    solution: Callable[..., Any]
    results: tuple[str, ...]
    cases: Callable[[], list[Arguments]]
    mistakes: tuple[Mistake, ...]
    slopes: Callable[..., dict[str, tuple[Array, Loss]]] | None = None

    @property
    def name(self) -> str:
        return self.solution.__name__

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.solution).parameters)

    def as_results(self, returned: Any) -> tuple[Any, ...] | None:
        """What a function returned, as one value for each of `results`; None if it is not that."""
        if len(self.results) == 1:
            return None if returned is None else (returned,)
        if not isinstance(returned, tuple | list) or len(returned) != len(self.results):
            return None
        return tuple(returned)


@dataclass(frozen=True)
class Exercise:
    """One step of the way.

    Attributes:
        name: what is typed; its skeleton is `skeletons/NAME.py`.
        summary: what is to be written, in a line.
        teaches: what one knows afterwards.
        read: the page that explains it, with its heading: "docs/conv2d.md#by-hand".
        library: the file in which the library does the same.
    """

    name: str
    summary: str
    teaches: str
    read: str
    library: str
    tasks: tuple[Task, ...]


def whole(rng: np.random.Generator, *shape: int, low: int = -4, high: int = 5) -> Array:
    """Small whole numbers in float64: results that one can read, and add up by hand."""
    return rng.integers(low, high, shape).astype(np.float64)
