"""Are the generated faces too easy? Logistic regression on their pixels, beside the network.

    python examples/benchmarks/generated_faces.py

Logistic regression is a network too: Flatten, Dense, softmax. It is trained on the same faces as
`examples/train_fer.py` trains on, without augmentation, until its validation loss rises; what it
reaches on the test faces is what a weight for each pixel can know. The rest takes a deeper net.
"""

from __future__ import annotations

import numpy as np

from scratchnet import Sequential
from scratchnet.callbacks import EarlyStopping
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.sources import TEST, TRAINING, load_faces
from scratchnet.layers import Dense, Flatten
from scratchnet.optimizers import AdamW


def main() -> None:
    faces = load_faces(None, np.random.default_rng(0))
    learn, test = faces.split(TRAINING), faces.split(TEST)
    preprocess = Preprocessing()
    rng = np.random.default_rng(0)
    best = 0.0
    for decay in (0.1, 1.0, 10.0):
        model = Sequential([Flatten(), Dense(len(faces.class_names), initializer="zeros")])
        model.build((1, 48, 48), rng)
        model.fit(
            preprocess(learn.images),
            learn.labels,
            rng=rng,
            optimizer=AdamW(3e-4, weight_decay=decay),
            epochs=100,
            validation_split=0.1,
            callbacks=[EarlyStopping(patience=5)],
        )
        accuracy = model.evaluate(preprocess(test.images), test.labels)["accuracy"]
        best = max(best, accuracy)
        print(
            f"weight decay {decay:4}: {accuracy:.1%} right after {len(model.history.rows)} epochs"
        )
    print(f"logistic regression at its best: {best:.1%}")


if __name__ == "__main__":
    main()
