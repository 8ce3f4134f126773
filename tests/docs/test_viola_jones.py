"""docs/viola_jones.md: its numbers, from `haar`; its pictures, from their script.

`python -m tests.docs.test_viola_jones` writes the numbers into the chapter.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

import haar
from docs.figures import make_viola_jones
from haar.grouping import clusters, similar
from haar.reference import NEIGHBOURS, visited
from haar.scales import plan_levels
from haar.window import lbp_code
from tests.docs.by_hand import block, factor, grids, whole
from tests.docs.chapters import DOCS, Chapter, ChapterTests, letters

CHAPTER = Chapter("viola_jones.md")
VGA = plan_levels((640, 480), (24, 24), 1.1)
UPRIGHT, TILTED = make_viola_jones.UPRIGHT, make_viola_jones.TILTED


# -- integral images ------------------------------------------------------------------------------


@CHAPTER.computed
def all_windows():
    return f"{sum((level.width - 23) * (level.height - 23) for level in VGA):,}"


def sums_of(image):
    """How every entry of an integral image comes about."""
    S = haar.integral_image(image)
    return [
        f"S[{Y},{X}] = {image[Y - 1, X - 1]} + {S[Y - 1, X]} + {S[Y, X - 1]} − {S[Y - 1, X - 1]}"
        f" = {S[Y, X]}"
        for Y, X in np.ndindex(S.shape)
        if Y and X
    ]


@CHAPTER.computed
def integral_sums(I):  # noqa: E741
    return block(sums_of(I))


@CHAPTER.computed
def integral_table(I, S):  # noqa: E741
    return grids(I=I, S=S)


@CHAPTER.computed
def rectangle(S):
    x, y, w, h, _ = UPRIGHT
    total = haar.rectangle_sum(S, x, y, w, h)
    corners = f"S[{y + h},{x + w}] − S[{y},{x + w}] − S[{y + h},{x}] + S[{y},{x}]"
    names = f"{corners}   x {x}, y {y}, w {w}, h {h}"
    numbers = f"{S[y + h, x + w]} − {S[y, x + w]} − {S[y + h, x]} + {S[y, x]} = {total}"
    return block([names, numbers])


@CHAPTER.computed
def corner(S):
    return f"{S[2, 2]} − {S[0, 2]} − {S[2, 0]} + {S[0, 0]} = {haar.rectangle_sum(S, 0, 0, 2, 2)}"


@CHAPTER.computed
def squared_table(I):  # noqa: E741
    return grids(**{"I²": np.square(I, dtype=int), "Q": haar.squared_integral_image(I)})


@CHAPTER.computed
def tilted_sums(I):  # noqa: E741
    T, lines = haar.tilted_integral_image(I), []
    last = T.shape[1] - 1
    for j, i in np.ndindex(T.shape):
        tip = [int(I[row, i - 1]) if row >= 0 else 0 for row in (j - 1, j - 2)]
        if j and i == 0:
            lines.append(f"T[{j},0] = T[{j - 1},1] = {T[j, 0]}")
        elif j and i == last:
            lines.append(f"T[{j},{i}] = {T[j - 1, i - 1]} + {tip[0]} + {tip[1]} = {T[j, i]}")
        elif j:
            above = T[j - 2, i] if j > 1 else 0
            sides = f"{T[j - 1, i - 1]} + {T[j - 1, i + 1]} − {above}"
            lines.append(f"T[{j},{i}] = {sides} + {tip[0]} + {tip[1]} = {T[j, i]}")
    return block(lines)


@CHAPTER.computed
def tilted_table(I):  # noqa: E741
    return grids(I=I, T=haar.tilted_integral_image(I))


@CHAPTER.computed
def tilted_rectangle(I):  # noqa: E741
    T = haar.tilted_integral_image(I)
    x, y, w, h, _ = TILTED
    places = [(y + w + h, x + w - h), (y + h, x - h), (y + w, x + w), (y, x)]
    names = [f"T[{Y},{X}]" for Y, X in places]
    numbers = [str(T[Y, X]) for Y, X in places]
    joined = ["{} − {} − {} + {}".format(*row) for row in (names, numbers)]
    total = haar.tilted_sum(T, x, y, w, h)
    return block([f"{joined[0]}   x {x}, y {y}, w {w}, h {h}", f"{joined[1]} = {total}"])


def test_integral_images_are_the_sums_of_their_definition():
    I = CHAPTER.session["I"].astype(int)  # noqa: E741
    S, T = haar.integral_image(I), haar.tilted_integral_image(I)
    rows, columns = np.mgrid[:4, :4]
    for Y, X in np.ndindex(5, 5):
        assert S[Y, X] == I[:Y, :X].sum()
        inside = (rows < Y) & (abs(columns - X + 1) <= Y - rows - 1)
        assert T[Y, X] == I[inside].sum()


# -- features -------------------------------------------------------------------------------------


@CHAPTER.computed
def feature_value(I):  # noqa: E741
    total, right = int(I.sum()), int(I[:, 2:].sum())
    return block([f"value = −1·{total} + 2·{right} = {whole(2 * right - total)}"])


def along(cells, side):
    return [side - cells * d + 1 for d in range(1, side // cells + 1)]


def counted_along(side):
    lines = []
    for cells in (1, 2, 3):
        counts = along(cells, side)
        shown = f"{counts[0]} + {counts[1]} + … + {counts[-1]}"
        lines.append(f"N{'₁₂₃'[cells - 1]} = {shown} = {sum(counts)}")
    return lines


def kinds_of(side):
    one, two, three = (sum(along(cells, side)) for cells in (1, 2, 3))
    rows = [
        ("two, side by side and one above the other", f"2·{two}·{one}", 2 * two * one),
        ("three, likewise", f"2·{three}·{one}", 2 * three * one),
        ("four", f"{two}·{two}", two * two),
    ]
    total = sum(number for *_, number in rows)
    assert total == sum(1 for _ in haar.enumerate_haar(side, side))
    lines = [f"{name:43}{sum_:12} = {number:6}" for name, sum_, number in rows]
    return [*lines, f"{'together':57} {total:6}"]


@CHAPTER.computed
def counted():
    return block(counted_along(24))


@CHAPTER.computed
def kinds():
    return block(kinds_of(24))


@CHAPTER.computed
def counted_20():
    return block([*counted_along(20), "", *kinds_of(20)])


@CHAPTER.computed
def contrast(I, small):  # noqa: E741
    S, Q = haar.integral_image(I), haar.squared_integral_image(I)
    a, b = int(S[4, 4]), int(Q[4, 4])
    n = 16 * b - a * a
    root = math.isqrt(n)
    assert root**2 == n
    value = 2 * int(I[:, 2:].sum()) - a
    assert small.evaluate(np.pad(10 * I, 1)).deviation == pytest.approx(10 * root / 16)
    return block(
        [
            f"A = 4·4 = 16      a = {a}      b = {b}",
            f"n = 16·{b} − {a}·{a} = {n}      √n = {root}      σ = {root} / 16 = {root // 16}",
            f"value = {whole(value)} / {root} = {whole(value / root)}",
        ]
    )


@CHAPTER.computed
def stump(I, stump):  # noqa: E741
    value = (2 * int(I[:, 2:].sum()) - int(I.sum())) / 32
    threshold = stump.nodes[0].threshold
    assert value < threshold
    return f"{whole(value)} < {whole(threshold)}, so the left leaf, {whole(stump.leaves[0])}"


# -- boosting, the cascade ------------------------------------------------------------------------

VALUES = (0.1, 0.2, 0.4, 0.5, 0.7)
FACES = (False, False, True, False, True)
ERROR = sum((v >= 0.3) != face for v, face in zip(VALUES, FACES, strict=True)) / 5


@CHAPTER.computed
def boosting():
    right = [(v >= 0.3) == face for v, face in zip(VALUES, FACES, strict=True)]
    ratio = ERROR / (1 - ERROR)
    raw = [0.2 * ratio if r else 0.2 for r in right]
    after = [weight / sum(raw) for weight in raw]
    rows = [
        ("value", VALUES),
        ("is a face", ["yes" if face else "no" for face in FACES]),
        ("the stump is", ["right" if r else "wrong" for r in right]),
        ("weight before", [0.2] * 5),
        (f"times {ratio:g} if right", raw),
        ("divided by their sum", after),
    ]
    assert abs(sum(w for w, r in zip(after, right, strict=True) if not r) - 0.5) < 1e-12

    def text(cell):
        return cell if isinstance(cell, str) else f"{cell:g}"

    lines = [f"{name:22}" + "".join(f"{text(cell):>8}" for cell in cells) for name, cells in rows]
    share = f"error ε = {ERROR:g}      ε / (1 − ε) = {ERROR:g} / {1 - ERROR:g} = {ratio:g}"
    return block([*lines, "", share])


@CHAPTER.computed
def vote():
    return f"ln 4 ≈ {math.log((1 - ERROR) / ERROR):.3f}"


@CHAPTER.computed
def expected_features(scan, toy):
    left = scan.windows_left()
    counts = [len(stage.weak) for stage in toy.stages]
    mean = sum(n * passed for n, passed in zip(counts, left, strict=False)) / left[0]
    assert abs(mean - scan.features_per_window()) < 1e-12
    terms = [f"{n}·{passed}/{left[0]}" for n, passed in zip(counts[1:], left[1:], strict=False)]
    return f"{counts[0]} + {' + '.join(terms)} ≈ {mean:.2f}"


def test_the_shares_of_twenty_stages():
    non_faces, faces = (1 / 2) ** 20, (99 / 100) ** 20
    assert non_faces == pytest.approx(9.5e-7, rel=0.01)
    assert faces == pytest.approx(0.818, rel=0.001)


@pytest.mark.oracle
def test_the_sizes_of_opencvs_stages():
    data = pytest.importorskip("cv2.data")
    path = f"{data.haarcascades}haarcascade_frontalface_default.xml"
    cascade = haar.Cascade.load(path)
    assert [len(stage.weak) for stage in cascade.stages] == CHAPTER.session["sizes"]
    assert cascade.tables().stumps
    assert (cascade.width, cascade.height) == (24, 24)


@CHAPTER.computed
def tree(I, wood):  # noqa: E741
    total, below = int(I.sum()), int(I[2:].sum())
    across = (2 * int(I[:, 2:].sum()) - total) / 32
    down = (2 * below - total) / 32
    first, second = wood.stages[0].weak[0].nodes
    assert across < first.threshold
    assert down < second.threshold
    return block(
        [
            f"node 0: left against right half, {whole(across)} < {first.threshold:g}"
            f"    go left, to node {first.left}",
            f"node 1: (−{total} + 2·{below}) / 32 = {whole(down)} < {second.threshold:g}"
            f"    go left, child {whole(second.left)}: leaf 1, which is 3",
        ]
    )


@CHAPTER.computed
def lbp(I):  # noqa: E741
    centre = I[1, 1]
    cells = [int(I[row, column]) for column, row in NEIGHBOURS]
    bits = [int(cell >= centre) for cell in cells]
    code = lbp_code(haar.LBPFeature(0, 0, 1, 1), haar.integral_image(I))
    assert code == sum(bit << 7 - i for i, bit in enumerate(bits))
    columns = [f"{cell} ≥ {centre}" for cell in cells]
    powers = [2 ** (7 - i) for i, bit in enumerate(bits) if bit]
    drawn = grids(I=I[:3, :3]).splitlines()[1:-1]
    return block(
        [
            *drawn,
            "",
            "block   " + "".join(f"{cell:>7}" for cell in columns),
            "bit     " + "".join(f"{bit:>7}" for bit in bits),
            "",
            f"code = {' + '.join(map(str, powers))} = {code}",
        ]
    )


@CHAPTER.computed
def subset(I):  # noqa: E741
    code = lbp_code(haar.LBPFeature(0, 0, 1, 1), haar.integral_image(I))
    word, bit = divmod(code, 32)
    return f"{code} = {word}·32 + {bit}, so bit {bit} of word {word}"


# -- scales, steps, groups ------------------------------------------------------------------------


def visited_in(level):
    return -(-level.columns // level.step) * -(-level.rows // level.step)


@CHAPTER.computed
def scales():
    cells = [
        f"{level.scale:6.3f}  {f'{level.width}×{level.height}':>8}  {level.step:4}"
        f"  {visited_in(level):8,}"
        for level in VGA
    ]
    half = len(cells) // 2
    head = " scale   picture  step   windows"
    pairs = zip(cells[:half], cells[half:], strict=True)
    return block([f"{head}     {head}", "", *(f"{a}     {b}" for a, b in pairs)])


def test_the_scales_of_vga():
    assert [(v.width, v.height) for v in VGA[:4]] == [
        (640, 480),
        (582, 436),
        (529, 397),
        (481, 361),
    ]
    assert len(VGA) == 32
    assert f"{VGA[-1].scale:.4f}" == "19.1943"


@CHAPTER.computed
def saved():
    fine = [level for level in VGA if level.scale < 2]
    every = sum((level.width - 23) * (level.height - 23) for level in fine)
    return f"{sum(map(visited_in, fine)):,} in place of {every:,}"


@CHAPTER.computed
def visited_windows():
    return f"{sum(map(visited_in, VGA)):,}"


@CHAPTER.computed
def skip():
    rejected = np.array([[1, 1, 1, 0, 1, 0, 0, 1, 1, 0]], bool)
    looked = visited(rejected)[0]
    rows = {
        "stage 0": ["no" if r else "yes" for r in rejected[0]],
        "visited": ["×" if v else "·" for v in looked],
        "goes on": ["×" if v and not r else "·" for v, r in zip(looked, rejected[0], strict=True)],
    }
    return block(
        f"{name:10}" + "".join(f"{cell:>5}" for cell in cells) for name, cells in rows.items()
    )


def rectangle_rows(boxes):
    return [
        f"{name}   " + "".join(f"{v:5}" for v in box)
        for name, box in zip("ABCDE", boxes, strict=True)
    ]


@CHAPTER.computed
def boxes(boxes):
    return block(rectangle_rows(boxes))


@CHAPTER.computed
def pairs(boxes):
    lines, all_boxes = [], np.array(boxes)
    for i, j in ((0, 1), (1, 2), (0, 2), (0, 3), (0, 4)):
        a, b = all_boxes[i], all_boxes[j]
        sides = [a[0] - b[0], a[1] - b[1], a[0] + a[2] - b[0] - b[2], a[1] + a[3] - b[1] - b[3]]
        worst = max(map(abs, sides))
        w, h = min(a[2], b[2]), min(a[3], b[3])
        d = 0.2 * (w + h) / 2
        alike = bool(similar(a[None], b[None], 0.2)[0])
        assert alike == (worst <= d)
        shown = ", ".join(f"{abs(side)}" for side in sides)
        verdict = "similar" if alike else "not similar"
        limit = f"d = 0.2·({w} + {h}) / 2 = {d:g}"
        lines.append(f"{'ABCDE'[i]}, {'ABCDE'[j]}   sides {shown:14}   {limit:26}   {verdict}")
    return block(lines)


@CHAPTER.computed
def mean(boxes, groups):
    members = np.array(boxes)[:4]
    lines = []
    for name, values, result in zip("xywh", members.T, groups.rectangles[0], strict=True):
        average = values.sum() / 4
        end = "" if average == result else f", rounded {result}"
        lines.append(f"{name} = ({' + '.join(map(str, values))}) / 4 = {average:g}{end}")
    return block(lines)


def test_the_clusters_are_connected_by_chains():
    boxes = np.array(CHAPTER.session["boxes"], np.int32)
    assert clusters(boxes, 0.2).tolist() == [0, 0, 0, 0, 1]
    assert not similar(boxes[:1], boxes[2:3], 0.2)[0]


def test_the_fifth_rectangle_joins_by_a_chain_of_ten_not_of_one():
    boxes = np.array(CHAPTER.session["boxes"], np.int32)
    for x in range(100, 220, 2):
        for size in (40, 45, 50, 60):
            for y in range(60, 110, 6):
                more = np.vstack([boxes, np.array([[x, y, size, size]], np.int32)])
                label = clusters(more, 0.2)
                assert label[4] != label[0]
    chain = np.rint(np.linspace(boxes[2], boxes[4], 12)).astype(np.int32)[1:-1]
    assert len(chain) == 10
    assert not clusters(np.vstack([boxes, chain]), 0.2).any()


# -- exercises ------------------------------------------------------------------------------------

EXERCISE = np.array([[3, 1, 4], [1, 5, 2], [2, 6, 1]], np.uint8)


@CHAPTER.computed
def exercise():
    return grids(I=EXERCISE)


@CHAPTER.computed
def solution():
    S = haar.integral_image(EXERCISE)
    total = haar.rectangle_sum(S, 1, 1, 2, 2)
    sums = f"{S[3, 3]} − {S[1, 3]} − {S[3, 1]} + {S[1, 1]} = {total}"
    return "\n\n".join((grids(S=S), block([sums])))


@CHAPTER.computed
def clock():
    S = haar.integral_image(EXERCISE) % 16
    total = int(S[3, 3]) - int(S[1, 3]) - int(S[3, 1]) + int(S[1, 1])
    assert total % 16 == haar.rectangle_sum(haar.integral_image(EXERCISE), 1, 1, 2, 2)
    looks = f"{S[3, 3]} − {S[1, 3]} − {S[3, 1]} + {S[1, 1]}"
    sums = f"{looks} = {factor(total)}, and {whole(total)} + 16 = {total + 16}"
    return "\n\n".join((grids(**{"S mod 16": S}), block([sums])))


def test_the_solution_by_hand():
    assert "25 − 8 − 6 + 3 = 14" in solution()  # worked on paper
    assert "9 − 8 − 6 + 3 = (−2), and −2 + 16 = 14" in clock()


# -- the page and its figures ---------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This chapter is of no layer, and has headings of its own."""
        headings = ("A window", "The integral image", "Haar features", "The cascade", "Exercises")
        assert not self.chapter.missing_sections(headings)


def test_figures_show_the_examples_of_the_chapter():
    page = CHAPTER.session
    assert np.array_equal(make_viola_jones.I, page["I"])
    assert make_viola_jones.BOXES.tolist() == [list(box) for box in page["boxes"]]
    assert make_viola_jones.toy_cascade() == page["toy"]
    assert page["scan"].scale == make_viola_jones.SCALE
    for shape, number in zip(
        make_viola_jones.BASIC, (43200, 43200, 27600, 27600, 20736), strict=True
    ):
        assert make_viola_jones.count(shape.columns, shape.rows) == number


def test_the_photo_is_the_face_that_the_script_draws():
    kept = np.asarray(Image.open(make_viola_jones.FACE)).astype(int)
    drawn = np.asarray(make_viola_jones.face()).astype(int)
    assert abs(kept - drawn).max() <= 2  # of another processor's rounding


def test_the_figures_are_those_that_the_script_draws(tmp_path):
    shown = sorted(target for _, target in CHAPTER.links() if target.endswith((".svg", ".png")))
    assert shown == sorted(f"figures/{name}" for name in make_viola_jones.FIGURES)
    for drawn in make_viola_jones.main(tmp_path):
        kept = DOCS / "figures" / drawn.name
        if drawn.suffix == ".svg":
            assert letters(drawn) == letters(kept)
        else:
            new, old = (np.asarray(Image.open(p).convert("L")).astype(int) for p in (drawn, kept))
            assert new.shape == old.shape
            assert abs(new - old).mean() < 2  # of another version's letters


if __name__ == "__main__":
    CHAPTER.rewrite()
