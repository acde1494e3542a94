"""What a customer's own purchase rhythm leads one to expect: BG/NBD and Gamma-Gamma as an expression.

Their parameters are fitted state, like a model: they stand in the declaration, so that a score takes them along.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from models.btyd.bg_nbd import BgNbd
from models.btyd.gamma_gamma import GammaGamma
from models.features.expressions import DAYS_AGO, Expression, rows
from models.history import Floats

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

    def values(self, known: Ingredients) -> Floats:
        """The expectation of each customer, (n,)."""
        has_bought = known.purchase_days > 0
        n, first, last, total = (np.where(has_bought, np.nan_to_num(values), 1.0) for values in known)
        x, t_x, T = n - 1, (first - last) / WEEK, first / WEEK
        if self.what == "silence":
            found = self.purchases.no_purchase(x, t_x, T, self.days / WEEK)
        else:
            found = self.purchases.expected_purchases(x, t_x, T, self.days / WEEK)
        if self.what == "spend" and self.value is not None:
            found = found * self.value.expected_value(n, total / n)
        return np.where(has_bought, found, np.nan)


def ingredients(worth: Worth) -> tuple[Expression, ...]:
    """What the models read of each customer, in the order of Ingredients."""
    return PURCHASES.on_days(), PURCHASES.first(DAYS_AGO), PURCHASES.last(DAYS_AGO), PURCHASES.sum(worth)
