"""Every classical algorithm of this project, and the CNN, on the same faces: one table, one figure.

    python examples/compare_classical.py                       3,000 generated faces, five minutes
    python examples/compare_classical.py --data fer2013.csv    photos of faces
    python examples/compare_classical.py --only raw pca cnn    some of the systems

Each system learns from the same faces and is asked about the same others. Leaves in its folder
comparison.csv, comparison.md and comparison.png. A system that fails is a row that says why.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from classical_comparison.faces import Faces, load
from classical_comparison.figure import draw
from classical_comparison.measuring import Result, measure
from classical_comparison.systems import SYSTEMS, Setting
from classical_comparison.table import line, markdown, write_csv

from scratchnet.metrics import majority_baseline
from scratchnet.visualize import save_figure

FACES, EPOCHS, SEED = 3000, 8, 0
REHEARSAL = 210
"""So many faces for a first run of each system that nobody times: it compiles the kernels."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Compare the classical algorithms and the CNN on the same faces.",
        epilog=f"Systems: {', '.join(SYSTEMS)}.",
    )
    parser.add_argument("--data", type=Path, help="fer2013.csv[.gz|.zip], or a folder of folders")
    parser.add_argument(
        "--only", nargs="+", choices=SYSTEMS, metavar="NAME", help="these systems; default: all"
    )
    parser.add_argument(
        "--faces", type=int, default=FACES, help=f"to learn from, at most; default: {FACES}"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"of the CNN; default: {EPOCHS}")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default: {SEED}")
    parser.add_argument("--out", type=Path, default=Path("runs/classical"), help="the folder")
    options = parser.parse_args()
    for name, least in (("faces", 70), ("epochs", 1), ("seed", 0)):
        if getattr(options, name) < least:
            parser.error(f"--{name} expects at least {least}, got {getattr(options, name)}")
    return options


def check_packages() -> None:
    missing = [package for package in ("matplotlib", "tqdm") if find_spec(package) is None]
    if missing:
        raise ValueError(f'{" and ".join(missing)} missing; pip install -e ".[examples]"')


def compare(faces: Faces, names: list[str], epochs: int, seed: int) -> list[Result]:
    """Measure the systems one after another, under a progress bar."""
    from tqdm import tqdm

    few = faces.few(REHEARSAL)
    setting, rehearsal = Setting(faces, epochs, seed), Setting(few, 1, seed)
    results = []
    with tqdm(total=len(names), unit="system", disable=None) as bar:
        for name in names:
            title, make = SYSTEMS[name]
            bar.set_description(title)
            rng = np.random.default_rng(seed)
            measure(name, title, lambda make=make: make(rehearsal), few, rng)
            results.append(measure(name, title, lambda make=make: make(setting), faces, rng))
            bar.write(line(results[-1]))
            bar.update()
    return results


def main() -> None:
    options = arguments()
    check_packages()
    names = [name for name in SYSTEMS if name in (options.only or SYSTEMS)]
    faces = load(options.data, options.faces, np.random.default_rng(options.seed))
    options.out.mkdir(parents=True, exist_ok=True)
    where = options.data.name if options.data else "generated faces"
    print(
        f"{where}: {len(faces.X):,} to learn from, {len(faces.X_test):,} others to be asked about"
    )
    if faces.left_out:
        print(f"{faces.left_out} more are left out, for they are also among those to learn from")

    results = compare(faces, names, options.epochs, options.seed)
    write_csv(results, options.out / "comparison.csv")
    (options.out / "comparison.md").write_text(markdown(results), encoding="utf-8")
    if all(result.accuracy is None for result in results):
        raise ValueError(f"no system could be measured; {options.out / 'comparison.csv'} says why")
    _, chance = majority_baseline(faces.y_test, len(faces.class_names))
    title = f"{len(faces.X_test):,} unseen faces ({where}), {len(faces.X):,} to learn from"
    save_figure(draw(results, chance, title), options.out / "comparison.png")
    print(f"table and figure: {options.out}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError) as error:
        print("compare_classical:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
