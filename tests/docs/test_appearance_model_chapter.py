"""docs/appearance_model.md: its numbers, from the code; its figures, from their script.

`python -m tests.docs.test_appearance_model_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np
import pytest

from docs.figures import make_appearance_model
from scratchnet.classical.piecewise_affine import PiecewiseAffine
from scratchnet.classical.texture_model import TextureModel
from tests.docs.by_hand import block, factor, products, whole
from tests.docs.chapters import Chapter, ChapterTests
from tests.docs.classical_chapter import SECTIONS, percent

CHAPTER = Chapter("appearance_model.md")


def pair(point):
    return f"({', '.join(whole(value).rjust(2) for value in point)})"


@CHAPTER.computed
def alignment(x, y):
    u, v = x - x.mean(axis=0), y - y.mean(axis=0)
    dot, cross = (u * v).sum(axis=1), u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    columns = dot, cross, (u**2).sum(axis=1)
    lines = ["x           y           x·y   x₁y₂ − x₂y₁   |x|²", ""]
    for a, b, *row in zip(u, v, *columns, strict=True):
        lines.append(f"{pair(a)}    {pair(b)}    {row[0]:3g}   {row[1]:11g}   {row[2]:4g}")
    sums = [column.sum() for column in columns]
    lines.append(f"together                {sums[0]:3g}   {sums[1]:11g}   {sums[2]:4g}")
    a, b = sums[0] / sums[2], sums[1] / sums[2]
    lines += [
        "",
        f"a = {whole(sums[0])} / {whole(sums[2])} = {whole(a)}",
        f"b = {whole(sums[1])} / {whole(sums[2])} = {whole(b)}",
    ]
    return block(lines)


@CHAPTER.computed
def angle(T):
    assert np.hypot(T[0, 0], T[1, 0]) ** 2 == pytest.approx(2)
    return f"{np.degrees(np.arctan2(T[1, 0], T[0, 0])):.0f}°"


@CHAPTER.computed
def pythagoras(x, y, T):
    u, v = x - x.mean(axis=0), y - y.mean(axis=0)
    moved = u @ T[:2, :2].T
    size, left = (moved**2).sum(), ((v - moved) ** 2).sum()
    assert np.isclose(size + left, (v**2).sum())
    return f"the moved $x$ has {whole(size)}, the rest {whole(left)}, and $y$ {whole(size + left)}"


@CHAPTER.computed
def warp(corners, seen):
    p = np.array([1.0, 2.0])
    whole_area = doubled(*corners)
    areas = [doubled(*(p if k == j else c for k, c in enumerate(corners))) for j in range(3)]
    shares = np.array(areas) / whole_area
    lines = [
        f"{name}   {whole(area)} / {whole(whole_area)} = {whole(share)}"
        for name, area, share in zip("αβγ", areas, shares, strict=True)
    ]
    lines.append("")
    for axis, places in zip("xy", seen.T, strict=True):
        terms = products(zip(shares, places, strict=True))
        lines.append(f"{axis}   {terms} = {whole(shares @ places)}")
    return block(lines)


def doubled(a, b, c):
    """Twice the area of a triangle."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@CHAPTER.computed
def gauss_newton(template, picture, J):
    r = picture[:5] - template
    delta = J @ r / (J @ J)
    return block(
        [
            f"r    {'  '.join(whole(value).rjust(2) for value in r)}     picture less template",
            f"J    {'  '.join(whole(value).rjust(2) for value in J)}",
            "",
            f"J·r  {' + '.join(factor(value) for value in J * r + 0)} = {whole(J @ r)}",
            f"J·J  {' + '.join(factor(value) for value in J * J)} = {whole(J @ J)}",
            "",
            f"δ    {whole(J @ r)} / {whole(J @ J)} = {whole(delta)}     s = 0 − ({whole(delta)}) = "
            f"{whole(0 - delta)}",
        ]
    )


@CHAPTER.computed
def expressions():
    return percent("aam")


@CHAPTER.computed
def solutions(template, picture, J, model):
    seen = picture[:5]
    assert J @ np.full(5, 3.0) == 0
    twice = J @ (2 * seen - template) / (J @ J)
    L = len(model.mean_shape_)
    return "\n".join(
        [
            "1. Nothing: r becomes 3 more everywhere, and the entries of J add up to 0.",
            f"2. δ = {whole(twice)}: half a pixel too far. r and J must speak of the same "
            "contrast, so J is taken of the template *as it looks in this picture*, mean + λA; and "
            "edges that have forgotten their strength leave little to do.",
            f"3. 2·3 − 4 = {2 * 3 - 4}, and 2L − 4; for {L} points {2 * L - 4}.",
        ]
    )


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found


def test_the_search_of_the_page_has_the_models_own_gradient():
    """The tent, as wide rows of a mesh: the steepest-descent image along x is J in each row."""
    page = CHAPTER.session
    mesh = PiecewiseAffine.over([(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0)])
    tent = np.tile(page["template"], 3)
    texture = TextureModel(tent, np.zeros((0, 15)), np.zeros(0), 1.0, mesh)
    along_x = mesh.points(np.tile([1.0, 0.0], (1, 4, 1)))
    images = texture.steepest_descent(np.zeros(0), along_x)
    np.testing.assert_array_equal(images[0].reshape(3, 5), np.tile(page["J"], (3, 1)))


def test_an_error_of_three_percent_is_kept():
    """The bar: from a start ten percent off, no more than three on average."""
    page = CHAPTER.session
    assert page["mistakes"](page["begin"]).mean() > 10
    assert page["mistakes"](page["end"]).mean() <= 3


def test_the_figures_show_the_examples_and_the_faces_of_the_page():
    page, figures = CHAPTER.session, make_appearance_model
    for name, drawn in (
        ("x", figures.X), ("y", figures.Y), ("corners", figures.BASE), ("seen", figures.SHAPE),
        ("template", figures.TEMPLATE), ("picture", figures.SIGNAL),
    ):  # fmt: skip
        np.testing.assert_array_equal(drawn, page[name])
    drawn = figures.starts_beside(page["mean"], page["truth"], figures.OFF)
    np.testing.assert_allclose(drawn, page["begin"])
    np.testing.assert_allclose(
        100 * figures.mistakes(drawn, page["truth"]), page["mistakes"](drawn)
    )


if __name__ == "__main__":
    CHAPTER.rewrite()
