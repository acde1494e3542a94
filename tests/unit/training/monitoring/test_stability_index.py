"""Two populations held against each other: checked by slow loops, by scipy, and by how often chance raises an alarm."""

import math

import numpy as np
import pytest
from scipy.stats import chi2, norm

from models.score.population_profile import NumberBins
from training.monitoring.stability_index import RISK, shares, stability


def slow_psi(then: np.ndarray, now: np.ndarray) -> float:
    pairs = [(a, b) for a, b in zip(then, now, strict=True) if a > 0 or b > 0]
    total_then, total_now = sum(a for a, _ in pairs) + len(pairs) / 2, sum(b for _, b in pairs) + len(pairs) / 2
    found = 0.0
    for a, b in pairs:
        p, q = (a + 0.5) / total_then, (b + 0.5) / total_now
        found += (q - p) * math.log(q / p)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_psi_is_what_a_loop_over_the_bins_gives(seed: int) -> None:
    random = np.random.default_rng(seed)
    then, now = random.poisson(30, 12).astype(float), random.poisson(20, 12).astype(float)
    then[:2], now[1:3] = 0, 0
    assert stability(then, now).value == pytest.approx(slow_psi(then, now))


def test_a_known_example_comes_out_near_the_textbook_figure_without_correction() -> None:
    shares_then = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    shares_now = np.array([0.05, 0.15, 0.35, 0.25, 0.20])
    plain = float(((shares_now - shares_then) * np.log(shares_now / shares_then)).sum())
    assert stability(shares_then * 1e7, shares_now * 1e7).value == pytest.approx(plain, abs=1e-5)


def test_equal_populations_are_still_and_nobody_is_no_alarm() -> None:
    counts = np.array([10.0, 20, 0, 30])
    assert stability(counts, counts).value == 0
    assert not stability(counts, np.zeros(4)).moved(0.1)
    assert not stability(np.zeros(4), counts).moved(0.1)
    assert not stability(np.array([5.0, 0]), np.array([9.0, 0])).moved(0.0001)


def test_chance_is_the_chi_squared_of_the_bins_that_hold_someone() -> None:
    then, now = np.array([50.0, 50, 0, 100]), np.array([20.0, 30, 0, 50])
    found = stability(then, now, comparisons=40)
    assert found.usual == pytest.approx(2 * (1 / 200 + 1 / 100))
    assert found.chance == pytest.approx((1 / 200 + 1 / 100) * chi2.isf(RISK / 40, 2))


@pytest.mark.parametrize(("then", "now"), [(2000, 60), (300, 300), (120, 5000)])
def test_small_samples_of_one_population_hardly_ever_raise_an_alarm(then: int, now: int) -> None:
    random = np.random.default_rng(then)
    plain = alarms = 0
    for _ in range(300):
        before, after = random.lognormal(2, 1, then), random.lognormal(2, 1, now)
        bins = NumberBins.of(before)
        found = stability(bins.counts(before), bins.counts(after))
        plain += found.value > 0.1
        alarms += found.moved(0.1)
    assert alarms <= 6  # 1 % is what is meant
    assert now > 60 or plain > 60  # without the guard it would cry wolf


@pytest.mark.parametrize("customers", [200, 2000])
def test_a_shift_of_a_standard_deviation_is_found(customers: int) -> None:
    random = np.random.default_rng(customers)
    before, after = random.normal(0, 1, customers), random.normal(1, 1, customers)
    bins = NumberBins.of(before)
    assert stability(bins.counts(before), bins.counts(after), comparisons=200).moved(0.25)


def test_a_share_rises_beyond_chance_as_the_z_test_says() -> None:
    found = shares(0.10, 0.18, (400, 300), comparisons=20)
    pooled = (0.10 * 400 + 0.18 * 300 + 1) / 702
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / 400 + 1 / 300))
    assert found.chance == pytest.approx(norm.isf(RISK / 20) * deviation)
    assert not found.rose(0.05)  # 3.1 standard deviations are not enough among twenty comparisons
    assert shares(0.10, 0.18, (400, 300)).rose(0.05)
    assert not shares(0.10, 0.18, (400, 300)).rose(0.10)
    assert not shares(0.18, 0.10, (400, 300)).rose(0.01)
    assert not shares(0.0, 1.0, (0, 5)).rose(0.01)
