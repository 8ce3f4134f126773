"""docs/schedules.md: its numbers, from the schedules; its pictures, from their script.

`python -m tests.docs.test_schedules_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

from math import ceil, cos, log, pi

import numpy as np
import pytest

from docs.figures import make_schedules
from scratchnet.optimizers import SGD
from scratchnet.schedules import SCHEDULES, Cosine, OneCycle, StepDecay, WarmUp
from tests.docs.arithmetic import bracketed, columns, result, rounded
from tests.docs.by_hand import block
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("schedules.md")
SECTIONS = (
    "What it is for", "Equations", "By hand", "Why it falls", "Why it climbs first", "The code",
    "A check", "A pitfall", "Exercises", "Sources",
)  # fmt: skip


@CHAPTER.computed
def step_decay():
    schedule = StepDecay(0.8, every=2, factor=0.5)
    rows = [["step", *map(str, range(7))], ["rate", *(rounded(schedule(s)) for s in range(7))]]
    assert [schedule(s) for s in range(7)] == [0.8 * 0.5 ** (s // 2) for s in range(7)]
    return block(columns(rows))


def half_cosine(s, share, degrees, start, end, rate):
    """One rate by hand, with its angle."""
    cosine = cos(pi * degrees / 180)
    flank = f"({rounded(start)} − {rounded(end)})"
    text = f"{rounded(end)} + {flank}·(1 + {bracketed(cosine)}) / 2"
    assert rate == pytest.approx(end + (start - end) * (1 + cosine) / 2)
    return [f"s = {s}", f"t = {share}", f"cos {degrees:g}° = {rounded(cosine)}",
            result("rate", text, rate)]  # fmt: skip


@CHAPTER.computed
def cosine():
    schedule = Cosine(0.8, 6)
    return block(
        columns([half_cosine(s, f"{s}/6", 30 * s, 0.8, 0, schedule(s)) for s in (0, 2, 3, 4, 6)])
    )


@CHAPTER.computed
def one_cycle():
    schedule = OneCycle(0.8, 10, start_fraction=0.25, end_fraction=0, peak=0.4)
    up = [half_cosine(s, f"{s}/4", 45 * s, 0.2, 0.8, schedule(s)) for s in (0, 2)]
    down = [half_cosine(s, f"{s - 4}/6", 30 * (s - 4), 0.8, 0, schedule(s)) for s in (4, 6, 7, 8)]
    return block(columns(up + down))


@CHAPTER.computed
def warm_up():
    schedule = WarmUp(0.8, 3)
    lines = [f"s = {s}    " + result("rate", f"0.8·{s + 1} / 4", schedule(s)) for s in range(3)]
    assert schedule(3) == schedule(99) == 0.8
    return block([*lines, "s = 3    rate = 0.8, and so on"])


@CHAPTER.computed
def floors():
    rows = [
        [
            f"lr = {lr}",
            result("V", f"{lr} / {rounded(2 - lr)}", lr / (2 - lr)),
            f"after 20 steps, 10 has become {10 * (1 - lr) ** 20:.5f}",
        ]
        for lr in (0.5, 0.1, 0.02)
    ]
    return block(columns(rows))


def test_the_variance_rests_where_the_page_says():
    rng, w = np.random.default_rng(0), np.zeros(20_000)
    for _ in range(200):
        w -= 0.5 * (w + rng.standard_normal(w.shape))
    assert w.var() == pytest.approx(0.5 / 1.5, rel=0.03)


@CHAPTER.computed
def quartic(path):
    def line(rate, w, after):
        return result("w", f"{rounded(w)} − {rounded(rate)}·{bracketed(w**3)}", after)

    warm = WarmUp(0.3, 4)
    plain, climbing = path(0.3), path(warm)
    rows = [[line(0.3, *plain[s : s + 2]), line(warm(s), *climbing[s : s + 2])] for s in range(3)]
    return block(columns(rows))


@CHAPTER.computed
def warm_steps():
    schedule = WarmUp(StepDecay(0.6, every=2, factor=0.5), 2)
    rates = [rounded(schedule(s)) for s in range(8)]
    assert rates == ["0.2", "0.4", "0.6", "0.6", "0.3", "0.3", "0.15", "0.15"]  # on paper
    return block(["  ".join(rates)])


@CHAPTER.computed
def largest_rate(path):
    assert abs(path(2 / 9 - 1e-3, 50)[-1]) < 3
    with np.errstate(all="ignore"):
        assert not abs(path(2 / 9 + 1e-3, 50)[-1]) < 3
    return "2 / 9"


@CHAPTER.computed
def tenth():
    lr = 2 / 11
    steps = ceil(log(0.1) / log(1 - lr))
    assert lr / (2 - lr) == pytest.approx(0.1)
    assert (1 - lr) ** steps < 0.1 < (1 - lr) ** (steps - 1)
    return f"$lr = 2/11$, and $(9/11)^{{{steps}}}$ is the first power below a tenth: {steps} steps."


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found


def test_every_schedule_is_on_the_page_and_in_the_figure():
    assert {type(schedule).__name__ for schedule in make_schedules.SHOWN.values()} == set(SCHEDULES)
    for name in SCHEDULES:
        assert f"| `{name}(" in CHAPTER.text


def test_titles_in_the_figures_are_what_is_drawn():
    page = CHAPTER.session
    for name, schedule in make_schedules.SHOWN.items():
        assert repr(eval(name, dict(page))) == repr(schedule)
    for name, make in make_schedules.RATES.items():
        assert repr(eval(name, dict(page))) == repr(make())


def test_the_figure_descends_as_the_page_does():
    for make in make_schedules.RATES.values():
        expected = CHAPTER.session["noisy_descent"](make())
        assert make_schedules.noisy_descent(make())[-1] == pytest.approx(expected)


def test_a_schedule_of_epochs_stands_still():
    schedule = Cosine(0.5, 10)
    assert all(schedule(s) == 0 for s in range(10, 200))
    assert SGD(schedule).learning_rate == 0.5


if __name__ == "__main__":
    CHAPTER.rewrite()
