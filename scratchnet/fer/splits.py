"""Random splits that keep each class's share, and equal pictures together.

    share of N faces:      n = round(share · N)
    class c of N_c faces:  quota q_c = share · N_c, rounded so that Σ q_c = n

A picture that is in the training set and in the validation set is an exam question that was given
away. A plain random 20 % of FER2013 gives away 6.7 % of its questions; `split_by_content` none.

Source of the rounding: largest remainders (Hamilton's method for seats in a parliament).

Chapter: docs/training.md
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer.content import content_ids

Index = NDArray[np.int64]


def quotas(counts: NDArray[np.integer], share: float) -> Index:
    """`share` of each count (K,) as whole numbers (K,), which add up to round(share · total).

    Each is rounded down; those with the largest remainders get the ones that are missing.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, got {share}")
    exact = share * np.asarray(counts, np.float64)
    floor = np.floor(exact).astype(np.int64)
    missing = round(share * int(np.sum(counts))) - int(floor.sum())
    largest_first = np.argsort(floor - exact, kind="stable")
    floor[largest_first[:missing]] += 1
    return floor


def stratified_sample(labels: Index, share: float, rng: np.random.Generator) -> Index:
    """Which faces (n,), ascending, are in a random `share` of labels (N,)."""
    chosen = [
        rng.choice(np.flatnonzero(labels == label), quota, replace=False)
        for label, quota in enumerate(quotas(np.bincount(labels), share))
    ]
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, np.int64)


def split_by_content(
    labels: Index, images: NDArray[np.uint8], share: float, rng: np.random.Generator
) -> tuple[Index, Index]:
    """Cut faces into training and validation: (train_index, validation_index), both ascending.

    labels (N,), images (N, ...) uint8; `share` of every class goes to validation. Faces of equal
    bytes stay on one side, even if their labels differ; where such groups do not fit a quota, the
    split comes as near to it as it can by taking whole groups in random order.
    """
    if len(labels) != len(images):
        raise ValueError(f"expected one label an image, got {len(labels)} and {len(images)}")
    if not 0 < share < 1:
        raise ValueError(f"share must be between 0 and 1, got {share}")
    K = int(labels.max(initial=-1)) + 1
    wanted = quotas(np.bincount(labels), share)

    # How many faces of each class a group brings: (groups, K).
    group = content_ids(images)
    brings = np.zeros((int(group.max(initial=-1)) + 1, K), np.int64)
    np.add.at(brings, (group, labels), 1)

    taken = np.zeros(len(brings), bool)
    order = rng.permutation(len(brings))
    for g in order:  # groups that fit
        if (brings[g] <= wanted).all():
            taken[g] = True
            wanted -= brings[g]
    for g in order:  # what is still wanted, if a group that is too large brings us nearer
        if not wanted.any():
            break
        if not taken[g] and np.abs(wanted - brings[g]).sum() < np.abs(wanted).sum():
            taken[g] = True
            wanted -= brings[g]

    validation = taken[group]
    if validation.all() or not validation.any():
        raise ValueError(
            f"{share:.0%} of {len(labels)} faces leaves one side of the split empty; "
            "use more faces, or another share"
        )
    return np.flatnonzero(~validation), np.flatnonzero(validation)
