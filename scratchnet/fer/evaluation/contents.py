"""Which tables an evaluation has: from its report, the dictionary that metrics.json holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scratchnet.fer.evaluation.tables import Cell, Table

Report = Mapping[str, Any]


def tables(report: Report) -> list[Table]:
    """All tables that the report has numbers for, in the order of reading."""
    names = list(report["classes"])
    counts = report["confusion_matrix"]
    found = [
        Table("summary", "The whole examination", ["", "value"], list(_summary(report))),
        Table(
            "classes",
            "Each class",
            ["class", "precision", "recall", "F1", "support"],
            [[name, *scores.values()] for name, scores in report["classes"].items()],
        ),
        Table(
            "confusion",
            "Confusion, in faces: a row is what the label says",
            ["", *names],
            [[name, *row] for name, row in zip(names, counts, strict=True)],
        ),
        Table(
            "confusion_by_row",
            "Confusion, as shares of the row",
            ["", *names],
            [
                [name, *(n / max(sum(row), 1) for n in row)]
                for name, row in zip(names, counts, strict=True)
            ],
        ),
        Table(
            "most_confused",
            "The most confused pairs",
            ["true", "taken for", "faces", "share of the class"],
            [
                [pair["true"], pair["predicted"], pair["samples"], pair["share"]]
                for pair in report["most_confused"]
            ],
        ),
        Table("ranks", "Where the true label stands", ["rank", "faces", "share", "up to it"],
              list(_ranks(report))),
        Table("coverage", "When only the surest are answered",
              ["coverage", "accuracy", "least confidence"],
              [[f"{100 * row['coverage']:.0f} %", row["accuracy"], row["threshold"]]
               for row in report["coverage"]]),
    ]  # fmt: skip
    if report["calibration"]:
        found.append(_calibration(report["calibration"]))
    if report["dead_units"]:
        found.append(_dead_units(report["dead_units"]))
    if "second_opinion" in report:
        found.append(_second_opinion(report["second_opinion"]))
    return found


def _summary(report: Report) -> Iterator[list[Cell]]:
    yield ["faces", report["images"]]
    yield ["accuracy", report["accuracy"]]
    yield ["95 % interval", interval(report)]
    if "without_leaked" in report:
        clean = report["without_leaked"]
        yield [
            f"accuracy without {report['leaked_images']} that are in Training",
            clean["accuracy"],
        ]
        yield ["its 95 % interval", interval(clean)]
    yield ["balanced accuracy", report["balanced_accuracy"]]
    yield ["macro-F1", report["macro_f1"]]
    if "without_leaked" in report:
        yield ["balanced accuracy without duplicates", clean["balanced_accuracy"]]
        yield ["macro-F1 without duplicates", clean["macro_f1"]]
    yield ["Cohen's kappa", f"{report['cohen_kappa']:.3f}"]
    baseline = report["majority_baseline"]
    yield [f"baseline: always {baseline['class']}", baseline["accuracy"]]
    for k, share in report["top_k"].items():
        yield [f"top-{k}", share]
    yield ["parameters", report["parameters"]]
    yield ["MMAC a pass", f"{report['mmac']:.1f}"]
    yield ["passes a face", report["views"]]
    yield ["ms a face, in batches", f"{report['milliseconds_per_image']:.2f}"]
    yield ["ms a face, one alone", f"{report['milliseconds_alone']:.2f}"]


def _ranks(report: Report) -> Iterator[list[Cell]]:
    total, reached = report["images"], 0
    for rank, faces in enumerate(report["rank_histogram"], 1):
        reached += faces
        yield [str(rank), faces, faces / total, reached / total]


def _calibration(calibration: Report) -> Table:
    columns = ["", "T = 1"]
    measured = [calibration["before"]]
    if "after" in calibration:
        columns.append(f"T = {calibration['temperature']:.3f}")
        measured.append(calibration["after"])
    rows = [
        [label, *(numbers[key] for numbers in measured)]
        for label, key in (
            ("negative log-likelihood", "negative_log_likelihood"),
            ("Brier score", "brier_score"),
            ("expected calibration error, 15 bins", "expected_calibration_error"),
            ("the same, without duplicates", "without_leaked_calibration_error"),
        )
        if key in measured[0]
    ]
    return Table("calibration", "Probabilities", columns, rows, shares=False)


def _dead_units(layers: list[Report]) -> Table:
    rows = [[layer["layer"], layer["units"], layer["dead"]] for layer in layers]
    return Table("dead_units", "Units that never speak", ["ReLU layer", "units", "dead"], rows)


def _second_opinion(opinion: Report) -> Table:
    agreement = opinion["agreement"]
    rows: list[list[Cell]] = [
        ["faces with a majority among the annotators", opinion["images"]],
        ["model gives the majority's label", opinion["accuracy_on_majority"]],
        ["FER2013 gives the majority's label", opinion["labels_on_majority"]],
        ["a random annotator agrees with the model", agreement["model"]],
        ["… with FER2013's label", agreement["label"]],
        ["… with the majority", agreement["majority"]],
        ["confuses the same pairs (rank correlation)", f"{opinion['confusion_correlation']:.2f}"],
        ["is unsure where they disagree (the same)", f"{opinion['entropy_correlation']:.2f}"],
    ]
    return Table("second_opinion", "A second opinion: FER+", ["", "value"], rows)


def interval(numbers: Report) -> str:
    """Such as "62.5 to 65.6 %"."""
    low, high = numbers["accuracy_interval"]
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def percent(share: float) -> str:
    """Such as "64.1 %"."""
    return f"{100 * share:.1f} %"
