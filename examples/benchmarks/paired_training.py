"""Does the fast engine learn what the plain layers learn? The same trainings, by both.

    python examples/benchmarks/paired_training.py --data fer2013.csv --epochs 2
    python examples/benchmarks/paired_training.py                     generated faces

Fusion and Winograd's algorithm round otherwise than the layers one by one, and a training magnifies
the difference until the weights have nothing in common. What must not change is how well they do.
Each seed trains twice, on the same faces in the same order with the same augmentation: once as the
plan runs it, once layer by layer. The table shows the accuracy on held-out training faces; beside
the differences stands what a difference of two independent samples of that many faces would be by
chance alone, √(2·p·(1 − p) / n).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from scratchnet.callbacks import ProgressBar
from scratchnet.fer.augment import Augment
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.networks import NETWORKS, make_network
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import MAX_RATES
from scratchnet.fer.sources import TRAINING, load_faces
from scratchnet.fer.splits import split_by_content
from scratchnet.layers.base import Layer
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import AdamW
from scratchnet.plan import Plan
from scratchnet.schedules import OneCycle

WAYS: dict[str, Callable[[list[Layer]], Plan]] = {
    "as the plan runs it": Plan,
    "layer by layer": lambda layers: Plan(layers, fuse=False),
}


def trained(
    faces: Dataset, network: str, way: str, seed: int, epochs: int, batch_size: int
) -> tuple[float, int, float]:
    """(accuracy on held-out faces, how many they are, seconds)"""
    split_rng, build_rng, fit_rng = np.random.default_rng(seed).spawn(3)
    learn, check = split_by_content(faces.labels, faces.images, 0.1, split_rng)
    preprocess = Preprocessing(size=faces.images.shape[-1])
    x = preprocess(faces.images[learn])
    held_out = preprocess(faces.images[check]), faces.labels[check]
    model = make_network(network, len(faces.class_names)).build(x.shape[1:], build_rng)
    model._plan = WAYS[way](model.layers)  # the only thing that is different
    steps = epochs * math.ceil(len(learn) / batch_size)
    start = perf_counter()
    model.fit(
        x, faces.labels[learn], rng=fit_rng, loss=SoftmaxCrossEntropy(label_smoothing=0.05),
        optimizer=AdamW(OneCycle(MAX_RATES[network], steps), weight_decay=0.05), epochs=epochs,
        batch_size=batch_size, augment=Augment(), callbacks=[ProgressBar()],
    )  # fmt: skip
    seconds = perf_counter() - start
    return model.evaluate(*held_out)["accuracy"], len(check), seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description="The same trainings by the plan and by the layers."
    )
    parser.add_argument("--data", type=Path, help="fer2013.csv[.gz]; default: generated faces")
    parser.add_argument("--network", choices=NETWORKS, default="residual")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    data = load_faces(options.data, np.random.default_rng(0)).split(TRAINING)

    rows = []
    for seed in range(options.seeds):
        found = {
            way: trained(data, options.network, way, seed, options.epochs, options.batch_size)
            for way in WAYS
        }
        (fast, n, fast_seconds), (plain, _, plain_seconds) = found.values()
        rows.append((seed, fast, plain, fast - plain, fast_seconds, plain_seconds))
        print(f"seed {seed}: {fast:.1%} and {plain:.1%} right", flush=True)
    names = ["seed", *WAYS, "difference", "seconds", "seconds, layers"]
    table = pd.DataFrame(rows, columns=names).set_index("seed")
    p = table[list(WAYS)].to_numpy().mean()
    print(table.to_string(float_format=lambda value: f"{value:.4g}"))
    print(
        f"mean difference {table['difference'].mean():+.2%}; "
        f"by chance alone, of {n} faces: ±{math.sqrt(2 * p * (1 - p) / n):.2%}"
    )


if __name__ == "__main__":
    main()
