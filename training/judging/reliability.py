"""Reliability table: mean prediction beside mean outcome, by customers with similar predictions."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, t

from models.rows.history import Floats
from training.judging.measures import quantile_bins

MOST_BINS, FEWEST_IN_BIN = 10, 25
COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One bin of rows with like predictions: how many, what was predicted and what came, on average.

    low, high: where the mean outcome of such customers lies, 95 times in 100.
    """

    rows: int
    predicted: float
    actual: float
    low: float
    high: float

    @property
    def agrees(self) -> bool:
        """Whether chance alone explains that what came is not what was predicted."""
        return self.low <= self.predicted <= self.high


def calibration_table(actual: Floats, predicted: Floats, *, binary: bool) -> tuple[CalibrationRow, ...]:
    """By up to ten bins of equal size, from the lowest predictions to the highest; fewer where customers are few.

    binary: whether outcomes are 0 or 1, not amounts.
    """
    bin_of = quantile_bins(predicted, min(MOST_BINS, max(1, len(predicted) // FEWEST_IN_BIN)))
    parts = [bin_of == at for at in np.unique(bin_of)]
    return tuple(
        CalibrationRow(
            int(chosen.sum()),
            float(predicted[chosen].mean()),
            float(actual[chosen].mean()),
            *(share_interval(actual[chosen]) if binary else mean_interval(actual[chosen])),
        )
        for chosen in parts
    )


def share_interval(came: Floats) -> tuple[float, float]:
    """Wilson's interval (1927, "Probable inference") of the share of ones."""
    low, high = binomtest(int(came.sum()), len(came)).proportion_ci(COVERAGE, method="wilson")
    return float(low), float(high)


def mean_interval(came: Floats) -> tuple[float, float]:
    """Student's interval of a mean amount, from zero on; as wide as can be of a single amount."""
    if len(came) < 2:
        return 0.0, float("inf")
    width = float(t.ppf((1 + COVERAGE) / 2, len(came) - 1) * came.std(ddof=1) / np.sqrt(len(came)))
    return max(0.0, float(came.mean()) - width), float(came.mean()) + width
