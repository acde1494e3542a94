"""The level of amounts: the plain ratio among many, steady among few, and no giant's."""

import numpy as np
import pytest
from scipy.optimize import brentq

from models.score.score_calibration import LARGEST_SHARE, amount_level, without_giants


def test_among_many_customers_it_makes_the_mean_amount_the_mean_outcome() -> None:
    random = np.random.default_rng(0)
    margins = random.normal(size=200_000)
    outcomes = random.gamma(2.0, 10.0, 200_000)
    assert np.exp(margins + amount_level(margins, outcomes)).mean() == pytest.approx(outcomes.mean(), rel=1e-3)


def test_among_few_it_moves_less_the_less_they_tell() -> None:
    random = np.random.default_rng(1)
    for customers, least, most in ((20, 0.2, 0.95), (100_000, 0.98, 1.0)):
        outcomes = random.lognormal(0, 2, customers)
        plain = np.log(outcomes.mean()) + 2
        assert least * plain < amount_level(np.full(customers, -2.0), outcomes) < most * plain


@pytest.mark.parametrize("giant", [1e6, 1e12])
def test_one_giant_moves_it_by_a_twentieth_at_most(giant: float) -> None:
    margins, outcomes = np.zeros(400), np.ones(400)
    outcomes[7] = giant
    assert 0 < amount_level(margins, outcomes) < -np.log(1 - LARGEST_SHARE)
    assert 0 > amount_level(np.where(np.arange(400) == 7, np.log(giant), 0.0), np.ones(400)) > np.log(1 - LARGEST_SHARE)


def test_the_unit_of_money_makes_no_difference() -> None:
    random = np.random.default_rng(2)
    margins, outcomes = random.normal(size=300), random.lognormal(0, 2, 300)
    level = amount_level(margins, outcomes)
    assert amount_level(margins + 600, outcomes) < level
    assert amount_level(margins + np.log(1e9), 1e9 * outcomes) == pytest.approx(level)


@pytest.mark.parametrize("seed", range(5))
def test_the_cap_is_where_the_largest_holds_just_its_share_of_the_capped_total(seed: int) -> None:
    amounts = np.random.default_rng(seed).lognormal(0, 3, 300)
    cap = brentq(lambda c: c - LARGEST_SHARE * np.minimum(amounts, c).sum(), 1e-3, amounts.max(), xtol=1e-12)
    np.testing.assert_allclose(without_giants(amounts), np.minimum(amounts, cap), rtol=1e-9)


def test_where_few_bought_at_all_nobody_is_a_giant_for_that() -> None:
    for amounts in ([5.0, 0.0, 0.0], [5.0, 5.0, 0.0], [3.0, 2.0, 2.0, 0.0], []):
        assert without_giants(np.array(amounts)).tolist() == amounts
    assert amount_level(np.zeros(3), np.zeros(3)) == -np.inf
