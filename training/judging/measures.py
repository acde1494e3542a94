"""Measures of prediction quality. Every measure takes row weights, so that a resample is only new weights.

Binary outcomes: AUC, log loss, Brier score, expected calibration error (ECE), bias of the total, lift in the top tenth.
Amounts: normalised Gini (0 no order, 1 perfect order), mean absolute error, bias of the total, revenue-weighted decile
error. Checked in the tests against scikit-learn and against slow loops.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats
from models.score.intervals import IntervalTable

PROBABILITY_FLOOR = 1e-7
"""Log loss takes no probability nearer to 0 or 1 than this."""


class Ranking:
    """Predictions sorted once, from the highest, equal ones as one group."""

    def __init__(self, predicted: Floats) -> None:
        self.order = np.argsort(-predicted, kind="stable")
        ordered = predicted[self.order]
        self.starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])

    def sums(self, values: Floats) -> Floats:
        """The sum of `values` in each group of equal predictions."""
        return np.add.reduceat(values[self.order], self.starts) if len(self.starts) else np.zeros(0)

    def captured(self, values: Floats, weight: Floats) -> tuple[Floats, Floats]:
        """The Lorenz curve: share of rows taken from the top, and share of `values` they hold; both start at 0."""
        return lorenz(self.sums(weight)), lorenz(self.sums(weight * values))


def lorenz(sums: Floats) -> Floats:
    """The share held by the first groups together, for none to all of them; NaN where nothing is held."""
    running = np.concatenate([[0.0], np.cumsum(sums)])
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: Floats = running / running[-1]
        return shares


class Measure(Protocol):
    """The figures of one set of predictions."""

    def __call__(self, weight: Floats) -> dict[str, float]:
        """Every figure by name, each row counted `weight` times."""
        ...


class BinaryMeasure:
    """The figures of probabilities `predicted` for outcomes `actual` (0 or 1)."""

    def __init__(self, actual: Floats, predicted: Floats) -> None:
        self.actual, self.gap = actual, predicted - actual
        p = np.clip(predicted, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
        self.loss = -(actual * np.log(p) + (1 - actual) * np.log1p(-p))
        self.ranking = Ranking(predicted)
        self.bins = quantile_bins(predicted, 10)

    def __call__(self, weight: Floats) -> dict[str, float]:
        """AUC, log loss, Brier score, ECE, lift of the top tenth; bias as a share of the actual positives."""
        total, error = weight.sum(), weight * self.gap
        everyone, positive = self.ranking.sums(weight), self.ranking.sums(weight * self.actual)
        rows, held = lorenz(everyone), lorenz(positive)
        return {
            "auc": _auc(positive, everyone - positive),
            "log_loss": float(weight @ self.loss / total),
            "brier": float(error @ self.gap / total),
            "ece": float(np.abs(_bin_sums(self.bins, error)).sum() / total),
            "bias": _share(error.sum(), positive.sum()),
            "lift_10": float(np.interp(0.1, rows, held) / 0.1),
        }


def _auc(above: Floats, same: Floats) -> float:
    """From the positives and negatives of each group of equal predictions, the highest first."""
    below = same.sum() - np.cumsum(same)
    pairs = above.sum() * same.sum()
    return float(above @ (below + same / 2) / pairs) if pairs > 0 else float("nan")


class AmountMeasure:
    """The figures of amounts `predicted` for amounts `actual` (not negative), in the currency's major unit."""

    def __init__(self, actual: Floats, predicted: Floats) -> None:
        self.actual, self.predicted = actual, predicted
        self.ranking, self.perfect = Ranking(predicted), Ranking(actual)
        self.bins = quantile_bins(predicted, 10)

    def __call__(self, weight: Floats) -> dict[str, float]:
        """Gini; mae in the currency's major unit; bias and decile error as shares of the actual total."""
        received = float(weight @ self.actual)
        error = weight * (self.predicted - self.actual)
        ours, best = (_gini(*ranking.captured(self.actual, weight)) for ranking in (self.ranking, self.perfect))
        return {
            "gini": ours / best if best > 0 else float("nan"),
            "mae": float(np.abs(error).sum() / weight.sum()),
            "bias": _share(error.sum(), received),
            "decile_error": _share(np.abs(_bin_sums(self.bins, error)).sum(), received),
        }


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")


def _gini(rows: Floats, held: Floats) -> float:
    return float(np.trapezoid(held, rows) * 2 - 1)


def quantile_bins(predicted: Floats, bins: int) -> NDArray[np.intp]:
    """The bin of each row: up to `bins` bins of equal size by prediction, equal predictions never parted."""
    if len(predicted) == 0:
        return np.zeros(0, dtype=np.intp)
    edges = np.unique(np.quantile(predicted, np.arange(1, bins) / bins, method="lower"))
    return np.searchsorted(edges, predicted, side="left")


def _bin_sums(bins: NDArray[np.intp], values: Floats) -> Floats:
    sums: Floats = np.bincount(bins, weights=values).astype(np.float64, copy=False)
    return sums


def interval_coverage(actual: Floats, predicted: Floats, table: IntervalTable) -> dict[str, float]:
    """The share of outcomes inside their interval: of all rows, and of the tenth with the highest predictions."""
    low, high = table.bounds(predicted)
    inside = (actual >= low) & (actual <= high)
    top = np.argsort(-predicted, kind="stable")[: max(1, len(predicted) // 10)]
    return {"coverage": float(inside.mean()), "coverage_top": float(inside[top].mean())}


def gains(actual: Floats, predicted: Floats, shares: Sequence[float]) -> Floats:
    """The share of all outcomes held by the customers with the highest predictions, for each share of customers."""
    rows, held = Ranking(predicted).captured(actual, np.ones(len(actual)))
    found: Floats = np.interp(np.asarray(shares, dtype=np.float64), rows, held)
    return found
