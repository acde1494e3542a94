"""Rhythm blend: the weighted mean of the booster's margin and the margin of a BG/NBD expectation.

    margin = (1 - weight) * booster(row) + weight * margin of (feature's value)

The feature is an expectation of BG/NBD (the probability of no purchase, or the expected spend). Since the average is
taken on the margin, the expectation's part is one exact contribution, and it is added to that feature's own.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from models.rows.history import Floats
from models.score.link_function import Link
from models.score.score_calibration import MAX_SHIFT


@dataclass(frozen=True, slots=True)
class RhythmBlend:
    """feature: the expectation. weight: its share, 0 to 1. base: the mean of its margin in training."""

    feature: str
    weight: float
    base: float

    def joined(self, link: Link, margins: Floats, values: Floats) -> Floats:
        """The average of the booster's margins (n,) and those of the feature's values (n,)."""
        return (1 - self.weight) * margins + self.weight * self.margins(link, values)

    def explained(
        self, link: Link, margins: Floats, contributions: Floats, values: Floats, column: int
    ) -> tuple[Floats, Floats]:
        """`joined` with the contributions (n, features + 1) to it, from the booster's; `column` is the feature's."""
        expected = self.margins(link, values)
        joined = (1 - self.weight) * contributions
        joined[:, column] += self.weight * (expected - self.base)
        joined[:, -1] += self.weight * self.base
        return (1 - self.weight) * margins + self.weight * expected, joined

    def margins(self, link: Link, values: Floats) -> Floats:
        """The margin (n,) of the feature's values; `base` where a value is missing, and never far from it."""
        with np.errstate(divide="ignore"):
            expected = logit(values) if link == "logistic" else np.log(values)
        expected = np.where(np.isnan(expected), self.base, expected)
        return np.minimum(np.maximum(expected, self.base - MAX_SHIFT), self.base + MAX_SHIFT)
