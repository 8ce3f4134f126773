"""examples/train_cascade.py as people use it: a run from end to end, its parts, and wrong inputs.

Runs are of the tiniest window and a few samples; what a cascade is worth is not asserted here.
"""

import gzip
import importlib
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import haar
from haar import Cascade, HaarFeature, Node, Rectangle, Stage, WeakClassifier
from haar.image import resize
from haar.samples import Sample, write_csv, write_vec
from scratchnet.fer.faces import generate_faces

EXAMPLES = Path(__file__).parents[1] / "examples"
FIGURES = {"features.png", "rounds.png", "roc.png", "mistakes.png"}
TINY = [
    "--size", "12", "--copies", "1", "--stages", "2", "--positives-per-stage", "60",
    "--negatives-per-stage", "60", "--max-weak", "4", "--passes", "1", "--threads", "1",
]  # fmt: skip

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")


@pytest.fixture
def example(monkeypatch, tmp_path):
    """Import a part of the example as the script sees it."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.chdir(tmp_path)
    return importlib.import_module


@pytest.fixture
def train(example, monkeypatch):
    """Run the example on few generated faces."""
    preparing = example("cascade_training.preparing")
    monkeypatch.setattr(preparing, "GENERATED", {"positives": 90, "backgrounds": 20})
    return example("train_cascade").main


def object_picture(rng, size=24):
    """Dark above, bright below, with noise."""
    grey = rng.integers(0, 60, (size, size))
    grey[size // 2 :] += 150
    return grey.astype(np.uint8)


def objects(tmp_path, count=90):
    faces = generate_faces(count, np.random.default_rng(0), size=40)
    np.savez(tmp_path / "crops.npz", images=faces.images)
    return "crops.npz"


def png(grey):
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


def archive(tmp_path, count=20):
    rng = np.random.default_rng(1)
    with zipfile.ZipFile(tmp_path / "walls.zip", "w") as file:
        file.writestr("read me.txt", "walls")
        for k in range(count):
            wall = rng.integers(0, 256, (15, 20)).astype(np.uint8)
            file.writestr(f"walls/{k}.png", png(resize(wall, 80, 60)))
    return "walls.zip"


# -- from end to end ------------------------------------------------------------------------------


def test_without_arguments_it_draws_its_own_faces(train, tmp_path, capsys):
    train([*TINY, "--out", "run"])
    run = tmp_path / "run"
    assert FIGURES <= {path.name for path in run.glob("*.png")} <= {*FIGURES, "scene.png"}
    cascade = haar.Cascade.load(run / "cascade.xml")
    assert (cascade.width, cascade.height) == (12, 12) and 1 <= len(cascade.stages) <= 2
    heard = capsys.readouterr().out
    assert "positives of 12×12 pixels" in heard and "held-out objects accepted" in heard


def test_real_samples_and_going_on_after_an_interruption(train, tmp_path, capsys):
    sources = ["--positives", objects(tmp_path), "--negatives", archive(tmp_path)]
    sources += ["--limit", "80"]
    train([*sources, *TINY, "--out", "whole"])
    assert "80 objects in 80 pictures" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "whole").glob("*.png")} == FIGURES

    watching = sys.modules["cascade_training.watching"]
    told = watching.Watcher.__call__

    def interrupt(self, event):
        told(self, event)
        if isinstance(event, watching.Boosting) and event.stage == 1:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(watching.Watcher, "__call__", interrupt)
        train([*sources, *TINY, "--out", "parts"])
    assert "--resume parts" in capsys.readouterr().out
    train(["--resume", "parts"])
    whole, parts = (tmp_path / name / "cascade.xml" for name in ("whole", "parts"))
    assert whole.read_bytes() == parts.read_bytes()
    log = sys.modules["cascade_training.run"].read_log(tmp_path / "parts")
    assert [event["stage"] for event in log if event["event"] == "Trained"] == [0, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--positives", "crops.npz"], "--positives and --negatives go together"),
        (["--align", "eye"], "--align needs --positives"),
        (["--eyes", "eye"], "--eyes needs --positives"),
        (["--resume", "nowhere"], "nowhere is no run; it has no settings.json"),
        (["--resume", "nowhere", "--seed", "3"], "leave out --seed"),
        (["--positives", "none.npz", "--negatives", "walls.zip"], "there is no"),
        (["--positives", "crops.npz", "--negatives", "none"], "--negatives: there is no"),
        (["--positives", "crops.npz:0.6", "--negatives", "walls.zip"], "leave a box"),
        (["--positives", "crops.npz:1,2", "--negatives", "walls.zip"], "one number or four, got 2"),
    ],
)
def test_wrong_options_are_explained(train, tmp_path, options, message):
    objects(tmp_path, 4)
    archive(tmp_path, 3)
    with pytest.raises((ValueError, OSError), match=message):
        train(options)
    assert not (tmp_path / "runs").exists()


def test_a_run_is_not_overwritten(train, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "settings.json").write_text("{}")
    with pytest.raises(ValueError, match="is a run already; resume it with --resume"):
        train(["--out", "run"])
    with pytest.raises(ValueError, match="is damaged"):
        train(["--resume", "run"])


# -- positives ------------------------------------------------------------------------------------


@pytest.fixture
def positives(example):
    return example("cascade_training.positives")


def test_a_margin_stands_behind_a_colon(positives):
    assert positives.split_margin("a.npz") == (Path("a.npz"), (0.0,))
    assert positives.split_margin("a.npz:0.1") == (Path("a.npz"), (0.1,))
    assert positives.split_margin("C:a.npz:0.1,0,-0.2,0") == (Path("C:a.npz"), (0.1, 0, -0.2, 0))
    assert positives.split_margin("C:a.npz") == (Path("C:a.npz"), (0.0,))


def test_every_form_of_positives_is_read(positives, tmp_path):
    rng = np.random.default_rng(0)
    pictures = [object_picture(rng) for _ in range(3)]
    (tmp_path / "crops").mkdir()
    for k, grey in enumerate([*pictures, pictures[0]]):  # one of them twice
        Image.fromarray(grey).save(tmp_path / "crops" / f"{k}.png")
    write_csv(tmp_path / "faces.csv", {"crops/0.png": [(1, 2, 20, 20), (0, 0, 8, 8)]})
    (tmp_path / "info.dat").write_text("crops/1.png 1 1 2 20 20\n")
    write_vec(tmp_path / "windows.vec", np.stack(pictures)[:, :12, :12])
    np.savez(tmp_path / "crops.npz", images=np.stack([pictures[0]] * 2 + pictures))
    pixels = " ".join(["7"] * 2303)
    rows = [f"0,{n} {pixels},{u}" for n, u in ((1, "Training"), (2, "Training"), (3, "PublicTest"))]
    fer = "\n".join(["emotion,pixels,Usage", *rows, ""])
    (tmp_path / "fer.csv").write_text(fer)
    (tmp_path / "fer.csv.gz").write_bytes(gzip.compress(fer.encode()))

    def count(source):
        return len(positives.read_positives(str(tmp_path / source), (12, 12)))

    numbers = {
        "crops": 3, "faces.csv": 2, "info.dat": 1, "windows.vec": 3, "crops.npz": 3,
        "fer.csv:0.03": 2, "fer.csv.gz": 2,
    }  # fmt: skip
    assert {source: count(source) for source in numbers} == numbers


def test_an_archive_without_images_is_refused(positives, tmp_path):
    np.savez(tmp_path / "a.npz", faces=np.zeros((2, 4, 4), np.uint8))
    with pytest.raises(ValueError, match="expected an array `images`, got faces"):
        positives.read_archive(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", images=np.zeros((2, 4, 4)))
    with pytest.raises(ValueError, match=r"expected images \(N, H, W\) uint8"):
        positives.read_archive(tmp_path / "b.npz")


def test_held_out_samples_are_not_trained_with(positives):
    samples = [Sample(np.full((2, 2), k, np.uint8), (0, 0, 2, 2)) for k in range(20)]
    train, apart = positives.hold_out(samples, 0.1, np.random.default_rng(0))
    values = [sample.grey[0, 0] for sample in train], [sample.grey[0, 0] for sample in apart]
    assert len(apart) == 2 and sorted(values[0] + values[1]) == list(range(20))
    assert values[0] == sorted(values[0])


def test_a_face_under_its_eyes(positives):
    grey = np.repeat(np.arange(100, dtype=np.uint8), 100).reshape(100, 100)  # its rows
    eye = Sample(grey, (20, 30, 20, 20))
    lower = positives.below(Sample(grey, (10, 10, 80, 80)), (eye, eye))
    assert lower.shape == (60, 120) and lower.min() >= 50 and lower.max() < 90


def test_sheets_put_tiles_beside_and_below_each_other(positives):
    tiles = [np.full((1, 2), k, np.uint8) for k in range(9)]
    assert [sheet.tolist() for sheet in positives.sheets(tiles, 2, 2)] == [
        [[0, 0, 1, 1], [2, 2, 3, 3]], [[4, 4, 5, 5], [6, 6, 7, 7]],
    ]  # fmt: skip


# -- backgrounds ----------------------------------------------------------------------------------


def test_backgrounds_are_a_folder_a_zip_or_a_list(example, tmp_path):
    backgrounds = example("cascade_training.backgrounds")
    zipped = backgrounds.read_backgrounds(tmp_path / archive(tmp_path, 3))
    with zipfile.ZipFile(tmp_path / "walls.zip") as file:
        file.extractall(tmp_path / "folder")
    folder = backgrounds.read_backgrounds(tmp_path / "folder")
    (tmp_path / "bg.txt").write_text("folder/walls/0.png\nfolder/walls/1.png\n")
    listed = backgrounds.read_backgrounds(tmp_path / "bg.txt")
    assert (len(zipped), len(folder), len(listed)) == (3, 3, 2)
    assert (zipped[1] == folder[1]).all() and (listed[0] == folder[0]).all()
    assert folder.choose([2]).names == ["walls/2.png"]


def test_a_damaged_background_is_named(example):
    backgrounds = example("cascade_training.backgrounds")
    with pytest.raises(ValueError, match=r"--negatives: a.png: "):
        backgrounds.Backgrounds(["a.png"], [b"nothing"])[0]


def test_joined_sequences_are_one(example):
    joined = example("cascade_training.backgrounds").Joined("ab", "c")
    assert len(joined) == 3 and [joined[k] for k in range(3)] == ["a", "b", "c"]


def test_generated_backgrounds_and_scenes_depend_on_the_generator_only(example):
    generated = example("cascade_training.generated")
    scene, boxes = generated.generated_scene(np.random.default_rng(3))
    again, _ = generated.generated_scene(np.random.default_rng(3))
    assert (scene == again).all() and scene.shape == generated.SCENE and len(boxes) >= 4
    corners = boxes[:, :2] + boxes[:, 2:]
    assert (boxes[:, :2] >= 0).all() and (corners <= generated.SCENE[::-1]).all()
    pictures = generated.generated_backgrounds(2, np.random.default_rng(3), (60, 80))
    assert [p.shape for p in pictures] == [(60, 80)] * 2 and pictures[0].std() > 5


# -- the run, scores, curves ----------------------------------------------------------------------


def test_settings_are_read_as_they_were_written(example, tmp_path):
    run = example("cascade_training.run")
    settings = run.Settings(
        positives=("a:0.1",), negatives="b", size=(20, 24), eyes=("eye",),
        training=(("stages", 3), ("hit_rate", [0.999, 0.995])),
    )  # fmt: skip
    run.write_settings(tmp_path / "new", settings)
    assert run.read_settings(tmp_path / "new") == settings


def test_the_log_keeps_the_last_try_of_a_stage(example, tmp_path):
    run = example("cascade_training.run")
    rows = [(0, 1), (0, 2), (1, 1), (1, 2), (1, 1), (1, 2), (1, 3)]
    lines = [json.dumps({"event": "Boosting", "stage": s, "weak": w}) for s, w in rows]
    (tmp_path / "log.jsonl").write_text("\n".join(lines))
    kept = [(event["stage"], event["weak"]) for event in run.read_log(tmp_path)]
    assert kept == [(0, 1), (0, 2), (1, 1), (1, 2), (1, 3)]


def cascade():
    feature = HaarFeature((Rectangle(0, 0, 8, 8, -1.0), Rectangle(0, 4, 8, 4, 2.0)))
    weak = WeakClassifier((Node(0, 1.0),), (-1.0, 1.0))
    return Cascade(8, 8, "haar", (Stage(0.0, (weak,)), Stage(-2.0, (weak,))), (feature,))


def test_the_scores_of_windows_are_their_stages_sums(example):
    scores = example("cascade_training.scores")
    rng = np.random.default_rng(0)
    bright_below, flat = object_picture(rng, 8), np.full((8, 8), 9, np.uint8)
    windows = np.stack([bright_below, bright_below[::-1], flat])
    found = scores.of_windows(cascade(), windows)
    assert found.tolist() == [[1, 1], [-1, -np.inf], [-np.inf, -np.inf]]
    assert [cascade().evaluate(w).stage_sums for w in windows] == [(1.0, 1.0), (-1.0,), ()]


def test_the_scores_of_pictures_are_those_of_all_their_windows(example):
    scores = example("cascade_training.scores")
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (9, 9)).astype(np.uint8)
    found = scores.of_pictures(cascade(), [grey])
    # at step 2 one of the four windows; and one of the picture at scale 1.1, which has 8×8 pixels
    windows = np.ascontiguousarray(grey[:8, :8]), resize(grey, 8, 8)
    assert found[:, 0].tolist() == [cascade().evaluate(w).stage_sums[0] for w in windows]
    assert scores.of_pictures(cascade(), []).shape == (0, 2)


def test_a_roc_by_hand(example):
    roc = example("cascade_training.roc_figure").roc
    x, y = roc(np.array([3.0, 2.0, -np.inf, 1.0]), np.array([2.0, 0.0, 0.0, -np.inf]))
    # thresholds 3, 2, 1, 0
    assert x.tolist() == [0, 0.25, 0.25, 0.75] and y.tolist() == [0.25, 0.5, 0.75, 0.75]
