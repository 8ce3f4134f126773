"""Sixteen neighbouring windows through one stage, in registers.

    value  = feature · (1 / the window's contrast)               float32
    sum   += delta in the lanes where value < threshold          int32, `lowering`

`p` is where the first of the windows begins on the desk, so a corner of all sixteen is one load.

In a tree, a node counts only for the windows that come to it. `paths` has the lanes that leave each
node: 1 + 2·i those that leave the i-th node of the stage to the left, 2 + 2·i to the right; path 0
is all lanes, for the roots. Parents stand before their children.
"""

from __future__ import annotations

import numpy as np

from haar.kernels.corners import EIGHT, NINE, PLACES, SIX
from haar.kernels.jit import kernel
from haar.kernels.memory import combination, gather_rectangle, splat_at
from haar.kernels.simd import bits, mask, select, splat, to_single, widen

# -- features -------------------------------------------------------------------------------------


six = combination(1, 1, -1, -1, 2, -2)
bars = combination(1, 1, -1, -1)
nine = combination(1, 1, 1, 1, -2, -2, -2, -2, 4)
rectangle = combination(1, -1, -1, 1)


@kernel
def _literal(wide, p, starts, places, k, weights, feature):
    """f32(f32(w₀·s₀ + w₁·s₁) + w₂·s₂), every product and sum rounded to single precision.

    The windows are neighbours from p on or, if p < 0, begin at `starts`.
    """
    i = 3 * feature
    value = splat(np.float32(0))
    for r in range(3):
        if weights[i + r] != 0:
            if p < 0:
                sums = gather_rectangle(wide, starts, places, k + 4 * r)
            else:
                sums = rectangle(wide, p, places, k + 4 * r)
            value = value + splat_at(weights, i + r) * to_single(sums)
    return value


# -- nodes ----------------------------------------------------------------------------------------


@kernel
def add_node(total, left, t, first, program, paths):
    """The sum after node t, which the windows `left` would leave to the left."""
    zero = splat(np.int32(0))
    if program.paths:
        here = mask(np.uint64(paths[program.source[t]]))
        i = 2 * (t - first)
        paths[i + 2] = bits(here & ~left)
        left = here & left
        paths[i + 1] = bits(left)
    return total + select(left, splat_at(program.delta, t), zero)


@kernel
def haar_stage(s, p, scale, short, wide, starts, program, places, literal, tables, paths):
    """The sum of stage s in sixteen windows; `scale` (float32) is 1 / their contrast.

    short, p        the 16-bit sums, and where the first window begins in them; `places` are theirs
    wide, starts    the 32-bit sums. If p < 0, `short` is a packed queue, and the windows begin at
                    `starts` in `wide`; `literal` are the places there
    """
    at = max(p, 0)
    total = splat_at(program.base, s)
    runs, stop = program.run_start[s], program.run_start[s + 1]
    first = program.run_first[runs] if runs < stop else 0
    for run in range(runs, stop):
        kind = program.run_kind[run]
        nodes = range(program.run_first[run], program.run_stop[run])
        if kind == SIX:
            for t in nodes:
                value = to_single(widen(six(short, at, places, PLACES * t))) * scale
                left = value < splat_at(program.threshold, t)
                total = add_node(total, left, t, first, program, paths)
        elif kind == EIGHT:
            for t in nodes:
                k = PLACES * t
                bright = splat_at(program.factor, t) * bars(short, at, places, k + 4)
                value = to_single(widen(bars(short, at, places, k) + bright)) * scale
                left = value < splat_at(program.threshold, t)
                total = add_node(total, left, t, first, program, paths)
        elif kind == NINE:
            for t in nodes:
                value = splat_at(program.factor, t) * nine(short, at, places, PLACES * t)
                left = to_single(widen(value)) * scale < splat_at(program.threshold, t)
                total = add_node(total, left, t, first, program, paths)
        else:
            for t in nodes:
                node = np.int64(program.node[t])
                feature = np.int64(tables.node_feature[node])
                value = _literal(wide, p, starts, literal, PLACES * node, tables.weights, feature)
                value = value * scale
                left = value < splat_at(program.threshold, t)
                total = add_node(total, left, t, first, program, paths)
    return total
