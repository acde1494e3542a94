"""Exchange rates: what one unit of another currency is worth in the business's, each from an instant on.

An amount in another currency is converted here and nowhere else, whether it comes from a file, from the store or over
HTTP. The arithmetic is decimal and exact: amount and rate are the shortest decimals that denote their float64, which is
how they were written.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Self

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""A product of two numbers of at most 17 digits, and of minor units, needs fewer digits than this."""


@dataclass(frozen=True, slots=True)
class DatedRates:
    """The rates of one currency. instants: from when each holds, ascending (microseconds UTC)."""

    instants: Sequence[int]
    rates: Sequence[float]


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """The rates of each currency, by its code in capital letters.

    >>> rates = ExchangeRates.of_rows([("USD", 10, 0.9), ("USD", 20, 0.95)])
    >>> [rates.rate("USD", at) for at in (9, 10, 19, 20)], rates.rate("GBP", 20)
    ([None, 0.9, 0.9, 0.95], None)
    """

    by_currency: Mapping[str, DatedRates]

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[str, int, float]]) -> Self:
        """Of rows (currency, instant, rate), of which no two have the same currency and instant, in any order."""
        found: dict[str, list[tuple[int, float]]] = {}
        for currency, at, rate in rows:
            found.setdefault(currency, []).append((at, rate))
        ordered = {currency: sorted(dated) for currency, dated in found.items()}
        return cls(
            {
                currency: DatedRates([at for at, _ in dated], [rate for _, rate in dated])
                for currency, dated in ordered.items()
            }
        )

    def rate(self, currency: str, at: int) -> float | None:
        """The newest rate at or before an instant; None where there is none. currency: in capital letters."""
        dated = self.by_currency.get(currency)
        place = 0 if dated is None else bisect_right(dated.instants, at)
        return None if dated is None or place == 0 else dated.rates[place - 1]


def exchanged(amount: float, rate: float, minor_units: int) -> float:
    """An amount in another currency's major unit, in minor units of the business's: whole, halves away from zero.

    minor_units: how many make one major unit. An amount that is not finite stays as it is; -0.0 is 0.0. What is too
    large to be counted comes out so: limits are checked afterwards, as for any amount.

    >>> exchanged(1.005, 1.0, 100), exchanged(-2.5, 0.01, 100), exchanged(19.99, 0.9137, 100), exchanged(-0.001, 1, 1)
    (101.0, -3.0, 1826.0, 0.0)
    """
    if not math.isfinite(amount):
        return amount
    worth = _EXACT.multiply(Decimal(repr(float(amount))), Decimal(repr(float(rate))))
    return float(_EXACT.to_integral_value(_EXACT.multiply(worth, Decimal(minor_units)))) + 0.0
