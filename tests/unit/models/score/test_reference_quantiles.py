"""Percentiles against the population frozen in a bundle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.score.reference_quantiles import ReferenceQuantiles


def test_percentiles_agree_with_the_share_of_the_population_below() -> None:
    sample = np.random.default_rng(0).gamma(2.0, 50.0, 5_000)
    reference = ReferenceQuantiles.of(sample)
    asked = np.random.default_rng(1).gamma(2.0, 50.0, 500)
    slow = [100 * np.mean(sample < value) for value in asked]
    np.testing.assert_allclose(reference.percentile(asked), slow, atol=0.11)


def test_ties_stand_in_the_middle_of_their_share() -> None:
    reference = ReferenceQuantiles.of(np.array([0.0] * 600 + list(np.linspace(1, 2, 400))))
    assert reference.percentile(np.array([0.0]))[0] == pytest.approx(30, abs=0.5)


def test_a_tenth_of_the_population_reaches_the_top_tenth_cut_off() -> None:
    sample = np.random.default_rng(0).random(10_000)
    assert np.mean(sample >= ReferenceQuantiles.of(sample).cutoff_top(0.1)) == pytest.approx(0.1, abs=0.002)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.lists(st.floats(-2e6, 2e6), min_size=2, max_size=20))
def test_percentiles_lie_within_0_and_100_and_never_fall_as_scores_rise(
    sample: list[float], asked: list[float]
) -> None:
    found = ReferenceQuantiles.of(np.array(sample)).percentile(np.sort(np.array(asked)))
    assert np.all((found >= 0) & (found <= 100))
    assert np.all(np.diff(found) >= -1e-9)


def test_an_empty_population_gives_no_percentile() -> None:
    reference = ReferenceQuantiles.of(np.array([np.nan]))
    assert np.isnan(reference.percentile(np.array([1.0]))[0])
    assert reference.cutoff_top(0.1) == float("inf")


def test_a_missing_score_has_no_percentile() -> None:
    assert np.isnan(ReferenceQuantiles.of(np.arange(10.0)).percentile(np.array([np.nan]))[0])
