"""What is in the data: counts, duplicates, contradictions, leaks, and a sheet of faces.

python examples/inspect_data.py --data fer2013.csv.gz --out sheets
python examples/inspect_data.py                             the generated faces
python examples/inspect_data.py --data fer2013.csv --export arrays      X.npy, y.npy for others
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from scratchnet.fer.duplicates import duplicate_report
from scratchnet.fer.sources import load_faces
from scratchnet.visualize import class_distribution, sample_grid, save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description="Look at a data set of faces.")
    parser.add_argument("--data", type=Path, help="fer2013.csv[.gz|.zip], or a folder of folders")
    parser.add_argument("--classes", type=int, choices=(6, 7), help="default: 7, or the folder's")
    parser.add_argument("--only", nargs="+", metavar="CLASS", help="keep only these classes")
    parser.add_argument("--sample", type=float, help="keep a random share, the same of each class")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--out", type=Path, default=Path("runs/data"), help="default: runs/data")
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="write X.npy and y.npy there")
    options = parser.parse_args()

    rng = np.random.default_rng(options.seed)
    faces = load_faces(options.data, rng, classes=options.classes)
    if options.only:
        faces = faces.select_classes(options.only)
    if options.sample is not None:
        faces = faces.sample(options.sample, rng)
    counts = faces.counts()
    print(counts.to_string(), end="\n\n")
    print(duplicate_report(faces))

    options.out.mkdir(parents=True, exist_ok=True)
    grid = sample_grid(faces.images, faces.labels, faces.class_names, rng, noun="faces")
    save_figure(grid, options.out / "samples.png")
    save_figure(class_distribution(counts, noun="faces"), options.out / "distribution.png")
    print(f"pictures: {options.out}")
    if options.export:
        faces.export_npy(options.export)
        print(f"arrays: {options.export}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        print(f"inspect_data: {error}", file=sys.stderr)
        sys.exit(2)
