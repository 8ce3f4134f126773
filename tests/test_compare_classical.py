"""examples/compare_classical.py: what it measures, worked by hand, and runs from end to end."""

from __future__ import annotations

import csv
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from scratchnet.classical import PCA, AdaBoostClassifier, KNeighborsClassifier
from scratchnet.fer import generate_faces

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "examples" / "compare_classical.py"
sys.path.insert(0, str(PROGRAM.parent))

from classical_comparison import faces as faces_module  # noqa: E402
from classical_comparison.chain import Chain  # noqa: E402
from classical_comparison.faces import Faces, load  # noqa: E402
from classical_comparison.figure import draw  # noqa: E402
from classical_comparison.measuring import Result, learned_bytes, measure  # noqa: E402
from classical_comparison.network import Network  # noqa: E402
from classical_comparison.systems import SYSTEMS, Setting  # noqa: E402
from classical_comparison.table import (  # noqa: E402
    cells,
    line,
    markdown,
    readable_size,
    write_csv,
)

RESULT = Result("pca", "PCA", 0.915, 0.9, 0.93, 0.91, 12.34, 56.7, 1234567)
FAILED = Result("aam", "AAM", error="ValueError: no landmarks")


@pytest.fixture(scope="module")
def few():
    """210 faces to learn from, 40 others, of seven expressions."""
    return load_generated(210, 40)


def load_generated(count, tests):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faces_module, "TESTS", tests)
        return load(None, count, np.random.default_rng(0))


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the program here on 40 test faces; its exit status, output and complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(faces_module, "TESTS", 40)

    def compare(*arguments):
        monkeypatch.setattr(sys, "argv", [str(PROGRAM), *map(str, arguments)])
        status = 0
        try:
            runpy.run_path(str(PROGRAM), run_name="__main__")
        except SystemExit as end:
            status = end.code
        heard = capsys.readouterr()
        return status, heard.out, heard.err

    return compare


# -- by hand --------------------------------------------------------------------------------------


class Always:
    """Says the same of everybody."""

    def __init__(self, label):
        self.label = label

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.full(len(X), self.label)


def four(y_test=(0, 0, 0, 1)):
    X = np.zeros((4, 9))
    return Faces(X, np.array([0, 1, 0, 1]), X, np.array(y_test), ("calm", "glad"))


def test_three_of_four_are_right():
    result = measure("x", "X", lambda: Always(0), four(), np.random.default_rng(0))
    assert result.accuracy == 0.75
    assert result.macro_f1 == pytest.approx((6 / 7 + 0) / 2)  # calm: 2·3 / (4 + 3)
    assert result.low < 0.75 < result.high
    assert result.fit_seconds >= 0
    assert result.predict_microseconds >= 0
    assert (result.size_bytes, result.error) == (8, "")


def test_a_system_that_fails_is_a_row_that_says_why():
    def make():
        raise ValueError("no\n landmarks")

    result = measure("aam", "AAM", make, four(), np.random.default_rng(0))
    assert result == Result("aam", "AAM", error="ValueError: no landmarks")
    assert cells(result)[:2] == ["AAM", "failed: ValueError: no landmarks"]


def test_a_chain_hands_features_on():
    X = np.array([[0.0, 1], [0, 2], [5, 1], [5, 2]])
    chain = Chain(PCA(1), KNeighborsClassifier(1)).fit(X, np.array([0, 0, 1, 1]))
    assert chain.predict(X + 0.1).tolist() == [0, 0, 1, 1]


def test_size_counts_each_array_once_and_no_records_of_training():
    X, y = np.zeros((3, 4)), np.array([0, 1, 1])
    neighbours = KNeighborsClassifier(1).fit(X, y)  # X; labels, classes; k, features
    assert learned_bytes(neighbours) == 8 * (12 + 3 + 2 + 2)
    model = AdaBoostClassifier(5).fit(np.arange(20.0)[:, None], np.arange(20) % 2)
    before = learned_bytes(model)
    model.sample_weights_ = np.zeros((1000, 1000))
    assert learned_bytes(model) == before
    assert learned_bytes([X, X, {"again": X}]) == X.nbytes


@pytest.mark.parametrize(
    ("size", "words"),
    [(999, "999 B"), (1500, "1.5 kB"), (12_300, "12 kB"), (55e6, "55 MB"), (2e9, "2.0 GB")],
)
def test_sizes_are_readable(size, words):
    assert readable_size(size) == words


def test_the_table_in_its_three_forms(tmp_path):
    assert cells(RESULT) == [
        "PCA", "91.5%", "90.0 to 93.0", "0.910", "12.3", "57", "1.2 MB",
    ]  # fmt: skip
    assert line(RESULT).split()[:4] == ["PCA", "91.5%", "(90.0", "to"]
    lines = markdown([RESULT, FAILED]).splitlines()
    assert len({row.count("|") for row in lines}) == 1
    assert "failed: ValueError: no landmarks" in lines[3]
    write_csv([RESULT, FAILED], tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["accuracy"] for row in rows] == ["0.915", ""]
    assert rows[1]["error"] == "ValueError: no landmarks"


def test_the_figure_leaves_out_what_failed():
    figure = draw([RESULT, FAILED], 0.2, "title")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["PCA"]
    with pytest.raises(ValueError, match="at least one system"):
        draw([FAILED], 0.2, "title")


# -- faces ----------------------------------------------------------------------------------------


def test_generated_faces_are_never_in_both_parts(few):
    assert few.X.shape == (210, 2304) and few.X_test.shape == (40, 2304)
    assert few.landmarks.shape == (210, 68, 2)
    assert not (few.X_test[:, None] == few.X).all(axis=2).any()


def test_test_faces_that_were_learned_from_are_left_out(tmp_path):
    drawn = generate_faces(70, np.random.default_rng(0))
    drawn.to_kaggle_csv(tmp_path / "a.csv", ["Training"] * 56 + ["PublicTest"] * 14)
    text = (tmp_path / "a.csv").read_text().splitlines()
    copied = text[1].rsplit(",", 1)[0] + ",PublicTest"  # the first Training face again
    (tmp_path / "b.csv").write_text("\n".join([*text, copied]) + "\n")
    found = load(tmp_path / "b.csv", 1000, np.random.default_rng(0))
    assert (len(found.X), len(found.X_test), found.left_out) == (56, 14, 1)
    assert found.landmarks is None
    part = load(tmp_path / "b.csv", 28, np.random.default_rng(0))
    assert len(part.X) == 28


# -- systems --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in SYSTEMS if n not in ("aam", "cnn+svm", "cnn+rbf")])
def test_every_system_answers(name, few):
    system = SYSTEMS[name]
    setting = Setting(few, 1, 0)
    result = measure(
        name, system.title, lambda: system.make(setting), few, np.random.default_rng(0)
    )
    assert result.error == ""
    assert 0 <= result.low <= result.accuracy <= result.high <= 1
    assert result.size_bytes > 1000


def test_the_appearance_model_finds_expressions(few):
    pytest.importorskip("scratchnet.classical.active_appearance")
    faces = load_generated(210, 12)
    system = SYSTEMS["aam"]
    make = lambda: system.make(Setting(faces, 1, 0))  # noqa: E731
    result = measure("aam", system.title, make, faces, np.random.default_rng(0))
    assert result.error == ""
    assert result.accuracy > 0.5


def test_faces_without_landmarks_have_no_appearance_model(few):
    bare = Faces(few.X, few.y, few.X_test, few.y_test, few.class_names)
    make = lambda: SYSTEMS["aam"].make(Setting(bare, 1, 0))  # noqa: E731
    assert "without" in measure("aam", "AAM", make, bare, np.random.default_rng(0)).error


def test_the_network_is_trained_once_and_charged_to_all(few):
    network = Network(few.class_names, 1, 0)
    network.fit(few.X, few.y)
    trained = network.model_
    assert network.borrowed_seconds == 0
    chain = Chain(network, KNeighborsClassifier(1)).fit(few.X, few.y)
    assert network.model_ is trained
    assert chain.borrowed_seconds > 0
    assert network.transform(few.X_test).shape == (40, 128)
    scores = network.model_.layers[-1].params  # softmax of the features is what the network says
    s = network.transform(few.X_test) @ scores["W"] + scores["b"]
    assert s.argmax(axis=1).tolist() == network.predict(few.X_test).tolist()


# -- the program ----------------------------------------------------------------------------------


def test_a_run_leaves_table_and_figure(run, tmp_path):
    status, out, _ = run("--faces", 70, "--only", "raw", "pca", "--out", "there")
    assert status == 0
    assert "70 to learn from, 40 others" in out
    assert {p.name for p in (tmp_path / "there").iterdir()} == {
        "comparison.csv", "comparison.md", "comparison.png",
    }  # fmt: skip
    with (tmp_path / "there" / "comparison.csv").open(newline="", encoding="utf-8") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["raw", "pca"]


def test_one_failing_system_does_not_stop_the_rest(run, monkeypatch, tmp_path):
    def fail(setting):
        raise RuntimeError("broken")

    monkeypatch.setitem(SYSTEMS, "raw", SYSTEMS["raw"]._replace(make=fail))
    assert run("--faces", 70, "--only", "raw", "pca")[0] == 0
    table = (tmp_path / "runs" / "classical" / "comparison.md").read_text(encoding="utf-8")
    assert "failed: RuntimeError: broken" in table
    assert "eigenfaces" in table
    monkeypatch.setitem(SYSTEMS, "pca", SYSTEMS["pca"]._replace(make=fail))
    status, _, err = run("--faces", 70, "--only", "raw", "pca")
    assert status == 2
    assert "no system could be measured" in err


def test_equal_seeds_give_equal_answers(run, tmp_path):
    def accuracies(folder):
        assert run("--faces", 70, "--only", "pca+lda", "rbf", "--out", folder)[0] == 0
        with (tmp_path / folder / "comparison.csv").open(newline="", encoding="utf-8") as file:
            return [row["accuracy"] for row in csv.DictReader(file)]

    assert accuracies("a") == accuracies("b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "magic"], "invalid choice: 'magic'"),
        (["--faces", "7"], "--faces expects at least 70, got 7"),
        (["--epochs", "0"], "--epochs expects at least 1"),
        (["--data", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_wrong_arguments_end_in_one_clear_line(run, arguments, message):
    status, _, err = run(*arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err
