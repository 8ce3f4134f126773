"""How fast the detector is, next to OpenCV's own, side by side in one run.

python examples/benchmarks/detect.py
python examples/benchmarks/detect.py --photos FOLDER --threads 1 2 --figure detect.png
python examples/benchmarks/detect.py --cascades frontalface_default eye --sizes 640x480 --repeats 9

Needs OpenCV 4 (pip install opencv-python-headless), which brings the cascades along. Both get the
same grey picture, the same parameters and the same number of threads, and take turns, so that a
busy moment of the machine meets both; the table has medians. The rectangles are compared, too:
"same" is in the same order with one thread; with more, OpenCV's own order is random.

Without --photos, the pictures are generated: faces drawn from action units, before grainy walls.
The last rows are what happens once: a new process that loads a cascade and detects, from Python's
start to the result, and the reading of the XML.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

import haar
import haar.opencv

CASCADES = (
    "frontalface_default", "frontalface_alt", "frontalface_alt2", "frontalface_alt_tree",
    "profileface", "eye", "eye_tree_eyeglasses", "lefteye_2splits", "righteye_2splits", "smile",
    "fullbody", "upperbody", "lowerbody", "frontalcatface", "frontalcatface_extended",
    "russian_plate_number", "license_plate_rus_16stages",
)  # fmt: skip
"""All that OpenCV 4 brings along."""
SIZES = ("640x480", "1920x1080")
STARTS = {
    "haar": "import haar.opencv as cv2",
    "cv2": "import cv2",
}
NEW_PROCESS = """
import sys, numpy as np
{imports}
cascade = cv2.CascadeClassifier(sys.argv[1])
cascade.detectMultiScale(np.load(sys.argv[2]))
"""


class Row(NamedTuple):
    """One comparison; times in milliseconds."""

    what: str
    picture: str
    size: str
    threads: int
    ours: float
    theirs: float
    same: str

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours


def generated_pictures(seed: int = 0) -> dict[str, Image.Image]:
    """A wall with a few faces, and a crowd."""
    from scratchnet.fer.faces import generate_faces

    rng = np.random.default_rng(seed)
    faces = generate_faces(40, rng, size=96).images
    pictures = {}
    for name, count, sides in (("wall", 4, (90, 220)), ("crowd", 160, (24, 90))):
        wall = np.zeros((540, 960))
        for grain in (2, 8, 32, 128):
            shape = (540 // grain + 1, 960 // grain + 1)
            wall += np.kron(rng.normal(0, 18, shape), np.ones((grain, grain)))[:540, :960]
        picture = Image.fromarray(np.clip(wall + 120, 0, 255).astype(np.uint8))
        for i in range(count):
            side = int(rng.integers(*sides))
            face = Image.fromarray(faces[i % len(faces)]).resize((side, side))
            corner = int(rng.integers(0, 960 - side)), int(rng.integers(0, 540 - side))
            picture.paste(face, corner)
        pictures[name] = picture
    return pictures


def photos(folder: Path) -> dict[str, Image.Image]:
    """The pictures of a folder, in grey."""
    endings = {".jpg", ".jpeg", ".png"}
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings)
    if not paths:
        raise SystemExit(f"--photos expects a folder with .jpg or .png files, got {folder}")
    return {path.stem: Image.open(path).convert("L") for path in paths}


def in_turns(calls: list[Callable[[], Any]], repeats: int) -> list[float]:
    """The median time of each call, in milliseconds; each is called once before."""
    times: list[list[float]] = [[] for _ in calls]
    for repeat in range(repeats + 1):
        for call, own in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            if repeat:
                own.append(1000 * (time.perf_counter() - start))
    return [statistics.median(own) for own in times]


def compare(
    cv2: Any, path: Path, grey: Any, threads: int, repeats: int
) -> tuple[float, float, str]:
    """Our time, OpenCV's, and whether the rectangles are the same."""
    cv2.setNumThreads(threads)
    ours, theirs = haar.Cascade.load(path), cv2.CascadeClassifier(str(path))
    times = in_turns(
        [lambda: ours.detect(grey, threads=threads), lambda: theirs.detectMultiScale(grey)], repeats
    )
    a = ours.detect(grey, threads=threads).tolist()
    b = np.asarray(theirs.detectMultiScale(grey)).reshape(-1, 4).tolist()
    same = "same" if a == b else "other order" if sorted(a) == sorted(b) else "DIFFERENT"
    return times[0], times[1], same


def once(cv2: Any, path: Path, grey: Any, repeats: int) -> list[Row]:
    """New processes, and reading the file."""
    picture = Path(f"{time.time_ns()}.npy").absolute()
    np.save(picture, grey)

    def start(which: str) -> Callable[[], Any]:
        code = NEW_PROCESS.format(imports=STARTS[which])
        return lambda: subprocess.run([sys.executable, "-c", code, path, picture], check=True)

    try:
        process = in_turns([start("haar"), start("cv2")], repeats)
    finally:
        picture.unlink()
    reading = in_turns(
        [lambda: haar.Cascade.load(path), lambda: cv2.CascadeClassifier(str(path))], repeats
    )
    size = f"{grey.shape[1]}x{grey.shape[0]}"
    return [
        Row("a new process", "first", size, 0, *process, ""),
        Row("reading the XML", "", "", 1, *reading, ""),
    ]


def ratios(rows: list[Row]) -> dict[str, dict[str, float]]:
    """For each cascade, and each size and number of threads: the median ratio over the pictures."""
    table: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        kind = f"{row.size.replace('x', ' × ')}, {row.threads} thread{'s' * (row.threads != 1)}"
        table.setdefault(row.what, {}).setdefault(kind, []).append(row.ratio)
    return {
        what: {kind: statistics.median(values) for kind, values in kinds.items()}
        for what, kinds in table.items()
    }


def print_ratios(rows: list[Row]) -> None:
    table = ratios(rows)
    kinds = list(next(iter(table.values())))
    print("\ntimes as fast as OpenCV, medians over the pictures")
    for column in zip(*(kind.split(", ") for kind in kinds), strict=True):  # sizes, then threads
        print(f"{'':27}" + "".join(f"{part:>13}" for part in column))
    for what, values in table.items():
        print(f"{what[:26]:27}" + "".join(f"{values[kind]:13.1f}" for kind in kinds))


def figure(rows: list[Row], path: Path) -> None:
    """A line for each cascade, a dot for each size and number of threads."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    table = ratios(rows)
    kinds = list(next(iter(table.values())))
    drawing, axes = plt.subplots(figsize=(8, 1.4 + 0.28 * len(table)), layout="constrained")
    for k, kind in enumerate(kinds):
        values = [table[what][kind] for what in table]
        axes.plot(values, list(table), "osD^v<>"[k % 7], label=kind, alpha=0.85)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(0)
    axes.invert_yaxis()
    axes.grid(axis="y", alpha=0.3)
    axes.set_xlabel("times as fast as OpenCV")
    axes.spines[["top", "right", "left"]].set_visible(False)
    drawing.legend(loc="outside upper center", ncols=2, frameon=False)
    drawing.savefig(path, dpi=150)
    plt.close(drawing)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--photos", type=Path, help="a folder of pictures instead of generated ones"
    )
    parser.add_argument("--cascades", nargs="+", default=CASCADES, help="names or paths")
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="default: 640x480 1920x1080")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--figure", type=Path, help="draw the ratios into this file")
    options = parser.parse_args()
    try:
        import cv2
    except ImportError:
        parser.exit(1, "This compares with OpenCV 4: pip install 'opencv-python-headless<5'\n")

    pictures = photos(options.photos) if options.photos else generated_pictures()
    named = [Path(c) if Path(c).is_file() else haar.find_cascade(c) for c in options.cascades]
    print(f"OpenCV {cv2.__version__}, medians of {options.repeats}, milliseconds")
    print(f"{'cascade':32}{'picture':14}{'size':>10} threads {'ours':>9} {'OpenCV':>9}  ratio")
    rows: list[Row] = []

    def show(row: Row) -> None:
        rows.append(row)
        numbers = f"{row.threads:8} {row.ours:9.1f} {row.theirs:9.1f} {row.ratio:6.1f}"
        print(f"{row.what[:31]:32}{row.picture[:13]:14}{row.size:>10}{numbers}  {row.same}")

    grey = np.zeros((0, 0), np.uint8)
    for path in named:
        for name, picture in pictures.items():
            for size in options.sizes:
                width, height = map(int, size.split("x"))
                grey = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))
                for threads in options.threads:
                    result = compare(cv2, path, grey, threads, options.repeats)
                    what = path.stem.removeprefix("haarcascade_")
                    show(Row(what, name, size, threads, *result))
    steady = list(rows)
    for row in once(cv2, named[0], grey, options.repeats):
        show(row)
    print_ratios(steady)
    if options.figure:
        figure(steady, options.figure)


if __name__ == "__main__":
    main()
