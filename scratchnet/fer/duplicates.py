"""Equal pictures in a dataset: how many, which contradict each other, which leak between splits.

Two faces are duplicates if all their bytes are equal. A group of duplicates is

    conflicting    if its faces carry different labels: one of them is certainly wrong
    leaking        if its faces are in different splits: a net is tested on what it has learned

FER2013 was collected by a web search, and has all of that, and blank pictures besides. No face is
removed here: the report counts, and `content.leaks` gives the mask for an honest second evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scratchnet.fer.content import content_ids
from scratchnet.fer.datasets import Dataset


@dataclass(frozen=True, eq=False)
class DuplicateReport:
    """What `duplicate_report` found.

    groups   a row for each picture that occurs more than once: `faces` (indices), `labels` (names
             that occur), `usages` (splits that occur), `conflicting` (more than one label)
    leaked   (splits, splits) table: how many faces of the row's split also occur in the column's
    blank    (B,) indices of pictures of one single grey value
    """

    groups: pd.DataFrame
    leaked: pd.DataFrame
    blank: NDArray[np.int64]

    @property
    def conflicting(self) -> pd.DataFrame:
        """The groups whose faces carry different labels."""
        return self.groups[self.groups["conflicting"]]

    def __str__(self) -> str:
        faces = sum(map(len, self.groups["faces"]))
        lines = [
            f"{len(self.groups):,} pictures occur more than once ({faces:,} faces), "
            f"{len(self.conflicting):,} of them with conflicting labels",
            f"{len(self.blank):,} blank pictures",
        ]
        for ours in self.leaked.index:
            for theirs in self.leaked.columns:
                if ours != theirs:
                    n = self.leaked.loc[ours, theirs]
                    lines.append(f"{n:,} faces of {ours} also occur in {theirs}")
        return "\n".join(lines)


def duplicate_report(dataset: Dataset) -> DuplicateReport:
    """Find equal pictures, contradictions, leaks between splits, and blank pictures."""
    ids = content_ids(dataset.images)
    names = np.array(dataset.class_names)[dataset.labels]
    usages = dataset.usages()

    by_content = np.argsort(ids, kind="stable")  # faces of equal bytes side by side
    copies = np.bincount(ids)
    ends = np.cumsum(copies)
    rows = []
    for start, end in zip((ends - copies)[copies > 1], ends[copies > 1], strict=True):
        faces = by_content[start:end]
        labels = tuple(sorted(set(names[faces].tolist()), key=dataset.class_names.index))
        splits = () if dataset.usage is None else set(dataset.usage[faces].tolist())
        rows.append(
            {
                "faces": tuple(faces.tolist()),
                "labels": labels,
                "usages": tuple(u for u in usages if u in splits),
                "conflicting": len(labels) > 1,
            }
        )
    groups = pd.DataFrame(rows, columns=["faces", "labels", "usages", "conflicting"])

    in_split = {u: np.isin(ids, ids[dataset.usage == u]) for u in usages}
    leaked = pd.DataFrame(
        [[int((in_split[v] & (dataset.usage == u)).sum()) for v in usages] for u in usages],
        index=pd.Index(usages, name="faces of"),
        columns=pd.Index(usages, name="also in"),
    )
    images = dataset.images
    blank = np.flatnonzero((images == images[:, :1, :1]).all(axis=(1, 2)))
    return DuplicateReport(groups.astype({"conflicting": bool}), leaked, blank)
