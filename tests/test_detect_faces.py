"""examples/detect_faces.py as people use it: pictures in, boxes, JSON and figures out.

The cascade is a synthetic one, of a single feature: dark above, bright below. Detection runs on the
reference, which needs no compilation; one run is a program of its own.
"""

import importlib.util
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import haar
from haar import Cascade, HaarFeature, Node, Rectangle, Stage, WeakClassifier, ops, reference

ROOT = Path(__file__).parents[1]
FACES = ROOT / "examples" / "detect_faces.py"
FIGURES = {"integral", "features", "stages", "windows", "grouping"}


@pytest.fixture
def cascade(tmp_path):
    """A file with a cascade that accepts what is dark above and bright below."""
    below = HaarFeature((Rectangle(0, 0, 8, 8, -1.0), Rectangle(0, 4, 8, 4, 2.0)))
    weak = WeakClassifier((Node(0, 1.4),), (-1.0, 1.0))
    path = tmp_path / "below.xml"
    Cascade(8, 8, "haar", (Stage(0.0, (weak,)),) * 2, (below,)).save(path)
    return path


def picture(faces=((12, 8),), size=(60, 40)):
    """Even grey with a dark and bright square of 16 pixels in each place: (H, W, 3)."""
    pixels = np.full((size[1], size[0], 3), 128, np.uint8)
    for x, y in faces:
        pixels[y : y + 8, x : x + 16] = 20
        pixels[y + 8 : y + 16, x : x + 16] = 230
    return pixels


def save(path, pixels=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture() if pixels is None else pixels).save(path, **options)
    return path


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, cascade):
    """Run detect_faces.py here, in tmp_path, and return its exit status, output and complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(FACES.parent))
    monkeypatch.setitem(vars(ops), "find_candidates", reference.find_candidates)

    def detect(*arguments, use=cascade):
        given = [str(FACES), *map(str, arguments), *(["--cascade", str(use)] if use else [])]
        monkeypatch.setattr(sys, "argv", given)
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(FACES), run_name="__main__")
        heard = capsys.readouterr()
        return end.value.code, heard.out, heard.err

    return detect


def names(folder):
    return {path.name for path in folder.iterdir()}


# -- photos ---------------------------------------------------------------------------------------


def test_a_program_draws_boxes_and_says_what_it_found(tmp_path, cascade):
    photo = save(tmp_path / "photo.png")
    original = photo.read_bytes()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HAAR_KERNELS": "reference"}
    command = [sys.executable, FACES, photo, "--cascade", cascade, "--label", "neighbors"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{photo}: 60×40 pixels, 1 face, " in done.stdout
    assert photo.read_bytes() == original
    drawn = Image.open(tmp_path / "runs" / "faces" / "photo_faces.png")
    assert (drawn.size, drawn.mode) == ((60, 40), "RGB")
    assert (255, 176, 0) in {color for _, color in drawn.getcolors(9999)}
    assert names(tmp_path / "runs" / "faces") == {"photo_faces.png"}  # no temporary file is left


def test_json_has_the_rectangles_of_detect(run, tmp_path, cascade):
    photo = save(tmp_path / "photo.png", picture([(4, 4), (36, 18)]))
    code, out, err = run(photo, "--json", "--min-neighbors", 2)
    document = json.loads(out)
    assert code == 0
    assert document["cascade"] == str(cascade)
    assert "upright" in document["coordinates"]
    (answer,) = document["photos"]
    assert (answer["file"], answer["width"], answer["height"]) == (str(photo), 60, 40)
    found = haar.Cascade.load(cascade).search(picture([(4, 4), (36, 18)]), min_neighbors=2)
    assert len(found.rectangles) >= 2
    keys = ("x", "y", "width", "height", "neighbors", "score")
    assert [tuple(face[key] for key in keys) for face in answer["faces"]] == [
        (*box, count, score)
        for box, count, score in zip(*(part.tolist() for part in found), strict=True)
    ]
    assert all(set(face) == set(keys) for face in answer["faces"])
    assert f"{photo}: 60×40 pixels" in err  # everything but the document
    assert not (tmp_path / "runs").exists()  # and no pictures, as --out was not asked for


def test_a_photo_without_a_face_is_an_answer(run, tmp_path):
    photo = save(tmp_path / "grey.png", picture([]))
    code, out, _ = run(photo)
    assert code == 0
    assert "no face" in out
    drawn = np.asarray(Image.open(tmp_path / "runs" / "faces" / "grey_faces.png"))
    assert np.array_equal(drawn, picture([]))


def test_a_photo_smaller_than_the_window_is_an_answer_too(run, tmp_path):
    photo = save(tmp_path / "dot.png", picture([], (5, 5)))
    code, out, err = run(photo, "--json", "--explain")
    assert code == 0
    assert json.loads(out)["photos"][0]["faces"] == []
    assert "smaller than the window" in err
    assert names(tmp_path / "runs" / "faces") == {"dot_faces.png"}


def test_boxes_are_those_of_the_upright_picture(run, tmp_path):
    """Orientation 6: the camera was turned, and the stored picture must turn clockwise."""
    upright = save(tmp_path / "upright.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = np.ascontiguousarray(np.rot90(picture(), 1))
    turned = save(tmp_path / "turned.png", stored, exif=exif)
    code, out, _ = run(upright, turned, "--json", "--out", tmp_path / "out")
    one, other = json.loads(out)["photos"]
    assert code == 0
    assert (other["width"], other["height"]) == (60, 40)
    assert one["faces"] == other["faces"] != []
    pictures = [np.asarray(Image.open(answer["picture"])) for answer in (one, other)]
    assert np.array_equal(*pictures)


@pytest.mark.parametrize("mode", ["L", "RGBA", "LA", "P", "CMYK", "1", "I;16"])
def test_pictures_of_every_kind(run, tmp_path, mode):
    image = Image.fromarray(picture())
    if mode == "I;16":
        image = Image.fromarray(picture()[:, :, 0].astype(np.uint16) * 257)
    path = tmp_path / ("photo.tif" if mode == "CMYK" else "photo.png")
    (image if mode == "I;16" else image.convert(mode)).save(path)
    code, out, _ = run(path)
    assert code == 0
    assert "60×40 pixels, 1 face" in out if mode != "1" else "60×40" in out


# -- what cannot be read --------------------------------------------------------------------------


def test_an_unreadable_photo_does_not_stop_the_others(run, tmp_path):
    save(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    whole = save(tmp_path / "c.png").read_bytes()
    (tmp_path / "c.png").write_bytes(whole[: len(whole) // 2])
    save(tmp_path / "e.png")
    code, out, err = run("a.png", "b.jpg", "c.png", "d.png", "e.png", "--json")
    answers = json.loads(out)["photos"]
    assert code == 1
    assert [answer["file"] for answer in answers] == ["a.png", "b.jpg", "c.png", "d.png", "e.png"]
    assert ["error" in answer for answer in answers] == [False, True, True, True, False]
    assert "cannot identify image file" in answers[1]["error"]
    assert answers[3] == {"file": "d.png", "error": "No such file or directory"}
    assert "detect_faces: b.jpg: cannot identify" in err
    assert "Traceback" not in err


# -- folders, patterns and names ------------------------------------------------------------------


def test_folders_and_patterns_and_each_photo_once(run, tmp_path):
    for name in ("in/b.png", "in/deep/a.JPG", "more/x1.png", "more/x2.png", "more/y.png"):
        save(tmp_path / name)
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    code, out, _ = run("in", "more/x*.png", "in/b.png", "--json")
    files = [Path(answer["file"]).as_posix() for answer in json.loads(out)["photos"]]
    assert code == 0
    assert files == ["in/b.png", "in/deep/a.JPG", "more/x1.png", "more/x2.png"]


def test_an_existing_name_is_no_pattern(run, tmp_path):
    save(tmp_path / "[1] me.png")
    assert "[1] me.png: 60×40" in run("[1] me.png")[1]


def test_photos_of_the_same_name_get_pictures_of_their_own(run, tmp_path):
    for name in ("a/me.png", "b/me.jpg", "b/ME.png"):
        save(tmp_path / name)
    code, out, _ = run("a", "b", "--out", "out", "--json")
    assert code == 0
    pictures = [Path(answer["picture"]).name for answer in json.loads(out)["photos"]]
    assert pictures == ["me_faces.png", "ME-2_faces.png", "me-3_faces.png"]
    assert names(tmp_path / "out") == set(pictures)


def test_an_original_is_never_overwritten(run, tmp_path):
    save(tmp_path / "me.png")
    original = save(tmp_path / "me_faces.png", picture([(30, 10)])).read_bytes()
    for _ in range(2):  # what it drew itself is replaced, and is no photo to look at
        code, out, _ = run(".", "--out", ".", "--json")
        assert code == 0
        files = [answer["file"] for answer in json.loads(out)["photos"]]
        assert files == ["me.png", "me_faces.png"]
        assert (tmp_path / "me_faces.png").read_bytes() == original
        assert names(tmp_path) == {
            *("below.xml", "me.png", "me_faces.png", "me-2_faces.png", "me_faces_faces.png")
        }


# -- --explain ------------------------------------------------------------------------------------


@pytest.mark.parametrize("faces", [[(12, 8)], []])
def test_explain_leaves_its_figures(run, tmp_path, faces):
    pytest.importorskip("matplotlib")
    save(tmp_path / "me.png", picture(faces))
    code, _, err = run("me.png", "--explain", "--out", "out")
    assert (code, err) == (0, "")
    assert names(tmp_path / "out") == {f"me_{name}.png" for name in {*FIGURES, "faces"}}
    for path in (tmp_path / "out").iterdir():
        with Image.open(path) as drawn:
            assert drawn.info["Software"] == "haar: examples/detect_faces.py"
            drawn.load()


def test_explain_says_what_it_needs(run, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "matplotlib" else find(name)
    )
    code, _, err = run(save(tmp_path / "me.png"), "--explain")
    assert code == 2
    assert err == 'detect_faces: --explain needs matplotlib: pip install -e ".[examples]"\n'


# -- wrong options --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--scale-factor", "1"], "scale_factor expects a number above 1"),
        (["--threads", "0"], "threads expects a whole number of 1 or more"),
        (["--min-size", "large"], "expects 40 or 40x60"),
        (["--label", "name"], "invalid choice: 'name'"),
    ],
)
def test_wrong_options(run, tmp_path, options, complaint):
    code, out, err = run(save(tmp_path / "me.png"), *options)
    assert (code, out) == (2, "")
    assert complaint in err
    assert "Traceback" not in err


def test_a_cascade_that_is_not_there(run, tmp_path, monkeypatch):
    photo = save(tmp_path / "me.png")
    code, _, err = run(photo, use="folder/none.xml")
    assert code == 2
    assert "there is no file folder" in err
    code, _, err = run(photo, use="no_such_cascade")
    assert code == 2
    assert "set HAAR_CASCADES" in err  # haar.find_cascade says how to get one
    code, _, err = run(photo, use=photo)
    assert (code, err.count("\n")) == (2, 1)


def test_without_an_option_it_is_the_projects_own(run, tmp_path, cascade, monkeypatch):
    own = haar.Cascade.load(cascade)
    monkeypatch.setattr(haar.Cascade, "frontal_face", staticmethod(lambda: own))
    photo = save(tmp_path / "me.png")
    code, out, err = run(photo, "--json", use=None)
    assert (code, len(json.loads(out)["photos"][0]["faces"])) == (0, 1), err


def test_nothing_to_look_at(run, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, err = run("empty", "none*.png")
    assert code == 2
    assert err.splitlines() == [
        "detect_faces: empty holds no pictures",
        "detect_faces: nothing matches none*.png",
        "detect_faces: no photo to look at (pictures drawn by this program do not count)",
    ]
    assert not (tmp_path / "runs").exists()


def test_sizes_limit_the_faces(run, tmp_path):
    save(tmp_path / "me.png")
    counts = []
    for options in ([], ["--min-size", "30"], ["--max-size", "9x9", "--min-neighbors", "0"]):
        _, out, _ = run("me.png", "--json", *options)
        counts.append(json.loads(out)["photos"][0]["faces"])
    assert len(counts[0]) == 1
    assert counts[1] == []
    assert {face["width"] for face in counts[2]} == {8, 9}
