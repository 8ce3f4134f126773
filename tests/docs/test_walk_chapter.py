"""docs/walk.md: its numbers, from the library; its pictures, from their script.

`python -m tests.docs.test_walk_chapter` draws the pictures and writes the numbers into the chapter;
once more after a change of the network in the box.
"""

from __future__ import annotations

from io import BytesIO
from math import log
from textwrap import fill

import numpy as np
import pytest
from PIL import Image

import haar
from docs.figures import make_walk
from haar.explain import gather, windows_left
from scratchnet import Sequential
from scratchnet.fer import EmotionRecognizer
from scratchnet.fer.averaging import view_scores
from scratchnet.fer.crops import FRAME, framed
from scratchnet.fer.photos import read_photo
from scratchnet.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from scratchnet.losses import softmax
from tests.docs.arithmetic import bracketed, columns, result, rounded
from tests.docs.by_hand import block, whole
from tests.docs.chapters import DOCS, Chapter, ChapterTests
from tests.fer.recognition import network

CHAPTER = Chapter("walk.md")
SECTIONS = (
    "One training step", "The batch", "Forward", "Scores, probabilities, loss", "Backward",
    "The step", "One photo", "The file", "Grey", "Windows", "The box", "The crop", "The input",
    "The network", "The code", "Exercises", "Sources",
)  # fmt: skip


CASCADE = haar.Cascade.frontal_face()


def two(value):
    """Two places, a true minus sign."""
    return f"{value + 0:.2f}".replace("-", "−")


# -- the training step ----------------------------------------------------------------------------


@CHAPTER.computed
def forward_table(outputs, model):
    names = ["input", *(type(layer).__name__ for layer in model.layers)]
    rows = [["", "shape", "mean", "from", "to"]]
    for name, y in zip(names, outputs, strict=True):
        rows.append([name, str(y.shape), two(y.mean()), two(y.min()), two(y.max())])
    means = [y.mean() for y in outputs]
    assert means[2] > means[1] and means[3] > means[2]  # ReLU, pool
    return block(columns(rows))


@CHAPTER.computed
def first_label(faces):
    return faces.class_names[faces.labels[0]]


@CHAPTER.computed
def first_face(outputs, faces):
    scores = outputs[-1][0]
    powers = np.exp(scores)
    p = softmax(scores[np.newaxis])[0]
    rows = [["", *faces.class_names]]
    rows += [[name, *map(two, v)] for name, v in (("s", scores), ("e to the s", powers), ("p", p))]
    label = faces.labels[0]
    lines = [
        f"sum of the powers {two(powers.sum())}",
        f"loss = −ln {p[label]:.4f} → {-log(p[label]):.3f}",
    ]
    return block([*columns(rows, 3), "", *lines])


@CHAPTER.computed
def batch_loss(outputs, faces, L):
    p = softmax(outputs[-1])[np.arange(8), faces.labels]
    each = [f"{-log(value):.2f}" for value in p]
    assert np.mean(-np.log(p)) == pytest.approx(L)
    return block([f"({' + '.join(each)}) / 8 → {L:.3f}"])


@CHAPTER.computed
def knows_nothing():
    return f"{log(7):.2f}"


@CHAPTER.computed
def backward_table(gradients, outputs, model):
    names = ["input", *(type(layer).__name__ for layer in model.layers)]
    rows = [["gradient by", "shape", "not 0", "mean size", "of the weights", "length"]]
    for i, (name, dy) in enumerate(zip(names, gradients, strict=True)):
        assert dy.shape == outputs[i].shape
        grads = model.layers[i - 1].grads if i else {}
        shape = f"W {grads['W'].shape}, b {grads['b'].shape}" if grads else ""
        length = f"{np.sqrt(sum((g**2).sum() for g in grads.values())):.3f}" if grads else ""
        size = f"{np.abs(dy).mean():.5f}"
        rows.append([name, str(dy.shape), f"{100 * (dy != 0).mean():.1f} %", size, shape, length])
    assert (gradients[5] != 0).mean() == 1 / 16  # behind the second ReLU: the winners
    assert (gradients[4] != 0).mean() < 1 / 16
    return block(columns(rows, 3))


@CHAPTER.computed
def one_weight(before, model):
    w, dw = before["7.W"][0, 0], model.layers[7].grads["W"][0, 0]
    shown = f"{rounded(w)} − 0.01·{bracketed(dw)}"
    return block(["Dense, W[0,0]:", result("w", shown, w - 0.01 * dw)])


def squared_gradient(model):
    return sum(float((grad**2).sum()) for layer in model.layers for grad in layer.grads.values())


@CHAPTER.computed
def promise(model, L, after):
    step = make_walk.training_step()
    squares = [
        (type(layer).__name__, sum(float((g**2).sum()) for g in layer.grads.values()))
        for layer in step.model.layers
        if layer.grads
    ]
    total = sum(value for _, value in squares)
    terms = " + ".join(f"{value:.2f}" for _, value in squares)
    return block(
        [
            f"sum of all dw², a layer a term: {terms} → {total:.2f}",
            f"promised: −0.01·{total:.2f} → {-0.01 * total:.3f}".replace("→ -", "→ −"),
            f"done: {after:.3f} − {L:.3f} → {after - L:.3f}".replace("→ -", "→ −"),
        ]
    )


def test_the_figure_takes_the_page_s_step():
    page, step = CHAPTER.session, make_walk.training_step()
    assert page["L"] == step.loss
    for mine, its in zip(page["outputs"], step.outputs, strict=True):
        assert np.array_equal(mine, its)
    for mine, its in zip(page["gradients"], step.gradients, strict=True):
        assert np.array_equal(mine, its)


def test_a_short_step_keeps_its_promise():
    page = CHAPTER.session
    assert page["squared"] == pytest.approx(squared_gradient(make_walk.training_step().model))
    assert page["change"] > 0  # of the last rate on the page


# -- the photo ------------------------------------------------------------------------------------


def test_a_photo_that_lies_on_its_side_is_turned_back(photo=make_walk.PHOTO):
    page = CHAPTER.session
    file = BytesIO(page["file"].getvalue())
    with Image.open(photo) as whole_photo:
        shown = whole_photo.crop((0, 0, 512, 400)).convert("RGB")
    assert np.array_equal(np.asarray(read_photo(Image.open(file))), np.asarray(shown))
    assert len(CASCADE.detect(page["lying"])) == 0  # the cascade wants faces upright


@CHAPTER.computed
def one_pixel(picture):
    x, y = 224, 113
    red, green, blue = picture.getpixel((x, y))
    exact = 0.299 * red + 0.587 * green + 0.114 * blue
    assert picture.convert("L").getpixel((x, y)) == round(exact)
    return block(
        [
            f"column {x}, row {y}: red {red}, green {green}, blue {blue}",
            f"0.299·{red} + 0.587·{green} + 0.114·{blue} = {whole(round(exact, 3))}, "
            f"in bytes {round(exact)}",
        ]
    )


def counts():
    return np.sum([windows_left(at) for at in make_walk.look().watched], axis=0)


@CHAPTER.computed
def windows_table():
    seen, left = make_walk.look(), counts()
    first, last = seen.watched[0].level, seen.watched[-1].level
    asked = sum(int(at.features.sum()) for at in seen.watched)
    assert len(left) == 17  # sixteen stages
    assert 0.3 < left[1] / left[0] < 0.4
    rows = [["windows", "", "left of all"]]
    for stages in (0, 1, 2, 4, 8, 16):
        words = "looked at" if not stages else f"after stage {stages}"
        rows.append([words, f"{left[stages]:,}", f"{100 * left[stages] / left[0]:.2g} %"])
    rows[1][2] = ""
    lines = [
        f"{len(seen.watched)} scales, from {first.width}×{first.height} pixels to "
        f"{last.width}×{last.height}",
        f"{asked / left[0]:.1f} features a window, of {len(CASCADE.features)}",
    ]
    return block([*columns(rows), "", *lines])


@CHAPTER.computed
def clusters_table(box):
    seen = make_walk.look()
    found = gather(seen.windows)
    rows = [["x", "y", "width", "height", "windows", ""]]
    for rectangle, count, fate in zip(found.rectangles, found.counts, found.fate, strict=True):
        rows.append([*map(str, rectangle.tolist()), str(count), fate])
        assert (fate == "kept") == (rectangle.tolist() == box)
    return block(columns(rows))


@CHAPTER.computed
def crop_by_hand(box):
    return square_by_hand(box)


def square_by_hand(box):
    x, y, w, h = box
    left, top, side, _ = framed(box)
    exact = FRAME * max(w, h)
    assert side == round(exact)
    lines = [
        f"side = {w}·48 / 45 = {whole(round(exact, 4))}, rounded {side}",
        f"x = {x} + ({w} − {side}) / 2 = {whole(x + (w - side) / 2)}, rounded {left}",
        f"y = {y} + ({h} − {side}) / 2 = {whole(y + (h - side) / 2)}, rounded {top}",
    ]
    return block(lines)


@CHAPTER.computed
def input_by_hand(crop):
    mean, deviation = float(crop.mean()), float(crop.std())
    x = EmotionRecognizer(network(), CASCADE).preprocess(crop[np.newaxis])
    low, high = float(x.min()), float(x.max())
    assert low == pytest.approx((crop.min() - mean) / deviation, rel=1e-4)
    darkest, brightest = int(crop.min()), int(crop.max())
    m, d = f"{mean:.1f}", f"{deviation:.1f}"
    return block(
        [
            f"mean {m}, deviation {d}, shape {x.shape}",
            f"darkest    ({darkest} − {m}) / {d} → {two(low)}",
            f"brightest  ({brightest} − {m}) / {d} → {two(high)}",
        ]
    )


# -- the network ----------------------------------------------------------------------------------


@CHAPTER.computed
def network_walk():
    return through(make_walk.recognizer())


def through(recognizer):
    """The rest of the walk: the first network's stops, and the mean over all opinions."""
    model, (face,) = recognizer.models[0], recognizer(make_walk.PHOTO)
    x = recognizer.preprocess(face.crop[np.newaxis])
    rows = [["", "shape", "mean", "from", "to"]]
    for name, y in [("input", x), *make_walk.stops(model, x)]:
        rows.append([name, str(y.shape), two(y.mean()), two(y.min()), two(y.max())])

    scores = view_scores(recognizer.models, x, flip=recognizer.flip)[:, 0]
    names = model.class_names
    p = softmax(scores / recognizer.temperature)
    answer = np.array(list(face.probabilities.values()))
    many, views = len(recognizer.models), 1 + recognizer.flip
    asked = "The network is asked " if many == 1 else f"Each of {many} networks is asked "
    first = "The" if many == 1 else "The first"
    opinions = [["", *names]]
    for number, row in enumerate(p):
        who = f"network {number % many + 1}" + (", mirrored" if number >= many else "")
        opinions.append([who, *(f"{value:.3f}" for value in row)])
    opinions.append(["mean", *(f"{value:.3f}" for value in answer)])
    best, T = int(answer.argmax()), recognizer.temperature
    powers = np.exp(scores[0] / T)
    parts = [
        prose(
            f"{model.parameter_count():,} weights, {model.macs() / 1e6:.0f} million products. What "
            "its layers make of the face:"
        ),
        block(columns(rows)),
        f"![The face through the network]({PICTURE})",
        prose(
            "*Up to sixteen maps of a stop. Bright is active; where there are signs, purple is "
            "above 0 and orange below it. Last: the answer.*"
        ),
        "### The probabilities",
        prose(
            f"The scores are divided by the [temperature](softmax.md#temperature), here `{T:.3g}`; "
            f"then softmax. {first} network gives {names[best]} the score "
            f"{two(scores[0, best])}, hence the power {powers[best]:.2f} out of "
            f"{powers.sum():.2f} for all classes."
        ),
        prose(f"{asked}for {views} view{'s' * (views > 1)} of the face. The mean is the answer:"),
        block(columns(opinions, 3)),
    ]
    return "\n\n".join(parts)


def prose(words):
    """A paragraph in lines of the page's length."""
    return fill(words, 100, break_long_words=False, break_on_hyphens=False)


PICTURE = "figures/walk_network.png"


def test_the_walk_through_the_network_can_be_written_and_drawn(tmp_path):
    """With whatever network: here one of two layers, asked twice."""
    stand_in = EmotionRecognizer([network(), network(seed=1)], CASCADE, flip=True)
    text = through(stand_in)
    assert text.count("mirrored") == 2 and PICTURE in text
    make_walk.network(tmp_path / "network.png", stand_in)
    assert (tmp_path / "network.png").stat().st_size > 1000


def test_the_network_in_the_box_sees_the_crop_of_the_page():
    (face,) = make_walk.recognizer()(make_walk.PHOTO)
    assert np.array_equal(face.crop, CHAPTER.session["crop"])


# -- exercises ------------------------------------------------------------------------------------


def layers(stride=1):
    return [
        *(Conv2D(8, 5, stride=stride, padding=2), ReLU(), MaxPool2D(4)),
        *(Conv2D(16, 3, padding=1), ReLU(), MaxPool2D(4)),
        *(Flatten(), Dense(7)),
    ]


@CHAPTER.computed
def with_a_stride():
    shape, rows, rng = (1, 48, 48), [], np.random.default_rng(0)
    for layer in layers(2):
        shape = layer.build(shape, rng)
        rows.append([type(layer).__name__, str(shape)])
    return block(columns(rows)) + "\n\nThe dense layer has a ninth of its weights left."


@CHAPTER.computed
def how_many():
    model = Sequential(layers()).build((1, 48, 48), np.random.default_rng(0))
    parts = (
        ("Conv2D", 8 * 25, 8, 48 * 48),
        ("Conv2D", 16 * 8 * 9, 16, 144),
        ("Dense", 144 * 7, 7, 1),
    )
    assert sum(w + b for _, w, b, _ in parts) == model.parameter_count()
    assert sum(w * places for _, w, _, places in parts) == model.macs()
    rows = [["", "weights", "biases", "products"]]
    for name, w, b, places in parts:
        rows.append([name, f"{w:,}", str(b), f"{w}·{places} = {w * places}"])
    total_products = " + ".join(str(w * places) for _, w, _, places in parts)
    lines = [
        " + ".join(str(w + b) for _, w, b, _ in parts) + f" = {model.parameter_count()} numbers",
        f"{total_products} = {model.macs()} products",
    ]
    return block([*columns(rows), "", *lines])


@CHAPTER.computed
def another_crop():
    return square_by_hand((100, 50, 60, 60))


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found


def test_every_picture_of_the_script_is_on_the_page_and_small():
    shown = {target for _, target in CHAPTER.links() if target.endswith(".png")}
    assert shown == {f"figures/{name}" for name in make_walk.FIGURES}
    for name in make_walk.FIGURES:
        assert (DOCS / "figures" / name).stat().st_size < 150_000


def test_the_training_step_s_pictures_are_those_that_the_script_draws(tmp_path):
    for name in ("walk_batch.png", "walk_step.png"):
        make_walk.FIGURES[name](tmp_path / name)
        with Image.open(tmp_path / name) as new, Image.open(DOCS / "figures" / name) as kept:
            assert new.size == kept.size


if __name__ == "__main__":
    make_walk.main()
    CHAPTER.rewrite()
