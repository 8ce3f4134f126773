"""docs/report.md: its numbers, from networks, the README's table and the comparison's CSVs; its
diagrams, held against the imports and calls of the modules that they name.

`python -m tests.docs.test_report_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import csv
import re
from functools import cache

import numpy as np
import pytest

from docs.figures import make_report
from scratchnet.fer.labels import SIX, SIX_OF_SEVEN
from scratchnet.fer.networks import make_network
from scratchnet.layers import Conv2D, Dense, MaxPool2D
from scratchnet.sequential import Sequential
from tests.docs.by_hand import block, factor, whole
from tests.docs.chapters import DOCS, ROOT, Chapter, ChapterTests
from tests.docs.classical_chapter import comparison
from tests.docs.diagrams import Diagram, calls, diagrams, uses
from tests.docs.test_classical_chapter import ASKED, LEARNED

CHAPTER = Chapter("report.md")

FACES = {  # of Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral
    "Training": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "PublicTest": (467, 56, 496, 895, 653, 415, 607),
}
NETWORKS = {
    "simple": "32 P 64 P 128 P; dense",
    "seven": "32 32 P 64 64 P 128 128 128 P; dense 1024, 512",
    "vgg": "`seven`'s, then 512 512 512 P twice; dense 1024, 512",
    "nine": "32 32 32 P 64 64 64 P 128 128 128 P; dense",
}
PERCENT = 58
"""What the report's final network has."""


# -- neurons --------------------------------------------------------------------------------------


def steps(changes):
    """What the perceptron's rule did, a line for each wrong answer."""
    lines = ["epoch   x      w·x + b                  y   t   w and b afterwards"]
    for epoch, x, t, y, (w, b), (new, bias) in changes:
        products = " + ".join(f"{factor(v)}·{u}" for u, v in zip(x, w, strict=True))
        total = f"{products} + {factor(b)} = {whole(x @ w + b)}"
        after = f"{whole(new[0])}, {whole(new[1])}; {whole(bias)}"
        lines.append(f"{epoch:3}     {x[0]}, {x[1]}   {total:25}{y}   {t}   {after}")
    return block(lines)


@CHAPTER.computed
def and_by_hand(changes):
    return steps(changes)


@CHAPTER.computed
def xor_by_hand(hidden, output, h):
    W, b = hidden.params["W"], hidden.params["b"]
    V, c = output.params["W"][:, 0], output.params["b"][0]
    lines = [f"{'x':7}{'sums':30}{'h':7}y"]
    for x, bent in zip(make_report.X, h, strict=True):
        sums = [f"{x[0]} + {x[1]}", f"{x[0]} + {x[1]} − 1"]
        assert W.tolist() == [[1, 1], [1, 1]]
        values = x @ W + b
        shown = ", ".join(f"{s} = {whole(v)}" for s, v in zip(sums, values, strict=True))
        answer = " + ".join(f"{whole(a)}·{factor(v)}" for a, v in zip(bent, V, strict=True))
        y = bent @ V + c
        lines.append(
            f"{x[0]}, {x[1]}   {shown:30}{whole(bent[0])}, {whole(bent[1])}   {answer} = {whole(y)}"
        )
    return block(lines)


# -- networks -------------------------------------------------------------------------------------


@cache
def network(name: str) -> Sequential:
    return make_network(name, 6).build((1, 48, 48), np.random.default_rng(0))


def parameters(layer) -> int:
    return sum(p.size for p in layer.params.values())


@CHAPTER.computed
def dense_or_convolution():
    units = 32 * 48 * 48
    first = Conv2D(32, 3, padding=1)
    first.build((1, 48, 48), np.random.default_rng(0), np.float32)
    assert parameters(first) == 320 == parameters(network("seven").layers[0])
    lines = [
        f"dense         2304·(32·2304) + 32·2304 = {2304 * units + units}",
        "convolution   32·(3·3) + 32 = 320",
    ]
    return block(lines)


@CHAPTER.computed
def networks():
    lines = ["| network | layers | convolutions | parameters | of them dense | million MACs |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: |")
    for name, layers in NETWORKS.items():
        model = network(name)
        convolutions = [layer for layer in model.layers if isinstance(layer, Conv2D)]
        dense = sum(parameters(layer) for layer in model.layers if isinstance(layer, Dense))
        lines.append(
            f"| `{name}` | {layers} | {len(convolutions)} | {model.parameter_count():,} | "
            f"{dense:,} | {model.macs() / 1e6:.1f} |"
        )
    return "\n".join(lines)


def stages(model: Sequential) -> list[tuple[str, str, int, int]]:
    """(what, shape behind it, parameters, MACs): the convolutions up to a pool are one stage."""
    rows, filters, weights, macs = [], [], 0, 0
    for layer in model.layers:
        weights, macs = weights + parameters(layer), macs + layer.macs()
        if isinstance(layer, Conv2D):
            filters.append(str(layer.filters))
        elif isinstance(layer, MaxPool2D):
            shape = " × ".join(map(str, layer.output_shape))
            rows.append((f"{' '.join(filters)} P", shape, weights, macs))
            filters, weights, macs = [], 0, 0
        elif isinstance(layer, Dense):
            rows.append((f"dense {layer.units}", str(layer.output_shape[0]), weights, macs))
            weights, macs = 0, 0
    return rows


@CHAPTER.computed
def seven_by_stage():
    rows = stages(network("seven"))
    lines = [
        "| stage | shape behind it | parameters | million MACs |",
        "| --- | --- | ---: | ---: |",
    ]
    lines += [f"| {what} | {shape} | {w:,} | {m / 1e6:.1f} |" for what, shape, w, m in rows]
    total = sum(row[2] for row in rows), sum(row[3] for row in rows)
    assert total == (network("seven").parameter_count(), network("seven").macs())
    return "\n".join([*lines, f"| together | | {total[0]:,} | {total[1] / 1e6:.1f} |"])


# -- older systems --------------------------------------------------------------------------------

WAYS = [  # the way, its row of the comparison, its chapter, what the report quotes
    ("rough contours, RBF network", "contour+rbf", "contours", ""),
    ("rough contours, MLP", "contour+mlp", "contours", ""),
    ("neural network, trained on-line", "mlp", "mlp", ""),
    ("its difference to a neutral face", "neutral+mlp", "mlp", ""),
    ("principal components, RBF network", "rbf", "rbf_network", ""),
    ("Gabor bank, SVM", "gabor+svm", "svm", ""),
    ("local Gabor, PCA and LDA", "local-gabor+pca+lda", "gabor", "`97.33 %`"),
    ("active appearance model", "aam", "appearance_model", ""),
    ("CNN, for comparison", "cnn", "conv2d", ""),
    ("the CNN's features, SVM", "cnn+svm", "svm", ""),
    ("the CNN's features, RBF network", "cnn+rbf", "rbf_network", ""),
]


@cache
def photos() -> dict[str, dict[str, str]]:
    """The comparison on FER2013, by the systems' names."""
    path = DOCS / "figures" / "classical" / "fer2013.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def share(row: dict[str, str]) -> str:
    return "" if row["error"] else f"{100 * float(row['accuracy']):.1f} %"


@CHAPTER.computed
def systems():
    lines = [
        "| way | chapter | quoted | drawn faces | photos |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for way, name, chapter, quoted in WAYS:
        drawn, real = share(comparison()[name]), share(photos()[name])
        lines.append(f"| {way} | [here]({chapter}.md) | {quoted} | {drawn} | {real} |")
    return "\n".join(lines)


@CHAPTER.computed
def asked():
    return f"{ASKED:,}"


@CHAPTER.computed
def learned():
    return f"{LEARNED:,}"


# -- said and measured ----------------------------------------------------------------------------


class Measured:
    """A row of the README's table of accuracies."""

    ROW = re.compile(
        r"^\| `--network ([\w-]+)[^|]*\| \**([\d.]+) %\** "
        r"\| ([\d.]+) to ([\d.]+) \| ([\d.]+) % \| (\d+) \|",
        re.M,
    )

    def __init__(self, row: tuple[str, ...]) -> None:
        self.name, self.accuracy, self.low, self.high, self.clean, self.epochs = row
        self.text = f"{self.accuracy} % ({self.low} to {self.high}), {self.epochs} epochs"


@cache
def measured() -> dict[str, Measured]:
    """By the networks' names."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return {row[0]: Measured(row) for row in Measured.ROW.findall(readme)}


def detector() -> str:
    """The README's sentence on our cascade and OpenCV's, in short."""
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    found = re.search(
        r"with (\d+) faces that it was not trained on it finds (\d+) with (\d+) false, "
        r"OpenCV's `frontalface_default` (\d+) with (\d+)",
        readme,
    )
    assert found, "the README no longer says how the cascade does"
    faces, ours, false, theirs, more = found.groups()
    return f"{ours} of {faces} faces, {false} false; OpenCV's cascade {theirs}, {more} false"


ABOVE = "[above](#the-reports-networks)"
CLAIMS = [  # what the report says, its figure, the README's row or what we measured, where
    ("three convolutions are too simple", "`0.15`", "simple", "[below](#why-015)"),
    ("its code: seven convolutions, two dense layers", "", "seven", ABOVE),
    ("a form like VGG, commented out", "", "vgg", ABOVE),
    ("its final network: nine convolutions", "`58 %`", "nine", ABOVE),
    ("older systems", "`83 %`, `92.1 %`, `97.33 %`, `100 %`", "", "[all of them](classical.md)"),
    ("a cascade finds the faces", "OpenCV's", "", "[its training](cascade_training.md)"),
]  # fmt: skip
"""One line more is one row more: a network's name stands for its row in the README's table."""


def of_older_systems() -> str:
    """From the worst to the best on photos of what is not a network of convolutions."""
    old = [row for name, row in photos().items() if not name.startswith(("cnn", "raw"))]
    found = [100 * float(row["accuracy"]) for row in old if not row["error"]]
    return f"{min(found):.1f} to {max(found):.1f} % of photos, after {LEARNED:,} faces"


@CHAPTER.computed
def claims():
    other = {"older systems": of_older_systems(), "a cascade finds the faces": detector()}
    lines = ["| the report | its figure | here | more |", "| --- | --- | --- | --- |"]
    for claim, figure, name, where in CLAIMS:
        here = f"`--network {name}`: {measured()[name].text}" if name else other[claim]
        lines.append(f"| {claim} | {figure} | {here} | {where} |")
    return "\n".join(lines)


@CHAPTER.computed
def leaked():
    rows = [measured()[name] for _, _, name, _ in CLAIMS if name]
    lower = [float(row.accuracy) - float(row.clean) for row in rows]
    return f"{min(lower):.1f} to {max(lower):.1f}"


@CHAPTER.computed
def simple_interval():
    row = measured()["simple"]
    assert float(row.low) <= PERCENT <= float(row.high)
    return f"{row.low} to {row.high} %"


# -- 0.15 -----------------------------------------------------------------------------------------


def of_six(counts: tuple[int, ...]) -> np.ndarray:
    """The share of each of the six classes."""
    six = np.bincount(SIX_OF_SEVEN, counts)
    return six / six.sum()


@CHAPTER.computed
def guessers():
    lines = ["| who guesses | is right, Training | PublicTest |", "| --- | ---: | ---: |"]
    shares = [of_six(counts) for counts in FACES.values()]
    rows = {"by throwing dice": [1 / 6, 1 / 6]}
    for k in (int(shares[0].argmax()), 0):
        rows[f"always {SIX[k]}"] = [share[k] for share in shares]
    lines += [f"| {who} | {100 * a:.1f} % | {100 * b:.1f} % |" for who, (a, b) in rows.items()]
    return "\n".join(lines)


# -- exercises ------------------------------------------------------------------------------------


@CHAPTER.computed
def solutions(perceptron, fires, OR):
    w, b, changes = perceptron(OR)
    assert [fires(x, w, b) for x in make_report.X] == OR.tolist()
    happy, total = FACES["Training"][3], sum(FACES["Training"])
    places = [f"{c[0]}: ({c[1][0]}, {c[1][1]})" for c in changes]
    nine = network("nine")
    convolutions = [layer for layer in nine.layers if isinstance(layer, Conv2D)]
    inner = sum(map(parameters, convolutions))
    dense = nine.parameter_count() - inner
    most = max(map(parameters, convolutions))
    work = [layer.macs() for layer in convolutions]
    assert {
        layer.filters for layer, n in zip(convolutions, work, strict=True) if n == max(work)
    } == {
        *(32, 64, 128),
    }
    return "\n".join(
        [
            f"1. Wrong are, by epoch, {', '.join(places)}. In the end w is "
            f"{whole(w[0])}, {whole(w[1])} and b is {whole(b)}.",
            "2. All weights 1, and b = −1.5, for instance: 1 + 1 − 1.5 = 0.5 fires, "
            "1 − 1.5 = −0.5 does not.",
            f"3. {inner:,} and {dense:,}. The last two have the most, {most:,} each. They have no "
            "more work than others: behind each pool there are four times as many weights for a "
            f"quarter of the places, {max(work):,} multiply-accumulates for 32 filters of 32 "
            "channels, 64 of 64 and 128 of 128.",
            "4. That it always answers Happy, which is the share of Training that is happy: "
            f"{happy} / {total} → {happy / total:.3f}. "
            "Look at the confusion matrix before anything else.",
        ]
    )


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        """This page tells a story, and has headings of its own."""
        headings = (
            "A neuron", "Why XOR needs a hidden layer", "From a network to a convolution",
            "The report's networks", "Faces to numbers", "The six systems",
            "The program as a flow of data", "Said, measured, measured again", "Why `0.15`",
            "The code", "Exercises", "Sources",
        )  # fmt: skip
        assert not self.chapter.missing_sections(headings)


def test_and_by_hand():
    changes = CHAPTER.session["changes"]
    after = [(*map(int, new), int(b)) for *_, (new, b) in changes]
    assert after[:4] == [(1, 1, 1), (1, 1, 0), (1, 0, -1), (2, 1, 0)]  # worked on paper
    assert after[-1] == (2, 1, -2)


def test_the_networks_are_those_of_the_report():
    counts = {name: (network(name).parameter_count(), network(name).macs()) for name in NETWORKS}
    assert counts["seven"] == (5_681_510, 112_077_824)
    assert [sum(isinstance(layer, Conv2D) for layer in network(n).layers) for n in NETWORKS] == [
        *(3, 7, 13, 9),
    ]
    assert network("seven").layers[-8].output_shape == (4608,)  # what is flattened


def test_the_readme_has_a_row_for_every_network_of_the_report():
    assert set(NETWORKS) <= set(measured())


def test_the_figure_shows_the_neurons_of_the_chapter():
    page = CHAPTER.session
    assert np.array_equal(make_report.X, page["X"])
    assert np.array_equal(make_report.AND, page["AND"])
    assert np.array_equal(make_report.XOR, page["XOR"])
    w, b = make_report.perceptron(make_report.AND)
    assert (w.tolist(), b) == (page["w"].tolist(), page["b"])
    assert np.array_equal(make_report.hidden(), page["h"])


def test_a_page_of_faces_without_numbers_is_class_0():
    """Where the chapter's fault leads: every answer is the first class, whatever the face."""
    answers = CHAPTER.session["answers"]
    assert set(answers.tolist()) == {0}


# -- diagrams -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(4))
def test_the_diagrams_say_what_the_code_does(number):
    assert diagrams(CHAPTER.text)[number].untrue() == []


def test_every_diagram_is_read():
    found = diagrams(CHAPTER.text)
    assert len(found) == CHAPTER.text.count("```mermaid") == 4
    assert all(len(diagram.arrows) >= 5 for diagram in found)


def test_the_commands_meet_in_files_only():
    """As level 1 says: none of its modules imports another."""
    commands = set(diagrams(CHAPTER.text)[1].modules.values())
    assert len(commands) == 4
    assert all(not commands & (uses(command) - {command}) for command in commands)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('a["scratchnet.fer.seen"] -->|"x"| b["haar.cascade"]', None),
        ('a["scratchnet.fer.seen"] -->|"x"| b["scratchnet.fer.averaging"]', "neither of"),
        ('a["scratchnet.fer.seen"] -.->|"x"| b["haar.cascade"]', "no frame does not use"),
        ('a["scratchnet.fer.sight"] -->|"x"| b["haar.cascade"]', "there is no module"),
        ('a[("a file")] -->|"x"| b["scratchnet.fer.seen"]', None),
    ],
)
def test_a_false_arrow_is_found(line, complaint):
    untrue = Diagram(f"flowchart LR\n  {line}\n").untrue()
    assert untrue == [] if complaint is None else complaint in untrue[0]


@pytest.mark.parametrize("frame", ["scratchnet.fer.train", "scratchnet.fer.recognizer"])
def test_a_dotted_arrow_needs_a_frame_that_uses_both_ends(frame):
    arrow = 'a["scratchnet.fer.splits"] -.->|"x"| b["scratchnet.fer.augment"]'
    diagram = Diagram(f'flowchart LR\n  subgraph f["{frame}"]\n    {arrow}\n  end\n')
    assert bool(diagram.untrue()) == (frame != "scratchnet.fer.train")


def test_a_line_that_is_not_understood_is_refused():
    for line in ("a --- b", 'a["scratchnet.ops"] --> b["haar.ops"]', 'a -->|"x"| b'):
        with pytest.raises(ValueError):
            Diagram(f"flowchart LR\n  {line}\n")


def test_calls_and_uses_are_told_apart():
    assert "scratchnet.fer.augment" in uses("scratchnet.fer.train")  # handed over
    assert "scratchnet.fer.augment" not in calls("scratchnet.fer.train")
    assert "scratchnet.fer.splits" in calls("scratchnet.fer.train")
    assert "haar.cascade" in calls("scratchnet.fer.seen")  # a method of haar.Cascade


if __name__ == "__main__":
    CHAPTER.rewrite()
