"""Ranges of amounts: they hold for as many new customers as they promise."""

import numpy as np
import pytest

from models.score.intervals import fit_intervals


def spenders(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions over three orders of magnitude; small ones often come to nothing, as in a shop."""
    random = np.random.default_rng(seed)
    predictions = random.lognormal(3.0, 1.2, n)
    outcomes = random.gamma(1.0, predictions) * (random.random(n) < np.clip(predictions / 40, 0.3, 0.98))
    return predictions, outcomes


def test_four_in_five_new_outcomes_lie_inside_overall_and_in_the_top_tenth() -> None:
    table = fit_intervals(*spenders(0, 20_000))
    assert table is not None
    predictions, outcomes = spenders(1, 20_000)
    low, high = table.bounds(predictions)
    inside = (outcomes >= low) & (outcomes <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.02)
    assert inside[predictions >= np.quantile(predictions, 0.9)].mean() == pytest.approx(0.8, abs=0.03)


def test_a_group_that_often_buys_nothing_has_a_range_from_zero() -> None:
    table = fit_intervals(*spenders(0, 20_000))
    assert table is not None
    assert table.low[0] == 0.0
    assert table.low[-1] > 0.0


def test_too_few_outcomes_give_no_range() -> None:
    assert fit_intervals(np.ones(10), np.ones(10)) is None
