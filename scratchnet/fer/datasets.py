"""A dataset: N grey faces, and for each the number of its expression.

    images       (N, S, S) uint8, S = 48        usage    (N,) str or None: which split a face is in
    labels       (N,) int64, 0..K-1             class_names[labels[i]] is face i's expression

It never changes: every method that chooses faces returns a new dataset.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scratchnet.fer.splits import stratified_sample

USAGES = ("Training", "PublicTest", "PrivateTest")


class DataError(ValueError):
    """Data that cannot be used; the message says where it is wrong and what to do about it."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Faces with their labels; see the header of this module for shapes."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    usage: NDArray[np.str_] | None = None

    def __post_init__(self) -> None:
        N, K = len(self.labels), len(self.class_names)
        if self.images.ndim != 3 or self.images.dtype != np.uint8:
            raise DataError(
                "Dataset expects images (N, 48, 48) uint8, "
                f"got {self.images.shape} {self.images.dtype}"
            )
        if self.labels.shape != (len(self.images),) or self.labels.dtype != np.int64:
            raise DataError(
                f"Dataset expects {len(self.images)} labels (N,) int64, one an image, "
                f"got {self.labels.shape} {self.labels.dtype}"
            )
        if N and not 0 <= self.labels.min() <= self.labels.max() < K:
            raise DataError(
                f"Dataset expects labels 0..{K - 1} for its {K} class names, "
                f"got {self.labels.min()}..{self.labels.max()}"
            )
        if len(set(self.class_names)) < K:
            raise DataError(f"Dataset expects different class names, got {self.class_names}")
        if self.usage is not None and self.usage.shape != (N,):
            raise DataError(f"Dataset expects usage ({N},) or None, got {self.usage.shape}")

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        _, H, W = self.images.shape
        return f"Dataset({len(self):,} faces of {W}×{H}, {len(self.class_names)} classes)"

    def select(self, index: NDArray) -> Dataset:
        """The faces at `index`: integers in any order, or a mask (N,) bool."""
        usage = None if self.usage is None else self.usage[index]
        return Dataset(self.images[index], self.labels[index], self.class_names, usage)

    def split(self, usage: str) -> Dataset:
        """The faces of one split: `"Training"`, `"PublicTest"` or `"PrivateTest"`."""
        if self.usage is None:
            raise DataError("these faces have no Usage column; split them with split_by_content")
        if usage not in self.usage:
            raise DataError(
                f"no face is marked {usage!r}; this dataset holds {', '.join(self.usages())}"
            )
        return self.select(self.usage == usage)

    def usages(self) -> list[str]:
        """The splits that occur: FER2013's in their order, then others by name."""
        found = [] if self.usage is None else [str(name) for name in np.unique(self.usage)]
        return [u for u in USAGES if u in found] + [u for u in found if u not in USAGES]

    def select_classes(self, names: Sequence[str]) -> Dataset:
        """Only the faces of these classes, whose labels now count in the order of `names`."""
        unknown = [name for name in names if name not in self.class_names]
        if unknown or len(set(names)) < len(names):
            raise DataError(
                f"select_classes expects different names out of {self.class_names}, "
                f"got {tuple(names)}"
            )
        new_label = np.full(len(self.class_names), -1, np.int64)
        new_label[[self.class_names.index(name) for name in names]] = np.arange(len(names))
        labels = new_label[self.labels]
        keep = labels >= 0
        usage = None if self.usage is None else self.usage[keep]
        return Dataset(self.images[keep], labels[keep], tuple(names), usage)

    def sample(self, share: float, rng: np.random.Generator) -> Dataset:
        """A random `share` of the faces, the same share of each class, in their old order."""
        return self.select(stratified_sample(self.labels, share, rng))

    def one_hot(self) -> NDArray[np.float32]:
        """(N, K) float32: row i is 1 at face i's label and 0 elsewhere."""
        return np.eye(len(self.class_names), dtype=np.float32)[self.labels]

    def export_npy(self, folder: str | Path) -> None:
        """Write the faces as plain arrays, for use in any other library.

            X.npy         (N, 1, 48, 48) float32, grey values 0..255, not normalised
            y.npy         (N, K) float32, one-hot
            classes.txt   the K class names, one a line

        The folder is created if need be; files of these names in it are replaced.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "X.npy", self.images[:, np.newaxis].astype(np.float32))
        np.save(folder / "y.npy", self.one_hot())
        (folder / "classes.txt").write_text("\n".join(self.class_names) + "\n", encoding="utf-8")

    def counts(self) -> pd.DataFrame:
        """How many faces: a row a class, a column a split (one column `all` without splits)."""
        K = len(self.class_names)
        columns = {
            name: np.bincount(self.labels[self.usage == name], minlength=K)
            for name in self.usages()
        }
        if self.usage is None:
            columns = {"all": np.bincount(self.labels, minlength=K)}
        return pd.DataFrame(columns, index=pd.Index(self.class_names, name="class"))
