"""Training a cascade of a few small stages: what it promises, and how it is stopped."""

import numpy as np
import pytest

import haar
from haar.feature_pool import FeaturePool
from haar.strip import accept_all
from haar.training import Boosting, Finished, Mining, Trained, train_cascade
from haar.training_events import ALL_STAGES, NO_NEGATIVES, RATE_REACHED
from tests.haar.faces import SIDE, draw_faces, draw_wall

SMALL = {
    "stages": 3,
    "max_weak": 4,
    "false_alarms": 0.4,
    "hit_rate": 0.98,
    "positives_per_stage": 60,
    "negatives_per_stage": 60,
    "overall_false_alarms": 1e-5,
    "scale_factor": 1.25,
    "threads": 1,
}


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    return draw_faces(120, np.random.default_rng(1))


@pytest.fixture(scope="module")
def walls() -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    return [draw_wall(60, 80, rng) for _ in range(6)]


def train(faces, walls, **changes):
    given = {**SMALL, "rng": np.random.default_rng(3), **changes}
    return train_cascade(faces, walls, **given)


@pytest.fixture(scope="module")
def trained(faces, walls):
    events: list = []
    return train(faces, walls, observer=events.append), events


# -- what it promises ------------------------------------------------------------------------------


def test_stages_reach_their_goals(trained) -> None:
    cascade, events = trained
    stages = [event for event in events if isinstance(event, Trained)]
    assert [event.stage for event in stages] == [0, 1, 2]
    assert [event.weak for event in stages] == [len(stage.weak) for stage in cascade.stages]
    for event in stages:
        assert event.hit_rate >= 0.98
        assert event.false_alarms <= 0.4 or event.weak == 4
    assert events[-1] == Finished(3, ALL_STAGES)


def test_the_observer_sees_each_weak_classifier_and_the_windows(trained) -> None:
    cascade, events = trained
    boosted = [(event.stage, event.weak) for event in events if isinstance(event, Boosting)]
    assert boosted == [
        (k, t + 1) for k, stage in enumerate(cascade.stages) for t in range(len(stage.weak))
    ]
    mined = [event for event in events if isinstance(event, Mining)]
    last = [event for event in mined if event.stage == 0][-1]
    assert (last.found, last.wanted) == (60, 60)
    assert last.windows > 60


def test_the_detector_keeps_as_many_faces_as_the_stages_said(trained, faces) -> None:
    cascade, events = trained
    said = np.prod([event.hit_rate for event in events if isinstance(event, Trained)])
    kept = np.mean([cascade.evaluate(face).accepted for face in faces])
    assert np.isclose(kept, said)


def test_it_finds_new_faces_before_a_wall(trained) -> None:
    cascade, _ = trained
    rng = np.random.default_rng(7)
    found = 0
    for face in draw_faces(20, rng):
        wall = draw_wall(40, 40, rng)
        wall[12 : 12 + SIDE, 16 : 16 + SIDE] = face
        found += (cascade.candidates(wall) == (16, 12, SIDE, SIDE)).all(axis=1).any()
    assert found >= 14


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithm": "discrete"},
        {"algorithm": "real", "depth": 2},
        {"algorithm": "logit"},
        {"features": "lbp", "positives_per_stage": 120, "negatives_per_stage": 120},
        {"features": "all"},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
def test_every_algorithm_and_kind_of_feature_keeps_faces_and_refuses_walls(
    faces, walls, changes
) -> None:
    cascade = train(faces, walls, stages=2, **changes)
    kept = np.mean([cascade.evaluate(face).accepted for face in faces])
    assert kept >= 0.98**2
    wall = draw_wall(60, 60, np.random.default_rng(8))
    every = accept_all(FeaturePool("basic", 12, 12))
    assert len(cascade.candidates(wall)) < 0.5 * len(every.candidates(wall))


def test_the_seed_decides_and_the_number_of_threads_does_not(trained, faces, walls) -> None:
    cascade, _ = trained
    assert train(faces, walls, threads=3) == cascade
    assert train(faces, walls, rng=np.random.default_rng(4)) != cascade


def test_the_reference_trains_the_same_cascade(faces, walls, monkeypatch) -> None:
    from haar import ops, splits

    small = [face[:8, :8] for face in faces]
    changes = {"stages": 1, "max_weak": 2, "features": "lbp"}
    fast = train(np.array(small), walls, **changes)
    monkeypatch.setattr(ops, "split_search", splits.split_search, raising=False)
    assert train(np.array(small), walls, **changes) == fast


# -- lists of goals, and where training ends -------------------------------------------------------


def test_a_list_of_goals_goes_on_with_its_last(faces, walls) -> None:
    cascade = train(faces, walls, false_alarms=[0.9, 0.01], max_weak=[1, 3, 2], stages=4)
    assert [len(stage.weak) for stage in cascade.stages] == [1, 3, 2, 2]


def test_training_ends_when_the_overall_rate_is_reached(faces, walls) -> None:
    events: list = []
    train(faces, walls, overall_false_alarms=0.9, observer=events.append)
    assert events[-1].reason == RATE_REACHED
    assert 1 <= events[-1].stages < 3


def test_training_ends_when_the_backgrounds_have_no_more_negatives(faces) -> None:
    events: list = []
    plain = [draw_wall(24, 24, np.random.default_rng(5))]
    changes = {"stages": 9, "passes": 1, "overall_false_alarms": 1e-9, "max_weak": 50}
    cascade = train(faces, plain, **changes, observer=events.append)
    assert events[-1] == Finished(len(cascade.stages), NO_NEGATIVES)


# -- interruptions ---------------------------------------------------------------------------------


class Stop(Exception):
    pass


def stop_at(number: int):
    left = [number]

    def observer(event: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Stop

    return observer


def test_an_interrupted_training_ends_with_the_same_file(trained, faces, walls, tmp_path) -> None:
    """Stopped again and again: each time after some more events than the last time."""
    cascade, events = trained
    cascade.save(tmp_path / "whole.xml")
    folder = tmp_path / "state"
    for number in range(len(events)):
        try:
            resumed = train(faces, walls, folder=folder, observer=stop_at(number))
            break
        except Stop:
            continue
    resumed.save(tmp_path / "resumed.xml")
    whole = (tmp_path / "whole.xml").read_bytes()
    assert (tmp_path / "resumed.xml").read_bytes() == whole
    assert (folder / "cascade.xml").read_bytes() == whole


@pytest.mark.parametrize("kind", [Mining, Boosting, Trained, Finished])
def test_it_can_be_stopped_at_any_kind_of_event(trained, faces, walls, tmp_path, kind) -> None:
    def observer(event: object) -> None:
        if isinstance(event, kind):
            raise Stop

    with pytest.raises(Stop):
        train(faces, walls, folder=tmp_path, observer=observer)
    assert train(faces, walls, folder=tmp_path) == trained[0]


def test_a_finished_training_is_only_read_and_more_stages_go_on(faces, walls, tmp_path) -> None:
    two = train(faces, walls, stages=2, folder=tmp_path)
    events: list = []
    assert train(faces, walls, stages=2, folder=tmp_path, observer=events.append) == two
    assert events == [Finished(2, ALL_STAGES)]
    three = train(faces, walls, stages=3, folder=tmp_path)
    assert len(three.stages) == 3


def test_other_settings_or_samples_are_refused(faces, walls, tmp_path) -> None:
    train(faces, walls, stages=1, folder=tmp_path)
    with pytest.raises(ValueError, match="a training with depth 1, expected 2; go on with the"):
        train(faces, walls, stages=1, folder=tmp_path, depth=2)
    with pytest.raises(ValueError, match="a training with positives"):
        train(faces[::-1], walls, stages=1, folder=tmp_path)


def test_a_damaged_state_is_refused(faces, walls, tmp_path) -> None:
    (tmp_path / "state.npz").write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"state\.npz is no state of a training .* remove it"):
        train(faces, walls, folder=tmp_path)


def test_a_training_that_ended_goes_on_with_a_lower_rate(faces, walls, tmp_path) -> None:
    train(faces, walls, overall_false_alarms=0.9, folder=tmp_path)
    assert train(faces, walls, folder=tmp_path) == train(faces, walls)


# -- errors ----------------------------------------------------------------------------------------


def test_positives_may_run_out(walls) -> None:
    flat = np.full((30, 12, 12), 90, np.uint8)
    with pytest.raises(ValueError, match="stage 0 expects at least 10 positives, 0 of 30 are left"):
        train(flat, walls)


def test_backgrounds_may_be_too_few(faces) -> None:
    with pytest.raises(ValueError, match="at least 60 windows of contrast, found 0 of 12×12"):
        train(faces, [np.zeros((50, 50), np.uint8)])
    with pytest.raises(ValueError, match="at least one grey picture, got none"):
        train(faces, [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"algorithm": "ada"}, "algorithm expects one of discrete, gentle, real, logit"),
        ({"algorithm": "discrete", "depth": 2}, "expects stumps, depth 1, got 2"),
        ({"features": "hog"}, "features expects one of"),
        ({"hit_rate": 1.5}, "hit_rate expects shares above 0, at most 1, got 1.5"),
        ({"false_alarms": [0.5, 0]}, "false_alarms expects shares"),
        ({"max_weak": []}, "a number for the first stage"),
        ({"stages": 0}, "stages expects a whole number of 1 or more"),
        ({"trim": 0}, "trim expects a share"),
        ({"scale_factor": 1}, "scale_factor expects a number above 1"),
        ({"threads": 0}, "threads expects"),
        ({"memory": -1.0}, "memory expects a number of bytes, 0 or more, got -1"),
        ({"overall_false_alarms": 2}, "overall_false_alarms expects a share, 0 to 1, got 2"),
    ],
)
def test_wrong_arguments_are_refused(faces, walls, changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        train(faces, walls, **changes)


def test_positives_of_another_shape_or_dtype_are_refused(walls) -> None:
    with pytest.raises(TypeError, match=r"\(N, h, w\) uint8, got \(3, 12, 12, 1\) of uint8"):
        train(np.zeros((3, 12, 12, 1), np.uint8), walls)
    with pytest.raises(TypeError, match="uint8, got None of None"):
        train([[1]], walls)


def test_a_seed_is_no_generator(faces, walls) -> None:
    with pytest.raises(TypeError, match=r"rng expects a numpy\.random\.Generator, got 3"):
        train(faces, walls, rng=3)


def test_no_positives_are_too_few(walls) -> None:
    with pytest.raises(ValueError, match="at least 10 positives, 0 of 0 are left"):
        train(np.zeros((0, 12, 12), np.uint8), walls)


# -- OpenCV ----------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("changes", [{}, {"depth": 2}, {"features": "lbp"}, {"features": "all"}])
def test_opencv_reads_the_file_and_finds_the_same(faces, walls, tmp_path, changes) -> None:
    cv2 = pytest.importorskip("cv2")
    cascade = train(faces, walls, stages=2, **changes)
    cascade.save(tmp_path / "cascade.xml")
    theirs = cv2.CascadeClassifier(str(tmp_path / "cascade.xml"))
    again = haar.Cascade.load(tmp_path / "cascade.xml")
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        rng = np.random.default_rng(11)
        for _ in range(5):
            wall = draw_wall(60, 90, rng)
            for i, face in enumerate(draw_faces(3, rng)):
                wall[20:44, 4 + 28 * i : 28 + 28 * i] = np.kron(face, np.ones((2, 2)))
            for neighbours in (0, 3):
                found = np.asarray(theirs.detectMultiScale(wall, 1.1, neighbours)).reshape(-1, 4)
                assert again.detect(wall, 1.1, neighbours).tolist() == found.tolist()
                assert cascade.detect(wall, 1.1, neighbours).tolist() == found.tolist()
    finally:
        cv2.setNumThreads(threads)
