"""Sixteen neighbouring windows through one stage of an LBP cascade, in registers.

    code = Σ 2ⁱ · [blockᵢ ≥ centre]          left if bit (code mod 32) of word (code div 32) is set

The eight comparisons stay masks. The upper three choose among the eight words of the node, the
lower five add up to the place of the bit.
"""

from __future__ import annotations

import numpy as np

from haar.kernels.corners import LBP_SHORT, PLACES
from haar.kernels.jit import kernel
from haar.kernels.memory import load_at, splat_at
from haar.kernels.simd import at_least, select, splat
from haar.kernels.stages import add_node


@kernel
def _steps(sums, p, places, k):
    """Of four corners in a row, the three differences."""
    a, b = load_at(sums, p, places, k), load_at(sums, p, places, k + 1)
    c, d = load_at(sums, p, places, k + 2), load_at(sums, p, places, k + 3)
    return b - a, c - b, d - c


@kernel
def _code(sums, p, places, k):
    """The eight comparisons with the centre, clockwise from the top-left: the highest bit first."""
    a, b, c = _steps(sums, p, places, k)
    d, e, f = _steps(sums, p, places, k + 4)
    g, h, i = _steps(sums, p, places, k + 8)
    j, l, m = _steps(sums, p, places, k + 12)  # noqa: E741
    centre = h - e
    return (
        at_least(d - a, centre), at_least(e - b, centre), at_least(f - c, centre),
        at_least(i - f, centre),
        at_least(m - i, centre), at_least(l - h, centre), at_least(j - g, centre),
        at_least(g - d, centre),
    )  # fmt: skip


@kernel
def _in_subset(code, subset, w):
    """The lanes whose bit is set in the words subset[w : w + 8]."""
    b7, b6, b5, b4, b3, b2, b1, b0 = code
    high = select(
        b6,
        select(b5, splat_at(subset, w + 7), splat_at(subset, w + 6)),
        select(b5, splat_at(subset, w + 5), splat_at(subset, w + 4)),
    )
    low = select(
        b6,
        select(b5, splat_at(subset, w + 3), splat_at(subset, w + 2)),
        select(b5, splat_at(subset, w + 1), splat_at(subset, w)),
    )
    zero = splat(np.int32(0))
    place = select(b4, splat(np.int32(16)), zero) + select(b3, splat(np.int32(8)), zero)
    place = place + select(b2, splat(np.int32(4)), zero) + select(b1, splat(np.int32(2)), zero)
    place = place + select(b0, splat(np.int32(1)), zero)
    # The bit, moved to the place of the sign.
    return select(b7, high, low) << splat(np.int32(31)) - place < zero


@kernel
def lbp_stage(s, p, short, wide, program, places, tables, paths):
    """The sum of stage s in sixteen windows."""
    total = splat_at(program.base, s)
    runs, stop = program.run_start[s], program.run_start[s + 1]
    first = program.run_first[runs] if runs < stop else 0
    for run in range(runs, stop):
        is_short = program.run_kind[run] == LBP_SHORT
        for t in range(program.run_first[run], program.run_stop[run]):
            k = PLACES * t
            code = _code(short, p, places, k) if is_short else _code(wide, p, places, k)
            left = _in_subset(code, tables.node_subset, 8 * np.int64(program.node[t]))
            total = add_node(total, left, t, first, program, paths)
    return total
