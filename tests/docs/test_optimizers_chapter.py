"""docs/optimizers.md: its numbers, from the optimisers; its pictures, from their script.

`python -m tests.docs.test_optimizers_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

from math import sqrt
from types import SimpleNamespace

import numpy as np
import pytest

from docs.figures import make_optimizers
from scratchnet.callbacks import WeightAverage
from scratchnet.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Parameter, RMSProp
from tests.docs.arithmetic import bracketed, columns, result, rounded
from tests.docs.by_hand import block
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("optimizers.md")
SECTIONS = (
    "What it is for", "Equations", "By hand", "The paths", "Weight decay and clipping",
    "The average of the weights", "The code", "A check", "A pitfall", "Exercises", "Sources",
)  # fmt: skip
WEIGHTS = ("a", "b")
LR, BETA1, BETA2, RHO, DECAY = 0.25, 0.5, 0.75, 0.75, 0.2


def slope(bend, w):
    """The gradient as it stands within a sum, and as a number."""
    return (f"12·{bracketed(w)}" if bend == 12 else bracketed(w)), bend * w


def sgd_lines(path, k):
    cells = []
    for i, name in enumerate(WEIGHTS):
        column = []
        for w, after in zip(path[:-1, i], path[1:, i], strict=True):
            text = f"12·{bracketed(w)}" if i else bracketed(w)
            column.append(result(name, f"{rounded(w)} − 0.1·{text}", after))
            assert after == pytest.approx(w - 0.1 * k[i] * w)
        cells.append(column)
    return columns([list(row) for row in zip(*cells, strict=True)])


def velocity_lines(path, k, mu=0.5, nesterov=False):
    rows = []
    for i, name in enumerate(WEIGHTS):
        v = 0.0
        for w, after in zip(path[:-1, i], path[1:, i], strict=True):
            text, dw = slope(k[i], w)
            before, v = v, mu * v + dw
            velocity = result("v", f"{mu}·{bracketed(before)} + {text}", v)
            ahead = f"({text} + {mu}·{bracketed(v)})" if nesterov else bracketed(v)
            step = 0.1 * (dw + mu * v) if nesterov else 0.1 * v
            assert after == pytest.approx(w - step)
            rows.append([velocity, result(name, f"{rounded(w)} − 0.1·{ahead}", after)])
    return columns(rows)


@CHAPTER.computed
def sgd(walk, k):
    return block(sgd_lines(walk(SGD(0.1)), k))


@CHAPTER.computed
def momentum(walk, k):
    return block(velocity_lines(walk(SGD(0.1, momentum=0.5)), k))


@CHAPTER.computed
def nesterov(walk, k):
    path = walk(SGD(0.1, momentum=0.5, nesterov=True))
    return block(velocity_lines(path, k, nesterov=True))


@CHAPTER.computed
def rmsprop(walk, k):
    path = walk(RMSProp(LR, rho=RHO, eps=0))
    rows = []
    for i, name in enumerate(WEIGHTS):
        v = 0.0
        for w, after in zip(path[:-1, i], path[1:, i], strict=True):
            dw = k[i] * w
            before, v = v, RHO * v + (1 - RHO) * dw**2
            average = result("v", f"{RHO}·{rounded(before)} + {1 - RHO}·{rounded(dw**2)}", v)
            root = f"√v = {rounded(sqrt(v))}"
            step = result(name, f"{rounded(w)} − {LR}·{rounded(dw)} / {rounded(sqrt(v))}", after)
            assert after == pytest.approx(w - LR * dw / sqrt(v))
            rows += [[f"d{name} = {rounded(dw)}", average, root], ["", step, ""]]
    return block(columns(rows, gap=3))


@CHAPTER.computed
def corrections():
    return block(
        columns(
            [
                [f"t = {t}", *(f"1 − {b}{power} = {rounded(1 - b**t)}" for b in (BETA1, BETA2))]
                for t, power in zip((1, 2, 3), ("", "²", "³"), strict=True)
            ]
        )
    )


def adam_moments(dws):
    """m, v, m̂, v̂ after each gradient, with those before."""
    m = v = 0.0
    for t, dw in enumerate(dws, 1):
        old_m, old_v = m, v
        m, v = BETA1 * m + (1 - BETA1) * dw, BETA2 * v + (1 - BETA2) * dw**2
        c1, c2 = 1 - BETA1**t, 1 - BETA2**t
        yield SimpleNamespace(
            old_m=old_m, old_v=old_v, m=m, v=v, c1=c1, c2=c2, m_hat=m / c1, v_hat=v / c2
        )


@CHAPTER.computed
def adam(walk, k):
    path = walk(Adam(LR, BETA1, BETA2, eps=0))
    rows = []
    for i, name in enumerate(WEIGHTS):
        dws = k[i] * path[:-1, i]
        for w, dw, after, s in zip(path[:-1, i], dws, path[1:, i], adam_moments(dws), strict=True):
            root = rounded(sqrt(s.v_hat))
            assert after == pytest.approx(w - LR * s.m_hat / sqrt(s.v_hat))
            rows += [
                [
                    result("m", f"{BETA1}·{bracketed(s.old_m)} + 0.5·{bracketed(dw)}", s.m),
                    result("m̂", f"{rounded(s.m)} / {rounded(s.c1)}", s.m_hat),
                ],
                [
                    result("v", f"{BETA2}·{rounded(s.old_v)} + 0.25·{rounded(dw**2)}", s.v),
                    result("v̂", f"{rounded(s.v)} / {rounded(s.c2)}", s.v_hat),
                ],
                [
                    result(name, f"{rounded(w)} − {LR}·{bracketed(s.m_hat)} / {root}", after),
                    f"√v̂ = {root}",
                ],
            ]
    return block(columns(rows, gap=3))


@CHAPTER.computed
def adamw(walk, k):
    path = walk(AdamW(LR, BETA1, BETA2, eps=0, weight_decay=DECAY))
    rows = []
    for i, name in enumerate(WEIGHTS):
        dws = k[i] * path[:-1, i]
        for w, after, s in zip(path[:-1, i], path[1:, i], adam_moments(dws), strict=True):
            kept, ratio = w - LR * DECAY * w, s.m_hat / sqrt(s.v_hat)
            assert after == pytest.approx(kept - LR * ratio)
            rows.append(
                [
                    result("decayed", f"{rounded(w)} − 0.05·{rounded(w)}", kept),
                    f"m̂ / √v̂ = {rounded(ratio)}",
                    result(name, f"{rounded(kept)} − {LR}·{rounded(ratio)}", after),
                ]
            )
    return block(columns(rows))


# -- the average ----------------------------------------------------------------------------------


def averages(values, decay=0.999):
    """What WeightAverage makes of a weight with these values."""
    w = np.zeros(1)
    parameters = [Parameter("w", w, np.zeros(1), decays=True)]
    training = SimpleNamespace(model=SimpleNamespace(plan=SimpleNamespace(parameters=parameters)))
    callback, seen = WeightAverage(decay), []
    for value in values:
        w[0] = value
        callback.on_batch_end(training, {})
        seen.append(callback.average["w"].item())
    return seen


@CHAPTER.computed
def average_by_hand():
    values = (0, 8, 4, 4)
    seen = averages(values)
    rows = [["t = 1", "", f"w̄ = {values[0]}, the first weight itself"]]
    for t, (w, before, after) in enumerate(zip(values[1:], seen, seen[1:], strict=False), 2):
        share = (1 + t) / (10 + t)
        assert after == pytest.approx(share * before + (1 - share) * w)
        rows.append(
            [
                f"t = {t}",
                f"d' = {1 + t}/{10 + t}",
                result("w̄", f"({1 + t}·{rounded(before)} + 9·{w}) / {10 + t}", after),
            ]
        )
    return block(columns(rows))


def decay_at(t, d=0.999):
    """d', as the callback has it: what is left of an average of 1 when the weights are 0."""
    *_, before, after = averages([1.0] * (t - 1) + [0.0], d)
    return after / before


@CHAPTER.computed
def average_rule():
    for t in (2, 5, 90):
        assert decay_at(t, 0.9) == pytest.approx(min(0.9, (1 + t) / (10 + t)))
    rule = r"d' = \min \left( d, \frac{1 + t}{10 + t} \right)"
    return rf"""$$
\bar{{w}} \leftarrow d' \bar{{w}} + (1 - d') w \qquad {rule}
$$"""


@CHAPTER.computed
def variance_left():
    return "0.1 / 1.9, or one part in 19"


@CHAPTER.computed
def first_weights():
    return f"{0.999**1000:.2f}"


@CHAPTER.computed
def newest():
    assert decay_at(20) == pytest.approx(1 - 9 / 30)
    return "$9 / (10 + t)$"


@CHAPTER.computed
def reached():
    def first(d):
        return next(t for t in range(1, 10_000) if (1 + t) / (10 + t) >= d)

    return f"{first(0.98)}, and `0.999` only at step {first(0.999)}"


def test_the_variance_of_an_average_of_fresh_numbers():
    x = np.random.default_rng(0).standard_normal((200, 4000))
    mean = np.zeros(4000)
    for row in x:
        mean = 0.9 * mean + 0.1 * row
    assert mean.var() == pytest.approx(1 / 19, rel=0.1)


# -- exercises ------------------------------------------------------------------------------------


@CHAPTER.computed
def fourth_step(walk, k):
    plain, heavy = walk(SGD(0.1), 4), walk(SGD(0.1, momentum=0.5), 4)
    lines = [sgd_lines(plain, k)[-1]]
    velocity = velocity_lines(heavy, k)
    lines += [velocity[3], velocity[7]]
    for name, path in {"SGD": plain, "momentum": heavy}.items():
        lines.append(f"L of {name} → {np.sum(k * path[-1] ** 2) / 2:.3f}")
    assert np.sum(k * heavy[-1] ** 2) < np.sum(k * plain[-1] ** 2)
    return block(lines) + "\n\nMomentum: it is further along the floor, which is what takes long."


@CHAPTER.computed
def uncorrected():
    m, v = 0.1, sqrt(0.001)
    return f"{m} / √0.001 → {m / v:.2f} times $lr$."


@CHAPTER.computed
def critical(shrinks_by):
    mu = (1 - sqrt(0.05)) ** 2
    assert shrinks_by(0.05, mu + 0.01, 1) == pytest.approx(sqrt(mu + 0.01))
    assert shrinks_by(0.05, mu - 0.01, 1) > sqrt(mu - 0.01) + 0.01
    return f"$\\mu > (1 - \\sqrt{{0.05}})^2$, about {mu:.2f}"


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found


def test_every_optimiser_is_on_the_page_and_in_the_figure():
    walkers = {type(make()).__name__ for make in make_optimizers.WALKERS.values()}
    assert walkers == set(OPTIMIZERS)
    for name in OPTIMIZERS:
        assert f"**{name}**" in CHAPTER.text


def test_the_figure_walks_the_valley_of_the_chapter():
    page = CHAPTER.session
    assert np.array_equal(make_optimizers.K, page["k"])
    path = make_optimizers.walk(SGD(0.1, momentum=0.5), 3)
    assert np.array_equal(path, page["walk"](SGD(0.1, momentum=0.5)))
    for name, make in make_optimizers.WALKERS.items():
        assert repr(make()) == repr(eval(name)), name


def test_the_picture_of_the_average_shows_what_the_page_says():
    w, mean = make_optimizers.noisy_training(0.98)
    assert averages(w, 0.98) == pytest.approx(mean)
    assert abs(mean[80:] - 4).max() < 1 < abs(w[80:] - 4).max()


def test_momentum_swings_and_nesterov_swings_less():
    paths = {name: make_optimizers.walk(make()) for name, make in make_optimizers.WALKERS.items()}
    heavy, ahead = (paths[f"SGD(0.05, momentum=0.7{more})"] for more in ("", ", nesterov=True"))
    assert abs(ahead[:, 1].min()) < abs(heavy[:, 1].min()) / 1.5
    assert np.all(np.diff(np.sign(paths["SGD(0.15)"][:, 1])) != 0)  # from wall to wall
    assert np.abs(paths["RMSProp(0.2)"][8:, 1]).max() < 0.01  # along the floor


if __name__ == "__main__":
    CHAPTER.rewrite()
