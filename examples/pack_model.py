"""Pack trained networks with their card, to be shipped: half-precision weights and a checksum.

    python examples/pack_model.py runs/wide                             into scratchnet/fer/weights
    python examples/pack_model.py runs/wide-0 runs/wide-1 runs/wide-2   three that are averaged
    python examples/pack_model.py runs/wide --out elsewhere/mine --one-look

Reads the data that the runs were trained on (or `--data` and `--fer-plus`). The faces held out from
training fit the temperature of what will be served, the mean over networks and mirror images, and
of the first network, the first two, …, where somebody asks for fewer; those of the other parts are
judged by the packed networks, as they will be used. Half precision must not cost a tenth of a per
cent of the held-out faces, or nothing is packed.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scratchnet.fer.averaging import averaged, view_scores
from scratchnet.fer.card import CARD, model_card
from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.evaluation.candidate import Candidate
from scratchnet.fer.labels import SEVEN, SIX, merge_disgust, to_six
from scratchnet.fer.networks import NETWORKS
from scratchnet.fer.pack import digest, pack
from scratchnet.fer.pretrained import PRETRAINED, WEIGHTS, load_cascade
from scratchnet.fer.recipe import Recipe, command, read_run
from scratchnet.fer.report import summarize
from scratchnet.fer.sources import TRAINING, load_faces
from scratchnet.fer.train import held_out, training_faces
from scratchnet.metrics import expected_calibration_error
from scratchnet.sequential import Sequential

Array = NDArray[Any]

MOST_LOST = 0.001
"""So much accuracy half precision may cost."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pack trained networks with their card.")
    parser.add_argument("runs", type=Path, nargs="+", help="run folders of train_fer.py")
    parser.add_argument("--out", type=Path, default=WEIGHTS / PRETRAINED, help="default: the box")
    parser.add_argument("--data", type=Path, help="default: where the runs found it")
    parser.add_argument("--fer-plus", type=Path, help="default: where the runs found it, if at all")
    parser.add_argument("--one-look", action="store_true", help="without the mirror image")
    parser.add_argument("--eyes", help="the cascade by whose eyes the faces were turned upright")
    return parser.parse_args()


# -- what the runs were ---------------------------------------------------------------------------


def common(runs: Sequence[Path]) -> tuple[list[Recipe], dict[str, Any]]:
    """The runs' recipes, and the data and held-out faces that all of them must share."""
    recipes, data = zip(*map(read_run, runs), strict=True)
    for run, recipe, its in zip(runs, recipes, data, strict=True):
        if recipe.network not in NETWORKS:
            raise ValueError(f"{run} was fine-tuned; a card tells of a training from the beginning")
        same = (its, recipe.split_seed, recipe.validation_share)
        if same != (data[0], recipes[0].split_seed, recipes[0].validation_share):
            raise ValueError(f"{run} was trained on other faces than {runs[0]}; train them alike")
    return list(recipes), data[0]


def described(run: Path, recipe: Recipe, data: dict[str, Any], model: Sequential) -> dict[str, Any]:
    """What a run folder tells of a network."""
    history = pd.read_csv(run / "history.csv")
    best = int(history["val_accuracy"].idxmax())
    return {
        "network": recipe.network,
        "parameters": model.parameter_count(),
        "macs": model.macs(),
        "command": command(recipe, data),
        "recipe": asdict(recipe),
        "epochs": len(history),
        "best_epoch": int(history["epoch"][best]),
        "validation_accuracy": float(history["val_accuracy"][best]),
        "minutes": round(float(history["seconds"].sum()) / 60, 1),
    }


def described_data(faces: Dataset, learn: Dataset, held: Dataset, data: Mapping[str, Any]) -> Any:
    """Which faces these were: names without their folders, numbers, and a checksum."""
    checksum = hashlib.sha256(faces.images.tobytes() + faces.labels.tobytes())
    names = {key: data[key] and Path(data[key]).name for key in ("path", "fer_plus")}
    return {
        "file": names["path"],
        "fer_plus": names["fer_plus"],
        "sha256_of_pixels_and_labels": checksum.hexdigest(),
        "faces": {usage: len(faces.split(usage)) for usage in faces.usages()},
        "learned_from": len(learn) - len(held),
        "held_out": len(held),
    }


# -- what they answer -----------------------------------------------------------------------------


def of_networks(scores: Array, count: int, chosen: slice) -> Array:
    """The scores (V, N, K) of some of the networks, out of those of all `count` of them."""
    by_view = scores.reshape(-1, count, *scores.shape[1:])
    return by_view[:, chosen].reshape(-1, *scores.shape[1:])


def judged(
    before: Array, after: Array, part: str, test: Dataset, leaked: NDArray[np.bool_]
) -> dict[str, dict[str, Any]]:
    """What `summarize` says of answers after scaling; of six classes, too, if there are seven."""
    views: dict[str, tuple[Array, Array, Array, Sequence[str]]] = {
        part: (before, after, test.labels, test.class_names)
    }
    if test.class_names == SEVEN:
        merged = merge_disgust(before), merge_disgust(after)
        views[f"{part}, six classes"] = *merged, to_six(test.labels), SIX
    results = {}
    for name, (unscaled, p, labels, names) in views.items():
        results[name] = summarize(p, labels, names, np.random.default_rng(0), leaked)
        error = expected_calibration_error(unscaled, labels)
        results[name]["calibration_error_unscaled"] = error
    return results


def changed_by_rounding(
    runs: Sequence[Path], candidate: Candidate, held: Dataset, scores: Array, temperature: float
) -> int:
    """How many answers to held-out faces half precision changes; `scores` are the packed networks'.

    Raises:
        ValueError: it costs too much accuracy.
    """
    exact = [Sequential.load(run / "model") for run in runs]
    found = view_scores(exact, candidate.preprocess(held.images), flip=candidate.flip)
    before, after = (
        averaged(exact[0].loss, each, temperature).argmax(axis=1) for each in (found, scores)
    )
    lost = float(np.mean(before == held.labels) - np.mean(after == held.labels))
    if lost > MOST_LOST:
        raise ValueError(
            f"float16 costs {lost:.2%} of the held-out faces, more than {MOST_LOST:.1%}"
        )
    return int((before != after).sum())


# -- the box --------------------------------------------------------------------------------------


def write_box(runs: Sequence[Path], out: Path, cards: Sequence[Mapping[str, Any]]) -> list[Path]:
    """Pack each run with its card: the first into `out`, the others into its numbered folders."""
    folders = [out, *(out / str(i) for i in range(2, len(runs) + 1))]
    for run, folder, card in zip(runs, folders, cards, strict=True):
        pack(run / "model", folder, card)  # `out` first: it is replaced as a whole
        shutil.copy(run / "history.csv", folder / "history.csv")
    return folders


def main() -> None:
    options = arguments()
    runs, out = options.runs, options.out
    recipes, data = common(runs)
    if options.eyes is not None:
        load_cascade(options.eyes)  # refuses now what the recogniser could not load
        if Path(options.eyes).is_file():
            raise ValueError("--eyes expects a name, such as own-eye: a file is not on a card")
    own = {"path": options.data, "fer_plus": options.fer_plus}
    data |= {key: str(path) for key, path in own.items() if path is not None}
    rng = np.random.default_rng(recipes[0].split_seed)
    faces = load_faces(data["path"], rng, classes=data["classes"])
    learn, _ = training_faces(faces, data["fer_plus"])
    held = learn.select(held_out(learn, recipes[0])[1])
    tests = {usage: faces.split(usage) for usage in faces.usages() if usage != TRAINING}
    leaked = {part: leaks(faces.split(TRAINING).images, t.images) for part, t in tests.items()}

    flip = {"flip": not options.one_look}
    with tempfile.TemporaryDirectory() as place:
        folders = write_box(runs, Path(place) / "box", [flip] * len(runs))
        digests = [digest(folder) for folder in folders]
        candidate = Candidate(folders[0])
        scores = candidate.scores(held.images)
        answers = {part: candidate.scores(test.images) for part, test in tests.items()}
    count = len(runs)

    def card_of(chosen: slice) -> dict[str, Any]:
        """How these networks are asked together, and how right they are."""
        fitted = candidate.fit_temperature(of_networks(scores, count, chosen), held.labels)
        T = round(fitted, 4)
        results: dict[str, Any] = {}
        for part, test in tests.items():
            asked = of_networks(answers[part], count, chosen)
            before, after = (candidate.probabilities(asked, divisor) for divisor in (1.0, T))
            results |= judged(before, after, part, test, leaked[part])
        eyes = {} if options.eyes is None else {"eyes": options.eyes}
        return flip | eyes | {"temperature": T, "results": results}

    about = described_data(faces, learn, held, data)
    networks, cards = [], []
    for i, (run, recipe, model) in enumerate(zip(runs, recipes, candidate.models, strict=True)):
        alone = card_of(slice(i, i + 1))
        accuracy = {name: result["accuracy"] for name, result in alone["results"].items()}
        told = described(run, recipe, data, model) | {"weights_sha256": digests[i]}
        networks.append(told | {"temperature": alone["temperature"], "accuracy": accuracy})
        cards.append({"recipe": asdict(recipe), "networks": [networks[i]], "data": about} | alone)
    first = [card_of(slice(k)) for k in range(1, count + 1)]
    fewer = [card["temperature"] for card in first[:-1]]
    changed = changed_by_rounding(runs, candidate, held, scores, first[-1]["temperature"])
    cards[0] |= first[-1] | {"networks": networks, "temperatures_of_fewer": fewer}
    cards[0]["answers_changed_by_float16"] = changed

    folders = write_box(runs, out, cards)
    for folder, card in zip(folders, cards, strict=True):
        name = out.name if folder == out else f"{out.name}, network {folder.name}"
        (folder / CARD).write_text(model_card(card, name), encoding="utf-8")
    size = sum(file.stat().st_size for file in out.rglob("*.npz"))
    noun = "1 network" if count == 1 else f"{count} networks"
    print(f"{noun}, {size / 1e6:.1f} MB, temperature {cards[0]['temperature']}: {out}")
    print(f"float16 changes {changed} of {len(held):,} answers")
    for name, result in cards[0]["results"].items():
        alone = ", ".join(f"{network['accuracy'][name]:.1%}" for network in networks)
        singly = f"; each alone {alone}" if count > 1 else ""
        print(f"{name}: {result['accuracy']:.1%} right{singly}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        print("pack_model:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
