from collections.abc import Sequence

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import log_loss, mean_tweedie_deviance

from training.learning.recipes import VARIANCE_POWER
from training.learning.row_losses import losses
from training.tuning.tuning_losses import Validation, gain_of, mean_loss
from training.windows.labelled_rows import Dataset

pytestmark = pytest.mark.slow


def validation_of(people: Sequence[str]) -> Validation:
    """A validation of rows of these customers; nothing else of it counts for a gain."""
    count = len(people)
    test = Dataset((), {}, np.empty((count, 0)), np.zeros(count), np.arange(count), np.zeros(count, dtype=np.int64))
    return Validation(test, test, (), np.array(people, dtype=object))


def test_the_losses_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    margins, y = random.normal(size=300), (random.random(300) < 0.3).astype(float)
    assert losses("logistic", margins, y).mean() == pytest.approx(log_loss(y, expit(margins)))
    amounts = np.where(y > 0, random.gamma(2, 30, 300), 0.0)
    expected = mean_tweedie_deviance(amounts, np.exp(margins), power=VARIANCE_POWER)
    assert losses("exp", margins, amounts).mean() == pytest.approx(expected)


def test_every_window_weighs_the_same_however_many_customers_it_has() -> None:
    assert mean_loss([np.full(1000, 1.0), np.full(10, 3.0)]) == 2.0


def test_the_interval_of_a_gain_is_that_of_drawing_customers_with_all_their_rows() -> None:
    random = np.random.default_rng(1)
    leaning = random.normal(0.02, 0.3, 150)  # of each customer, in every window alike
    windows = [validation_of([f"c{i}" for i in range(150)]), validation_of([f"c{i}" for i in range(40, 150)])]
    gaps = [leaning + random.normal(0, 0.1, 150), leaning[40:] + random.normal(0, 0.1, 110)]
    before = [random.random(150), random.random(110)]
    found = gain_of(before, [old - gap for old, gap in zip(before, gaps, strict=True)], windows, tries=1)
    drawn = []
    for _ in range(2000):
        counts = np.bincount(random.integers(0, 150, 150), minlength=150)
        drawn.append(np.mean([np.average(gap, weights=w) for gap, w in zip(gaps, (counts, counts[40:]), strict=True)]))
    assert found.value == pytest.approx(np.mean([gap.mean() for gap in gaps]))
    assert found.high - found.value == pytest.approx(1.96 * np.std(drawn), rel=0.08)


def test_the_more_was_tried_the_clearer_a_gain_has_to_be() -> None:
    random = np.random.default_rng(2)
    gap, rows = random.normal(0, 0.1, 500), [validation_of([f"c{i}" for i in range(500)])]
    gap += 0.012 - gap.mean()
    lows = [gain_of([gap], [np.zeros(500)], rows, tries).low for tries in (1, 10, 40)]
    assert lows == sorted(lows, reverse=True)
    assert lows[0] > 0 > lows[2]
