import numpy as np

from scratchnet.fer.datasets import Dataset
from scratchnet.fer.duplicates import duplicate_report


def faces(values, labels, usage=None):
    """Face i differs from others by its first pixel; value 0 is a blank picture."""
    images = np.zeros((len(values), 48, 48), np.uint8)
    images[:, 0, 0] = values
    labels = np.array(labels, np.int64)
    return Dataset(images, labels, ("happy", "angry"), None if usage is None else np.array(usage))


def test_groups_conflicts_leaks_and_blanks_by_hand():
    T, P = "Training", "PublicTest"
    report = duplicate_report(
        faces([5, 6, 5, 7, 5, 6, 0], [0, 1, 1, 0, 0, 1, 0], [T, T, T, T, P, T, P])
    )
    assert report.groups.to_dict("records") == [
        {
            "faces": (0, 2, 4),
            "labels": ("happy", "angry"),
            "usages": (T, P),
            "conflicting": True,
        },
        {"faces": (1, 5), "labels": ("angry",), "usages": (T,), "conflicting": False},
    ]
    assert len(report.conflicting) == 1
    assert report.leaked.loc[P, T] == 1  # face 4
    assert report.leaked.loc[T, P] == 2  # faces 0 and 2
    assert report.leaked.loc[T, T] == 5
    assert report.blank.tolist() == [6]


def test_the_report_reads_as_text():
    T, P = "Training", "PublicTest"
    assert str(duplicate_report(faces([5, 5, 0], [0, 1, 0], [T, P, T]))).splitlines() == [
        "1 pictures occur more than once (2 faces), 1 of them with conflicting labels",
        "1 blank pictures",
        "1 faces of Training also occur in PublicTest",
        "1 faces of PublicTest also occur in Training",
    ]


def test_nothing_to_report():
    report = duplicate_report(faces([1, 2, 3], [0, 1, 0]))
    assert len(report.groups) == len(report.conflicting) == len(report.blank) == 0
    assert report.leaked.empty
    assert str(report).startswith("0 pictures occur more than once (0 faces)")


def test_an_empty_dataset_has_no_duplicates():
    assert len(duplicate_report(faces([], [])).groups) == 0
