"""The report of a run: metrics.json and the figures, from a trained network and unseen faces.

    metrics.json               every number of an honest evaluation, as plain JSON
    curves.png                 loss, accuracy and learning rate by epoch
    confusion.png  ranks.png   what each expression is taken for; the true label's rank
    reliability.png            confidence against accuracy
    faces.png                  random faces with their probability bars, wrong ones marked
    distribution.png           faces of each class by split
    filters.png                the first convolution's weights
    feature_maps_pool2.png     one face after the 2nd pooling layer, and
    feature_maps_pool3.png     after the 3rd, if the network has so many; a network that has
                               none at all halves by stride: then after its 2nd and 3rd halving

The accuracy of the whole test set compares with other people's; beside it stands the accuracy
without those test faces that also occur in the training data.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scratchnet import metrics, visualize

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from scratchnet.sequential import Sequential
    from scratchnet.training import History

Array = NDArray[Any]

POOLING = ("MaxPool2D", "AvgPool2D")
ORDINALS = {2: "second", 3: "third"}


def write_report(
    run_folder: str | os.PathLike[str],
    *,
    model: Sequential,
    history: History,
    class_names: Sequence[str],
    test_images: Array,
    test_labels: Array,
    rng: np.random.Generator,
    probabilities: Array | None = None,
    pictures: Array | None = None,
    leaked_mask: Array | None = None,
    counts: pd.DataFrame | None = None,
    seconds: Mapping[str, float] | None = None,
    monitor: str = "val_loss",
    samples: int = 12,
) -> dict[str, Any]:
    """Write metrics.json and the figures into `run_folder`; returns what metrics.json holds.

    Args:
        model: a trained network: layers, predict, activations, parameter_count, macs.
        history: what `fit` returned; without an epoch there are no curves.
        class_names: K names in label order.
        test_images: what the network takes, (N, C, H, W), pre-processed.
        test_labels: (N,) integers.
        rng: draws the bootstrap interval and the faces to show.
        probabilities: (N, K), if `predict` has run already, or averages several views.
        pictures: (N, H, W) uint8, what people see; default: the network's inputs, stretched.
        leaked_mask: (N,) true for test faces that also occur in the training data.
        counts: faces by class (rows) and split (columns), for distribution.png.
        seconds: durations by name, for metrics.json.
        monitor: the column of the history that chose the best epoch.
        samples: how many faces faces.png shows.

    Raises:
        ValueError: lengths do not agree, or the predictions are not finite.
        ImportError: matplotlib is missing; metrics.json is written by then.
    """
    run_folder = Path(run_folder)
    run_folder.mkdir(parents=True, exist_ok=True)
    seconds = dict(seconds or {})
    if probabilities is None:
        start = time.perf_counter()
        probabilities = model.predict(test_images)
        seconds["prediction"] = time.perf_counter() - start
    if not len(probabilities) == len(test_images) == len(test_labels):
        raise ValueError(
            f"expected a label and a prediction for each image, got {len(test_images)} images, "
            f"{len(test_labels)} labels, {len(probabilities)} predictions"
        )
    bootstrap_rng, sample_rng = rng.spawn(2)

    report = summarize(probabilities, test_labels, class_names, bootstrap_rng, leaked_mask)
    report["parameters"] = int(model.parameter_count())
    report["mmac"] = model.macs() / 1e6
    report["epochs"] = len(history.rows)
    report["seconds"] = {name: float(value) for name, value in seconds.items()}
    if "prediction" in seconds:
        report["milliseconds_per_image"] = 1000 * seconds["prediction"] / len(test_images)
    write_json(run_folder / "metrics.json", report)

    chosen = sample_rng.permutation(len(test_images))[:samples]
    shown = test_images if pictures is None else pictures
    for name, figure in (
        *_training_figures(history, counts, monitor),
        *answer_figures(
            model, probabilities, test_labels, class_names, test_images[chosen[:1]], shown, chosen
        ),
    ):
        visualize.save_figure(figure, run_folder / f"{name}.png")
    return report


def summarize(
    probabilities: Array,
    labels: Array,
    class_names: Sequence[str],
    rng: np.random.Generator,
    leaked_mask: Array | None = None,
) -> dict[str, Any]:
    """Every number that predictions (N, K) and labels (N,) tell, as plain Python values.

    NLL, Brier score and ECE are left out where the network gives scores, not probabilities
    (an SVM's head does).
    """
    K = len(class_names)
    if np.shape(probabilities) != (len(labels), K):
        shape = np.shape(probabilities)
        raise ValueError(f"expected predictions ({len(labels)}, {K}), got {shape}")
    ranks = metrics.label_rank(probabilities, labels)
    correct = ranks == 1
    confusion = metrics.confusion_matrix(labels, np.argmax(probabilities, axis=1), K)
    scores = metrics.precision_recall_f1(confusion)
    majority, baseline = metrics.majority_baseline(labels, K)

    report: dict[str, Any] = {"images": len(labels), **_accuracy(correct, rng)}
    if leaked_mask is not None:
        leaked = np.asarray(leaked_mask, dtype=bool)
        if leaked.shape != correct.shape:
            raise ValueError(f"leaked_mask expects ({len(labels)},), got {leaked.shape}")
        report["leaked_images"] = int(leaked.sum())
        if not leaked.all():
            clean = correct[~leaked]
            report["without_leaked"] = {"images": len(clean), **_accuracy(clean, rng)}
    report |= {
        "balanced_accuracy": metrics.balanced_accuracy(confusion),
        "macro_f1": metrics.macro_f1(confusion),
        "cohen_kappa": metrics.cohen_kappa(confusion),
        "majority_baseline": {"class": class_names[majority], "accuracy": baseline},
        "top_k": {str(k): float(np.mean(ranks <= k)) for k in range(1, min(3, K) + 1)},
        "rank_histogram": np.bincount(ranks - 1, minlength=K).tolist(),
    }
    if metrics.are_distributions(probabilities):
        report |= {
            "negative_log_likelihood": metrics.negative_log_likelihood(probabilities, labels),
            "brier_score": metrics.brier_score(probabilities, labels),
            "expected_calibration_error": metrics.expected_calibration_error(probabilities, labels),
        }
    report["classes"] = {
        name: {
            "precision": float(scores.precision[k]),
            "recall": float(scores.recall[k]),
            "f1": float(scores.f1[k]),
            "support": int(scores.support[k]),
        }
        for k, name in enumerate(class_names)
    }
    report["confusion_matrix"] = confusion.tolist()
    report["most_confused"] = [
        {**pair._asdict(), "true": class_names[pair.true], "predicted": class_names[pair.predicted]}
        for pair in metrics.most_confused(confusion)
    ]
    return report


def _accuracy(correct: Array, rng: np.random.Generator) -> dict[str, Any]:
    low, high = metrics.bootstrap_interval(correct, rng)
    return {"accuracy": float(correct.mean()), "accuracy_interval": [low, high]}  # 95 %


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Strict JSON under a temporary name, then renamed; ValueError on NaN or infinity."""
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


# -- figures: (name, figure), made one at a time ----------------------------------------------


def answer_figures(
    model: Sequential,
    probabilities: Array,
    labels: Array,
    class_names: Sequence[str],
    x: Array,
    shown: Array,
    chosen: Array,
) -> Iterator[tuple[str, Figure]]:
    """What a network answered, and its inside.

    Args:
        probabilities: (N, K).
        labels: (N,).
        x: (1, C, H, W), what the network makes of the first face that is chosen.
        shown: (N, ...), the pictures that people see.
        chosen: which of them to show with their answers.
    """
    yield from _prediction_figures(probabilities, labels, class_names, shown, chosen)
    yield from _network_figures(model, x, shown[chosen[0]])


def _training_figures(
    history: History, counts: pd.DataFrame | None, monitor: str
) -> Iterator[tuple[str, Figure]]:
    if history.rows:
        yield "curves", visualize.training_curves(history.to_frame(), monitor)
    if counts is not None:
        yield "distribution", visualize.class_distribution(counts, noun="faces")


def _prediction_figures(
    probabilities: Array, labels: Array, class_names: Sequence[str], shown: Array, chosen: Array
) -> Iterator[tuple[str, Figure]]:
    predicted = np.argmax(probabilities, axis=1)
    confusion = metrics.confusion_matrix(labels, predicted, len(class_names))
    yield "confusion", visualize.confusion_heatmap(confusion, class_names, noun="faces")
    ranks = metrics.rank_histogram(probabilities, labels)
    yield "ranks", visualize.rank_bars(ranks, noun="faces")
    if metrics.are_distributions(probabilities):
        yield "reliability", visualize.reliability_diagram(probabilities, labels, noun="faces")
        sample = shown[chosen], probabilities[chosen], labels[chosen]
        yield "faces", visualize.face_predictions(*sample, class_names, noun="faces")


def _network_figures(model: Sequential, x: Array, picture: Array) -> Iterator[tuple[str, Figure]]:
    """The first filters, and what the pooling layers leave of one face, x (1, C, H, W)."""
    for layer in model.layers:
        W = layer.params.get("W")
        if W is not None and W.ndim == 4:
            yield "filters", visualize.filter_grid(W)
            break
    kind, reduced = _reductions(model, x)
    for nth, maps in enumerate(reduced, 1):
        if nth in ORDINALS:
            figure = visualize.feature_map_grid(maps[0], picture, f"the {ORDINALS[nth]} {kind}")
            yield f"feature_maps_pool{nth}", figure


def _reductions(model: Sequential, x: Array) -> tuple[str, list[Array]]:
    """Outputs (1, C, h, w) of the pooling layers; without any, of the layers that shrink maps."""
    outputs = model.activations(x)
    pools = [
        output
        for layer, output in zip(model.layers, outputs, strict=True)
        if type(layer).__name__ in POOLING
    ]
    if pools:
        return "pooling layer", pools
    steps = zip([x, *outputs], outputs, strict=False)  # each layer's input and output
    return "halving", [y for x, y in steps if y.ndim == 4 and y.shape[2] < x.shape[2]]
