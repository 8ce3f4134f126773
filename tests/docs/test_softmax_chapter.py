"""docs/softmax.md: its numbers, from the layer and the losses; its pictures, from their script.

`python -m tests.docs.test_softmax_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from docs.figures import make_training_layers as figures
from scratchnet.layers import Softmax
from scratchnet.losses import PROBABILITY_FLOOR, CrossEntropy, SoftmaxCrossEntropy, softmax
from scratchnet.metrics import with_temperature
from tests.docs.by_hand import block, factor, grids, products, whole
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("softmax.md")


def tidy(values):
    """Without the last bits' rounding, which paper does not have."""
    return np.round(values, 12) + 0


def logarithm(value):
    return f"ln {whole(1 / value)} ≈ {-np.log(value):.4f}"


# -- the example ----------------------------------------------------------------------------------


@CHAPTER.computed
def forward_sums(s, p, L):
    powers = tidy(np.exp(s[0]))
    total = powers.sum()
    terms = " + ".join(map(whole, powers))
    lines = [f"Σ exp(s) = {terms} → {whole(total)}"]
    assert np.allclose(p[0], powers / total)
    lines += [
        f"p[{k}] = {whole(power)} / {whole(total)} = {whole(power / total)}"
        for k, power in enumerate(powers)
    ]
    assert np.isclose(L, np.log(4))
    return block([*lines, f"L = −ln {whole(tidy(p[0, 1]))} = {logarithm(tidy(p[0, 1]))}"])


@CHAPTER.computed
def long_road(q, p, dp, ds):
    p, dp, ds = tidy(p[0]), tidy(dp[0]), tidy(ds[0])
    mean = dp @ p
    lines = [f"dp[{k}] = −{whole(q[0, k])} / {whole(p[k])} = {whole(dp[k])}" for k in range(3)]
    lines += ["", f"mean = {products(zip(dp, p, strict=True))} = {whole(mean)}", ""]
    lines += [
        f"ds[{k}] = {whole(p[k])}·({whole(dp[k])} − {factor(mean)}) = {whole(ds[k])}"
        for k in range(3)
    ]
    return block(lines)


@CHAPTER.computed
def short_road(q, p, ds):
    p, ds = tidy(p[0]), tidy(ds[0])
    assert np.array_equal(p - q[0], ds)
    return block(f"ds[{k}] = {whole(p[k])} − {whole(q[0, k])} = {whole(ds[k])}" for k in range(3))


# -- the Jacobian ---------------------------------------------------------------------------------


def _jacobian(p):
    return np.diag(p) - np.outer(p, p)


@CHAPTER.computed
def jacobian_unit(p):
    return f"1/{whole(tidy(1 / p[0, 0] ** 2))}"


@CHAPTER.computed
def jacobian(p, ds):
    return grids(J=tidy(64 * _jacobian(p[0])), ds=tidy(64 * ds).T)


@CHAPTER.computed
def jacobian_column(p, dp, ds):
    entry = tidy(64 * _jacobian(p[0])[1, 1])
    return f"{whole(tidy(dp[0, 1]))}·{whole(entry)} / 64 = {whole(tidy(ds[0, 1]))}"


def test_the_jacobian_is_what_the_layer_applies():
    page = CHAPTER.session
    layer, p = page["layer"], page["p"][0]
    layer.forward(page["s"])
    rows = np.vstack([layer.backward(np.eye(3)[[k]]) for k in range(3)])
    assert np.allclose(rows, _jacobian(p), rtol=1e-14)
    assert np.allclose(rows.sum(axis=1), 0, atol=1e-16)


# -- overflow -------------------------------------------------------------------------------------


@CHAPTER.computed
def overflow_at():
    with np.errstate(over="ignore"):
        return str(next(k for k in range(200) if np.isinf(np.exp(np.float32(k)))))


@CHAPTER.computed
def underflow_at():
    return str(next(k for k in range(200) if np.exp(np.float32(-k)) == 0))


@CHAPTER.computed
def floor():
    return f"{-np.log(PROBABILITY_FLOOR):.2f}"


# -- smoothing, temperature -----------------------------------------------------------------------


@CHAPTER.computed
def smoothed(q, p, s):
    loss = SoftmaxCrossEntropy(label_smoothing=0.3)
    soft = 0.7 * q[0] + 0.3 / 3
    L = loss.forward(s, q)
    ds = loss.backward()
    assert np.isclose(L, -soft @ np.log(p[0]))
    assert np.allclose(ds, p - soft)
    table = {"q": q, "q smoothed": tidy(soft), "p": tidy(p), "ds": tidy(ds)}
    return grids(**table) + f"\n\nand $L$ is {L:.3f}."


@CHAPTER.computed
def best_gap():
    return f", or {np.log(0.8 / 0.1):.2f}"


@CHAPTER.computed
def least_loss():
    soft = np.array([0.1, 0.8, 0.1])
    loss = SoftmaxCrossEntropy(label_smoothing=0.3)
    least = loss.forward(np.log(soft)[np.newaxis], [1])
    assert np.abs(loss.backward()).max() < 1e-15
    assert np.isclose(least, -soft @ np.log(soft))
    return f"{least:.3f}"


@CHAPTER.computed
def temperatures(s, p):
    lines = ["   T   odds        p", ""]
    for T in figures.TEMPERATURES:
        at = softmax(s / T)[0]
        assert np.allclose(at, with_temperature(p, T))
        odds = " : ".join(f"{odd:.3g}" for odd in tidy(at / at[0]))
        lines.append(f"{T:4g}   {odds:17} {'  '.join(f'{share:.3f}' for share in at)}")
    return block(lines)


def test_a_temperature_divides_the_gradient():
    page = CHAPTER.session
    loss, s, T, h = SoftmaxCrossEntropy(), page["s"], 2.5, 1e-5
    loss.forward(s / T, [1])
    ds = loss.backward() / T
    moved = h * np.eye(3)
    slopes = [
        (loss.forward((s + step) / T, [1]) - loss.forward((s - step) / T, [1])) / (2 * h)
        for step in moved
    ]
    assert np.allclose(ds, slopes, rtol=1e-8)


# -- pitfall, exercise ----------------------------------------------------------------------------


@CHAPTER.computed
def pitfall(ds, wrong):
    return grids(**{"ds": tidy(ds), "ds with the bug": tidy(wrong)})


@CHAPTER.computed
def solution():
    s, q = np.log([[3.0, 1.0, 6.0]]), [2]
    layer, loss, shortcut = figures.built(Softmax(), 3), CrossEntropy(), SoftmaxCrossEntropy()
    p = layer.forward(s)
    L = loss.forward(p, q)
    dp = loss.backward()
    ds = layer.backward(dp)
    shortcut.forward(s, q)
    assert np.allclose(ds, shortcut.backward())
    assert np.isclose(L, np.log(10 / 6))
    mean = whole(tidy(dp @ p.T).item())
    lines = grids(**{"p": tidy(p), "6·dp": tidy(6 * dp), "ds": tidy(ds)})
    return (
        f"$L = \\ln 10 - \\ln 6$, about {L:.3f}. The mean of `dp` under `p` is {mean}, as always "
        f"behind a cross-entropy.\n\n{lines}"
    )


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER


def test_the_solution_by_hand():
    page = CHAPTER.recomputed
    assert grids(p=[[0.3, 0.1, 0.6]], **{"6·dp": [[0, 0, -10]], "ds": [[0.3, 0.1, -0.4]]}) in page


def test_the_two_roads_part_where_the_floor_is():
    two_roads = CHAPTER.session["two_roads"]
    for gap in (1, 20, 60):
        L_long, ds_long, L_short, ds_short = two_roads(gap)
        assert np.isclose(L_long, L_short, rtol=1e-5)
        assert np.isclose(ds_long, ds_short, rtol=1e-5)
    assert abs(two_roads(80)[1]) < 1e-4
    assert two_roads(120)[1] == 0
    assert two_roads(120)[3] == -1


def test_figures_show_the_example_of_the_chapter():
    page = CHAPTER.session
    assert np.allclose(np.log(figures.POWERS), page["s"][0])
    assert np.array_equal(figures.TARGET, page["q"][0])


if __name__ == "__main__":
    CHAPTER.rewrite()
