import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from models.score.intervals import IntervalTable
from training.judging.bootstrap import Bootstrap
from training.judging.measures import AmountMeasure, BinaryMeasure, gains, interval_coverage, quantile_bins
from training.judging.reliability import calibration_table

RANDOM = np.random.default_rng(7)
N = 400
CHANCE = RANDOM.uniform(0.02, 0.98, N).round(2)  # rounded, so that there are ties
CAME = (RANDOM.random(N) < CHANCE).astype(np.float64)
COUNTS = RANDOM.integers(0, 4, N).astype(np.float64)
SPENT = np.where(RANDOM.random(N) < 0.4, 0.0, RANDOM.lognormal(3, 1.5, N))
EXPECTED = np.exp(np.log1p(SPENT) * 0.5 + RANDOM.normal(0, 1, N)).round(0)


@pytest.mark.parametrize("weight", [np.ones(N), COUNTS])
def test_binary_figures_agree_with_scikit_learn(weight: np.ndarray) -> None:
    figures = BinaryMeasure(CAME, CHANCE)(weight)
    assert figures["auc"] == pytest.approx(roc_auc_score(CAME, CHANCE, sample_weight=weight), abs=1e-12)
    assert figures["log_loss"] == pytest.approx(log_loss(CAME, CHANCE, sample_weight=weight), abs=1e-12)
    assert figures["brier"] == pytest.approx(brier_score_loss(CAME, CHANCE, sample_weight=weight), abs=1e-12)


def test_a_weight_of_two_is_the_same_customer_twice() -> None:
    rows = np.repeat(np.arange(N), COUNTS.astype(int))
    weighted, repeated = (
        AmountMeasure(SPENT, EXPECTED)(COUNTS),
        AmountMeasure(SPENT[rows], EXPECTED[rows])(np.ones(len(rows))),
    )
    assert weighted["gini"] == pytest.approx(repeated["gini"], abs=1e-12)
    assert weighted["mae"] == pytest.approx(repeated["mae"], abs=1e-12)
    assert weighted["bias"] == pytest.approx(repeated["bias"], abs=1e-12)


def test_the_gini_is_the_slow_loops_gini() -> None:
    def slow(order_by: np.ndarray) -> float:
        order = sorted(range(N), key=lambda i: -order_by[i])
        held, area = 0.0, 0.0
        for i in order:
            area += held + SPENT[i] / 2
            held += SPENT[i]
        return 2 * area / (held * N) - 1

    distinct = EXPECTED + np.arange(N) * 1e-9
    assert AmountMeasure(SPENT, distinct)(np.ones(N))["gini"] == pytest.approx(slow(distinct) / slow(SPENT), abs=1e-12)


def test_perfect_order_has_gini_one_and_a_constant_zero() -> None:
    ones = np.ones(N)
    assert AmountMeasure(SPENT, SPENT)(ones)["gini"] == pytest.approx(1)
    assert AmountMeasure(SPENT, ones)(ones)["gini"] == pytest.approx(0)


def test_bias_and_decile_error_are_shares_of_the_revenue() -> None:
    figures = AmountMeasure(SPENT, SPENT * 1.1)(np.ones(N))
    assert figures["bias"] == pytest.approx(0.1)
    assert figures["decile_error"] == pytest.approx(0.1)


def test_the_calibration_error_is_the_slow_loops() -> None:
    total = 0.0
    bins = quantile_bins(CHANCE, 10)
    for at in set(bins.tolist()):
        rows = [i for i in range(N) if bins[i] == at]
        total += abs(sum(CHANCE[i] for i in rows) - sum(CAME[i] for i in rows)) / N
    assert BinaryMeasure(CAME, CHANCE)(np.ones(N))["ece"] == pytest.approx(total)
    table = calibration_table(CAME, CHANCE, binary=True)
    assert sum(row.rows for row in table) == N
    assert sum(row.rows * abs(row.predicted - row.actual) for row in table) / N == pytest.approx(total)


def test_the_bias_of_probabilities_is_a_share_of_what_came() -> None:
    assert BinaryMeasure(CAME, CHANCE)(np.ones(N))["bias"] == pytest.approx(CHANCE.sum() / CAME.sum() - 1)


def test_lift_counts_positives_in_the_top_tenth() -> None:
    distinct = CHANCE + np.arange(N) * 1e-9
    top = np.argsort(-distinct)[: N // 10]
    assert BinaryMeasure(CAME, distinct)(np.ones(N))["lift_10"] == pytest.approx(CAME[top].mean() / CAME.mean())
    assert gains(CAME, distinct, [0.0, 0.1, 1.0]) == pytest.approx([0, CAME[top].sum() / CAME.sum(), 1])


def test_one_class_alone_has_no_auc_and_is_no_error() -> None:
    assert np.isnan(BinaryMeasure(np.zeros(5), np.full(5, 0.1))(np.ones(5))["auc"])
    assert np.isnan(AmountMeasure(np.zeros(5), np.ones(5))(np.ones(5))["gini"])


def test_coverage_is_told_for_all_and_for_the_top_tenth() -> None:
    table = IntervalTable(0.8, edges=(100.0,), low=(0.0, 0.5), high=(2.0, 1.5))
    predicted = np.array([10.0] * 9 + [200.0])
    actual = np.array([20.0] * 6 + [21.0] * 3 + [301.0])
    assert interval_coverage(actual, predicted, table) == {"coverage": 0.6, "coverage_top": 0.0}


def test_bootstrap_differences_are_paired_and_repeatable() -> None:
    better, worse = BinaryMeasure(CAME, CHANCE), BinaryMeasure(CAME, np.round(CHANCE * 0.5 + RANDOM.random(N) * 0.5, 2))
    first = Bootstrap({"better": better, "worse": worse}, N, seed=20)
    again = Bootstrap({"better": better, "worse": worse}, N, seed=20)
    gap = first.difference("auc", "better", "worse")
    assert gap == again.difference("auc", "better", "worse")
    assert 0 < gap.low < gap.value < gap.high
    figures = first.figures("better")
    assert figures["auc"].low < figures["auc"].value < figures["auc"].high
    assert np.isnan(figures["ece"].low)
    alone = figures["auc"].high - figures["auc"].low
    assert gap.high - gap.low < 2 * alone


def test_a_model_is_no_better_than_itself() -> None:
    measure = BinaryMeasure(CAME, CHANCE)
    gap = Bootstrap({"a": measure, "b": measure}, N, seed=1).difference("auc", "a", "b")
    assert (gap.value, gap.low, gap.high) == (0, 0, 0)
