"""A cascade becomes a program: the same decisions in fewer and cheaper operations.

**A tree is a sum.** Let d(c) be the leaf that child c leads to when every node goes right. Then

    leaf of a tree = d(root) + Σ over nodes (d(left) − d(right)) · [the window goes left here]

so that a node adds one number, its `delta`, to the sum of its stage. A stump is the simplest case.

**Fixed point.** The sum is kept in int32, in units of 2⁻ᵏ, k as large as fits. Rounding N deltas
costs at most N/2 + 1 units: the stage surely rejects below `low`, surely passes from `high` on, and
what falls between the two (hardly ever anything) goes to the judge, who adds doubles in the order
of the file (`haar.kernels.judge`). So the decision is exact for any leaves.

A stage with trees of more than 64 nodes, or trees in which two nodes share a child, has no nodes
here: all its windows go to the judge.

    NS stages    NR runs: nodes of one stage, depth and kind    NN nodes    NW weak classifiers
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.kernels.corners import Corners, merge_corners, rectangle_corners
from haar.kernels.desk import LARGEST_DESK, Desk, lay_out
from haar.kernels.queue import packed_window
from haar.kernels.simd import LANES
from haar.tables import Tables

Array = NDArray[Any]

LARGEST_TREE = 64
EARLY, LATE = 60, 100
"""Nodes after which hardly any neighbours are left, and nodes that are worth a copy."""
PACKED_PLACES = 1 << 14
"""Sums of the largest window that is worth a copy: sixteen of them have to fit into a cache."""
_BITS = 30  # of the largest sum in fixed point
_ALWAYS = 2**31 - 1


class Program(NamedTuple):
    """What the vector kernels read; nodes are sorted by stage, depth in their tree, and kind."""

    run_start: Array  # (NS + 1,) the runs of stage k are run_start[k] … run_start[k + 1] − 1
    run_kind: Array  # (NR,)
    run_first: Array  # (NR,) its first node
    run_stop: Array  # (NR,) the first node after it
    base: Array  # (NS,) int32: Σ d(root)
    low: Array  # (NS,) int32
    high: Array  # (NS,) int32
    threshold: Array  # (NN,) float32
    factor: Array  # (NN,) int16: m of the pattern
    delta: Array  # (NN,) int32
    source: Array  # (NN,) which path leads here: `haar.kernels.stages`
    node: Array  # (NN,) its number in the file
    stages: int
    queue_stage: int
    """From this stage on, windows are packed: `haar.kernels.queue`; NS: never."""
    paths: int  # the most that a stage has, 0 in a cascade of stumps


class Places(NamedTuple):
    """Where the corners lie on a desk, relative to the first pixel of a window; int32, flat."""

    merged: Array  # (NN · 16,) in the order of the program
    packed: Array  # (NN · 16,) the same in a packed window; empty if none is ever packed
    literal: Array  # (NN · 16,) in the order of the file: four for each rectangle
    inner: Array  # (4,) of the rectangle in which the window's contrast is measured


class Lowered(NamedTuple):
    """A cascade, ready for the kernels; desks and places at step 1 and step 2."""

    program: Program
    desks: tuple[Desk, Desk]
    windows: tuple[Desk, Desk]
    """Packed ones."""
    places: tuple[Places, Places]
    has_tilted: bool
    is_lbp: bool


def lower(tables: Tables, width: int, height: int) -> Lowered:
    """The program of a cascade with windows of width × height pixels.

    Raises:
        ValueError: a window so large that a desk of them is beyond 32-bit indices.
    """
    is_lbp, images = len(tables.node_subset) > 0, 1 + int(tables.tilted.any())
    desks = lay_out(width, height, 1), lay_out(width, height, 2)
    if max(desk.size(images) for desk in desks) > LARGEST_DESK:
        raise ValueError(
            f"the cascade's window of {width}×{height} pixels is too large to be searched for; "
            f"a window and its surroundings may have {LARGEST_DESK} pixels"
        )
    windows = packed_window(width, height, 1), packed_window(width, height, 2)
    packable = max(window.size(images) for window in windows) <= PACKED_PLACES and not is_lbp

    corners = merge_corners(tables)
    program = _program(tables, corners.kind, corners.factor, packable)
    original = corners
    if not is_lbp:
        x, y = rectangle_corners(tables)
        original = corners._replace(x=np.pad(x, ((0, 0), (0, 4))), y=np.pad(y, ((0, 0), (0, 4))))
    x, y = (np.array(v) for v in ((1, width - 1, 1, width - 1), (1, 1, height - 1, height - 1)))
    in_order = tables.node_feature[program.node]
    places = tuple(
        Places(
            _places(desk, corners, in_order),
            _places(window, corners, in_order[: len(in_order) * packable]) * np.int32(LANES),
            _places(desk, original, tables.node_feature),
            desk.at(x, y).astype(np.int32),
        )
        for desk, window in zip(desks, windows, strict=True)
    )
    return Lowered(program, desks, windows, places, images == 2, is_lbp)  # type: ignore[arg-type]


def _places(desk: Desk, corners: Corners, features: Array) -> Array:
    at = desk.at(corners.x, corners.y, corners.tilted[:, None])
    return np.ascontiguousarray(at[features].reshape(-1), np.int32)


class _Trees(NamedTuple):
    """The nodes of all trees, in the order of the file."""

    stage: Array  # (NN,)
    depth: Array
    parent: Array  # −1: none
    side: Array  # 0: the left child of its parent, 1: the right
    default: Array  # (NN,) float64: d
    delta: Array  # (NN,) float64
    regular: Array  # (NS,) bool: the stage has only trees that the vector kernels can take


def _trees(tables: Tables) -> _Trees:
    sizes = np.diff(tables.node_start)
    tree = np.repeat(np.arange(len(sizes)), sizes)
    first = tables.node_start[tree]
    position = np.arange(len(tree)) - first
    stage_of_tree = np.repeat(np.arange(len(tables.stage_threshold)), np.diff(tables.stage_start))
    children = np.stack([tables.node_left, tables.node_right], axis=1).astype(np.int64)
    inner = children > 0
    target = np.where(inner, first[:, None] + children, 0)

    parents = np.bincount(target[inner], minlength=len(tree))
    odd_tree = sizes > LARGEST_TREE
    odd_tree[tree[(parents != 1) & (position > 0)]] = True
    regular = np.ones(len(tables.stage_threshold), np.bool_)
    regular[stage_of_tree[odd_tree]] = False

    parent, side = np.full(len(tree), -1), np.zeros(len(tree), np.int64)
    node, which = np.nonzero(inner)
    parent[target[inner]], side[target[inner]] = node, which

    leaf = tables.leaf.astype(np.float64)
    leaves = leaf[np.where(inner, 0, tables.leaf_start[tree][:, None] - children)]
    depth = np.zeros(len(tree), np.int64)
    default = np.zeros(len(tree))
    by_position = [np.flatnonzero(position == j) for j in range(min(sizes.max(), LARGEST_TREE))]
    for nodes in by_position[1:]:  # a parent stands before its children
        depth[nodes] = depth[parent[nodes]] + 1
    for nodes in reversed(by_position):
        right = target[nodes, 1]
        default[nodes] = np.where(inner[nodes, 1], default[right], leaves[nodes, 1])
    left = np.where(inner[:, 0], default[target[:, 0]], leaves[:, 0])
    return _Trees(stage_of_tree[tree], depth, parent, side, default, left - default, regular)


def _program(tables: Tables, kind: Array, factor: Array, packable: bool) -> Program:
    trees = _trees(tables)
    NS = len(tables.stage_threshold)
    kinds = kind[tables.node_feature]
    order = np.lexsort((kinds, trees.depth, trees.stage))
    order = order[trees.regular[trees.stage[order]]]
    stage, depth, kinds = trees.stage[order], trees.depth[order], kinds[order]

    keys = np.stack([stage, depth, kinds])
    new = np.ones(len(order), np.bool_)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    starts = np.flatnonzero(new)
    number = np.bincount(stage, minlength=NS)
    local = np.zeros(len(trees.stage), np.int64)
    local[order] = np.arange(len(order)) - np.repeat(np.cumsum(number) - number, number)
    source = np.where(trees.parent < 0, 0, 1 + 2 * local[trees.parent] + trees.side)

    base, delta, low, high = _fixed_point(tables, trees)
    return Program(
        run_start=np.searchsorted(stage[starts], np.arange(NS + 1)).astype(np.int64),
        run_kind=kinds[starts].astype(np.int32),
        run_first=starts.astype(np.int64),
        run_stop=np.append(starts[1:], len(order)).astype(np.int64),
        base=base,
        low=low,
        high=high,
        threshold=tables.node_threshold[order],
        factor=factor[tables.node_feature[order]],
        delta=delta[order],
        source=source[order].astype(np.int32),
        node=order.astype(np.int32),
        stages=NS,
        queue_stage=_queue_stage(number) if packable else NS,
        paths=0 if tables.stumps else 1 + 2 * int(number.max()),
    )


def _queue_stage(nodes: Array) -> int:
    """The first stage before which EARLY nodes are behind us, and more than LATE ahead."""
    behind = np.append(0, np.cumsum(nodes))
    stage = int(np.searchsorted(behind, EARLY))
    if stage >= len(nodes) or behind[-1] - behind[stage] < LATE:
        return len(nodes)
    return max(stage, 1)


def _fixed_point(tables: Tables, trees: _Trees) -> tuple[Array, Array, Array, Array]:
    """base, delta, low, high in units of 2⁻ᵏ, a k for each stage."""
    NS = len(tables.stage_threshold)
    threshold = tables.stage_threshold.astype(np.float64)
    root = np.where(trees.parent < 0, trees.default, 0)
    root[~trees.regular[trees.stage]] = 0

    def total(values: Array) -> Array:
        return np.bincount(trees.stage, values, NS)

    largest = total(abs(root)) + total(abs(trees.delta)) + abs(threshold)
    k = _BITS - np.frexp(largest)[1]
    margin = total(np.ones(len(root))) / 2 + 2
    at = np.ldexp(threshold, k)
    low, high = np.floor(at - margin), np.ceil(at + margin)
    low[~trees.regular], high[~trees.regular] = -_ALWAYS, _ALWAYS
    base = np.rint(np.ldexp(total(root), k))
    delta = np.rint(np.ldexp(trees.delta, k[trees.stage]))
    return tuple(v.astype(np.int32) for v in (base, delta, low, high))
