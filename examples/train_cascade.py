"""Train a cascade of one's own: on generated faces in two minutes, on real ones in an hour.

    python examples/train_cascade.py                            generated faces and backgrounds
    python examples/train_cascade.py --positives faces.csv --negatives backgrounds/
    python examples/train_cascade.py --resume runs/NAME         go on after an interruption

    python examples/train_cascade.py --positives fer2013.csv:0.03 orl.npz:0.02,0.16,0.02,0.04 \
        --align frontalface_alt frontalface_alt2 --negatives negatives.zip
    python examples/train_cascade.py --positives … --align … --eyes eye eye_tree_eyeglasses \
        --size 20 --negatives negatives.zip

Positives are pictures with boxes (CSV of file,x,y,w,h, or OpenCV's info.dat), crops (a folder, an
.npz, FER2013's CSV; PATH:MARGIN says which share lies outside of the box), or OpenCV's .vec file.
Boxes should frame faces as OpenCV's cascades do: --align does so with cascades that exist, and
leaves out what none of them finds. Negatives are a folder, a .zip, or OpenCV's bg.txt of pictures.

Leaves a run folder: cascade.xml, which OpenCV reads, too; the settings, a log and the figures.
Once the samples are prepared, Ctrl-C loses no more than the stage in work.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from cascade_training.backgrounds import Joined
from cascade_training.generated import generated_scene
from cascade_training.preparing import prepare_backgrounds, prepare_samples
from cascade_training.run import (
    Settings,
    read_samples,
    read_settings,
    write_samples,
    write_settings,
)
from numpy.typing import NDArray

import haar
from haar.training import train_cascade

Grey = NDArray[np.uint8]

SHORT: dict[str, Any] = {
    "stages": 10, "false_alarms": 0.4, "positives_per_stage": 2000, "negatives_per_stage": 2000,
    "max_weak": 40,
}  # fmt: skip
"""What a training on generated faces does otherwise, to end after two minutes."""
OPTIONS: dict[str, tuple[type, str]] = {
    "stages": (int, "at most; default: 20"),
    "hit_rate": (float, "positives that a stage keeps; several: of the first stages; 0.995"),
    "false_alarms": (float, "negatives that a stage passes; several as well; default: 0.5"),
    "max_weak": (int, "features of a stage, at most; several as well; default: 200"),
    "positives_per_stage": (int, "default: 5000"),
    "negatives_per_stage": (int, "default: 5000"),
    "algorithm": (str, "gentle (default), discrete, real, logit"),
    "depth": (int, "of the trees; default: 1, stumps"),
    "features": (str, "basic (default), core, all, lbp"),
    "passes": (int, "through the backgrounds for each stage, at most; default: 32"),
    "memory": (float, "bytes for the values of features; default: 2e9"),
}
SEVERAL = ("hit_rate", "false_alarms", "max_weak")


def window_size(text: str) -> tuple[int, int]:
    """24 or 24x20."""
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) > 2 or not all(side.isdecimal() and int(side) >= 8 for side in sides):
        raise argparse.ArgumentTypeError(f"expects 24 or 24x20, from 8 on, got {text!r}")
    return int(sides[0]), int(sides[-1])


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Train a cascade, by default on generated faces.",
        epilog="See the head of this file for the forms of positives and negatives.",
    )
    parser.add_argument("--positives", nargs="+", metavar="PATH[:MARGIN]")
    parser.add_argument("--negatives", metavar="PATH", help="folder, .zip, or list of pictures")
    parser.add_argument("--limit", type=int, help="pictures of a source, at most; default: all")
    parser.add_argument("--align", nargs="+", metavar="CASCADE", help="frame the positives anew")
    parser.add_argument("--agree", type=int, help="that many of them must find it; default: 1")
    parser.add_argument("--eyes", nargs="+", metavar="CASCADE", help="learn the faces' eyes")
    parser.add_argument("--size", type=window_size, metavar="W[xH]", help="default: 24")
    parser.add_argument("--copies", type=int, help="varied windows of a positive; default: 3")
    parser.add_argument("--seed", type=int, help="default: 0")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: runs/DATE-cascade")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="a run folder to go on with")
    parser.add_argument("--threads", type=int, help="default: one for each core")
    group = parser.add_argument_group("training")
    for name, (kind, text) in OPTIONS.items():
        several = {"nargs": "+"} if name in SEVERAL else {}
        group.add_argument(f"--{name.replace('_', '-')}", type=kind, help=text, **several)  # type: ignore[arg-type]
    return parser.parse_args(argv)


def new_run(options: argparse.Namespace) -> tuple[Path, Settings]:
    """The run folder and the settings that the options ask for."""
    if bool(options.positives) != bool(options.negatives):
        raise ValueError("--positives and --negatives go together; without both, faces are drawn")
    for name in ("align", "eyes"):
        if getattr(options, name) and not options.positives:
            raise ValueError(f"--{name} needs --positives; generated faces know their frames")
    run = options.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-cascade"
    if (run / "settings.json").exists():
        raise ValueError(f"{run} is a run already; resume it with --resume, or choose another")
    training: dict[str, Any] = {} if options.positives else dict(SHORT)
    for name in OPTIONS:
        value = getattr(options, name)
        if value is not None:
            training[name] = value[0] if isinstance(value, list) and len(value) == 1 else value
    chosen = {
        "positives": options.positives and tuple(map(absolute, options.positives)),
        "negatives": options.negatives and str(Path(options.negatives).resolve()),
        "limit": options.limit,
        "align": options.align and tuple(options.align),
        "agree": options.agree,
        "eyes": options.eyes and tuple(options.eyes),
        "size": options.size,
        "copies": options.copies,
        "seed": options.seed,
    }
    given = {name: value for name, value in chosen.items() if value is not None}
    if "copies" not in given and not options.positives:
        given["copies"] = 1
    return run, Settings(**given, training=tuple(training.items()))


def absolute(source: str) -> str:
    """PATH:MARGIN, from whatever folder the run goes on."""
    return str(Path.cwd() / source)


def old_run(options: argparse.Namespace) -> tuple[Path, Settings]:
    given = {n for n, value in vars(options).items() if value is not None} - {"resume", "threads"}
    if given:
        others = ", ".join("--" + name.replace("_", "-") for name in sorted(given))
        raise ValueError(f"--resume goes on with the settings of its run; leave out {others}")
    return options.resume, read_settings(options.resume)


# -- the run --------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> None:
    options = arguments(argv)
    missing = [package for package in ("matplotlib", "tqdm") if find_spec(package) is None]
    if missing:
        raise ValueError(f'{" and ".join(missing)} missing; pip install -e ".[examples]"')
    from cascade_training.report import draw_report  # now: nothing may fail after an hour

    run, settings = (new_run if options.resume is None else old_run)(options)
    # > a generator for each part: a resumed run needs some of the parts only
    for_samples, for_backgrounds, for_training, for_scene = np.random.default_rng(
        settings.seed
    ).spawn(4)

    backgrounds, apart = prepare_backgrounds(settings, for_backgrounds)
    samples = read_samples(run)
    if samples is None:
        samples = prepare_samples(settings, for_samples)
        write_settings(run, settings)
        write_samples(run, samples)
    backgrounds = Joined(backgrounds, list(samples.others))
    H, W = samples.train.shape[1:]
    print(
        f"{len(samples.train):,} positives of {W}×{H} pixels, {len(backgrounds):,} backgrounds; "
        f"the run is kept in {run}",
        flush=True,
    )
    cascade = learn(run, settings, samples.train, backgrounds, for_training, options.threads)
    cascade.save(run / "cascade.xml")

    scene = None if settings.negatives else generated_scene(for_scene)
    print(draw_report(run, cascade, samples.train, samples.held_out, apart, scene))
    print(f"cascade, log and figures: {run}")


def learn(
    run: Path,
    settings: Settings,
    positives: Grey,
    backgrounds: Sequence[Grey],
    rng: np.random.Generator,
    threads: int | None,
) -> haar.Cascade:
    """The training, watched."""
    from cascade_training.watching import Watcher

    training = dict(settings.training)
    try:
        with Watcher(training.get("stages", 20), run / "log.jsonl") as watcher:
            return train_cascade(
                positives,
                backgrounds,
                rng=rng,
                folder=run / "training",
                observer=watcher,
                threads=threads,
                **training,
            )
    except KeyboardInterrupt:
        print(f"\nstopped; go on with: python examples/train_cascade.py --resume {run}")
        raise


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError) as error:
        print("train_cascade:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
