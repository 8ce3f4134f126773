"""docs/recognizer.md: its numbers, from the code, from the card in the box, and from docs/data.

`python -m tests.docs.test_recognizer_chapter` writes them into the chapter and draws its figures.
After a change of the network in the box, first measure: see docs/figures/make_recognizer.py.
"""

from __future__ import annotations

import json
from math import exp, log, log2

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from docs.figures import make_recognizer
from scratchnet.fer.label_shift import fit_class_biases
from scratchnet.fer.labels import SEVEN, SIX, merge_disgust
from scratchnet.fer.pretrained import pretrained_folder, read_card
from scratchnet.losses import softmax
from scratchnet.metrics import (
    expected_calibration_error,
    reliability_bins,
    with_temperature,
)
from tests.docs.arithmetic import columns, rounded
from tests.docs.by_hand import block, whole
from tests.docs.chapters import DOCS, Chapter, ChapterTests

CHAPTER = Chapter("recognizer.md")
SECTIONS = (
    "In five lines", "What comes back", "Six classes of seven", "Why it looks twice",
    "Is it as sure as it should be?", "Two dialects", "How good it is",
    "Does it confuse what people confuse?", "When it may stay silent", "What goes wrong",
    "What it is for, and what not", "Faces of your own", "The code", "Exercises", "Sources",
)  # fmt: skip

CARD = read_card(pretrained_folder())
RESULTS, SIX_RESULTS = CARD["results"]["PublicTest"], CARD["results"]["PublicTest, six classes"]
MEASURED = make_recognizer.measured()


def percent(share, places=1):
    """0.685 as 68.5 %."""
    return f"{100 * share:.{places}f} %"


def three(p):
    return [f"{value:.3f}" for value in p]


# -- what comes back ------------------------------------------------------------------------------


def bits(p):
    return sum(-value * log2(value) for value in p if value)


@CHAPTER.computed
def entropy_by_hand(face):
    assert bits((0.5, 0.25, 0.25)) == 1.5
    own = list(face.probabilities.values())
    assert bits(own) == pytest.approx(face.entropy)
    rows = [
        ["p = 1, and six zeros", "1·0 = 0 bits: certain"],
        ["p = 0.5, 0.5", "0.5·1 + 0.5·1 = 1 bit: one of two"],
        ["p = 0.5, 0.25, 0.25", "0.5·1 + 0.25·2 + 0.25·2 = 1.5 bits"],
        ["p = 1/7, seven times", f"log₂ 7 → {log2(7):.2f} bits: it knows nothing"],
        ["the portrait", f"{face.entropy:.2f} bits"],
    ]
    return block(columns(rows))


# -- six of seven ---------------------------------------------------------------------------------


@CHAPTER.computed
def six_of_seven():
    seven = np.array([0.30, 0.15, 0.05, 0.02, 0.38, 0.02, 0.08])
    assert seven.sum() == pytest.approx(1)
    six = merge_disgust(seven)
    assert SEVEN[seven.argmax()] == "Sad" and SIX[six.argmax()] == "Angry"
    rows = [
        ["", *SEVEN],
        ["seven", *(f"{p:.2f}" for p in seven)],
        ["six", f"{six[0]:.2f}", "", *(f"{p:.2f}" for p in six[1:])],
    ]
    return block([*columns(rows, 3), "", "Angry of six: 0.30 + 0.15 = 0.45"])


# -- views ----------------------------------------------------------------------------------------

LOOKS = np.array([[2.0, 1.0, 0.0], [0.5, 2.0, 0.0]])


@CHAPTER.computed
def two_views():
    rows = [["", "scores", "e to them", "their sum", "p"]]
    for name, s, p in zip(("face", "mirrored"), LOOKS, softmax(LOOKS), strict=True):
        powers = np.exp(s)
        shown = "  ".join(f"{value:.2f}" for value in powers)
        scores = "  ".join(map(whole, s))
        rows.append([name, scores, shown, f"{powers.sum():.2f}", "  ".join(three(p))])
    mean = softmax(LOOKS).mean(axis=0)
    rows.append(["mean", "", "", "", "  ".join(three(mean))])
    assert softmax(LOOKS).argmax(axis=1).tolist() == [0, 1] and mean.argmax() == 1
    return block(columns(rows))


@CHAPTER.computed
def loss_of_the_mean():
    first, second = softmax(LOOKS)[:, 1]
    mean = (first + second) / 2
    losses = -log(first), -log(second)
    assert -log(mean) < sum(losses) / 2
    rows = [
        ["face", f"−ln {first:.3f} → {losses[0]:.3f}"],
        ["mirrored", f"−ln {second:.3f} → {losses[1]:.3f}"],
        ["mean of both losses", f"({losses[0]:.3f} + {losses[1]:.3f}) / 2 → {sum(losses) / 2:.3f}"],
        ["loss of the mean", f"−ln {mean:.3f} → {-log(mean):.3f}"],
    ]
    return block(columns(rows))


@CHAPTER.computed
def views_measured():
    right, faces = MEASURED["right"], MEASURED["images"]
    held, others = MEASURED["held_out"]["right"], MEASURED["held_out"]["faces"]
    networks = CARD["networks"]
    many = len(networks)

    def row(words, count, on_held_out=None):
        beside = "" if on_held_out is None else percent(on_held_out / others)
        return [words, f"{count} of {faces}", percent(count / faces), beside]

    rows = [["", "right", "", "held out"]]
    for n, network in enumerate(networks):
        who = f"network {n + 1}, {network['network']}" if many > 1 else "the network"
        plain, mirrored = right["each view"][n], right["each view"][n + many]
        rows.append(row(f"{who}: faces", plain))
        rows.append(row(f"{who}: mirror images", mirrored))
        rows.append(row(f"{who}: the mean", right["each network"][n], held["each network"][n]))
    if many > 1:
        assert held["together"] > max(held["each network"])
        rows.append(row("all networks, both views", right["together"], held["together"]))
    return block(columns(rows))


# -- calibration ----------------------------------------------------------------------------------


def groups(p, true):
    """Confidence, faces and right ones, of the bins that are not empty; the surest first."""
    found = reliability_bins(p, true)
    rows = zip(found.samples, found.confidence, found.accuracy, strict=True)
    return [(int(n), c, round(n * a)) for n, c, a in rows if n][::-1]


def ece_block(p, true, name):
    found, N = groups(p, true), len(true)
    rows = [["confidence", "faces", "right", "distance"]]
    for n, c, right in found:
        distance = abs(right / n - c)
        sign = "=" if abs(distance - float(rounded(distance))) < 1e-9 else "→"
        sum_ = f"| {right}/{n} − {rounded(c)} | {sign} {rounded(distance)}"
        rows.append([rounded(c), str(n), str(right), sum_])
    terms = " + ".join(f"{n}·{rounded(abs(right / n - c))}" for n, c, right in found)
    ece = expected_calibration_error(p, true)
    return block([*columns(rows), "", f"{name} = ({terms}) / {N} → {rounded(ece)}"])


@CHAPTER.computed
def ece_by_hand(p, true):
    return ece_block(p, true, "ECE")


@CHAPTER.computed
def temperature_by_hand(p, true, T):
    assert pytest.approx(2) == T
    scaled = with_temperature(p, 2)
    assert np.unique(scaled[:, 0].round(9)).tolist() == [round(2 / 3, 9), 0.75]
    assert expected_calibration_error(scaled, true) == pytest.approx(0)
    lines = []
    for sure, power, right, faces in ((0.9, 3, 3, 4), (0.8, 2, 2, 3)):
        odds = round(sure / (1 - sure))
        assert power**2 == odds
        lines.append(
            f"{sure}    odds {odds} : 1    √{odds} → {power}    "
            f"{power} : 1, that is {power}/{power + 1}    right: {right} of {faces}"
        )
    return block([*lines, "", "ECE = 0"])


@CHAPTER.computed
def calibration_measured():
    bins, T = MEASURED["bins"], CARD["temperature"]
    rows = [["sure by", "faces", "on average", "right"]]
    count = len(bins["samples"])
    for b, (n, c, a) in enumerate(
        zip(bins["samples"], bins["confidence"], bins["accuracy"], strict=True)
    ):
        if n:
            edges = f"{100 * b // count} to {100 * (b + 1) // count} %"
            rows.append([edges, f"{n:.0f}", percent(c), percent(a)])
    plain, scaled = RESULTS["calibration_error_unscaled"], RESULTS["expected_calibration_error"]
    lines = [f"ECE, fifteen bins: {percent(plain)} as it is, {percent(scaled)} with T = {T:.3g}"]
    return block([*columns(rows), "", *lines])


# -- label shift ----------------------------------------------------------------------------------


@CHAPTER.computed
def dialects():
    held = MEASURED["held_out"]
    rows = [["per cent of", *SEVEN]]
    shares = {
        "labels": held["labels"],
        "votes": held["votes"],
        "expected, first": make_recognizer.shifted()["expected_before"],
        "in the end": held["network"],
    }
    for words, row in shares.items():
        rows.append([words, *(f"{100 * share:.1f}" for share in row)])
    return block([*columns(rows, 3), "", f"{held['faces']:,} faces"])


def sigmoid(s):
    return 1 / (1 + exp(-s))


def newton(b):
    """What is expected of Sad, the gradient and the curvature, for both kinds of faces."""
    p = [sigmoid(log(odds) + b) for odds in (1 / 3, 1)]
    return p, sum(p) / 2 - 5 / 8, sum(q * (1 - q) for q in p) / 2


@CHAPTER.computed
def newton_by_hand():
    rows = [["b", "p", "gradient", "curvature", "next b"]]
    b = 0.0
    for step in range(3):
        p, slope, curve = newton(b)
        if step == 0:
            shown = (
                "(0.25 + 0.5) / 2 − 0.625 = −0.25",
                "(0.25·0.75 + 0.5·0.5) / 2 = 0.21875",
                f"0 + 0.25 / 0.21875 → {b - slope / curve:.4f}",
            )
        else:
            shown = (rounded(slope), rounded(curve), f"{b - slope / curve:.4f}")
        rows.append([rounded(b), "  ".join(rounded(q) for q in p), *shown])
        b -= slope / curve
    assert b == pytest.approx(log(3), abs=1e-4)
    return block(columns(rows, 3))


@CHAPTER.computed
def after_the_shift(b):
    p, slope, _ = newton(log(3))
    assert p == pytest.approx([0.5, 0.75]) and slope == pytest.approx(0)
    assert b[1] - b[0] == pytest.approx(log(3), abs=1e-3)
    return block(["(0.5 + 0.75) / 2 = 0.625, and 5 / 8 = 0.625"])


def test_the_fit_of_two_biases_is_newton_s_one_number():
    scores = np.tile(np.log([[3.0, 1.0], [1.0, 1.0]]), (4000, 1))
    b = fit_class_biases(scores, np.tile([1, 1, 0, 1, 0, 1, 0, 1], 1000))
    assert b[1] - b[0] == pytest.approx(log(3), abs=1e-3)
    assert b.sum() == pytest.approx(0, abs=1e-9)


@CHAPTER.computed
def shift_measured():
    table = pd.read_csv(make_recognizer.DATA / "label_shift.csv", dtype=str, keep_default_na=False)
    rows = [["network", "", "before", "after"], *table.to_numpy().tolist()]
    b = make_recognizer.shifted()["biases"]
    shown = [f"{value + 0:+.2f}".replace("-0.00", "0.00").replace("-", "−") for value in b.values()]
    return block([*columns(rows), "", *columns([["", *b], ["b", *shown]], 3)])


# -- how good -------------------------------------------------------------------------------------


@CHAPTER.computed
def results():
    rows = [["", "right", "95 % interval", "without duplicates", "macro-F1"]]
    for words, found in (("seven classes", RESULTS), ("six classes", SIX_RESULTS)):
        low, high = found["accuracy_interval"]
        rows.append(
            [
                words,
                percent(found["accuracy"]),
                f"{100 * low:.1f} to {percent(high)}",
                percent(found["without_leaked"]["accuracy"]),
                f"{found['macro_f1']:.3f}",
            ]
        )
    base = RESULTS["majority_baseline"]
    weights = sum(network["parameters"] for network in CARD["networks"])
    minutes = sum(network["minutes"] for network in CARD["networks"])
    many = len(CARD["networks"])
    lines = [
        f"{RESULTS['images']:,} faces of PublicTest, {RESULTS['leaked_images']} of them duplicates",
        f"always {base['class']}: {percent(base['accuracy'])}",
        f"{many} network{'s' * (many > 1)}, {weights:,} weights, {minutes:.0f} minutes of training",
    ]
    return block([*columns(rows), "", *lines])


@CHAPTER.computed
def by_class():
    rows = [["", "precision", "recall", "F1", "faces"]]
    for name, found in RESULTS["classes"].items():
        shares = [percent(found[key], 0) for key in ("precision", "recall")]
        rows.append([name, *shares, f"{found['f1']:.2f}", str(found["support"])])
    return block(columns(rows))


@CHAPTER.computed
def confusion():
    rows = [["label", *SEVEN]]
    for name, counts in zip(SEVEN, RESULTS["confusion_matrix"], strict=True):
        rows.append([name, *(f"{100 * n / sum(counts):.0f}" for n in counts)])
    return block(columns(rows, 3))


def test_smiles_and_surprise_are_seldom_missed():
    recalls = {name: found["recall"] for name, found in RESULTS["classes"].items()}
    assert set(sorted(recalls, key=recalls.__getitem__)[-2:]) == {"Happy", "Surprise"}
    dark = {"Angry", "Fear", "Sad", "Neutral"}
    pairs = [{pair["true"], pair["predicted"]} for pair in RESULTS["most_confused"]]
    assert all(pair <= dark for pair in pairs)


@CHAPTER.computed
def second_opinion():
    found = MEASURED["second_opinion"]
    agreement = found["agreement"]
    assert agreement["majority"] == max(agreement.values())
    rows = [
        ["a person drawn at random agrees with the majority", percent(agreement["majority"])],
        ["… with the network", percent(agreement["model"])],
        ["… with FER2013's label", percent(agreement["label"])],
        ["the network says what the majority says", percent(found["accuracy_on_majority"])],
        ["FER2013's label does", percent(found["labels_on_majority"])],
        ["confuses the same pairs (rank correlation)", f"{found['confusion_correlation']:.2f}"],
        ["is unsure where people disagree (the same)", f"{found['entropy_correlation']:.2f}"],
    ]
    return block([*columns(rows), "", f"{found['images']:,} faces"])


@CHAPTER.computed
def coverage():
    rows = [["answered", "right", "at least so sure"]]
    for row in MEASURED["coverage"]:
        if round(10 * row["coverage"]) in (10, 8, 6, 4, 2):
            shares = percent(row["accuracy"]), percent(row["threshold"], 0)
            rows.append([percent(row["coverage"], 0), *shares])
    return block(columns(rows))


@CHAPTER.computed
def seen():
    found = json.loads((make_recognizer.DATA / "seen.json").read_text(encoding="utf-8"))
    rows = [["what is to be seen", "answer", ""]]
    for words, answer, sure in found["answers"]:
        rows.append([words, answer, "" if sure is None else f"{sure} %"])
    head = f"{found['faces']} faces in {found['photos']} photos; some of them"
    return block([head, "", *columns(rows)])


# -- exercises ------------------------------------------------------------------------------------


@CHAPTER.computed
def entropy_of_six():
    seven, six = (0.2, 0.2, 0.3, 0.3), (0.4, 0.3, 0.3)
    assert bits(six) < bits(seven)
    lines = [
        f"seven: 2·0.2·{-log2(0.2):.3f} + 2·0.3·{-log2(0.3):.3f} → {bits(seven):.3f} bits",
        f"six:   0.4·{-log2(0.4):.3f} + 2·0.3·{-log2(0.3):.3f} → {bits(six):.3f} bits",
    ]
    words = "It cannot grow: who does not ask which of two it was needs fewer questions."
    return f"{block(lines)}\n\n{words}"


@CHAPTER.computed
def bayes():
    sad, neutral = 0.5 * 0.6 / 0.4, 0.5 * 0.4 / 0.6
    p = sad / (sad + neutral)
    assert p == pytest.approx(9 / 13)
    lines = [
        "Sad      0.5·0.6 / 0.4 = 0.75",
        f"Neutral  0.5·0.4 / 0.6 → {neutral:.4f}",
        f"p        0.75 / (0.75 + {neutral:.4f}) → {p:.3f}",
    ]
    return f"{block(lines)}\n\nThe odds of 1 : 1 have been multiplied by 1.5 twice: 9 : 4."


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found


def test_what_was_measured_is_the_network_in_the_box():
    again = "python -m docs.figures.make_recognizer fer2013.csv.gz fer2013new.csv"
    digests = [network["weights_sha256"] for network in CARD["networks"]]
    assert MEASURED["weights_sha256"] == digests, again
    assert MEASURED["accuracy"] == pytest.approx(RESULTS["accuracy"], abs=1e-3), again


def test_every_figure_is_on_the_page_and_small():
    shown = {target for _, target in CHAPTER.links() if target.endswith((".png", ".svg"))}
    kept = {f"fer2013/{name}" for name in make_recognizer.PICTURES.values()}
    assert shown == {f"figures/{name}" for name in {*make_recognizer.FIGURES, *kept}}
    for target in shown:
        assert (DOCS / target).stat().st_size < 150_000


def test_the_portrait_is_that_of_the_script(tmp_path):
    make_recognizer.astronaut(tmp_path / "astronaut.png")
    with (
        Image.open(tmp_path / "astronaut.png") as new,
        Image.open(DOCS / "figures" / "recognizer_astronaut.png") as kept,
    ):
        assert new.size == kept.size


if __name__ == "__main__":
    for name, draw in make_recognizer.FIGURES.items():
        draw(make_recognizer.FOLDER / name)
    CHAPTER.rewrite()
