"""The command line as people use it: answers, complaints, exit status."""

import csv
import io
import json
import subprocess
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scratchnet import Sequential
from scratchnet.__main__ import main
from scratchnet.commands import SUMMARIES, looking
from scratchnet.fer.labels import SEVEN
from scratchnet.fer.pack import pack
from scratchnet.fer.photo_files import is_drawing
from scratchnet.fer.recipe import Recipe
from tests.fer.recognition import Everywhere, network, noise

ROOT = Path(__file__).parents[1]
BOX = (30, 40, 60, 60)


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A model folder; every cascade is one that finds BOX in photos that are large enough."""
    monkeypatch.setattr(looking, "load_cascade", lambda name: Everywhere(BOX))
    monkeypatch.setattr(looking, "MANY", 10)
    network().save(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def album(tmp_path):
    """Twenty photos, of which three are broken and two have no face."""
    folder = tmp_path / "album"
    folder.mkdir()
    for i in range(17):
        small = i in (4, 9)
        Image.fromarray(noise(60 if small else 120, 140, i)).save(folder / f"{i:02}.png")
    (folder / "17.jpg").write_text("no picture")
    (folder / "18.png").write_bytes((folder / "00.png").read_bytes()[:2000])
    (folder / "19.jpg").write_bytes(b"")
    return folder


@pytest.fixture
def run(capsys):
    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        heard = capsys.readouterr()
        return status, heard.out, heard.err

    return command


# -- predict --------------------------------------------------------------------------------------


def test_twenty_photos_three_of_them_broken(run, model, album):
    status, out, err = run("predict", album, "--model", model, "--json", "--batch-size", 4)
    assert status == 1
    document = json.loads(out)
    assert document["classes"] == list(SEVEN)
    answered = [photo for photo in document["photos"] if "error" not in photo]
    broken = [photo for photo in document["photos"] if "error" in photo]
    assert (len(answered), len(broken)) == (17, 3)
    assert [len(photo["faces"]) for photo in answered].count(0) == 2
    reports = [line for line in err.splitlines() if line.startswith("scratchnet predict: ")]
    assert [Path(line.split(": ")[1]).name for line in reports[:3]] == [
        "17.jpg",
        "18.png",
        "19.jpg",
    ]
    assert reports[3:] == ["scratchnet predict: 15 faces in 20 photos, 3 of them could not be read"]
    assert "recognising: 10 of 20 photos" in err


def test_a_table_has_a_row_for_every_face_and_every_photo_without_one(run, model, album):
    status, out, _ = run("predict", album, "--model", model, "--csv", "--classes", 6)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 1 and len(rows) == 20
    first = rows[0]
    assert [int(first[key]) for key in ("x", "y", "width", "height")] == list(BOX)
    assert "Disgust" not in first
    shares = [float(first[name]) for name in SEVEN if name != "Disgust"]
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    statuses = [row["status"] for row in rows]
    assert (statuses.count("no_face"), statuses.count("unreadable")) == (2, 3)


def test_text_and_success(run, model, album):
    status, out, err = run("predict", album / "00.png", "--model", model)
    photo, face = out.splitlines()
    assert (status, err) == (0, "")
    assert photo.endswith("00.png: 140×120 pixels, 1 face")
    assert face.startswith("  1  ") and face.endswith("at 30,40, 60×60 pixels")
    status, out, _ = run("predict", album / "04.png", "--model", model)
    assert status == 0 and out.endswith("140×60 pixels, no face\n")


def test_faces_as_data_uris_on_request(run, model, album):
    _, out, _ = run("predict", album / "00.png", "--model", model, "--json", "--with-faces")
    (photo,) = json.loads(out)["photos"]
    assert photo["faces"][0]["face"].startswith("data:image/png;base64,")
    status, _, err = run("predict", album / "00.png", "--model", model, "--with-faces")
    assert (status, err) == (2, "scratchnet predict: --with-faces goes with --json\n")


def test_drawings_are_written_and_not_read_again(run, model, album):
    status, _, _ = run("predict", album, "--model", model, "--draw", album)
    drawn = sorted(path.name for path in album.glob("*.jpg") if is_drawing(path))
    assert status == 1
    assert drawn == [f"{i:02}.jpg" for i in range(17)]
    _, out, _ = run("predict", album, "--model", model, "--json", "--draw", album)
    assert len(json.loads(out)["photos"]) == 20
    assert sorted(path.name for path in album.glob("*.jpg") if is_drawing(path)) == drawn


def test_what_matches_nothing_is_said_and_the_rest_goes_on(run, model, album):
    status, out, err = run("predict", f"{album}/*.gif", album / "00.png", "--model", model)
    assert status == 1
    assert err == f"scratchnet predict: nothing matches {album}/*.gif\n"
    assert out.startswith(str(album / "00.png"))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--model", "nowhere"], "nowhere is not a model folder"),
        (["--min-neighbors", "3"], "this package holds no trained network"),
    ],
)
def test_nothing_is_done_without_a_model(run, album, monkeypatch, tmp_path, arguments, complaint):
    from scratchnet.fer import pretrained

    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    monkeypatch.setattr(looking, "load_cascade", lambda name: Everywhere(BOX))
    status, out, err = run("predict", album, *arguments)
    assert (status, out) == (2, "")
    assert complaint in err and err.count("\n") == 1


def test_no_photo_is_an_error(run, model, tmp_path):
    (tmp_path / "empty").mkdir()
    status, out, err = run("predict", tmp_path / "empty", "--model", model)
    assert (status, out) == (2, "")
    assert err.endswith("scratchnet predict: no photo to look at\n")


@pytest.mark.parametrize(
    ("photo", "status", "complaint"),
    [
        ("nobody.jpg", 1, "nobody.jpg: there is no such file"),
        ("notes.txt", 1, "notes.txt: this is no picture of a format that Pillow reads; convert it"),
        ("empty", 2, "empty holds no pictures"),
        ("*.jpg", 2, "nothing matches *.jpg"),
    ],
)
def test_what_is_no_photo_is_said_in_one_sentence(
    run, model, tmp_path, monkeypatch, photo, status, complaint
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("to do")
    for command in (["predict", "--model", model], ["detect"]):
        found, out, err = run(*command, photo)
        said = [f"scratchnet {command[0]}: {complaint}"]
        assert (found, out) == (status, "")
        lines = err.splitlines()
        assert lines[0].startswith(said[0])
        assert lines[1:] == ([f"scratchnet {command[0]}: no photo to look at"] * (status == 2))


# -- an ensemble ----------------------------------------------------------------------------------


@pytest.fixture
def box(model, tmp_path):
    """Two packed networks."""
    card = {
        "flip": True,
        "temperature": 0.9,
        "temperatures_of_fewer": [1.1],
        "networks": [{}, {}],
        "recipe": asdict(Recipe()),
    }
    for seed, folder in enumerate((tmp_path / "box", tmp_path / "box" / "2")):
        network(seed=seed).save(tmp_path / "one")
        pack(tmp_path / "one", folder, card if not seed else {})
    return tmp_path / "box"


def test_of_an_ensemble_all_or_the_first_are_asked(run, box, album):
    def answer(*options):
        status, out, err = run("predict", album / "00.png", "--json", "--model", *options)
        assert status == 0, err
        return json.loads(out)["photos"][0]["faces"][0]["probabilities"]

    assert answer(box) == answer(box, "--networks", 2) != answer(box, "--networks", 1)
    status, _, err = run("predict", album / "00.png", "--model", box, "--networks", 3)
    assert status == 2 and "networks expects 1 to 2" in err


def test_info_tells_of_an_ensemble(run, box):
    status, out, err = run("info", "--model", box)
    assert status == 0, err
    assert "networks       2, whose mean is the answer; each of them:" in out
    assert "parameters     16,135\n" in out
    assert "MB, SHA-256 as it was packed" in out
    assert '"temperature": 0.9' in out


@pytest.mark.parametrize("command", ["predict", "info", "evaluate", "finetune"])
def test_a_damaged_box_is_refused_by_every_command(run, box, album, tmp_path, command):
    pytest.importorskip("matplotlib")
    weights = bytearray((box / "weights.npz").read_bytes())
    weights[len(weights) // 2] ^= 1
    (box / "weights.npz").write_bytes(weights)
    arguments = {
        "predict": [album / "00.png"],
        "finetune": ["--data", labelled(tmp_path / "data"), "--out", tmp_path / "run"],
        "evaluate": ["--out", tmp_path / "evaluation"],
    }
    status, out, err = run(command, "--model", box, *arguments.get(command, []))
    assert (status, out) == (2, "")
    assert "is damaged: expected SHA-256" in err and err.count("\n") == 1
    assert not (tmp_path / "run").exists()


# -- detect, crop, finetune, evaluate, info, gradcheck --------------------------------------------


def test_detect_needs_no_network(run, model, album):
    status, out, _ = run("detect", album, "--json")
    photos = json.loads(out)["photos"]
    assert status == 1 and len(photos) == 20
    assert photos[0]["faces"] == [dict(zip(("x", "y", "width", "height"), BOX, strict=True))]
    assert sum("error" in photo for photo in photos) == 3
    status, out, _ = run("detect", album / "00.png")
    assert status == 0 and out.splitlines()[1] == "  30,40, 60×60 pixels"


def test_crop_counts_what_became_of_the_photos(run, model, album, tmp_path):
    (tmp_path / "photos").mkdir()
    album.rename(tmp_path / "photos" / "happy")
    status, out, err = run("crop", tmp_path / "photos", tmp_path / "faces")
    assert status == 1
    assert out.startswith("15 faces of 20 photos are in ")
    assert out.endswith("2 photos without a face, 3 that cannot be read\n")
    assert err.count("no face found") == 2
    assert len(list((tmp_path / "faces" / "happy").glob("*.png"))) == 15


def labelled(folder):
    rng = np.random.default_rng(0)
    for label, name in enumerate(["happy", "sad"]):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            pixels = rng.integers(0, 80, (48, 48))
            pixels[8 * label : 8 * label + 8] += 150
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{i}.png")
    return folder


@pytest.fixture
def undrawn(monkeypatch):
    pytest.importorskip("matplotlib")
    pytest.importorskip("tqdm")
    from scratchnet.fer import report

    for figures in ("_prediction_figures", "_network_figures", "_training_figures"):
        monkeypatch.setattr(report, figures, lambda *arguments: [])


@pytest.mark.parametrize("freeze", [True, False])
def test_finetune_of_an_ensemble_goes_on_after_an_interruption(
    run, box, album, tmp_path, monkeypatch, undrawn, freeze
):
    """Its first network learns; --resume remembers the data, the model, and what is frozen."""
    from scratchnet.commands import finetune

    def stop(self, training, logs):
        if training.epoch >= 1:
            raise KeyboardInterrupt

    data, out = labelled(tmp_path / "data"), tmp_path / "run"
    arguments = ["--model", box, "--data", data, "--epochs", 3, *["--freeze"] * freeze]
    with monkeypatch.context() as patch:
        patch.setattr(finetune.ProgressBar, "on_batch_end", stop)
        status, told, _ = run("finetune", *arguments, "--out", out)
    assert status == 130
    assert (
        f"the best network so far is kept; go on with: scratchnet finetune --resume {out}" in told
    )
    status, told, err = run("finetune", "--resume", out)
    assert status == 0, err
    assert "3 epochs in" in told
    assert run("finetune", *arguments, "--out", tmp_path / "whole")[0] == 0
    one, other = (Sequential.load(f / "model").state() for f in (out, tmp_path / "whole"))
    assert all((one[name] == other[name]).all() for name in one)
    assert run("predict", album / "00.png", "--model", out / "model")[0] == 0


def test_finetune_says_what_it_needs(run, model, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("tqdm")
    status, _, err = run("finetune", "--model", model)
    assert status == 2 and "expects --data, a folder of folders of faces, or --resume" in err
    status, _, err = run("finetune", "--resume", tmp_path, "--freeze", "--epochs", 3)
    assert status == 2 and "leave out --epochs, --freeze" in err
    status, _, err = run("finetune", "--resume", tmp_path)
    assert status == 2 and "is not a run folder" in err


def test_finetune_leaves_a_model_that_predicts(run, model, album, tmp_path, undrawn):
    data, out = labelled(tmp_path / "data"), tmp_path / "run"
    arguments = ["--model", model, "--data", data, "--out", out, "--freeze", "--epochs", "2"]
    status, told, err = run("finetune", *arguments)
    assert status == 0, err
    assert "2 epochs in" in told and "Test: " in told
    assert {path.name for path in out.iterdir()} >= {"model", "run.json", "metrics.json"}
    status, told, _ = run("predict", album / "00.png", "--model", out / "model")
    assert status == 0 and "Happy" in told
    status, _, err = run("finetune", *arguments)
    assert status == 2 and "is a run already" in err


def test_evaluate_asks_evaluation(run, model, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    from scratchnet.commands import evaluate

    asked = []
    monkeypatch.setattr(
        evaluate, "evaluate", lambda *a, **k: asked.append((a, k)) or {"accuracy": 0.5}
    )
    monkeypatch.setattr(evaluate, "as_text", lambda report: f"{report['accuracy']:.0%} right")
    arguments = ["--model", model, "--data", "fer.csv", "--out", tmp_path, "--classes", 6]
    status, out, _ = run("evaluate", *arguments)
    assert (status, out.splitlines()[0]) == (0, "50% right")
    ((positional, named),) = asked
    assert positional == (model, Path("fer.csv"), tmp_path, 6)
    assert named == {"fer_plus": None, "part": None, "store_temperature": False}


def test_info_prints_what_a_model_is(run, model):
    status, out, _ = run("info", "--model", model, "--layers")
    assert status == 0
    assert f"classes        {', '.join(SEVEN)}" in out
    assert "parameters     16,135\n" in out  # 48·48·7 + 7
    assert "Flatten" in out
    (model / "card.md").write_text("# what it must not be used for\n")
    assert "must not be used for" in run("info", "--model", model)[1]


def test_gradcheck_of_a_model(run, model):
    status, out, _ = run("gradcheck", "--model", model)
    assert (status, out) == (0, "✓ 'model'\n")


# -- the program ----------------------------------------------------------------------------------


def test_every_command_tells_what_it_takes(capsys):
    for command in SUMMARIES:
        with pytest.raises(SystemExit) as end:
            main([command, "--help"])
        assert end.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: scratchnet {command}")


def test_help_is_light():
    program = (
        "import sys; from scratchnet.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numba', 'pandas', 'PIL', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    for command, summary in SUMMARIES.items():
        assert command in done.stdout and summary.split()[0] in done.stdout


def test_a_command_that_does_not_exist(capsys):
    with pytest.raises(SystemExit) as end:
        main(["guess"])
    assert end.value.code == 2
    assert "invalid choice: 'guess'" in capsys.readouterr().err


def test_the_installed_script_is_the_same_program():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"scratchnet": "scratchnet.__main__:main"}
