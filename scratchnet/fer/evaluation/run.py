"""Evaluate a saved model: everything that an honest evaluation prints, in one folder.

    metrics.json             every number
    report.html              all of it on one page
    report.md   *.csv        the tables
    *.png                    the figures

Accuracy stands beside what it would be without those test faces that also occur in Training.
Confidence is measured as it comes and after temperature scaling, fitted on faces that were held
out of training; the test faces decide nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scratchnet import explain, metrics, visualize
from scratchnet.fer.evaluation import pictures
from scratchnet.fer.evaluation.candidate import Candidate
from scratchnet.fer.evaluation.contents import interval, percent, tables
from scratchnet.fer.evaluation.layout import layout
from scratchnet.fer.evaluation.parts import Parts, choose_parts
from scratchnet.fer.evaluation.votes import second_opinion
from scratchnet.fer.fer_plus import load_fer_plus
from scratchnet.fer.report import answer_figures, summarize, write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
ACTIVE_ON = 512
"""On so many faces a unit must be silent to be called dead."""
SAMPLES = 12


def evaluate(
    model_folder: str | os.PathLike[str],
    data: str | os.PathLike[str] | None,
    out: str | os.PathLike[str],
    classes: int | None = None,
    *,
    fer_plus: str | os.PathLike[str] | None = None,
    part: str | None = None,
    store_temperature: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Examine a model, write the files of the header into `out`, and return metrics.json.

    Args:
        model_folder: as `Sequential.save` left it.
        data: FER2013's CSV, a folder of folders of faces, or None for generated faces.
        out: made if it does not exist.
        classes: 6 asks a network of seven outputs in the report's six; None: its own.
        fer_plus: FER+'s fer2013new.csv, for a second opinion on FER2013's labels.
        part: what to examine; None for the first part that is not Training.
        store_temperature: write the fitted temperature into the model's card, for the recogniser.
        seed: of the bootstrap and of the faces that are shown.

    Raises:
        FileNotFoundError: there is nothing at `data` or `fer_plus`.
        FormatError: the model folder is none, or damaged.
        ValueError, DataError: model, data and classes do not go together.
        ImportError: matplotlib is missing; the numbers and tables are written by then.
    """
    out = Path(out)
    candidate = Candidate(model_folder, classes)
    source = None if data is None else Path(data)
    names = candidate.own_names
    parts = choose_parts(candidate.folder, candidate.card, names, source, part, fer_plus)
    interval_rng, sample_rng = np.random.default_rng(seed).spawn(2)

    candidate.scores(parts.test.images[:1])  # compiles, before anything is timed
    start = time.perf_counter()
    scores = candidate.scores(parts.test.images)
    seconds = time.perf_counter() - start
    labels = candidate.labels(parts.test.labels)
    temperature = _temperature(candidate, parts, store_temperature)
    served = candidate.temperature
    p = candidate.probabilities(scores, served)

    report: dict[str, Any] = {"part": parts.name, "classes_asked": len(candidate.class_names)}
    report |= summarize(p, labels, candidate.class_names, interval_rng, parts.leaked)
    if "without_leaked" in report and parts.leaked is not None:
        clean = ~parts.leaked
        report["without_leaked"] |= _without(p[clean], labels[clean])
    curve = metrics.coverage_curve(p, labels)
    report["coverage"] = [
        dict(zip(("coverage", "accuracy", "threshold"), (share, *curve.at(share)), strict=True))
        for share in COVERAGES
    ]
    report["calibration"] = _calibration(candidate, scores, labels, parts, temperature, served)
    report |= {
        "parameters": sum(int(model.parameter_count()) for model in candidate.models),
        "mmac": candidate.model.macs() / 1e6,
        "views": len(scores),
        "milliseconds_per_image": 1000 * seconds / len(labels),
        "milliseconds_alone": _alone(candidate, parts.test.images),
    }
    some = sample_rng.permutation(len(labels))[:ACTIVE_ON]
    activity = explain.unit_activity(candidate.model, candidate.preprocess(parts.test.images[some]))
    report["dead_units"] = [
        {"layer": layer.path, "units": len(layer.activity), "dead": len(layer.dead)}
        for layer in activity
    ]
    if fer_plus is not None:
        report["second_opinion"] = _opinion(candidate, parts, p, labels, Path(fer_plus))

    out.mkdir(parents=True, exist_ok=True)
    write_json(out / "metrics.json", report)
    found = tables(report)
    for table in found:
        (out / f"{table.name}.csv").write_text(table.csv(), encoding="utf-8")
    sheet = "\n".join(f"### {table.title}\n\n{table.markdown()}" for table in found)
    (out / "report.md").write_text(sheet, encoding="utf-8")

    drawn = {}
    for name, figure in _figures(
        candidate, parts, p, labels, scores, report, temperature, activity, sample_rng
    ):
        drawn[name] = visualize.save_figure(figure, out / f"{name}.png")
    html = layout(candidate.folder, report, found, drawn)
    (out / "report.html").write_text(html, encoding="utf-8")
    return report


def as_text(report: dict[str, Any]) -> str:
    """What a program prints of an evaluation: a few lines."""
    right, baseline = percent(report["accuracy"]), report["majority_baseline"]
    lines = [f"{report['part']}: {right} right, 95 % interval {interval(report)}"]
    if report.get("leaked_images") and "without_leaked" in report:
        clean = report["without_leaked"]
        lines.append(
            f"without the {report['leaked_images']} that are also in Training: "
            f"{percent(clean['accuracy'])}, {interval(clean)}"
        )
    lines.append(
        f"balanced accuracy {percent(report['balanced_accuracy'])}, "
        f"macro-F1 {percent(report['macro_f1'])}, kappa {report['cohen_kappa']:.3f}; "
        f"always {baseline['class']}: {percent(baseline['accuracy'])}"
    )
    calibration = report["calibration"]
    if calibration:
        error = percent(calibration["before"]["expected_calibration_error"])
        scaled = ""
        if "after" in calibration:
            after = percent(calibration["after"]["expected_calibration_error"])
            scaled = f", with temperature {calibration['temperature']:.3f} {after}"
        lines.append(f"calibration error {error}{scaled}")
    lines.append(
        f"{report['parameters']:,} parameters, {report['mmac']:.1f} MMAC a pass, "
        f"{report['milliseconds_per_image']:.2f} ms a face"
    )
    return "\n".join(lines)


# -- numbers ----------------------------------------------------------------------------------


def _temperature(candidate: Candidate, parts: Parts, store: bool) -> float | None:
    """Fitted on the held-out faces, or where there are none the card's; None without either."""
    if not candidate.has_temperature:
        return None
    if parts.calibration is None:
        known = candidate.card.get("temperature")
        if store and known is None:
            raise ValueError(
                "no temperature to store: nothing says which faces were held out of training; "
                "evaluate the model in its run folder, or put the recipe into its card, and give "
                "--fer-plus if it learned from FER+'s votes"
            )
        return None if known is None else float(known)
    held_out = parts.calibration
    temperature = candidate.fit_temperature(candidate.scores(held_out.images), held_out.labels)
    if store:
        candidate.store_temperature(temperature)
    return temperature


def _without(p: Array, labels: Array) -> dict[str, float]:
    confusion = metrics.confusion_matrix(labels, p.argmax(axis=1), p.shape[1])
    return {
        "balanced_accuracy": metrics.balanced_accuracy(confusion),
        "macro_f1": metrics.macro_f1(confusion),
    }


def _calibration(
    candidate: Candidate,
    scores: Array,
    labels: Array,
    parts: Parts,
    temperature: float | None,
    served: float,
) -> dict[str, Any]:
    """Before and after; empty for a network of scores."""
    if not candidate.has_temperature:
        return {}

    def measured(T: float) -> dict[str, float]:
        p = candidate.probabilities(scores, T)
        numbers = {
            "negative_log_likelihood": metrics.negative_log_likelihood(p, labels),
            "brier_score": metrics.brier_score(p, labels),
            "expected_calibration_error": metrics.expected_calibration_error(p, labels),
        }
        if parts.leaked is not None and parts.leaked.any() and not parts.leaked.all():
            clean = ~parts.leaked
            error = metrics.expected_calibration_error(p[clean], labels[clean])
            numbers["without_leaked_calibration_error"] = error
        return numbers

    found: dict[str, Any] = {"served_temperature": served, "before": measured(1.0)}
    if temperature is not None:
        found |= {"temperature": temperature, "after": measured(temperature)}
        found["fitted_on"] = 0 if parts.calibration is None else len(parts.calibration)
    return found


def _alone(candidate: Candidate, images: Array, rounds: int = 15) -> float:
    """Milliseconds for one face by itself: the median of some."""
    times = []
    for i in range(rounds):
        start = time.perf_counter()
        candidate.scores(images[i % len(images)][np.newaxis])
        times.append(time.perf_counter() - start)
    return 1000 * median(times)


def _opinion(
    candidate: Candidate, parts: Parts, p: Array, labels: Array, path: Path
) -> dict[str, Any]:
    votes, is_face = load_fer_plus(path, parts.faces)
    votes, is_face = votes[parts.rows], is_face[parts.rows]
    if candidate.merges:
        from scratchnet.fer.labels import merge_disgust

        votes = merge_disgust(votes)
    return second_opinion(p, labels, votes, is_face)


# -- figures ----------------------------------------------------------------------------------


def _figures(
    candidate: Candidate,
    parts: Parts,
    p: Array,
    labels: Array,
    scores: Array,
    report: dict[str, Any],
    temperature: float | None,
    activity: list[explain.UnitActivity],
    rng: np.random.Generator,
) -> Iterator[tuple[str, Figure]]:
    names, images = candidate.class_names, parts.test.images
    chosen = rng.permutation(len(images))[:SAMPLES]
    history = candidate.folder.parent / "history.csv"
    if history.is_file():
        import pandas as pd

        yield "curves", visualize.training_curves(pd.read_csv(history), "val_accuracy")
    if len(parts.faces.usages()) > 1:
        yield "distribution", visualize.class_distribution(parts.faces.counts(), noun="faces")
    face = candidate.preprocess(images[chosen[:1]])
    for name, figure in answer_figures(candidate.model, p, labels, names, face, images, chosen):
        if name != "reliability":  # of p as it is served; here are before and after
            yield name, figure
    if candidate.has_temperature:
        before = candidate.probabilities(scores)
        yield "reliability", visualize.reliability_diagram(before, labels, noun="faces")
    if temperature is not None:
        after = candidate.probabilities(scores, temperature)
        diagram = visualize.reliability_diagram(after, labels, noun="faces")
        yield "reliability_scaled", diagram
    yield from pictures.answers(p, labels, images, names, rng)
    yield from pictures.explanations(candidate, p, labels, images, rng)
    yield from pictures.dead_units(activity, min(ACTIVE_ON, len(images)))
    if "second_opinion" in report:
        opinion = report["second_opinion"]
        matrices = opinion["mean_votes"], opinion["mean_probabilities"]
        correlation = opinion["confusion_correlation"]
        yield "votes", visualize.vote_comparison(*matrices, names, correlation)
