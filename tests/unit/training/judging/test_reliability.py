"""The reliability table beside a slow loop, and its intervals beside the formulas."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from training.judging.reliability import calibration_table, mean_interval, share_interval

RANDOM = np.random.default_rng(11)


def test_every_customer_is_in_one_bin_from_the_lowest_to_the_highest() -> None:
    predicted = RANDOM.random(1000)
    came = (RANDOM.random(1000) < predicted).astype(np.float64)
    table = calibration_table(came, predicted, binary=True)
    order = np.argsort(predicted)
    for row, part in zip(table, np.array_split(order, 10), strict=True):
        assert row.rows == 100
        assert row.predicted == pytest.approx(predicted[part].mean())
        assert row.actual == pytest.approx(came[part].mean())
        assert row.low <= row.actual <= row.high
    assert sum(row.agrees for row in table) >= 7


def test_fifty_customers_make_two_bins_and_ten_make_one() -> None:
    for n, bins in ((50, 2), (10, 1), (1, 1)):
        table = calibration_table(RANDOM.integers(0, 2, n).astype(float), RANDOM.random(n), binary=True)
        assert len(table) == bins
        assert sum(row.rows for row in table) == n
    assert calibration_table(np.zeros(0), np.zeros(0), binary=True) == ()


def test_the_interval_of_a_share_is_wilsons() -> None:
    for n, k in ((50, 0), (50, 7), (50, 50)):
        p, z = k / n, 1.959963984540054
        middle, width = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        expected = np.clip(np.array([middle - width, middle + width]) / (1 + z * z / n), 0, 1)
        assert share_interval(np.repeat([1.0, 0.0], [k, n - k])) == pytest.approx(tuple(expected))


def test_the_interval_of_a_mean_amount_is_students_from_zero_on() -> None:
    amounts = RANDOM.lognormal(3, 1, 40)
    expected = ttest_1samp(amounts, 0).confidence_interval(0.95)
    assert mean_interval(amounts) == pytest.approx((expected.low, expected.high))
    assert mean_interval(np.array([0.0, 0.0, 90.0]))[0] == 0
    assert mean_interval(np.array([5.0])) == (0.0, float("inf"))
