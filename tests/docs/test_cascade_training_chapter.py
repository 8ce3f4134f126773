"""docs/cascade_training.md: its numbers, in fractions by hand and from `haar`; its pictures.

`python -m tests.docs.test_cascade_training_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from docs.figures import make_cascade_training
from haar.boosting import DiscreteAdaBoost
from haar.feature_pool import FeaturePool
from haar.kernels.splits import CANDIDATES
from haar.kernels.values import BINS
from haar.mining import GOLDEN
from haar.splits import threshold_split
from haar.training_stage import effective, stage_threshold
from tests.docs.by_hand import block, whole
from tests.docs.chapters import DOCS, Chapter, ChapterTests

CHAPTER = Chapter("cascade_training.md")

VALUES = (1, 2, 3, 4, 5)
FACES = (True, True, False, True, False)
CUTS = (1.5, 2.5, 3.5, 4.5)
HALF = Fraction(1, 2)


def row(name: str, cells: Any, width: int = 8) -> str:
    return f"{name:20}" + "".join(f"{cell!s:>{width}}" for cell in cells)


def yes_no(answers: Any) -> list[str]:
    return ["yes" if answer else "no" for answer in answers]


# -- AdaBoost in fractions, on its own ------------------------------------------------------------


class Round(NamedTuple):
    before: list[Fraction]
    below: list[Fraction]
    """The error of `below is a face`, at each cut."""
    cut: float
    face_below: bool
    error: Fraction
    raw: list[Fraction]
    after: list[Fraction]

    @property
    def right(self) -> list[bool]:
        return [
            ((v < self.cut) == self.face_below) == f for v, f in zip(VALUES, FACES, strict=True)
        ]

    @property
    def alpha(self) -> float:
        return math.log((1 - self.error) / self.error)


def one_round(weights: list[Fraction]) -> Round:
    def error(cut: float, face_below: bool) -> Fraction:
        wrong = [((v < cut) == face_below) != f for v, f in zip(VALUES, FACES, strict=True)]
        return sum((w for w, bad in zip(weights, wrong, strict=True) if bad), Fraction(0))

    below = [error(cut, True) for cut in CUTS]
    least, cut, face_below = min(
        (error(cut, side), cut, side) for cut in CUTS for side in (True, False)
    )
    right = [((v < cut) == face_below) == f for v, f in zip(VALUES, FACES, strict=True)]
    beta = least / (1 - least)
    raw = [w * beta if good else w for w, good in zip(weights, right, strict=True)]
    return Round(weights, below, cut, face_below, least, raw, [w / sum(raw) for w in raw])


@cache
def by_hand(number: int = 4) -> list[Round]:
    faces = sum(FACES)
    weights = [HALF / faces if f else HALF / (len(FACES) - faces) for f in FACES]
    found = []
    for _ in range(number):
        found.append(one_round(weights))
        weights = found[-1].after
    return found


def ratio(odds: Fraction) -> str:
    return str(odds) if odds.denominator == 1 else f"({odds})"


def told(number: int) -> list[str]:
    """A round, written out."""
    one = by_hand()[number - 1]
    side = "below" if one.face_below else "above"
    odds = (1 - one.error) / one.error
    return [
        row(f"round {number}: weight", one.before),
        row("error of each cut", [*one.below], 8),
        row("  or the other side", [1 - e for e in one.below], 8),
        f"a face is {side} {one.cut}: ε = {one.error},  "
        f"β = ({one.error}) / ({1 - one.error}) = {1 / odds},  α = ln {ratio(odds)}"
        f" ≈ {one.alpha:.3f}",
        row("right", yes_no(one.right)),
        row("weight, or · β", one.raw),
        f"their sum is {sum(one.raw)}; divided by it:",
        row("", one.after),
    ]


@CHAPTER.computed
def discrete():
    lines = [row("value", VALUES), row("a face", yes_no(FACES))]
    for number in (1, 2, 3):
        lines += ["", *told(number)]
    return block(lines)


@CHAPTER.computed
def votes():
    lines = [row("value", VALUES)]
    sums = np.zeros(5)
    for number, one in enumerate(by_hand(3), 1):
        votes = [one.alpha if (v < one.cut) == one.face_below else 0 for v in VALUES]
        sums += votes
        lines.append(row(f"round {number}", [f"{vote:.3f}" if vote else "0" for vote in votes]))
    alphas = [one.alpha for one in by_hand(3)]
    half = sum(alphas) / 2
    answers = sums >= half
    assert answers.tolist() == list(FACES)
    shown = " + ".join(f"{alpha:.3f}" for alpha in alphas)
    return block(
        [
            *lines,
            row("sum", [f"{total:.3f}" for total in sums]),
            "",
            f"half of all votes: ({shown}) / 2 = {half:.3f}",
            row("a face", yes_no(answers)),
        ]
    )


@CHAPTER.computed
def bound():
    factors = [2 * math.sqrt(one.error * (1 - one.error)) for one in by_hand(3)]
    product = math.prod(factors)
    for one, factor in zip(by_hand(3), factors, strict=True):
        root = math.sqrt(one.error / (1 - one.error))
        scaled = [w * (root if good else 1 / root)
                  for w, good in zip(one.before, one.right, strict=True)]  # fmt: skip
        assert math.isclose(sum(scaled), factor)
        assert np.allclose(np.array(scaled) / sum(scaled), [float(w) for w in one.after])
    return f"{' · '.join(f'{factor:.3f}' for factor in factors)} ≈ {product:.3f}"


@CHAPTER.computed
def fourth():
    return block([row("value", VALUES), row("a face", yes_no(FACES)), "", *told(4)[:4]])


def test_haar_finds_the_same_as_the_fractions():
    boosting = DiscreteAdaBoost(np.array(FACES))
    values = np.array(VALUES, np.float32)
    for one in by_hand():
        assert np.allclose(boosting.weights, [float(w) for w in one.before], atol=1e-7)
        P, N = boosting.shares()
        split = threshold_split(0, values, P, N, "errors")
        assert split is not None and split.threshold == one.cut
        left = values < split.threshold
        leaves = boosting.leaves(*(np.array([w[left].sum(), w[~left].sum()]) for w in (P, N)))
        assert np.allclose(leaves, (one.alpha, 0) if one.face_below else (0, one.alpha))
        boosting.update(np.where(left, *leaves))


def test_after_a_round_what_was_wrong_weighs_one_half():
    for one in by_hand():
        wrong = [w for w, good in zip(one.after, one.right, strict=True) if not good]
        assert sum(wrong) == HALF


# -- gentle ---------------------------------------------------------------------------------------


@CHAPTER.computed
def gentle():
    weights = by_hand()[0].before
    lines, scores = [row("cut", CUTS, 9), ""], []
    rows: dict[str, list[Any]] = {name: [] for name in ("P", "N", "P'", "N'", "left", "right", "s")}
    for cut in CUTS:
        sums = [
            sum(
                (w for w, v, f in zip(weights, VALUES, FACES, strict=True)
                 if f == faces and (v < cut) == left),
                Fraction(0),
            )
            for left in (True, False)
            for faces in (True, False)
        ]  # fmt: skip
        P, N, P_, N_ = sums
        leaves = (P - N) / (P + N), (P_ - N_) / (P_ + N_)
        scores.append((P - N) ** 2 / (P + N) + (P_ - N_) ** 2 / (P_ + N_))
        shown = [*sums, *leaves, scores[-1]]
        for own, number in zip(rows.values(), shown, strict=True):
            own.append(str(number).replace("-", "−"))
    names = ("P", "N", "P'", "N'", "left leaf", "right leaf", "squares")
    lines += [row(name, own, 9) for name, own in zip(names, rows.values(), strict=True)]
    best = CUTS[int(np.argmax([float(score) for score in scores]))]
    return block([*lines, "", f"the best cut: {best}"])


# -- numbers --------------------------------------------------------------------------------------


def along(cells: int, side: int = 24) -> int:
    return sum(side - cells * d + 1 for d in range(1, side // cells + 1))


@CHAPTER.computed
def features():
    one, two, three = (along(cells) for cells in (1, 2, 3))
    total = 2 * two * one + 2 * three * one + two * two
    assert total == len(FeaturePool("basic", 24, 24))
    return f"2·{two}·{one} + 2·{three}·{one} + {two}·{two} = {total}"


@CHAPTER.computed
def values():
    return f"162336·10000 = {162336 * 10000}"


@CHAPTER.computed
def gigabytes():
    return f"{162336 * 10000 / 1e9:.1f} GB"


@CHAPTER.computed
def stages():
    lines = [f"{'stages':>8}{'0.995ᵏ':>12}{'0.999ᵏ':>12}{'0.5ᵏ':>12}", ""]
    for k in (1, 5, 10, 15, 20):
        lines.append(f"{k:8}{0.995**k:12.1%}{0.999**k:12.1%}{0.5**k:12.1e}")
    return block(lines)


@CHAPTER.computed
def needed():
    share = 0.95 ** (1 / 20)
    assert 0.5**20 < 1e-6 < 0.5**19
    return f"{share:.4f}"


@CHAPTER.computed
def searched():
    lines = [
        f"{'stage':>8}{'windows that come to it':>28}{'to be searched':>20}",
        "",
    ]
    for k in (0, 5, 10, 15):
        lines.append(f"{k + 1:8}{0.45**k:28.1e}{6000 / 0.45**k:20,.0f}")
    return block(lines)


@CHAPTER.computed
def halves():
    few, many = 0.995**10, 0.995**20
    assert 0.25**10 == 0.5**20
    return block([f"0.25¹⁰ = 0.5²⁰      0.995¹⁰ ≈ {few:.1%}      0.995²⁰ ≈ {many:.1%}"])


@CHAPTER.computed
def coarse():
    return f"{by_hand()[0].below[2]}"


def test_what_the_chapter_says_of_the_kernels():
    assert (BINS, CANDIDATES) == (256, 24)
    assert math.isclose(GOLDEN, (math.sqrt(5) - 1) / 2)


def test_the_threshold_of_one():
    assert f"{1e-5 * 2**23:.1f}" == "83.9"
    t = stage_threshold(np.float64(1))
    assert (t - 1) * 2**23 == 84
    assert effective(t) == 1


def test_the_defaults_are_those_that_the_chapter_names():
    import inspect

    from haar import train_cascade

    defaults = {n: p.default for n, p in inspect.signature(train_cascade).parameters.items()}
    assert (defaults["algorithm"], defaults["trim"]) == ("gentle", 0.95)


# -- pictures -------------------------------------------------------------------------------------


def test_the_sheet_of_faces_is_what_the_chapter_trains_with():
    faces = make_cascade_training.read_faces()
    assert (faces.shape, faces.dtype) == ((320, 24, 24), np.uint8)
    sheet = np.asarray(Image.open(make_cascade_training.FACES))
    assert (faces[21] == sheet[24:48, 24:48]).all()


def test_the_figures_of_points_and_cuts_are_those_of_their_script(tmp_path):
    for name in ("cascade_training_cuts.svg", "cascade_training_stumps.png"):
        drawn = tmp_path / name
        make_cascade_training.FIGURES[name](drawn)
        kept = DOCS / "figures" / name
        if name.endswith(".svg"):
            assert drawn.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")
        else:
            with Image.open(drawn) as new, Image.open(kept) as old:
                assert new.size == old.size


def test_the_errors_in_the_picture_of_cuts_are_those_of_the_first_round():
    assert [str(e) for e in by_hand()[0].below] == ["1/3", "1/6", "5/12", "1/4"]


def test_stumps_on_the_plane_end_without_an_error():
    points, face = make_cascade_training.disc(70, 8)
    rounds = []
    for one in make_cascade_training.boosted(points, face, "discrete"):
        rounds.append(one)
        if len(rounds) == make_cascade_training.ROUNDS:
            break
    said = make_cascade_training.score(rounds, points) > 0
    assert (said == face).all()


def test_every_figure_is_on_the_page():
    for name in make_cascade_training.FIGURES:
        assert f"(figures/{name})" in CHAPTER.text, name


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This chapter is of no layer, and has headings of its own."""
        headings = ("Five samples", "AdaBoost by hand", "Gentle AdaBoost", "A stage", "Mining",
                    "Interrupted", "Exercises", "Sources")  # fmt: skip
        assert not self.chapter.missing_sections(headings)


def test_numbers_are_written_with_a_true_minus():
    assert whole(-0.5) == "−0.5"


if __name__ == "__main__":
    CHAPTER.rewrite()
