"""BG/NBD and Gamma-Gamma as expressions: purchases and spend expected from a customer's own purchase rhythm.

Their parameters are fitted state, like a model: they stand in the declaration, so that a score takes them along.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from models.btyd.bg_nbd import BgNbd
from models.btyd.gamma_gamma import GammaGamma
from models.features.language.expressions import DAYS_AGO, Expression, rows
from models.rows.history import Floats

WEEK = 7.0
PURCHASES = rows("purchases")
Worth = Literal["amount", "margin"]


class Ingredients(NamedTuple):
    """Of each customer, (n,): days with a purchase, days since the first and the last of them, and what all total."""

    purchase_days: Floats
    first_days_ago: Floats
    last_days_ago: Floats
    total: Floats


@dataclass(frozen=True, slots=True)
class Expected(Expression):
    """Purchases, spend, or silence (the probability of no purchase) in the `days` to come; missing without purchases.

    Purchases of one day are one. Spend is in the currency's major unit and needs `value`.
    """

    what: Literal["purchases", "spend", "silence"]
    days: int
    purchases: BgNbd
    value: GammaGamma | None = None
    worth: Worth = "amount"

    @property
    def reads(self) -> tuple[Expression, ...]:
        """The expressions of the Ingredients, in order."""
        return ingredients(self.worth)


class Expectations:
    """What is expected of the same customers by any number of expressions; what these share is computed once."""

    def __init__(self, known: Ingredients) -> None:
        self.has_bought = known.purchase_days > 0
        everyone = bool(self.has_bought.all())
        filled = (np.where(np.isnan(values), 0.0, values) for values in known)
        self.n, first, last, self.total = (v if everyone else np.where(self.has_bought, v, 1.0) for v in filled)
        self.everyone, self.x, self.t_x, self.T = everyone, self.n - 1, (first - last) / WEEK, first / WEEK
        self._alive: dict[BgNbd, Floats] = {}
        self._purchases: dict[tuple[BgNbd, int], Floats] = {}

    def of(self, expected: Expected) -> Floats:
        """The expectation of each customer, (n,)."""
        if expected.what == "silence":
            alive, weeks = self._alive_by(expected.purchases), expected.days / WEEK
            values = expected.purchases.no_purchase(self.x, self.t_x, self.T, weeks, alive)
        else:
            values = self._purchases_by(expected.purchases, expected.days)
        if expected.what == "spend" and expected.value is not None:
            values = values * expected.value.expected_value(self.n, self.total / self.n)
        return values if self.everyone else np.where(self.has_bought, values, np.nan)

    def _alive_by(self, model: BgNbd) -> Floats:
        if model not in self._alive:
            self._alive[model] = model.alive(self.x, self.t_x, self.T)
        return self._alive[model]

    def _purchases_by(self, model: BgNbd, days: int) -> Floats:
        if (model, days) not in self._purchases:
            alive, weeks = self._alive_by(model), days / WEEK
            self._purchases[model, days] = model.expected_purchases(self.x, self.t_x, self.T, weeks, alive)
        return self._purchases[model, days]


@lru_cache
def ingredients(worth: Worth) -> tuple[Expression, ...]:
    """What the models read of each customer, in the order of Ingredients."""
    return PURCHASES.on_days(), PURCHASES.first(DAYS_AGO), PURCHASES.last(DAYS_AGO), PURCHASES.sum(worth)
