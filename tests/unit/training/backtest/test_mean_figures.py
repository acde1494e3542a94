from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.backtest.mean_figures import mean_figures
from training.judging.evaluation import OURS, JudgedRows


def date_of(customers: Sequence[int], random: np.random.Generator, shift: float = 0.0) -> JudgedRows:
    actual = (random.random(len(customers)) < 0.4).astype(float)
    actual[:2] = [0, 1]
    noise = random.random((2, len(customers)))
    predicted = {OURS: (actual + 1.5 * noise[0] + shift) / 4, "rule": (actual + 3 * noise[1]) / 5}
    return JudgedRows(np.array([f"c{i:03}" for i in customers], dtype=object), actual, predicted)


def slow_auc(actual: np.ndarray, predicted: np.ndarray) -> float:
    gap = predicted[actual == 1][:, None] - predicted[actual == 0]
    return float(np.mean((gap > 0) + (gap == 0) / 2))


@pytest.fixture
def dates() -> list[JudgedRows]:
    random = np.random.default_rng(3)
    return [date_of(range(120), random), date_of(range(30, 150), random), date_of(range(60, 110), random)]


def test_the_mean_figure_weighs_every_date_the_same(dates: list[JudgedRows]) -> None:
    pooled = mean_figures("churn", dates, seed=20)
    by_date = [roc_auc_score(rows.actual, rows.predicted[OURS]) for rows in dates]
    assert pooled.figures["auc"].value == pytest.approx(np.mean(by_date))
    theirs = np.mean([roc_auc_score(rows.actual, rows.predicted["rule"]) for rows in dates])
    assert pooled.leads["rule"].value == pytest.approx(np.mean(by_date) - theirs)


def test_the_interval_of_a_mean_is_that_of_drawing_customers_with_their_rows_of_all_dates(
    dates: list[JudgedRows],
) -> None:
    pooled = mean_figures("churn", dates, seed=20)
    ids = sorted({name for rows in dates for name in rows.customers})
    random = np.random.default_rng(20)  # the same stream, drawn and counted the slow way
    drawn = []
    for _ in range(200):
        chosen = random.integers(0, len(ids), len(ids))
        times = {name: int((chosen == at).sum()) for at, name in enumerate(ids)}
        gaps = []
        for rows in dates:
            repeated = np.repeat(np.arange(len(rows)), [times[name] for name in rows.customers])
            actual = rows.actual[repeated]
            ours, theirs = (slow_auc(actual, rows.predicted[name][repeated]) for name in (OURS, "rule"))
            gaps.append(ours - theirs)
        drawn.append(np.mean(gaps))
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert pooled.leads["rule"].low == pytest.approx(low)
    assert pooled.leads["rule"].high == pytest.approx(high)


def test_dates_that_share_customers_tell_less_than_dates_that_do_not() -> None:
    random = np.random.default_rng(4)
    once = date_of(range(200), random)
    others = JudgedRows(once.customers + "x", once.actual, once.predicted)
    again, apart = (mean_figures("churn", [once, second], seed=20).figures["auc"] for second in (once, others))
    assert again.value == pytest.approx(apart.value)
    assert again.high - again.low > 1.2 * (apart.high - apart.low)


def test_a_baseline_that_one_date_lacks_is_in_no_mean(dates: list[JudgedRows]) -> None:
    dates[1] = replace(dates[1], predicted={OURS: dates[1].predicted[OURS]})
    assert mean_figures("churn", dates, seed=20).baselines == {}
