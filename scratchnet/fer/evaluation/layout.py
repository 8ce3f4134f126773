"""What stands where on the page of an evaluation, and the sentences between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scratchnet.fer.evaluation.contents import interval, percent
from scratchnet.fer.evaluation.page import Section, Tile, page
from scratchnet.fer.evaluation.tables import Table

SECTIONS = (
    Section(
        "The examination",
        "Accuracy compares with other people's; beside it stands what is left when test faces that "
        "also occur in Training are taken out. Balanced accuracy and macro-F1 count every class "
        "alike, however rare it is.",
        ["summary"],
        ["distribution", "samples"],
    ),
    Section(
        "Class by class",
        "Precision: how often the answer is right when it is given. Recall: how many of the class "
        "are found.",
        ["classes"],
    ),
    Section(
        "What is taken for what",
        "A row is what the label says, a column what the network says.",
        ["most_confused", "confusion", "confusion_by_row"],
        ["confusion"],
    ),
    Section(
        "How near are wrong answers?",
        "A network whose second choice is right knows more than its accuracy says.",
        ["ranks"],
        ["ranks"],
    ),
    Section(
        "Does “80 % sure” come true 80 times in 100?",
        "Left as the network says it, right with its scores divided by one temperature, which was "
        "fitted on faces held out of training and never on these.",
        ["calibration"],
        ["reliability", "reliability_scaled"],
        pair=True,
    ),
    Section(
        "When it may say “I don't know”",
        "Leaving out the least sure answers makes the others more often right.",
        ["coverage"],
        ["coverage"],
    ),
    Section(
        "Does it confuse what people confuse?",
        "Ten people voted on each face (FER+). One label is a sample of size one of what people "
        "see, so no answer can agree with all of them.",
        ["second_opinion"],
        ["votes"],
    ),
    Section("Faces", "Drawn at random: nothing is picked out.", [], ["faces"]),
    Section(
        "Its surest mistakes",
        "Wrong answers with the highest confidence. Some of the labels are doubtful, too.",
        [],
        ["mistakes"],
    ),
    Section(
        "Where answers come from",
        "A right answer of each class. Grad-CAM: where maps are that speak for it. Saliency: "
        "pixels that change its score the most. Occlusion: what lowers its probability when hidden "
        "(orange), and what raises it (purple).",
        [],
        ["explanations"],
    ),
    Section(
        "Inside of the network",
        "The first filters, what is left of one face further inside, and units that never speak.",
        ["dead_units"],
        ["filters", "feature_maps_pool2", "feature_maps_pool3", "dead_units", "curves"],
    ),
)


def layout(
    folder: Path, report: Mapping[str, Any], tables: Sequence[Table], drawn: Mapping[str, Path]
) -> str:
    """The page as HTML."""
    name = folder.resolve()
    title = f"{name.parent.name}/{name.name}" if name.name == "model" else name.name
    return page(
        f"Evaluation of {title}",
        f"{report['images']:,} faces of {report['part']}, {report['classes_asked']} classes, "
        f"{report['parameters']:,} parameters, {report['mmac']:.1f} MMAC a pass. "
        "It predicts the label that annotators would give, not what a person feels.",
        _tiles(report),
        SECTIONS,
        {table.name: table for table in tables},
        drawn,
    )


def _tiles(report: Mapping[str, Any]) -> list[Tile]:
    tiles = [Tile(percent(report["accuracy"]), f"accuracy ({interval(report)})")]
    if report.get("leaked_images") and "without_leaked" in report:
        clean = report["without_leaked"]
        label = f"without {report['leaked_images']} faces that are also in Training"
        tiles.append(Tile(percent(clean["accuracy"]), label))
    tiles.append(Tile(percent(report["macro_f1"]), "macro-F1"))
    calibration = report["calibration"]
    if "after" in calibration:
        after = calibration["after"]["expected_calibration_error"]
        before = calibration["before"]["expected_calibration_error"]
        label = f"calibration error after scaling ({percent(before)} before)"
        tiles.append(Tile(percent(after), label))
    elif calibration:
        error = calibration["before"]["expected_calibration_error"]
        tiles.append(Tile(percent(error), "calibration error"))
    milliseconds = report["milliseconds_per_image"]
    tiles.append(Tile(f"{milliseconds:.1f} ms", "a face, in batches"))
    return tiles
