"""The named baselines that can serve in a score's place when data are too few for a booster.

rate           everyone gets the share, or the mean amount, seen in training
logistic       logistic regression on standardised features, large counts and amounts as log(1 + x)
recent_spend   the last 365 days' spend, times horizon / 365
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit

from models.rows.history import Floats

RFM_FEATURES = (
    "days_since_last_order",
    "orders_all",
    "spend_all",
    "orders_365d",
    "spend_365d",
    "days_since_first_order",
)


@dataclass(frozen=True, slots=True)
class BaselineModel:
    """A formula and its numbers. `features` name the columns that `predict` expects, in order.

    logistic: centre, scale and weights run along `features`, `constant` is the intercept; a missing value counts as
    its centre. rate: `constant` is the answer. recent_spend: `constant` multiplies the one feature.
    """

    kind: Literal["rate", "logistic", "recent_spend"]
    constant: float
    features: tuple[str, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()

    @property
    def importance(self) -> tuple[float, ...]:
        """How much each of `features` counts: its weight, whichever way; of a formula without weights, all alike."""
        return tuple(map(abs, self.weights)) or (1.0,) * len(self.features)

    def predict(self, X: Floats) -> Floats:
        """Scores in their own unit, (n,), from the columns `features`, (n, len(features))."""
        if self.kind == "rate":
            return np.full(len(X), self.constant)
        if self.kind == "recent_spend":
            return np.maximum(np.nan_to_num(X[:, 0]), 0.0) * self.constant
        total = np.full(len(X), self.constant)
        for column, weight in enumerate(self.weights):  # feature by feature: the same bits for one row and for many
            spread = (compress(X[:, column]) - self.centre[column]) / self.scale[column]
            total += np.where(np.isnan(spread), 0.0, spread) * weight
        result: Floats = expit(total)
        return result


def compress(values: Floats) -> Floats:
    """sign(x) log(1 + |x|): keeps order and sign, tames long tails."""
    values = np.ascontiguousarray(values)
    return np.sign(values) * np.log1p(np.abs(values))
