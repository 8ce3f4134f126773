"""Pack trained networks with their card, to be shipped: half-precision weights and a checksum.

    python examples/pack_model.py runs/wide                             into scratchnet/fer/weights
    python examples/pack_model.py runs/wide-0 runs/wide-1 runs/wide-2   three that are averaged
    python examples/pack_model.py runs/wide --out elsewhere/mine --one-look

Reads the data that the runs were trained on (or `--data`): the faces held out from training fit the
temperature, those of the other parts are judged by the packed networks, as they will be used.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scratchnet.fer.averaging import averaged_predictions, fit_temperature
from scratchnet.fer.card import model_card
from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.labels import SEVEN, merge_disgust, to_six
from scratchnet.fer.pack import load_ensemble, members, pack
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.pretrained import PRETRAINED, WEIGHTS
from scratchnet.fer.recipe import Recipe, command, read_run
from scratchnet.fer.report import summarize
from scratchnet.fer.sources import TRAINING, load_faces
from scratchnet.fer.train import held_out, training_faces
from scratchnet.sequential import Sequential


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pack trained networks with their card.")
    parser.add_argument("runs", type=Path, nargs="+", help="run folders of train_fer.py")
    parser.add_argument("--out", type=Path, default=WEIGHTS / PRETRAINED, help="default: the box")
    parser.add_argument("--data", type=Path, help="default: where the runs found it")
    parser.add_argument("--one-look", action="store_true", help="without the mirror image")
    return parser.parse_args()


def common(runs: list[Path]) -> tuple[list[Recipe], dict[str, Any]]:
    """The runs' recipes, and the data and held-out faces that all of them must share."""
    recipes, data = zip(*map(read_run, runs), strict=True)
    for run, recipe, its in zip(runs, recipes, data, strict=True):
        same = (its, recipe.split_seed, recipe.validation_share)
        if same != (data[0], recipes[0].split_seed, recipes[0].validation_share):
            raise ValueError(f"{run} was trained on other faces than {runs[0]}; train them alike")
    return list(recipes), data[0]


def description(
    run: Path, recipe: Recipe, data: dict[str, Any], model: Sequential, learn: Dataset
) -> dict[str, Any]:
    """The entries of a card that a run folder tells."""
    history = pd.read_csv(run / "history.csv")
    train, check = held_out(learn, recipe)
    return {
        "network": recipe.network,
        "parameters": model.parameter_count(),
        "macs": model.macs(),
        "command": command(recipe, data),
        "epochs": len(history),
        "minutes": round(float(history["seconds"].sum()) / 60, 1),
        "faces": len(train),
        "held_out": len(check),
        "votes": recipe.votes,
    }


def judged(
    models: list[Sequential], faces: Dataset, learn: Dataset, *, flip: bool, temperature: float
) -> dict[str, Any]:
    """What `summarize` says of every part but Training; of six classes, too, if there are seven."""
    preprocess = Preprocessing(**models[0].preprocessing)
    results = {}
    for part in (usage for usage in faces.usages() if usage != TRAINING):
        test = faces.split(part)
        p = averaged_predictions(
            models, preprocess(test.images), flip=flip, temperature=temperature
        )
        views = {part: (p, test.labels, test.class_names)}
        if test.class_names == SEVEN:
            six = [name for name in SEVEN if name != "Disgust"]
            views[f"{part}, six classes"] = merge_disgust(p), to_six(test.labels), six
        leaked = leaks(learn.images, test.images)
        for name, (probabilities, labels, names) in views.items():
            rng = np.random.default_rng(0)
            results[name] = summarize(probabilities, labels, names, rng, leaked)
    return results


def main() -> None:
    options = arguments()
    recipes, data = common(options.runs)
    path = str(options.data) if options.data else data["path"]
    faces = load_faces(path, np.random.default_rng(recipes[0].split_seed), classes=data["classes"])
    learn, _ = training_faces(faces, data["fer_plus"])

    flip, out = not options.one_look, options.out
    folders = [out, *(out / str(i) for i in range(2, len(options.runs) + 1))]
    for run, folder in zip(options.runs, folders, strict=True):
        pack(run / "model", folder, {})
    models = load_ensemble(out)

    _, check = held_out(learn, recipes[0])
    x = Preprocessing(**models[0].preprocessing)(learn.images[check])
    temperature = round(fit_temperature(models, x, learn.labels[check], flip=flip), 4)
    asked = {"flip": flip, "temperature": temperature, "members": len(models)}
    results = judged(models, faces, learn, flip=flip, temperature=temperature)
    for run, recipe, model, folder in zip(options.runs, recipes, models, folders, strict=True):
        card = description(run, recipe, data, model, learn) | asked | {"results": results}
        pack(run / "model", folder, card)  # members last: the first folder is replaced as a whole
        (folder / "card.md").write_text(model_card(card, out.name), encoding="utf-8")
        shutil.copy(run / "history.csv", folder / "history.csv")
    assert len(members(out)) == len(options.runs) - 1

    size = sum(file.stat().st_size for file in out.rglob("*.npz"))
    count = "1 network" if len(models) == 1 else f"{len(models)} networks"
    print(f"{count}, {size / 1e6:.1f} MB, temperature {temperature}: {out}")
    for name, result in results.items():
        print(f"{name}: {result['accuracy']:.1%} right")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        print("pack_model:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
