"""How many faces a cascade finds, and how often it is wrong, on photos with annotated faces.

python examples/benchmarks/evaluate_detector.py --photos FOLDER
python examples/benchmarks/evaluate_detector.py --photos FOLDER frontalface_default frontalface_alt
python examples/benchmarks/evaluate_detector.py --photos FOLDER my.xml --figure froc.png \
    --mistakes mistakes.png
python examples/benchmarks/evaluate_detector.py --photos FOLDER my.xml frontalface_default --time 7

FOLDER holds annotations.csv (file,x,y,w,h: a line for each face, names relative to FOLDER; a photo
without faces has a line without numbers). Photos that it doesn't name are not looked at. Boxes are
expected to frame faces as OpenCV's do (`haar.samples.conventions`).

A cascade is a file, or the name of one of OpenCV's. The table has its default setting, and how many
faces it finds if it may be wrong as often as once in ten photos, once a photo: "-" where no setting
is that good. The curve has all settings from one neighbour on (`froc`). Beside it, from their own
paper, stand Viola and Jones's detector and those that they compared it with. Those were measured on
all of the MIT+CMU set, so compare the shapes, and not the last digit.

`--time` also searches all photos so many times with each cascade, on one thread: the cascades take
turns photo by photo, so that a busy moment of the machine meets all of them. It prints the median
of the processor's seconds, of this process alone, and of their ratios to the first cascade's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from froc import DEFAULT, Point, accepted, curve, grouped, match, wilson
from numpy.typing import NDArray
from reporting import Table

import haar
from haar.grouping import Groups
from haar.samples import read_csv, read_grey

CASCADES = ("frontalface_default", "frontalface_alt", "frontalface_alt2", "frontalface_alt_tree")


class Photos(NamedTuple):
    """Annotated photos."""

    names: list[str]
    greys: list[NDArray[np.uint8]]
    faces: list[NDArray[np.float64]]  # (N, 4) of each

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [grey.shape for grey in self.greys]

    @property
    def total(self) -> int:
        return sum(map(len, self.faces))


class Result(NamedTuple):
    """A cascade on all photos."""

    name: str
    points: list[Point]
    detections: list[Groups]  # of each photo, at the default setting

    @property
    def default(self) -> Point:
        return next(point for point in self.points if point.min_neighbors == DEFAULT)

    def found_at(self, most_false: float) -> int | None:
        """The most faces found with so many mistakes at most; None if no setting is that good."""
        return max(
            (p.found for p in self.points if p.false <= most_false and p.found), default=None
        )


def read_photos(folder: Path) -> Photos:
    """The photos that annotations.csv names."""
    boxes = read_csv(folder / "annotations.csv")
    names = [path.relative_to(folder).as_posix() for path in boxes]
    faces = [np.asarray(own, np.float64).reshape(-1, 4) for own in boxes.values()]
    return Photos(names, [read_grey(path) for path in boxes], faces)


def find(wanted: str) -> tuple[str, haar.Cascade]:
    """A file, or a name of OpenCV's."""
    path = Path(wanted) if Path(wanted).is_file() else haar.find_cascade(wanted)
    name = path.name.removesuffix(".gz").removesuffix(".xml").removeprefix("haarcascade_")
    return name, haar.Cascade.load(path)


def evaluate(name: str, cascade: haar.Cascade, photos: Photos, scale_factor: float) -> Result:
    """Search all photos once, and group for all settings."""
    from measuring import progress

    windows: list[Groups] = []
    with progress(len(photos.greys), name, unit="photo") as bar:
        for grey in photos.greys:
            windows.append(accepted(cascade, grey, scale_factor))
            bar.update(1)
    points = curve(windows, photos.faces, photos.shapes)
    while points[-1].min_neighbors < DEFAULT:  # it detects nothing even before the default
        points.append(Point(points[-1].min_neighbors + 1, 0, 0))
    detections = [
        grouped(own, DEFAULT, shape) for own, shape in zip(windows, photos.shapes, strict=True)
    ]
    return Result(name, points, detections)


def print_table(results: list[Result], photos: Photos) -> Table:
    widest = max(len(result.name) for result in results)
    columns = {
        "cascade": f"<{widest}s",
        "found": "5d",
        "recall": "7.1%",
        "95 %": ">11s",
        "false": "6d",
        "a photo": "8.2f",
        "found if 0.1 a photo": "20d",
        "if 1": "5d",
    }
    table = Table(**columns)
    for result in results:
        point = result.default
        low, high = wilson(point.found, photos.total)
        table.add(
            result.name,
            point.found,
            point.found / max(photos.total, 1),
            f"{100 * low:.1f}–{100 * high:.1f}",
            point.false,
            point.false / len(photos.greys),
            result.found_at(0.1 * len(photos.greys)),
            result.found_at(len(photos.greys)),
        )
    return table


def cpu_seconds(
    cascades: list[haar.Cascade], photos: Photos, scale_factor: float, rounds: int
) -> NDArray[np.float64]:
    """Processor seconds (rounds, cascades) of searching all photos, after a round to warm up.

    In every second round they take turns backwards, so that none always follows the same one.
    """
    seconds = np.zeros((rounds + 1, len(cascades)))
    for number, own in enumerate(seconds):
        turns = list(enumerate(cascades))[:: -1 if number % 2 else 1]
        for grey in photos.greys:
            for k, cascade in turns:
                start = time.process_time()
                cascade.detect(grey, scale_factor=scale_factor, threads=1)
                own[k] += time.process_time() - start
    return seconds[1:]


def print_times(names: list[str], seconds: NDArray[np.float64]) -> None:
    columns = {"cascade": f"<{max(map(len, names))}s", "CPU seconds": "11.2f", "ratio": "6.2f"}
    table = Table(**columns)
    for name, own in zip(names, seconds.T, strict=True):
        table.add(name, statistics.median(own), statistics.median(own / seconds[:, 0]))


def mistakes(result: Result, photos: Photos) -> dict[str, list[tuple[int, Any]]]:
    """(photo, box) of the false detections, the surest first, and of the faces that it missed."""
    false: list[tuple[int, int, Any]] = []
    missed: list[tuple[int, Any]] = []
    for k, (detected, faces) in enumerate(zip(result.detections, photos.faces, strict=True)):
        face = match(detected, faces)
        false += [
            (int(count), k, box)
            for count, box, at in zip(detected.counts, detected.rectangles, face, strict=True)
            if at < 0
        ]
        missed += [(k, box) for i, box in enumerate(faces) if i not in set(face.tolist())]
    false.sort(key=lambda one: -one[0])
    return {"false": [(k, box) for _, k, box in false], "missed": missed}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cascades", nargs="*", default=CASCADES, help="files, or OpenCV's names")
    parser.add_argument("--photos", type=Path, required=True, help="folder with annotations.csv")
    parser.add_argument("--scale-factor", type=float, default=1.1, help="default: 1.1")
    parser.add_argument("--time", type=int, default=0, metavar="ROUNDS", help="compare their speed")
    parser.add_argument("--csv", type=Path, help="write the points of all curves into this file")
    parser.add_argument("--figure", type=Path, help="draw the curves into this .png")
    parser.add_argument("--mistakes", type=Path, help="draw the first cascade's into this .png")
    options = parser.parse_args(argv)
    found = [find(wanted) for wanted in options.cascades]
    photos = read_photos(options.photos)
    print(
        f"{len(photos.greys)} photos, {photos.total} faces; a face is found if IoU ≥ ½; "
        f"scale factor {options.scale_factor:g}, {DEFAULT} neighbours"
    )
    results = [evaluate(name, cascade, photos, options.scale_factor) for name, cascade in found]
    print_table(results, photos)
    if options.time:
        names, cascades = zip(*found, strict=True)
        seconds = cpu_seconds(list(cascades), photos, options.scale_factor, options.time)
        print(f"searching all photos on one thread, medians of {options.time} rounds")
        print_times(list(names), seconds)
    if options.csv:
        write_points(results, options.csv)
    if options.figure:
        from froc_figure import draw_curves

        draw_curves(
            {result.name: result.points for result in results},
            len(photos.greys), photos.total, options.figure,
        )  # fmt: skip
    if options.mistakes:
        from froc_figure import draw_mistakes

        draw_mistakes(results[0].name, mistakes(results[0], photos), photos.greys, options.mistakes)


def write_points(results: list[Result], path: Path) -> None:
    """All curves, a point a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("cascade,min_neighbors,found,false\n")
        for result in results:
            file.writelines(f"{result.name},{n},{f},{wrong}\n" for n, f, wrong in result.points)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        print("evaluate_detector:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
