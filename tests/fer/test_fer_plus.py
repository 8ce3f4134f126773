"""FER+'s votes: by name of column, in FER2013's order, on the right rows."""

import numpy as np
import pytest

from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.fer_plus import load_fer_plus
from scratchnet.fer.labels import SEVEN, SIX

HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)
ROWS = [
    "Training,fer0.png,4,0,0,1,3,2,0,0,0,0",
    "Training,,0,0,0,0,0,0,0,0,0,10",
    "Training,fer2.png,0,2,0,0,0,0,2,1,0,5",
    "PublicTest,fer3.png,0,0,0,0,0,0,0,6,4,0",
]


def faces(names=SEVEN, usage=("Training",) * 3 + ("PublicTest",)):
    images = np.zeros((4, 48, 48), np.uint8)
    return Dataset(images, np.zeros(4, np.int64), names, np.array(usage))


def write(path, rows=ROWS, header=HEADER):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_votes_become_distributions_in_the_order_of_fer2013(tmp_path):
    votes, _ = load_fer_plus(write(tmp_path / "v.csv"), faces())
    assert votes.dtype == np.float32
    assert votes[0].tolist() == pytest.approx([0.3, 0.2, 0, 0, 0.1, 0, 0.4])
    assert votes[2].tolist() == pytest.approx([0, 0, 0.5, 0.5, 0, 0, 0])


def test_of_six_classes_disgust_counts_as_angry(tmp_path):
    votes, _ = load_fer_plus(write(tmp_path / "v.csv"), faces(SIX))
    assert votes[0].tolist() == pytest.approx([0.5, 0, 0, 0.1, 0, 0.4])


def test_half_of_the_votes_can_say_that_there_is_no_face(tmp_path):
    _, shows_a_face = load_fer_plus(write(tmp_path / "v.csv"), faces())
    assert shows_a_face.tolist() == [True, False, False, True]


def test_a_face_that_nobody_gave_one_of_the_seven_has_no_distribution(tmp_path):
    votes, _ = load_fer_plus(write(tmp_path / "v.csv"), faces())
    assert votes[3].tolist() == [0] * 7


def test_columns_may_stand_in_any_order(tmp_path):
    import pandas as pd

    table = pd.read_csv(write(tmp_path / "v.csv"))
    table[table.columns[::-1]].to_csv(tmp_path / "w.csv", index=False)
    one, other = (load_fer_plus(tmp_path / name, faces())[0] for name in ("v.csv", "w.csv"))
    assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "rows, header, message",
    [
        (ROWS[:3], HEADER, "expected votes on 4 faces.* got 3 rows"),
        (ROWS[::-1], HEADER, "row by row with the same Usage"),
        (ROWS, HEADER.replace("anger", "rage"), r"is not FER\+'s fer2013new\.csv"),
        ([*ROWS[:3], ROWS[3].replace(",6,", ",x,")], HEADER, r"is not FER\+'s fer2013new\.csv"),
        ([*ROWS[:3], ROWS[3].replace(",6,", ",-6,")], HEADER, "votes that are no counts"),
        ([*ROWS[:3], ROWS[3].replace(",6,", ",,")], HEADER, "votes that are no counts"),
    ],
)
def test_another_file_is_refused(tmp_path, rows, header, message):
    with pytest.raises(DataError, match=message):
        load_fer_plus(write(tmp_path / "v.csv", rows, header), faces())


def test_other_classes_have_no_votes(tmp_path):
    with pytest.raises(DataError, match=r"FER\+ has votes for Angry, .* not for"):
        load_fer_plus(write(tmp_path / "v.csv"), faces(("a", "b")))
