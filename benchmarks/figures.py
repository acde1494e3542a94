"""Figures of merit with customer-bootstrap intervals, from scikit-learn and from definitions: none of our own code."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss, roc_auc_score

Array = NDArray[np.float64]
Figure = Callable[[Array, Array], float]
RESAMPLES = 200


def normalised_gini(actual: Array, predicted: Array) -> float:
    """Gini of the actual amounts in the order of the predictions, over the Gini in their own order."""

    def gini(order: NDArray[np.intp]) -> float:
        shares = np.cumsum(actual[order]) / actual.sum()
        return float(shares.mean() - 0.5)

    return gini(np.argsort(-predicted, kind="stable")) / gini(np.argsort(-actual, kind="stable"))


def auc(actual: Array, predicted: Array) -> float:
    """Area under the ROC curve."""
    return float(roc_auc_score(actual, predicted))


def logistic_loss(actual: Array, predicted: Array) -> float:
    """Mean negative log likelihood."""
    return float(log_loss(actual, np.clip(predicted, 1e-9, 1 - 1e-9)))


def calibration_error(actual: Array, predicted: Array) -> float:
    """Expected calibration error over ten equally filled bins."""
    bins = np.array_split(np.argsort(predicted, kind="stable"), 10)
    return float(sum(len(b) * abs(actual[b].mean() - predicted[b].mean()) for b in bins) / len(actual))


def lift_at_tenth(actual: Array, predicted: Array) -> float:
    """The rate among the tenth with the highest predictions over the rate of all."""
    top = np.argsort(-predicted, kind="stable")[: max(1, len(actual) // 10)]
    return float(actual[top].mean() / actual.mean())


def bias(actual: Array, predicted: Array) -> float:
    """Sum predicted over sum actual, less one."""
    return float(predicted.sum() / actual.sum() - 1)


def decile_error(actual: Array, predicted: Array) -> float:
    """How far the totals of ten equal groups by prediction are off together, as a share of the actual total."""
    bins = np.array_split(np.argsort(predicted, kind="stable"), 10)
    return float(sum(abs(predicted[b].sum() - actual[b].sum()) for b in bins) / actual.sum())


def interval(figure: Figure, actual: Array, predicted: Array) -> str:
    """The figure's 95 % customer-bootstrap interval."""
    low, high = np.quantile(resampled(figure, actual, predicted), [0.025, 0.975])
    return f"[{low:.4f}, {high:.4f}]"


def paired_interval(figure: Figure, actual: Array, ours: Array, theirs: Array) -> str:
    """The interval of our figure less theirs on the same customers."""
    paired = resampled(figure, actual, ours) - resampled(figure, actual, theirs)
    low, high = np.quantile(paired, [0.025, 0.975])
    return f"[{low:+.4f}, {high:+.4f}]"


def resampled(figure: Figure, actual: Array, predicted: Array) -> Array:
    """The figure on RESAMPLES bootstrap samples, the same customers whichever prediction is asked."""
    random = np.random.default_rng(11)
    draws = [random.integers(0, len(actual), len(actual)) for _ in range(RESAMPLES)]
    return np.array([figure(actual[rows], predicted[rows]) for rows in draws])
