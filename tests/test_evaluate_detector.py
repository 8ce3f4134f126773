"""examples/benchmarks/evaluate_detector.py: the arithmetic by hand, and a run from end to end."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from haar import Cascade, HaarFeature, Node, Rectangle, Stage, WeakClassifier, ops, reference
from haar.grouping import Groups
from haar.samples import write_csv

FOLDER = Path(__file__).parents[1] / "examples" / "benchmarks"

pytest.importorskip("matplotlib")


@pytest.fixture
def benchmark(monkeypatch):
    """Import a benchmark as the script sees its neighbours; detection is the plain one."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setitem(vars(ops), "find_candidates", reference.find_candidates)
    return importlib.import_module


@pytest.fixture
def froc(benchmark):
    return benchmark("froc")


def groups(*boxes, counts=None, scores=None):
    N = len(boxes)
    return Groups(
        np.array(boxes, np.int32).reshape(-1, 4),
        np.array(range(N, 0, -1) if counts is None else counts, np.int32),
        np.zeros(N) if scores is None else np.array(scores, np.float64),
    )


# -- the arithmetic -------------------------------------------------------------------------------


def test_iou_by_hand(froc):
    a = [(0, 0, 2, 2), (10, 10, 2, 2)]
    b = [(0, 0, 2, 2), (1, 0, 2, 2), (1, 1, 2, 2), (2, 0, 2, 2)]
    assert froc.iou(a, b) == pytest.approx(np.array([[1, 2 / 6, 1 / 7, 0], [0, 0, 0, 0]]))
    assert froc.iou([], b).shape == (0, 4) and froc.iou(a, []).shape == (2, 0)


def test_iou_is_symmetric_and_of_itself_1(froc):
    rng = np.random.default_rng(0)
    boxes = np.column_stack([rng.integers(0, 20, (60, 2)), rng.integers(1, 20, (60, 2))])
    overlap = froc.iou(boxes, boxes)
    assert overlap == pytest.approx(overlap.T) and (np.diag(overlap) == 1).all()
    assert (overlap >= 0).all() and (overlap <= 1).all()


def test_a_face_is_found_once_and_the_second_detection_of_it_is_false(froc):
    detections = groups((0, 0, 10, 10), (1, 0, 10, 10), counts=(4, 9))
    assert froc.match(detections, [(0, 0, 10, 10)]).tolist() == [-1, 0]


def test_of_equal_counts_the_better_score_is_first(froc):
    detections = groups((0, 0, 10, 10), (1, 0, 10, 10), counts=(5, 5), scores=(1.0, 2.0))
    assert froc.match(detections, [(0, 0, 10, 10)]).tolist() == [-1, 0]


def test_each_detection_takes_the_face_that_it_covers_best(froc):
    detections = groups((4, 0, 10, 10), (0, 0, 10, 10), counts=(9, 4))
    faces = [(0, 0, 10, 10), (5, 0, 10, 10)]
    assert froc.match(detections, faces).tolist() == [1, 0]


def test_a_half_is_enough_and_less_is_not(froc):
    assert froc.match(groups((0, 0, 10, 10)), [(0, 0, 10, 5)]).tolist() == [0]
    assert froc.match(groups((0, 0, 10, 10)), [(0, 0, 10, 4)]).tolist() == [-1]


def test_without_faces_all_is_false_and_without_detections_nothing(froc):
    assert froc.match(groups((0, 0, 3, 3)), []).tolist() == [-1]
    assert froc.match(groups(), [(0, 0, 3, 3)]).tolist() == []


def test_a_curve_by_hand(froc):
    face, other = (10, 10, 20, 20), (60, 60, 20, 20)
    windows = groups(*[face] * 3, *[other] * 2)  # found with 1 or 2 neighbours; wrong with 1
    points = froc.curve([windows], [[face]], [(100, 100)])
    assert [tuple(point) for point in points] == [(1, 1, 1), (2, 1, 0), (3, 0, 0)]


def test_the_points_are_what_detection_returns(benchmark, froc):
    photo = faces_photo()
    windows = froc.accepted(cascade(), photo, 1.1)
    for min_neighbors in (1, 3, 6):
        own = froc.grouped(windows, min_neighbors, photo.shape)
        searched = cascade().search(photo, min_neighbors=min_neighbors)
        assert own.rectangles.tolist() == searched.rectangles.tolist()
        assert own.counts.tolist() == searched.counts.tolist()
    assert len(froc.accepted(cascade(), photo[:5, :5].copy(), 1.1).rectangles) == 0


def test_an_interval_by_hand(froc):
    # share ½ of 10 with z = 2: (½ + 0.2 ± 2 √(0.025 + 0.01)) / 1.4
    low, high = froc.wilson(5, 10, z=2.0)
    assert (low, high) == pytest.approx(((0.7 - 0.374166) / 1.4, (0.7 + 0.374166) / 1.4), abs=1e-5)
    assert froc.wilson(0, 0) == (0, 1) and froc.wilson(0, 9)[0] == pytest.approx(0, abs=1e-12)


# -- from end to end ------------------------------------------------------------------------------


def cascade():
    """Accepts what is dark above and bright below."""
    feature = HaarFeature((Rectangle(0, 0, 8, 8, -1.0), Rectangle(0, 4, 8, 4, 2.0)))
    weak = WeakClassifier((Node(0, 1.4),), (-1.0, 1.0))
    return Cascade(8, 8, "haar", (Stage(0.0, (weak,)),), (feature,))


def faces_photo():
    grey = np.full((40, 60), 128, np.uint8)
    for x, y in ((12, 8), (40, 20)):
        grey[y : y + 8, x : x + 16], grey[y + 8 : y + 16, x : x + 16] = 20, 230
    return grey


@pytest.fixture
def photos(tmp_path):
    """A photo with two faces, of which one is annotated, one without any, and one not named."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("two.png", "stranger.png"):
        Image.fromarray(faces_photo()).save(folder / name)
    Image.fromarray(np.full((30, 30), 99, np.uint8)).save(folder / "empty.png")
    write_csv(folder / "annotations.csv", {"two.png": [(12, 8, 16, 16)], "empty.png": []})
    cascade().save(tmp_path / "below.xml")
    return folder


def test_a_run_from_end_to_end(benchmark, photos, tmp_path, capsys):
    main = benchmark("evaluate_detector").main
    paths = {name: tmp_path / f"{name}.png" for name in ("figure", "mistakes")}
    options = [f"--{name}={path}" for name, path in paths.items()]
    main([
        str(tmp_path / "below.xml"), "--photos", str(photos), "--csv", str(tmp_path / "points.csv"),
        *options,
    ])  # fmt: skip
    heard = capsys.readouterr().out
    assert "2 photos, 1 faces" in heard
    row = heard.splitlines()[-1].split()
    assert row[:3] == ["below", "1", "100.0%"] and row[4:6] == ["1", "0.50"]
    points = (tmp_path / "points.csv").read_text().splitlines()
    assert points[0] == "cascade,min_neighbors,found,false" and "below,3,1,1" in points
    for path in paths.values():
        with Image.open(path) as figure:
            assert figure.width > 500


def test_cascades_take_turns_and_the_ratio_is_to_the_first(
    benchmark, photos, tmp_path, capsys, monkeypatch
):
    evaluate_detector = benchmark("evaluate_detector")
    turns, clock = [], [0.0]

    class Slow:
        def __init__(self, seconds):
            self.seconds = seconds

        def detect(self, image, **search):
            turns.append(self.seconds)
            assert search == {"scale_factor": 1.1, "threads": 1}
            clock[0] += self.seconds

    quick, slow = Slow(1.0), Slow(2.5)
    monkeypatch.setattr(evaluate_detector.time, "process_time", lambda: clock[0])
    read = evaluate_detector.read_photos(photos)
    seconds = evaluate_detector.cpu_seconds([quick, slow], read, 1.1, 2)
    assert seconds.tolist() == [[2.0, 5.0]] * 2  # two photos
    assert turns == [1.0, 2.5, 1.0, 2.5, 2.5, 1.0, 2.5, 1.0, 1.0, 2.5, 1.0, 2.5]
    evaluate_detector.print_times(["quick", "slow"], seconds)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1:] == [["quick", "2.00", "1.00"], ["slow", "5.00", "2.50"]]


def test_a_run_may_measure_the_time(benchmark, photos, tmp_path, capsys):
    path = str(tmp_path / "below.xml")
    arguments = [path, path, "--photos", str(photos), "--time", "2"]
    benchmark("evaluate_detector").main(arguments)
    heard = capsys.readouterr().out.splitlines()
    assert heard[-4] == "searching all photos on one thread, medians of 2 rounds"
    assert heard[-2].split()[2] == "1.00"


def test_the_false_and_the_missed_are_told_apart(benchmark, photos):
    evaluate_detector = benchmark("evaluate_detector")
    read = evaluate_detector.read_photos(photos)
    result = evaluate_detector.evaluate("below", cascade(), read, 1.1)
    found = evaluate_detector.mistakes(result, read)
    ((photo, box),) = found["false"]
    assert photo == 0 and np.allclose(box, (40, 20, 16, 16), atol=4) and found["missed"] == []
    nobody = result._replace(detections=[groups(), groups()])
    assert [photo for photo, _ in evaluate_detector.mistakes(nobody, read)["missed"]] == [0]


def test_found_at_so_many_mistakes(benchmark):
    evaluate_detector = benchmark("evaluate_detector")
    point = benchmark("froc").Point
    result = evaluate_detector.Result("a", [point(1, 9, 7), point(2, 8, 3), point(3, 0, 0)], [])
    assert [result.found_at(false) for false in (10, 5, 3, 2)] == [9, 8, 8, None]
    assert result.default == (3, 0, 0)


def test_a_cascade_that_finds_nothing_has_a_default_all_the_same(benchmark, photos):
    evaluate_detector = benchmark("evaluate_detector")
    never = Cascade(
        8, 8, "haar", (cascade().stages[0]._replace(threshold=9.0),), cascade().features
    )
    result = evaluate_detector.evaluate("no", never, evaluate_detector.read_photos(photos), 1.1)
    assert result.default == (3, 0, 0)


def test_published_rates_rise_with_their_mistakes(benchmark):
    for rates in benchmark("froc_figure").PUBLISHED.values():
        assert list(rates) == sorted(rates) and list(rates.values()) == sorted(rates.values())
