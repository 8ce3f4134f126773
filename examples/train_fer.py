"""Train a hand-written network on facial expressions, from one command.

    python examples/train_fer.py                                generated faces, about two minutes
    python examples/train_fer.py --data fer2013.csv             the real thing: Kaggle's FER2013
    python examples/train_fer.py --data fer2013.csv --fer-plus fer2013new.csv    and FER+'s votes
    python examples/train_fer.py --data FOLDER                  one sub-folder of pictures a class
    python examples/train_fer.py --resume runs/NAME             go on after an interruption
    python examples/train_fer.py --test face.png                can it learn one picture by heart?

Leaves a run folder: the model, history.csv, metrics.json and the pictures. Ctrl-C stops it with the
best weights saved. Every choice of a recipe (`scratchnet.fer.recipe.Recipe`) is an option, too.

It is `scratchnet train` (`scratchnet.commands.train`) for whoever has just fetched the project, and
the report's own first check besides: a network that cannot learn one picture by heart has a fault.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scratchnet.commands import train
from scratchnet.fer.folder import read_face
from scratchnet.fer.labels import class_names
from scratchnet.fer.recipe import Recipe
from scratchnet.fer.train import overfit


def test_one_picture(image: Path, network: str, classes: int) -> None:
    face = read_face(image)
    names = class_names(classes)
    label = names.index("Happy")
    probabilities = overfit(face, label, network, classes)
    for step, p in enumerate(probabilities, 1):
        print(f"step {step:3}  probability of {names[label]!r} {p:6.1%}")
    if probabilities[-1] < 0.99:
        raise ValueError(f"{network} could not learn one picture by heart")
    print(f"{network} learned {image.name} by heart in {len(probabilities)} steps")


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Train a hand-written network on facial expressions.", epilog=train.EPILOG
    )
    train.arguments(parser)
    parser.add_argument("--test", type=Path, metavar="IMAGE", help="learn one picture by heart")
    options = parser.parse_args()
    if options.test is not None:
        test_one_picture(options.test, options.network or Recipe.network, options.classes or 7)
    else:
        train.run(options, program="python examples/train_fer.py")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError, FloatingPointError) as error:
        print("train_fer:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
