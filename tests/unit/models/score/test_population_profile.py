"""What a bundle keeps of its population: shares that add up, and no value of few customers."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.score.population_profile import LEAST_IN_BIN, NumberBins, PopulationProfile, Spread, WordBins
from models.score.score_model_json import from_json, to_json
from tests.builders.tiny_models import FEATURES, VOCABULARIES, tiny_churn, tiny_matrix


def slow_place(edges: Sequence[float], value: float) -> int:
    if math.isnan(value):
        return len(edges) + 1
    return sum(value > edge for edge in edges)


def test_every_number_falls_into_the_bin_that_a_loop_finds() -> None:
    random = np.random.default_rng(1)
    values = random.lognormal(2, 2, 700)
    values[random.random(700) < 0.2] = np.nan
    bins = NumberBins.of(values)
    assert len(bins.edges) == 9
    expected = np.zeros(11)
    for value in values:
        expected[slow_place(bins.edges, value)] += 1
    np.testing.assert_array_equal(bins.counts(values), expected)
    assert expected[:10].min() >= LEAST_IN_BIN


def test_bins_hold_equally_many_up_to_the_rounding_of_their_cuts() -> None:
    values = np.random.default_rng(2).normal(5000, 900, 4000)
    counts = NumberBins.of(values).counts(values)[:-1]
    assert counts.sum() == 4000
    assert np.abs(counts - 400).max() < 25


def test_a_value_that_many_share_has_a_bin_of_its_own_so_that_leaving_it_either_way_shows() -> None:
    values = np.concatenate([np.full(900, 1234.5678), np.linspace(2000, 3000, 100)])
    bins = NumberBins.of(values)
    counts = bins.counts(values)
    assert 900 in counts
    assert bins.counts(np.full(5, 0.0)) @ counts == 0
    assert bins.counts(np.full(5, 1234.6)) @ (counts == 900) == 0


def test_no_customers_own_value_is_kept() -> None:
    values = np.random.default_rng(3).lognormal(3, 1, 2000)
    bins = NumberBins.of(values)
    assert not set(bins.edges) & set(values.tolist())
    assert values.min() < bins.edges[0]
    assert bins.edges[-1] < values.max()


@pytest.mark.parametrize("known", [0, 1, 2 * LEAST_IN_BIN - 1])
def test_of_few_customers_no_cut_is_kept_at_all(known: int) -> None:
    values = np.concatenate([np.arange(known, dtype=float), np.full(7, np.nan)])
    assert NumberBins.of(values) == NumberBins(())
    np.testing.assert_array_equal(NumberBins(()).counts(values), [known, 7])


def test_words_of_few_share_a_bin_and_unseen_and_missing_have_theirs() -> None:
    vocabulary = 4
    codes = np.repeat([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [50, 3, 200, 29, 11, 6])
    bins = WordBins.of(codes, vocabulary)
    assert bins == WordBins((0, 2), vocabulary)
    np.testing.assert_array_equal(bins.counts(codes), [50, 200, 32, 11, 6])
    spread = Spread.of(bins, codes)
    assert spread.unseen == pytest.approx(11 / 299)
    assert spread.missing == pytest.approx(6 / 299)
    assert sum(spread.shares) == pytest.approx(1)


def test_a_category_without_any_word_is_all_missing() -> None:
    assert Spread.of(WordBins.of(np.full(9, 1.0), 0), np.full(9, 1.0)).shares == (0, 0, 1)


def test_a_profile_goes_through_json_and_back_and_a_bundle_of_before_has_none() -> None:
    X = tiny_matrix()
    model = tiny_churn()
    profile = PopulationProfile.of(FEATURES, VOCABULARIES, X, model.scores(X), [3.0, 1.0, 0.0])
    document = json.loads(json.dumps(to_json(replace(model, profile=profile)), allow_nan=False))
    assert from_json(document, model.booster, "here").profile == profile
    assert profile.weight == {"days_since_last_order": 0.75, "orders_all": 0.25, "country": 0.0}
    assert profile.features["days_since_last_order"].missing == np.isnan(X[:, 0]).mean()
    del document["profile"]
    assert from_json(document, model.booster, "here").profile is None


def test_a_profile_of_nobody_is_all_zeros() -> None:
    profile = PopulationProfile.of(("a", "b"), {"b": ("x",)}, np.empty((0, 2)), np.empty(0), [0.0, 0.0])
    assert profile.customers == 0
    assert sum(profile.features["b"].shares) == 0
    assert profile.weight == {"a": 0, "b": 0}
