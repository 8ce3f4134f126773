"""Compare with OpenCV on random cases: the same rectangles in the same order, or the case is kept.

    python -m tests.haar.parity --cases 5000 [--seed 0] [--cascades FOLDER …] [--photos FOLDER …]

Half of the cases use cascade files (those of the installed cv2, and of the folders given), half use
cascades made of random numbers. Images are made, or cut from the photos given. HAAR_KERNELS says
which implementation is compared. Needs cv2.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from haar import Cascade
from haar.opencv import CascadeClassifier
from haar.xml_writer import write_cascade
from tests.haar.synthetic import old_format, random_cascade, random_image

FACTORS = (1.03, 1.05, 1.08, 1.1, 1.1, 1.2, 1.3, 1.41, 1.5, 2.0, 2.7)
NEIGHBORS = (0, 0, 0, 1, 2, 3, 3, 5, 8)


class Case(NamedTuple):
    """One call of detectMultiScale."""

    file: Path
    image: np.ndarray
    options: dict[str, Any]


def random_options(rng: np.random.Generator, width: int, height: int) -> dict[str, Any]:
    """Arguments that a user might give, and some that none would."""
    factor = float(rng.choice(FACTORS)) if rng.random() < 0.7 else float(rng.uniform(1.02, 1.6))
    options: dict[str, Any] = {
        "scaleFactor": factor,
        "minNeighbors": int(rng.choice(NEIGHBORS)),
    }
    if rng.random() < 0.35:
        options["minSize"] = tuple(int(v) for v in rng.integers(0, max(width, height) // 2 + 1, 2))
    if rng.random() < 0.25:
        options["maxSize"] = tuple(int(v) for v in rng.integers(0, max(width, height) + 40, 2))
    return options


def vary(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Another crop, contrast, direction, colour of an image."""
    height, width = image.shape[:2]
    h, w = (
        int(rng.integers(min(24, height), height + 1)),
        int(rng.integers(min(24, width), width + 1)),
    )
    y, x = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
    image = image[y : y + h, x : x + w]
    if rng.random() < 0.25:
        image = image[:, ::-1]
    if rng.random() < 0.3:
        stretched = image * rng.uniform(0.3, 1.7) + rng.uniform(-40, 40)
        image = np.clip(stretched, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(1, 25), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if image.ndim == 2 and rng.random() < 0.3:
        tint = rng.integers(0, 60, int(rng.choice([3, 4])))
        image = np.clip(image[:, :, None].astype(np.int64) + tint - 30, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(image)


def cases(
    rng: np.random.Generator, files: list[Path], photos: list[np.ndarray], folder: Path, most: int
) -> Iterator[Case]:
    """Random cases without an end; images have sides of at most `most` pixels."""
    number = 0
    while True:
        if files and rng.random() < 0.5:
            file = files[int(rng.integers(len(files)))]
        else:
            cascade = random_cascade(rng)
            file = folder / f"{number % 8}.xml"
            text = old_format(cascade) if cascade.old_format else write_cascade(cascade)
            file.write_text(text, encoding="ascii")
        number += 1
        for _ in range(3):
            if photos and rng.random() < 0.6:
                image = photos[int(rng.integers(len(photos)))]
                y, x = (int(rng.integers(0, max(side - most, 0) + 1)) for side in image.shape[:2])
                image = image[y : y + most, x : x + most]
            else:
                image = random_image(rng, *(int(v) for v in rng.integers(12, most, 2)))
            image = vary(rng, image)
            yield Case(file, image, random_options(rng, image.shape[1], image.shape[0]))


def differences(case: Case, cv2: Any) -> tuple[str, int]:
    """What is different, or nothing; and the number of rectangles."""
    theirs = cv2.CascadeClassifier(str(case.file))
    ours = CascadeClassifier(case.file)
    if ours.empty() or theirs.empty():
        return f"not loaded: {ours.reason}", 0
    expected = np.array(theirs.detectMultiScale(case.image, **case.options)).reshape(-1, 4)
    got = np.array(ours.detectMultiScale(case.image, **case.options)).reshape(-1, 4)
    if expected.shape != got.shape or (expected != got).any():
        return f"expected {len(expected)} rectangles, got {len(got)}", len(expected)
    if not len(expected):
        return "", 0
    stages = len(Cascade.load(case.file).stages)
    expected3 = theirs.detectMultiScale3(case.image, **case.options, outputRejectLevels=True)
    got3 = ours.detectMultiScale3(case.image, **case.options, outputRejectLevels=True)
    equal = all(np.array_equal(a, b) for a, b in zip(expected3, got3, strict=True))
    if not equal and stages > 1:  # a single stage: OpenCV reports flat windows, too
        return "other levels or scores", len(expected)
    return "", len(expected)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cascades", type=Path, nargs="*", default=[])
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    parser.add_argument("--side", type=int, default=200, help="of the largest image")
    arguments = parser.parse_args()
    import cv2

    cv2.setNumThreads(1)
    folders = [Path(cv2.__file__).parent / "data", *arguments.cascades]
    files = sorted(file for folder in folders for file in folder.rglob("*.xml"))
    names = sorted(path for folder in arguments.photos for path in folder.rglob("*.*g"))
    photos = [np.array(Image.open(name).convert("L")) for name in names]

    rng = np.random.default_rng(arguments.seed)
    start, bad, rectangles = time.perf_counter(), 0, 0
    with tempfile.TemporaryDirectory() as name:
        source = cases(rng, files, photos, Path(name), arguments.side)
        for done, case in zip(range(1, arguments.cases + 1), source, strict=False):
            difference, found = differences(case, cv2)
            rectangles += found
            if difference:
                bad += 1
                print(
                    f"case {done}: {difference}; {case.file.name} {case.image.shape}", case.options
                )
                kept = Path(tempfile.gettempdir()) / f"parity-{arguments.seed}-{done}"
                np.save(kept.with_suffix(".npy"), case.image)
                kept.with_suffix(".xml").write_bytes(case.file.read_bytes())
            if done % 500 == 0 or done == arguments.cases:
                seconds = time.perf_counter() - start
                print(f"{done} cases, {rectangles} rectangles, {bad} differences, {seconds:.0f} s")
                sys.stdout.flush()
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
