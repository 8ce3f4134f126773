"""docs/mlp.md: its numbers, from NumPy and from the layers; its picture, from its script.

`python -m tests.docs.test_mlp_chapter` writes the numbers into the chapter.
"""

from __future__ import annotations

import numpy as np

from scratchnet import Sequential
from scratchnet.layers import Dense, Tanh
from scratchnet.losses import SoftmaxCrossEntropy
from tests.docs.by_hand import grids
from tests.docs.chapters import Chapter
from tests.docs.classical_chapter import ClassicalChapterTests, percent

CHAPTER = Chapter("mlp.md")


@CHAPTER.computed
def backward(ds, dW2, dh, dz, dW1):
    tidy = (np.round(a, 9) + 0 for a in (ds, dW2, dh, dz, dW1))
    return grids(**dict(zip(("ds", "dW2", "dh", "dz", "dW1"), tidy, strict=True)))


@CHAPTER.computed
def on_pixels():
    return percent("mlp")


@CHAPTER.computed
def on_differences():
    return percent("neutral+mlp")


@CHAPTER.computed
def on_contours():
    return percent("contour+mlp")


@CHAPTER.computed
def solutions(x, h, p, W2, dW1, dW2):
    ds = p - [0, 1]
    assert np.allclose(np.outer(h, ds), -dW2)
    assert np.allclose(np.outer(x, (W2 @ ds) * (1 - h**2)), -dW1)
    return "\n".join(
        [
            "1. All of them: both classes had one half, so $ds$ is turned around, and everything "
            "after it is linear in $ds$.",
            "2. Both are 0, for h is 0 and $W_2$ is 0. They stay so: only the offsets of the "
            "scores ever learn, and those know nothing of x. Hence random weights.",
        ]
    )


class TestChapter(ClassicalChapterTests):
    chapter = CHAPTER
    name = "mlp"


def test_the_layers_have_the_gradients_of_the_page():
    page = CHAPTER.session
    hidden, scores = Dense(2), Dense(2)
    model = Sequential([hidden, Tanh(), scores])
    model.build((2,), np.random.default_rng(0), np.float64)
    for layer, W in ((hidden, page["W1"]), (scores, page["W2"])):
        layer.params["W"][...], layer.params["b"][...] = W, 0
    loss = SoftmaxCrossEntropy()
    assert np.isclose(loss.forward(model.forward(page["x"][None]), np.array([0])), np.log(2))
    model.backward(loss.backward())
    assert np.allclose(hidden.grads["W"], page["dW1"])
    assert np.allclose(scores.grads["W"], page["dW2"])


if __name__ == "__main__":
    CHAPTER.rewrite()
