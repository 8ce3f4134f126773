"""Generated faces: drawn from Ekman's action units, so that everything runs with no download.

    emotion ─▶ action units ─▶ 68 landmarks ─▶ paths ─▶ pixels
                    ▲               ▲             ▲        ▲
                 effort      identity, pose     hair…   light, noise

Each emotion is a mix of action units (`drawing.action_units`): a happy face raises its cheeks and
pulls the corners of its mouth. Who wears the expression, how the head is held, the light and the
background all vary, and say nothing about it; the pixels alone don't separate the classes linearly.

Face i depends on the generator's seed and on i only: the first 10 of 1,000 faces are the faces of
`generate_faces(10, ...)`, and the picture in 96 × 96 shows who the picture in 48 × 48 shows.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.fer.drawing.action_units import EMOTIONS, UNITS, intensities
from scratchnet.fer.drawing.portrait import draw_faces
from scratchnet.fer.drawing.shape import LANDMARKS, face_box
from scratchnet.fer.drawing.variation import TRAITS, background, expose, traits_from, units_from
from scratchnet.fer.labels import SEVEN, class_names, to_six

MIN_SIZE = 32
BATCH = 128
"""Faces drawn together."""
BATCH_PIXELS = 2**21


@dataclass(frozen=True, eq=False)
class GeneratedFaces:
    """N drawn faces of size S × S, and everything that is known of them."""

    images: NDArray[np.uint8]
    """(N, S, S) grey."""
    labels: NDArray[np.int64]
    """(N,): class_names[labels[i]] is face i's expression."""
    class_names: tuple[str, ...]
    landmarks: NDArray[np.float32]
    """(N, 68, 2): x, y in pixels, in the order of `drawing.shape`; (0, 0) is the first pixel's
    centre."""
    boxes: NDArray[np.float32]
    """(N, 4): x, y, w, h in pixels, as OpenCV's frontal-face cascades frame a face
    (`drawing.shape.face_box`)."""
    action_units: NDArray[np.float32]
    """(N, 13): intensities 0..1, in the order of `drawing.action_units.UNITS`."""

    def __len__(self) -> int:
        return len(self.images)

    def to_kaggle_csv(self, path: str | Path, usage: str | Sequence[str] = "Training") -> None:
        """Write the faces as FER2013's CSV: emotion, pixels, Usage.

        Args:
            path: written under a temporary name first, so that a crash leaves no half of a file.
            usage: Training, PublicTest or PrivateTest, for all faces or one for each.

        Raises:
            ValueError: the faces are not of FER2013's size and classes, or usages don't fit.
        """
        path, N = Path(path), len(self)
        if self.images.shape[1:] != (48, 48) or self.class_names != SEVEN:
            raise ValueError(
                "a FER2013 file holds 48 × 48 pixels and seven classes, got "
                f"{self.images.shape[1]} × {self.images.shape[2]} and {len(self.class_names)} "
                "classes; generate with size=48, classes=7 (its reader can merge them into six)"
            )
        usages = [usage] * N if isinstance(usage, str) else list(usage)
        if len(usages) != N:
            raise ValueError(f"usage expects one name or {N}, one a face; got {len(usages)}")
        if unknown := set(usages) - {"Training", "PublicTest", "PrivateTest"}:
            raise ValueError(
                f"usage expects Training, PublicTest or PrivateTest, got {sorted(unknown)}"
            )
        numeral = [str(value) for value in range(256)]
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with part.open("w", encoding="ascii", newline="\n") as file:
                file.write("emotion,pixels,Usage\n")
                for label, image, name in zip(self.labels, self.images, usages, strict=True):
                    pixels = " ".join([numeral[value] for value in image.ravel().tolist()])
                    file.write(f"{label},{pixels},{name}\n")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def generate_faces(
    count: int,
    rng: np.random.Generator,
    *,
    size: int = 48,
    classes: int = 7,
    intensity: tuple[float, float] = (0.6, 1.0),
    emotions: ArrayLike | None = None,
) -> GeneratedFaces:
    """Draw `count` grey faces, each with one of FER2013's expressions.

    Args:
        rng: seeds one generator a face (`Generator.spawn`), so a second call gives other faces.
        size: the pictures' side in pixels, at least 32.
        classes: 7, or 6 for the same faces with Disgust counted as Angry.
        intensity: how strong expressions are, from the weakest to the strongest; within 0..1.
        emotions: (count,) of FER2013's seven labels 0..6: what to draw, whichever the classes;
            None draws them uniformly at random. `np.arange(count) % 7` is balanced.

    Raises:
        ValueError: an argument is out of its range; the message names it.
    """
    low, high = intensity
    if not 0.0 <= low <= high <= 1.0:
        raise ValueError(f"intensity expects 0 <= low <= high <= 1, got {intensity}")
    if count < 0:
        raise ValueError(f"count expects a number of faces, 0 or more, got {count}")
    if size < MIN_SIZE:
        raise ValueError(f"size expects {MIN_SIZE} pixels or more, got {size}; no face fits in")
    names = class_names(classes)
    mixes = np.stack([intensities(EMOTIONS[name]) for name in SEVEN])

    images = np.zeros((count, size, size), np.uint8)
    landmarks = np.zeros((count, LANDMARKS, 2), np.float32)
    action_units = np.zeros((count, len(UNITS)), np.float32)
    labels = np.zeros(count, np.int64)
    chosen = None if emotions is None else _checked(emotions, count)

    generators = rng.spawn(count)
    batch = max(1, min(BATCH, BATCH_PIXELS // size**2))
    for start in range(0, count, batch):
        part = slice(start, start + batch)
        one_each = generators[part]
        # > one fixed order of draws for each face, whatever is then used of them
        drawn = np.array([g.integers(len(SEVEN)) for g in one_each])
        labels[part] = drawn if chosen is None else chosen[part]
        u = np.stack([g.random(len(TRAITS) + 1 + len(UNITS)) for g in one_each])
        noise = np.stack([g.standard_normal((size, size), np.float32) for g in one_each])

        traits = traits_from(u[:, : len(TRAITS)], size)
        action_units[part] = units_from(u[:, len(TRAITS) :], mixes[labels[part]], intensity)
        canvas = background(traits, size)
        landmarks[part] = draw_faces(canvas, traits, action_units[part])
        images[part] = expose(canvas, traits, noise)

    return GeneratedFaces(
        images=images,
        labels=labels if classes == 7 else to_six(labels),
        class_names=names,
        landmarks=landmarks,
        boxes=face_box(landmarks),
        action_units=action_units,
    )


def _checked(emotions: ArrayLike, count: int) -> NDArray[np.int64]:
    """`emotions` as labels (count,) of seven."""
    labels = np.asarray(emotions)
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"emotions expects ({count},) integers, got {labels.shape} {labels.dtype}")
    if count and not 0 <= labels.min() <= labels.max() < len(SEVEN):
        raise ValueError(
            f"emotions expects labels 0..6 of {', '.join(SEVEN)}, "
            f"got {labels.min()}..{labels.max()}"
        )
    return labels.astype(np.int64)
