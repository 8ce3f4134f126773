"""The training loop: what all the other pieces are for.

    repeat for each epoch
        order = rng.permutation(N), drawn once an epoch
        for each batch of `batch_size` samples in this order; the last may be smaller
            s  = model.forward(x[batch], training=True)
            L  = loss.forward(s, labels[batch])              one number, the batch's mean
            model.backward(loss.backward())                  leaves a gradient for every weight
            optimizer.step(model.plan.parameters)            changes the weights
        the epoch's loss is the mean over its samples: a smaller batch counts less

    x (N, D)     labels (N,)

You write what `Sequential.fit` runs, and the check compares the losses with the library's: the same
model, the same generator, so they have to be the same numbers.

Read docs/mlp.md, then: python -m scratchnet learn check training_loop.py
"""

import numpy as np

from scratchnet.losses import Loss
from scratchnet.optimizers import Optimizer
from scratchnet.sequential import Sequential

EXERCISE = "training_loop"


def train(
    model: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    x: np.ndarray,
    labels: np.ndarray,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
) -> list[float]:
    """The loss of each epoch. The model is trained when it returns."""
    raise NotImplementedError
