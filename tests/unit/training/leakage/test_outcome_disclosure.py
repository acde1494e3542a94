"""The measures of one column alone, against scikit-learn, SciPy and slow loops."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from models.rows.history import Category
from tests.builders.histories import column_of
from training.leakage.outcome_disclosure import Disclosure, auc, certain_value, disclosure, rank_correlation


def drawn(seed: int, rows: int = 700) -> tuple[np.random.Generator, np.ndarray]:
    random = np.random.default_rng(seed)
    return random, random.random(rows) < 0.3


@pytest.mark.parametrize("seed", range(3))
def test_the_auc_is_scikit_learns_either_way_round_with_ties(seed: int) -> None:
    random, positive = drawn(seed)
    values = np.round(positive + random.normal(0, 1.5, len(positive)))
    expected = roc_auc_score(positive, values)
    assert auc(values, positive) == pytest.approx(expected)
    assert auc(-values, positive) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_following_is_spearmans_rank_correlation_without_its_sign(seed: int) -> None:
    random, _ = drawn(seed)
    amounts = np.round(random.gamma(2, 5, 300))
    column = -amounts + random.normal(0, 4, 300)
    column[:20] = np.nan
    assert rank_correlation(column, amounts) == pytest.approx(-spearmanr(column[20:], amounts[20:]).statistic)
    assert rank_correlation(np.ones(300), amounts) == 0
    assert rank_correlation(column_of(["a"] * 300), amounts) == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_column_that_tells_nothing_tells_about_a_half(seed: int) -> None:
    random, positive = drawn(seed)
    wordy = column_of([f"w{i % 250}" for i in random.permutation(len(positive))])
    for column in (random.normal(size=len(positive)), wordy, np.full(len(positive), np.nan)):
        assert disclosure(column, positive).auc < 0.62
        assert not disclosure(column, positive).nearly_the_outcome


@pytest.mark.parametrize("seed", range(3))
def test_a_middle_range_and_codes_out_of_order_are_seen_where_the_order_of_values_tells_nothing(seed: int) -> None:
    random, positive = drawn(seed)
    middle = np.where(positive, random.uniform(40, 60, len(positive)), 100 * random.integers(0, 2, len(positive)))
    assert disclosure(middle + random.normal(0, 1, len(positive)), positive).nearly_the_outcome
    assert auc(middle, positive) < 0.7


def test_the_sure_shares_are_those_beyond_the_other_kind() -> None:
    random, positive = drawn(1, 2000)
    values = np.where(positive, random.uniform(60, 100, 2000), random.uniform(0, 80, 2000))
    yes = np.mean([v > values[~positive].max() for v in values[positive]])
    no = np.mean([v < values[positive].min() for v in values[~positive]])
    told = disclosure(values, positive)
    assert told.sure == pytest.approx((yes, no), abs=0.01)
    assert disclosure(-values, positive).sure == pytest.approx((yes, no), abs=0.01)
    assert told.nearly_the_outcome
    assert told.auc < 0.95


def test_one_stray_row_does_not_hide_a_score_made_from_the_outcome() -> None:
    random, positive = drawn(2, 4000)
    values = np.where(positive, random.uniform(60, 100, 4000), random.uniform(0, 80, 4000))
    values[np.flatnonzero(positive)[0]], values[np.flatnonzero(~positive)[0]] = 0, 100
    assert disclosure(values, positive).nearly_the_outcome


@pytest.mark.parametrize("seed", range(3))
def test_a_strong_but_honest_column_leaves_doubt(seed: int) -> None:
    random, positive = drawn(seed, 20_000)
    assert not disclosure(1.8 * positive + random.normal(size=20_000), positive).nearly_the_outcome


def test_a_word_of_the_rarer_outcome_alone_is_certain_and_blanks_are_words() -> None:
    _, positive = drawn(3)
    words = column_of(["gone" if p and i % 3 == 0 else "here" for i, p in enumerate(positive)])
    count = sum(bool(p) and i % 3 == 0 for i, p in enumerate(positive))
    assert certain_value(words, positive) == ("'gone'", count)
    assert certain_value(words, ~positive) == ("'gone'", count)
    blanks = np.where(positive & (np.arange(len(positive)) % 3 == 0), np.nan, np.arange(len(positive)))
    assert certain_value(blanks, positive) == ("nothing in it", count)
    spike = np.where(positive & (np.arange(len(positive)) % 3 == 0), 0.0, np.arange(len(positive)) + 0.5)
    assert certain_value(spike, positive) == ("0", count)
    assert certain_value(column_of(["x"] * len(positive)), positive) is None


def test_of_too_few_customers_nothing_is_said() -> None:
    positive = np.arange(100) < 19
    assert disclosure(positive.astype(float), positive) == Disclosure(0.5)
    assert certain_value(Category(positive.astype(np.int32), ("a", "b")), positive) is None
