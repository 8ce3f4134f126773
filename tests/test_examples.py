"""examples/train_fer.py as people use it: a run from end to end, and what wrong inputs get.

A wrong input ends in one clear line on stderr and exit status 2, never in a traceback. Most cases
run inside of this process, for the sake of time; the first ones are programs of their own.
"""

import gzip
import importlib.util
import io
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scratchnet import Sequential
from scratchnet.serialization import read_archive

ROOT = Path(__file__).parents[1]
TRAIN = ROOT / "examples" / "train_fer.py"
QUICK = ["--network", "simple", "--epochs", "1", "--batch-size", "16"]

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")


def picture(label, rng):
    """Noise with a bright stripe in the place of its class."""
    pixels = rng.integers(0, 80, (48, 48))
    pixels[6 * label : 6 * label + 5] += 150
    return pixels.astype(np.uint8)


def write_csv(path, seed=0):
    """42 faces to train on and 14 to report on, in Kaggle's form."""
    rng = np.random.default_rng(seed)
    rows = ["emotion,pixels,Usage"]
    for i in range(56):
        pixels = " ".join(map(str, picture(i % 7, rng).ravel()))
        rows.append(f"{i % 7},{pixels},{'Training' if i < 42 else 'PublicTest'}")
    path.write_text("\n".join(rows) + "\n")
    return path


def write_folder(path, count=6, names=("happy", "sad")):
    rng = np.random.default_rng(0)
    for label, name in enumerate(names):
        (path / name).mkdir(parents=True)
        for i in range(count):
            Image.fromarray(picture(label, rng)).save(path / name / f"{i}.png")
    return path


def program(*arguments):
    """The command line, on the references, which need no compilation."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SCRATCHNET_KERNELS": "reference"}
    # Where the tests run in the background, Ctrl-C would be ignored; so the program asks for it.
    start = (
        "import runpy, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", start, str(TRAIN), *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture
def refused(monkeypatch, capsys):
    """Run train_fer.py here, and return the one line of its complaint."""

    def run(*arguments, out=False):
        monkeypatch.setattr(sys, "argv", [str(TRAIN), *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(TRAIN), run_name="__main__")
        heard = capsys.readouterr()
        assert end.value.code == 2
        assert bool(heard.out) is out  # the summary, where training was about to begin
        assert heard.err.startswith("train_fer: ")
        assert heard.err.count("\n") == 1
        return heard.err

    return run


@pytest.fixture
def finished(tmp_path, monkeypatch, capsys):
    """A run folder as one epoch leaves it, and its data."""
    csv, run = write_csv(tmp_path / "fer.csv"), tmp_path / "run"
    arguments = ["--data", csv, "--out", run, *QUICK]
    monkeypatch.setattr(sys, "argv", [str(TRAIN), *map(str, arguments)])
    report = importlib.import_module("scratchnet.fer.report")
    monkeypatch.setattr(report, "_prediction_figures", lambda *a: [])  # drawn in the first test
    monkeypatch.setattr(report, "_network_figures", lambda *a: [])
    monkeypatch.setattr(report, "_training_figures", lambda *a: [])
    runpy.run_path(str(TRAIN), run_name="__main__")
    capsys.readouterr()
    return run, csv


# -- programs -------------------------------------------------------------------------------------


def test_a_run_from_end_to_end(tmp_path):
    csv, run = write_csv(tmp_path / "fer.csv"), tmp_path / "run"
    process = program("--data", csv, "--out", run, "--classes", 6, *QUICK)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "PublicTest:" in output
    assert "95 % interval" in output
    names = {path.name for path in run.iterdir()}
    assert names >= {"run.json", "checkpoint.npz", "history.csv", "model", "metrics.json"}
    pictures = {"curves", "confusion", "ranks", "faces", "feature_maps_pool2", "feature_maps_pool3"}
    assert names >= {f"{name}.png" for name in pictures}
    assert json.loads((run / "metrics.json").read_text(encoding="utf-8"))["images"] == 14
    assert len(Sequential.load(run / "model").class_names) == 6


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a single process")
def test_ctrl_c_ends_cleanly_with_the_best_weights_saved(tmp_path):
    csv, run = write_csv(tmp_path / "fer.csv"), tmp_path / "run"
    process = program("--data", csv, "--out", run, *QUICK[:2], "--epochs", 500)
    for _ in range(600):
        if (run / "checkpoint.npz").exists() or process.poll() is not None:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert f"go on with: python examples/train_fer.py --resume {run}" in output
    Sequential.load(run / "model")
    assert read_archive(run / "checkpoint.npz")["epoch"] >= 1


def test_a_wrong_input_is_one_line_and_exit_status_2(tmp_path):
    (tmp_path / "other.csv").write_text("name,age\nanna,3\n")
    process = program("--data", tmp_path / "other.csv", "--out", tmp_path / "run")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert output == ""
    assert errors.startswith("train_fer: other.csv has no column emotion")
    assert errors.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_votes_are_read_trained_on_and_remembered(refused, capsys, monkeypatch, tmp_path):
    csv, run, votes = write_csv(tmp_path / "fer.csv"), tmp_path / "run", tmp_path / "votes.csv"
    header = "Usage,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    parts = ["Training"] * 42 + ["PublicTest"] * 14
    rows = [f"{part},1,2,3,4,0,0,0,0,0,{60 * (i == 5)}" for i, part in enumerate(parts)]
    votes.write_text("\n".join([header, *rows]) + "\n")
    options = ["--data", csv, "--fer-plus", votes, "--out", run, *QUICK]
    monkeypatch.setattr(sys, "argv", [str(TRAIN), *map(str, options)])
    heard = io.StringIO()
    with redirect_stdout(heard):
        runpy.run_path(str(TRAIN), run_name="__main__")
    assert "41 faces to train on" in heard.getvalue()
    kept = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert kept["data"]["fer_plus"] == str(votes)
    assert kept["recipe"]["votes"] == 0.5

    capsys.readouterr()
    complaint = refused("--data", csv, "--votes", "0.5", "--out", tmp_path / "other", out=True)
    assert "gives votes a share of 0.5, but got none" in complaint
    votes.write_text(header + "\n")
    options = "--data", csv, "--fer-plus", votes, "--out", tmp_path / "third"
    assert "expected votes on 56 faces" in refused(*options)


# -- wrong data -----------------------------------------------------------------------------------


def test_a_missing_file(refused, tmp_path):
    assert "no such file" in refused("--data", tmp_path / "fer.csv")


def test_rows_with_nan_or_of_unknown_labels(refused, tmp_path):
    csv = write_csv(tmp_path / "fer.csv")
    good = csv.read_text()
    csv.write_text(good.replace("\n3,", "\n3,nan ", 1))
    assert "row 5: pixels hold" in refused("--data", csv)
    csv.write_text(good.replace("\n3,", "\n9,", 1))
    assert "row 5: emotion '9', expected 0 to 6" in refused("--data", csv)


def test_data_that_stop_in_the_middle(refused, tmp_path):
    packed = gzip.compress(write_csv(tmp_path / "fer.csv").read_bytes())
    (tmp_path / "fer.csv.gz").write_bytes(packed[: len(packed) // 2])
    assert "fer.csv.gz" in refused("--data", tmp_path / "fer.csv.gz")


def test_data_without_a_part_to_report_on(refused, tmp_path):
    csv = write_csv(tmp_path / "fer.csv")
    csv.write_text(csv.read_text().replace("PublicTest", "Training"))
    assert "one other Usage to report on" in refused("--data", csv)


def test_wrong_folders(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "has no sub-folders" in refused("--data", tmp_path / "empty")
    folder = write_folder(tmp_path / "faces")
    (folder / "angry").mkdir()
    assert "the class folder angry has no pictures" in refused("--data", folder)
    (folder / "angry" / "x.png").write_bytes(b"no picture")
    assert "cannot be read as pictures" in refused("--data", folder)
    single = write_folder(tmp_path / "single", count=30, names=["happy"])
    complaint = refused("--data", single, "--out", tmp_path / "run", *QUICK, out=True)
    assert "at least two classes" in complaint


# -- wrong options --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, complaint",
    [
        (["--epochs", "0"], "epochs expects at least 1, got 0"),
        (["--batch-size", "0"], "batch_size expects at least 1, got 0"),
        (["--max-rate", "nan"], "max_rate expects a number above 0, got nan"),
        (["--max-rate", "0"], "max_rate expects a number above 0, got 0"),
        (["--seed", "-1"], "seed expects at least 0, got -1"),
        (["--test", "nothing.png"], "nothing.png"),
        (["--resume", "nowhere"], "nowhere is not a run folder: it holds no run.json"),
        (["--resume", "nowhere", "--epochs", "9", "--seed", "1"], "leave out --epochs, --seed"),
    ],
)
def test_wrong_options(refused, options, complaint):
    assert complaint in refused(*options)


def test_a_test_picture_that_is_none(refused, tmp_path):
    (tmp_path / "face.png").write_bytes(b"no picture")
    assert "no picture of a format that Pillow reads" in refused("--test", tmp_path / "face.png")


def test_options_that_do_not_exist_get_argparses_answer(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [str(TRAIN), "--network", "alexnet"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(TRAIN), run_name="__main__")
    assert end.value.code == 2
    assert "invalid choice: 'alexnet'" in capsys.readouterr().err


def test_missing_packages_are_named_before_the_training(refused, monkeypatch, tmp_path):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "matplotlib" else find(name)
    )
    complaint = refused("--data", write_csv(tmp_path / "fer.csv"))
    assert 'matplotlib missing; pip install -e ".[examples]"' in complaint


# -- wrong runs -----------------------------------------------------------------------------------


def test_a_damaged_run_is_refused(refused, finished):
    run, csv = finished
    assert "is a run already; resume it" in refused("--data", csv, "--out", run)

    checkpoint = run / "checkpoint.npz"
    whole = checkpoint.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"PK" + whole[500:]):
        checkpoint.write_bytes(damaged)
        assert "checkpoint.npz is not a readable .npz" in refused("--resume", run, out=True)
    checkpoint.write_bytes(whole)

    write_csv(csv, seed=1)
    assert "belongs to another run" in refused("--resume", run, out=True)
    (run / "run.json").write_text("{")
    assert "run.json is damaged" in refused("--resume", run)


def test_a_finished_run_can_be_reported_on_again(finished, monkeypatch, capsys):
    run, _ = finished
    (run / "metrics.json").unlink()
    monkeypatch.setattr(sys, "argv", [str(TRAIN), "--resume", str(run)])
    runpy.run_path(str(TRAIN), run_name="__main__")
    assert "PublicTest:" in capsys.readouterr().out
    assert (run / "metrics.json").exists()


def test_one_picture_is_learned_by_heart(monkeypatch, capsys, tmp_path):
    Image.fromarray(picture(2, np.random.default_rng(0))).save(tmp_path / "face.png")
    monkeypatch.setattr(
        sys, "argv", [str(TRAIN), "--test", str(tmp_path / "face.png"), "--network", "simple"]
    )
    runpy.run_path(str(TRAIN), run_name="__main__")
    assert "simple learned face.png by heart in" in capsys.readouterr().out
