"""Compare with OpenCV on random cases: the same rectangles in the same order, or the case is kept.

    python -m tests.haar.parity --cases 5000 [--seed 0] [--cascades FOLDER …] [--photos FOLDER …]
    python -m tests.haar.parity --whole 6 --cascades FOLDER … --photos FOLDER …

The second form tries every cascade on so many whole photos, with default parameters. In the first,
half of the cases use cascade files (those of the installed cv2, and of the folders given), half use
cascades made of random numbers. Images are made, or cut from the photos given. HAAR_KERNELS says
which implementation is compared. Needs cv2.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from haar import Cascade
from haar.opencv import CascadeClassifier
from tests.haar.synthetic import kind_of, random_cascade, random_image, write

FACTORS = (1.03, 1.05, 1.08, 1.1, 1.1, 1.2, 1.3, 1.41, 1.5, 2.0, 2.7)
NEIGHBORS = (0, 0, 0, 1, 2, 3, 3, 5, 8)
CASES_OF_A_CASCADE = 6
MOST_GROUPED = 8000
"""Candidates; OpenCV compares all pairs of them, so if there are more, they stay ungrouped."""


class Subject(NamedTuple):
    """A cascade file, and what kind of one it is."""

    file: Path
    kind: str


class Case(NamedTuple):
    """One call of detectMultiScale."""

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


def subjects(
    rng: np.random.Generator, files: list[Path], folder: Path, synthetic: float
) -> Iterator[Subject]:
    """Cascades without an end: a share of `synthetic` of them is made of random numbers."""
    for number in count():
        if files and rng.random() >= synthetic:
            file = files[int(rng.integers(len(files)))]
            yield Subject(file, "file, " + kind_of(Cascade.load(file)))
        else:
            cascade = random_cascade(rng)
            file = folder / f"{number % 8}.xml"
            file.write_text(write(cascade), encoding="ascii")
            yield Subject(file, "synthetic, " + kind_of(cascade))


def random_case(rng: np.random.Generator, photos: list[np.ndarray], most: int) -> Case:
    """An image, with sides of at most `most` pixels, and arguments."""
    if photos and rng.random() < 0.6:
        image = photos[int(rng.integers(len(photos)))]
        y, x = (int(rng.integers(0, max(side - most, 0) + 1)) for side in image.shape[:2])
        image = image[y : y + most, x : x + most]
    else:
        image = random_image(rng, *(int(v) for v in rng.integers(12, most, 2)))
    image = vary(rng, image)
    return Case(image, random_options(rng, image.shape[1], image.shape[0]))


def differences(theirs: Any, ours: CascadeClassifier, case: Case) -> tuple[str, int]:
    """What is different, or nothing; and the number of rectangles."""
    raw = case.options | {"minNeighbors": 0}
    if (
        case.options["minNeighbors"]
        and len(ours.detectMultiScale(case.image, **raw)) > MOST_GROUPED
    ):
        case = Case(case.image, raw)
    expected = np.array(theirs.detectMultiScale(case.image, **case.options)).reshape(-1, 4)
    got = np.array(ours.detectMultiScale(case.image, **case.options)).reshape(-1, 4)
    if expected.shape != got.shape or (expected != got).any():
        return f"expected {len(expected)} rectangles, got {len(got)}", len(expected)
    if not len(expected):
        return "", 0
    expected3 = theirs.detectMultiScale3(case.image, **case.options, outputRejectLevels=True)
    got3 = ours.detectMultiScale3(case.image, **case.options, outputRejectLevels=True)
    equal = all(np.array_equal(a, b) for a, b in zip(expected3, got3, strict=True))
    if not equal and len(ours.cascade.stages) > 1:  # of a single one OpenCV reports flat windows
        return "other levels or scores", len(expected)
    return "", len(expected)


def compare_whole(cv2: Any, files: list[Path], photos: list[np.ndarray]) -> int:
    """Every file on every photo with default parameters, grouped and raw; the differences."""
    bad = rectangles = 0
    for file in files:
        theirs, ours = cv2.CascadeClassifier(str(file)), CascadeClassifier(file)
        for i, photo in enumerate(photos):
            for neighbors in (3, 0):
                case = Case(photo, {"scaleFactor": 1.1, "minNeighbors": neighbors})
                difference, found = differences(theirs, ours, case)
                rectangles += found
                if difference:
                    bad += 1
                    print(f"{file}, photo {i}: {difference}")
    number = 2 * len(files) * len(photos)
    print(
        f"{len(files)} cascades, {len(photos)} whole photos, grouped and raw: {number} cases, "
        f"{rectangles} rectangles, {bad} differences"
    )
    return min(bad, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cascades", type=Path, nargs="*", default=[])
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    parser.add_argument("--side", type=int, default=200, help="of the largest image")
    parser.add_argument("--synthetic", type=float, default=0.5, help="share of random cascades")
    parser.add_argument("--whole", type=int, metavar="N", help="N whole photos for every file")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    import cv2

    cv2.setNumThreads(1)
    folders = [Path(cv2.__file__).parent / "data", *arguments.cascades]
    files = sorted(file for folder in folders for file in folder.rglob("*.xml"))
    names = sorted(path for folder in arguments.photos for path in folder.rglob("*.*g"))
    if arguments.whole:
        names = names[:: max(1, len(names) // arguments.whole)][: arguments.whole]
    photos = [np.array(Image.open(name).convert("L")) for name in names]
    if arguments.whole:
        return compare_whole(cv2, files, photos)

    rng = np.random.default_rng(arguments.seed)
    start, done, bad, rectangles = time.perf_counter(), 0, 0, 0
    kinds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        for subject in subjects(rng, files, Path(name), arguments.synthetic):
            theirs = cv2.CascadeClassifier(str(subject.file))
            ours = CascadeClassifier(subject.file)
            if ours.empty() or theirs.empty():
                raise SystemExit(f"{subject.file} was not loaded: {ours.reason}")
            for _ in range(min(CASES_OF_A_CASCADE, arguments.cases - done)):
                case = random_case(rng, photos, arguments.side)
                difference, found = differences(theirs, ours, case)
                done, rectangles = done + 1, rectangles + found
                kinds[subject.kind] += 1
                if difference:
                    bad += 1
                    print(f"case {done}: {difference}; {subject} {case.image.shape} {case.options}")
                    kept = arguments.keep / f"parity-{arguments.seed}-{done}"
                    np.save(kept.with_suffix(".npy"), case.image)
                    kept.with_suffix(".xml").write_bytes(subject.file.read_bytes())
                if done % 250 == 0 or done == arguments.cases:
                    seconds = time.perf_counter() - start
                    summary = f"{done} cases, {rectangles} rectangles, {bad} differences"
                    print(f"{summary}, {seconds:.0f} s", flush=True)
            if done == arguments.cases:
                break
    for kind, number in sorted(kinds.items()):
        print(f"{number:6} {kind}")
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
