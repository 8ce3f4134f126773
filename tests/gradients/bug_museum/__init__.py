"""The bug museum: wrong forwards and backwards, each of which somebody once believed in.

A check is worth what it catches. Every bug here is planted into the library, one at a time, and
must be caught; the right layer passes the same check. `python -m tests.gradients.bug_museum`
prints the catalogue.
"""

from importlib import import_module

from tests.gradients.bug_museum.exhibits import GRADIENT_CHECK, MUSEUM, Bug, table

ROOMS = (
    "convolution", "pooling", "dense", "activations", "normalisation", "shortcuts", "losses",
    "checkers",
)  # fmt: skip
"""One file each, in the order of the visit."""

for room in ROOMS:
    import_module(f"{__name__}.{room}")

__all__ = ["GRADIENT_CHECK", "MUSEUM", "ROOMS", "Bug", "table"]
