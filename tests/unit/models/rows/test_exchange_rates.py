"""What an amount in another currency is worth, and which rate holds when."""

import doctest
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.rows.exchange_rates
from models.rows.exchange_rates import ExchangeRates, exchanged

FINITE = st.floats(-1e12, 1e12)
RATES = st.floats(1e-9, 1e9)


def test_the_examples_hold() -> None:
    assert doctest.testmod(models.rows.exchange_rates).failed == 0


@given(FINITE, RATES, st.sampled_from([1, 100, 1000]))
def test_the_product_of_the_decimals_as_written_is_rounded_once_halves_away_from_zero(
    amount: float, rate: float, minor_units: int
) -> None:
    with localcontext() as context:
        context.prec = 200
        product = Decimal(repr(amount)) * Decimal(repr(rate)) * minor_units
        expected = product.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    found = exchanged(amount, rate, minor_units)
    assert found == float(expected)
    assert str(found) != "-0.0"


@pytest.mark.parametrize("amount", [float("inf"), float("-inf")])
def test_what_is_infinite_stays_so_and_is_refused_by_its_limits(amount: float) -> None:
    assert exchanged(amount, 0.5, 100) == amount


def test_a_product_that_no_float_holds_is_infinite() -> None:
    assert exchanged(1e300, 1e300, 100) == float("inf")


def test_a_rate_holds_from_its_instant_on_until_the_next() -> None:
    rates = ExchangeRates.of_rows([("USD", 20, 0.95), ("JPY", 15, 0.006), ("USD", 10, 0.9)])
    assert [rates.rate("USD", at) for at in (9, 10, 19, 20, 10**18)] == [None, 0.9, 0.9, 0.95, 0.95]
    assert [rates.rate("JPY", at) for at in (14, 15)] == [None, 0.006]
    assert rates.rate("CHF", 20) is None
