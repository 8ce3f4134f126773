"""A second opinion on FER2013: what ten people saw in each face (FER+), and what the model says.

    v_n   people's votes for the classes, as shares      q_n  the model's probabilities
    m_n   the class with the most votes                  majority; ties and non-faces are left out

    confusion     row k = mean of v_n, or of q_n, over the faces with m_n = k; compared off the
                  diagonal by Spearman's rank correlation: are the same pairs confused?
    uncertainty   Spearman's correlation of H(v_n) with H(q_n): is the model unsure where people
                  disagree?
    agreement     mean of v_n[answer]: how often a person drawn at random gives that answer.
                  For the model, for FER2013's own label, and for the majority, which is the most
                  that any answer can reach

Source of the votes: Barsoum et al. 2016; see `scratchnet.fer.fer_plus`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet import metrics

Array = NDArray[Any]


def second_opinion(
    probabilities: Array, labels: Array, votes: Array, is_face: Array
) -> dict[str, Any]:
    """The numbers of the header, as plain Python values.

    Args:
        probabilities: (N, K) of the model.
        labels: (N,) of FER2013.
        votes: (N, K), rows sum to one, or to zero where nobody voted for any class.
        is_face: (N,) bool.

    Raises:
        ValueError: fewer than two faces have a majority.
    """
    q, v = np.asarray(probabilities, np.float64), np.asarray(votes, np.float64)
    most = v.max(axis=1, initial=0)
    clear = np.asarray(is_face) & (most > 0) & ((v == most[:, None]).sum(axis=1) == 1)
    if clear.sum() < 2:
        raise ValueError(f"a second opinion needs faces with a majority, got {clear.sum()}")
    q, v, labels = q[clear], v[clear], np.asarray(labels)[clear]
    majority, answer = v.argmax(axis=1), q.argmax(axis=1)
    N, K = q.shape
    faces = np.bincount(majority, minlength=K)
    people, model = (
        np.stack([rows[majority == k].mean(axis=0) if faces[k] else np.zeros(K) for k in range(K)])
        for rows in (v, q)
    )
    compared = ~np.eye(K, dtype=bool) & (faces > 0)[:, None]
    every = np.arange(N)
    return {
        "images": N,
        "left_out": int(len(clear) - N),
        "accuracy_on_majority": float((answer == majority).mean()),
        "labels_on_majority": float((labels == majority).mean()),
        "agreement": {
            "majority": float(v.max(axis=1).mean()),
            "model": float(v[every, answer].mean()),
            "label": float(v[every, labels].mean()),
        },
        "confusion_correlation": metrics.spearman(people[compared], model[compared]),
        "entropy_correlation": metrics.spearman(metrics.entropy(v), metrics.entropy(q)),
        "majority_faces": faces.tolist(),
        "mean_votes": people.tolist(),
        "mean_probabilities": model.tolist(),
    }
