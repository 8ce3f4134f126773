"""Metrics: how good a classifier is, from its labels and from its probabilities.

Labels are integers 0..K-1, `true` and `predicted` (N,); probabilities p are (N, K).

    labels           accuracy, confusion, precision, recall, F1, kappa, bootstrap interval
    probabilities    ranks and top-k, negative log-likelihood, Brier score
    calibration      reliability bins, ECE, temperature
    coverage         how right it is on what it is sure of
    agreement        entropy, rank correlation

Each file begins with its equations.
"""

from scratchnet.metrics.agreement import average_ranks, entropy, spearman
from scratchnet.metrics.calibration import (
    ReliabilityBins,
    expected_calibration_error,
    fit_temperature,
    reliability_bins,
    with_temperature,
)
from scratchnet.metrics.checks import are_distributions
from scratchnet.metrics.coverage import CoverageCurve, coverage_curve
from scratchnet.metrics.labels import (
    ClassScores,
    ConfusedPair,
    accuracy,
    balanced_accuracy,
    bootstrap_interval,
    cohen_kappa,
    confusion_matrix,
    macro_f1,
    majority_baseline,
    most_confused,
    precision_recall_f1,
)
from scratchnet.metrics.probabilities import (
    brier_score,
    label_rank,
    negative_log_likelihood,
    rank_histogram,
    top_k,
)

__all__ = [
    "ClassScores",
    "ConfusedPair",
    "CoverageCurve",
    "ReliabilityBins",
    "accuracy",
    "are_distributions",
    "average_ranks",
    "balanced_accuracy",
    "bootstrap_interval",
    "brier_score",
    "cohen_kappa",
    "confusion_matrix",
    "coverage_curve",
    "entropy",
    "expected_calibration_error",
    "fit_temperature",
    "label_rank",
    "macro_f1",
    "majority_baseline",
    "most_confused",
    "negative_log_likelihood",
    "precision_recall_f1",
    "rank_histogram",
    "reliability_bins",
    "spearman",
    "top_k",
    "with_temperature",
]
