"""Learn by rebuilding: write a function of the library anew, and be told what is wrong with it.

    python -m scratchnet learn              the exercises, in an order that teaches
    python -m scratchnet learn conv2d       writes conv2d.py: equation, shapes, an empty body
    python -m scratchnet learn check conv2d.py

A check runs the learner's function on small whole numbers, beside a solution and, for a gradient,
beside difference quotients. Where it is wrong, its results are compared with those of every mistake
that is known for this exercise: `kernel flipped`, `mean taken twice`, … If one fits on all cases,
that is what the report calls it; if none does, `diagnosis` describes the difference.

    exercise.py    Exercise, Task, Mistake
    skeletons/     what the learner gets: real files, to be read as they are
    activations, dense, probabilities, pooling, convolution, normalisation, optimisers,
    rectangles, boosting, training
                   the exercises: solutions, cases, and mistakes beside them
    loading.py     runs the learner's file, and finds the line where it failed
    checking.py    the check: calling, recognising, witness (difference quotients)
    diagnosis.py   what a difference looks like, if it is no known mistake
    report.py      all of it in words
    writing.py     writes a skeleton, over nothing

Chapter: docs/learn.md
"""

from __future__ import annotations

import difflib

from scratchnet.learn.activations import DROPOUT, RELU
from scratchnet.learn.boosting import ADABOOST
from scratchnet.learn.convolution import CONV2D, CONV2D_BACKWARD
from scratchnet.learn.dense import DENSE, DENSE_BACKWARD
from scratchnet.learn.exercise import Exercise
from scratchnet.learn.normalisation import BATCH_NORM, BATCH_NORM_BACKWARD
from scratchnet.learn.optimisers import ADAM, MOMENTUM
from scratchnet.learn.pooling import MAX_POOL, MAX_POOL_BACKWARD
from scratchnet.learn.probabilities import CROSS_ENTROPY, SOFTMAX
from scratchnet.learn.rectangles import HAAR_FEATURE, INTEGRAL_IMAGE
from scratchnet.learn.training import TRAINING_LOOP

EXERCISES: tuple[Exercise, ...] = (
    *(RELU, DENSE, DENSE_BACKWARD, SOFTMAX, CROSS_ENTROPY),
    *(MOMENTUM, TRAINING_LOOP),
    *(MAX_POOL, MAX_POOL_BACKWARD, CONV2D, CONV2D_BACKWARD),
    *(DROPOUT, BATCH_NORM, BATCH_NORM_BACKWARD, ADAM),
    *(INTEGRAL_IMAGE, HAAR_FEATURE, ADABOOST),
)
"""In the order of the way: a network that learns, then one that sees, then what makes it learn
better, then faces before networks."""


def find(name: str) -> Exercise:
    """The exercise of this name.

    Raises:
        ValueError: there is none; the message lists the nearest names.
    """
    for exercise in EXERCISES:
        if exercise.name == name:
            return exercise
    names = [exercise.name for exercise in EXERCISES]
    parts = [other for other in names if name and (name in other or other in name)]
    near = list(dict.fromkeys(parts + difflib.get_close_matches(name, names, n=4, cutoff=0.5)))
    raise ValueError(
        f"there is no exercise {name!r}; "
        + (f"near it: {', '.join(near)}" if near else f"there are {', '.join(names)}")
    )


def after(exercise: Exercise) -> Exercise | None:
    """The next step of the way; None after the last."""
    place = EXERCISES.index(exercise) + 1
    return EXERCISES[place] if place < len(EXERCISES) else None
