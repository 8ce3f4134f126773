"""docs/ablation.md: its numbers, from the runs kept in docs/data and the card of the box.

`python -m tests.docs.test_ablation_chapter` writes them into the chapter. ablation.csv is the table
of examples/ablation.py, faults.txt what it prints with --faults.
"""

from __future__ import annotations

import runpy
from itertools import pairwise
from math import ceil, sqrt

import pandas as pd

from scratchnet.fer.pretrained import pretrained_folder, read_card
from tests.docs.arithmetic import columns
from tests.docs.by_hand import block
from tests.docs.chapters import DOCS, ROOT, Chapter, ChapterTests

CHAPTER = Chapter("ablation.md")
SECTIONS = (
    "The rules", "Step by step", "What is a difference?", "What the steps say", "And then, time",
    "How to get `0.15`", "The code", "Exercises", "Sources",
)  # fmt: skip

ROAD = pd.read_csv(DOCS / "data" / "ablation.csv")
FAULTS = (DOCS / "data" / "faults.txt").read_text(encoding="utf-8")
CARD = read_card(pretrained_folder())
FACES, HELD_OUT = 3589, 2871


def percent(share):
    """0.691 as 69.1 %."""
    return f"{100 * share:.1f} %"


def points(difference):
    """0.0101 as +1.0."""
    return f"{100 * difference:+.1f}".replace("-", "−")


@CHAPTER.computed
def road():
    rows = [["", "right", "95 % interval", "clean", "held out", "minutes"]]
    for row in ROAD.itertuples():
        measured = not pd.isna(row.minutes)
        rows.append(
            [
                f"{row.step}  {row.change}",
                percent(row.accuracy),
                f"{100 * row.low:.1f} to {percent(row.high)}",
                percent(row.clean),
                percent(row.validation) if measured else "",
                f"{row.minutes:.0f}" if measured else "",
            ]
        )
    return block(columns(rows, 3))


def deviation(p, n):
    return sqrt(p * (1 - p) / n)


@CHAPTER.computed
def how_far():
    p = round(ROAD["accuracy"].mean(), 2)
    one = deviation(p, FACES)
    both = sqrt(2) * one
    return block(
        [
            f"one accuracy               √({p:.2f}·{1 - p:.2f} / {FACES}) → {one:.4f}",
            f"of a difference            √2·{one:.4f} → {both:.4f}",
            f"two of these               2·{both:.4f} → {2 * both:.4f}, or {200 * both:.1f} points",
            f"the same, {HELD_OUT} held out    {100 * limit(HELD_OUT):.1f} points",
        ]
    )


def limit(faces):
    """Two deviations of a difference, as above."""
    return 2 * sqrt(2) * deviation(round(ROAD["accuracy"].mean(), 2), faces)


@CHAPTER.computed
def gains():
    rows = [["", "points", "held out", "beyond the limit of"]]
    for before, row in pairwise(ROAD.itertuples()):
        gain = row.accuracy - before.accuracy
        same_faces = row.step < 10
        held = row.validation - before.validation if same_faces else 0.0
        beyond = {"PublicTest": abs(gain) > limit(FACES), "held out": abs(held) > limit(HELD_OUT)}
        rows.append(
            [
                row.change,
                points(gain),
                points(held) if same_faces else "",
                ", ".join(name for name, is_beyond in beyond.items() if is_beyond),
            ]
        )
    return block(columns(rows, 3))


@CHAPTER.computed
def with_time():
    last = ROAD.iloc[-1]
    six = "PublicTest, six classes"
    rows = [["", "epochs", "right"]]
    rows.append([f"{last.change}, as above", "5", percent(last.accuracy)])
    for number, network in enumerate(CARD["networks"], 1):
        right = percent(network["accuracy"][six])
        rows.append([f"network {number} in the box", str(network["epochs"]), right])
    rows.append(["the mean of both", "", percent(CARD["results"][six]["accuracy"])])
    assert len(CARD["networks"]) == 2
    return block(columns(rows, 3))


@CHAPTER.computed
def faults():
    return block(FAULTS.strip().replace("%", " %").splitlines())


@CHAPTER.computed
def commands():
    known = ROAD.dropna(subset=["command"])
    return "\n".join(["```sh", *(row.command for row in known.itertuples()), "```"])


@CHAPTER.computed
def four_times():
    few, many = limit(FACES), limit(4 * FACES)
    assert many < 0.575 - 0.56 < few
    return (
        f"2·√2·√(0.56·0.44 / {4 * FACES}) → {many:.4f}, less than the step of 0.0150: yes. "
        f"On PublicTest alone it would be {few:.4f}, and the step a hint. Four times the faces "
        "halve the deviation."
    )


@CHAPTER.computed
def steps_an_epoch():
    few, many = ceil(25838 / 1024), ceil(25838 / 128)
    return f"25838 / 1024 → {few} steps (the last batch is smaller), and 25838 / 128 → {many}."


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found


def test_the_table_is_that_of_the_script_as_it_is():
    program = runpy.run_path(str(ROOT / "examples" / "ablation.py"))
    changes = [change for change, _ in program["recipes"](5, True)]
    assert ROAD["change"].tolist() == [*changes, "mirror images, too"]
    assert all("--epochs 5 " in line for line in ROAD["command"].dropna())


def test_the_sentences_hold():
    """What the prose says of the table."""
    right = dict(zip(ROAD["change"], ROAD["accuracy"], strict=True))
    held = dict(zip(ROAD["change"], ROAD["validation"], strict=True))
    names = list(right)
    gains = {b: right[b] - right[a] for a, b in pairwise(names)}
    assert max(gains, key=gains.__getitem__) == "batches of 128, not of 1,024"
    moved = "faces mirrored, turned, scaled and shifted"
    assert gains[moved] < 0 and held[moved] < held["batches of 128, not of 1,024"]
    assert abs(gains["batch norm, which bears three times the rate"]) < 0.01
    assert gains["a rate that rises and falls once"] > limit(FACES)
    assert held["a rate that rises and falls once"] - held["residual blocks"] < limit(HELD_OUT)
    assert max(abs(gains[name]) for name in names[6:9]) < limit(FACES)
    after_the_schedule = right[names[-1]] - right[names[5]]
    six = "PublicTest, six classes"
    first, second = (network["accuracy"][six] for network in CARD["networks"])
    assert first - right[names[-1]] > after_the_schedule
    assert 0 < second - first < limit(FACES)
    assert abs(CARD["results"][six]["accuracy"] - second) < 0.005
    assert gains["half of each target by FER+'s votes"] < 0.020
    _, diverged, dead, mislabelled = FAULTS.split("\n\n")
    assert "75% of the units are 0" in dead and " 6% of the units are 0" in mislabelled
    assert "the loss became nan" in diverged and "100% of the answers are Angry" in diverged


if __name__ == "__main__":
    CHAPTER.rewrite()
