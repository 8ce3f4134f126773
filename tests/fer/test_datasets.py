import numpy as np
import pytest

from scratchnet.fer.datasets import DataError, Dataset


def faces(labels, class_names=("a", "b", "c"), usage=None):
    """One face a label; face i is filled with the grey value i."""
    labels = np.array(labels, np.int64)
    images = np.zeros((len(labels), 48, 48), np.uint8)
    images += np.arange(len(labels), dtype=np.uint8)[:, None, None]
    return Dataset(images, labels, class_names, None if usage is None else np.array(usage))


def which(dataset):
    """The numbers of the faces that are left."""
    return dataset.images[:, 0, 0].tolist()


def test_split_takes_the_faces_of_one_usage():
    data = faces([0, 1, 2], usage=["Training", "PublicTest", "Training"])
    train = data.split("Training")
    assert which(train) == [0, 2]
    assert train.labels.tolist() == [0, 2]
    assert len(train) == 2


def test_split_names_the_usages_that_exist():
    data = faces([0, 1], usage=["PublicTest", "Training"])
    with pytest.raises(DataError, match="'PrivateTest'; this dataset holds Training, PublicTest"):
        data.split("PrivateTest")
    with pytest.raises(DataError, match="no Usage column; split them with split_by_content"):
        faces([0]).split("Training")


def test_select_takes_indices_in_any_order_and_masks():
    data = faces([0, 1, 2])
    assert which(data.select(np.array([2, 0]))) == [2, 0]
    assert which(data.select(np.array([True, False, True]))) == [0, 2]


def test_select_classes_counts_labels_in_the_order_asked_for():
    data = faces([0, 1, 2, 0, 2], usage=["Training"] * 5).select_classes(["c", "a"])
    assert data.class_names == ("c", "a")
    assert which(data) == [0, 2, 3, 4]
    assert data.labels.tolist() == [1, 0, 1, 0]
    assert data.usage is not None and len(data.usage) == 4


@pytest.mark.parametrize("names", [["a", "d"], ["a", "a"]])
def test_select_classes_expects_known_different_names(names):
    with pytest.raises(DataError, match=r"different names out of \('a', 'b', 'c'\), got \('a'"):
        faces([0]).select_classes(names)


def test_sample_takes_the_same_share_of_every_class():
    data = faces([0] * 10 + [1] * 20 + [2] * 30)
    part = data.sample(0.5, np.random.default_rng(3))
    assert part.counts()["all"].tolist() == [5, 10, 15]
    assert which(part) == sorted(set(which(part)))
    assert which(part) == which(data.sample(0.5, np.random.default_rng(3)))
    assert which(part) != which(data.sample(0.5, np.random.default_rng(4)))


def test_one_hot_rows():
    assert faces([2, 0]).one_hot().tolist() == [[0, 0, 1], [1, 0, 0]]
    assert faces([2, 0]).one_hot().dtype == np.float32


def test_counts_are_classes_by_usage_in_their_order():
    usage = ["PublicTest", "Training", "Training", "extra"]
    counts = faces([0, 0, 2, 2], usage=usage).counts()
    assert counts.columns.tolist() == ["Training", "PublicTest", "extra"]
    assert counts.index.tolist() == ["a", "b", "c"]
    assert counts.to_numpy().tolist() == [[1, 1, 0], [0, 0, 0], [1, 0, 1]]


def test_export_npy_writes_plain_arrays(tmp_path):
    faces([2, 0]).export_npy(tmp_path / "new")
    X, y = np.load(tmp_path / "new/X.npy"), np.load(tmp_path / "new/y.npy")
    assert (X.shape, X.dtype) == ((2, 1, 48, 48), np.float32)
    assert X[1, 0, 5, 5] == 1.0
    assert y.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert (tmp_path / "new/classes.txt").read_text().split() == ["a", "b", "c"]


def test_repr_tells_the_size_and_not_the_pixels():
    assert repr(faces([0, 1])) == "Dataset(2 faces of 48×48, 3 classes)"


IMAGES = np.zeros((2, 48, 48), np.uint8)
LABELS = np.array([0, 1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((IMAGES.astype(np.float32), LABELS, ("a", "b")), r"images .* uint8, got .* float32"),
        ((IMAGES[0], LABELS, ("a", "b")), r"got \(48, 48\) uint8"),
        ((IMAGES, LABELS[:1], ("a", "b")), r"expects 2 labels .* got \(1,\) int64"),
        ((IMAGES, LABELS * 1.0, ("a", "b")), r"int64, one an image, got \(2,\) float64"),
        ((IMAGES, LABELS + 1, ("a", "b")), r"labels 0\.\.1 for its 2 class names, got 1\.\.2"),
        ((IMAGES, LABELS - 1, ("a", "b")), r"got -1\.\.0"),
        ((IMAGES, LABELS, ("a", "a")), r"different class names"),
        ((IMAGES, LABELS, ("a", "b"), np.array(["Training"])), r"usage \(2,\) or None, got \(1,\)"),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        Dataset(*arguments)


def test_an_empty_selection_is_a_dataset_too():
    none = faces([0, 1]).select(np.zeros(2, bool))
    assert len(none) == 0
    assert none.one_hot().shape == (0, 3)
    assert none.counts()["all"].tolist() == [0, 0, 0]
