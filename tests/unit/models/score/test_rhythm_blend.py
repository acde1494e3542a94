"""Booster and expectation averaged on the margin: exactly explained, by the share that an earlier window chose."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from models.features.catalogue import BUILT_IN
from models.score.rhythm_blend import RhythmBlend
from models.score.score_model_json import from_json, to_json
from models.scored.score_units import in_score_units
from models.workspace import TrainingSettings
from tests.builders.narrowing import present
from tests.builders.tiny_models import tiny_churn, tiny_matrix
from training.learning.boosting import Grower
from training.learning.recipes import Recipe, recipe_of
from training.learning.rhythm_blend import choose_blend
from training.windows.labelled_rows import Dataset

DECLARED = {feature.name: feature for feature in BUILT_IN}
SETTINGS = TrainingSettings(trees=40, learning_rate=0.1)
DAY = 86_400_000_000


def test_contributions_of_a_blend_still_add_up_to_the_margin_and_reasons_to_the_score() -> None:
    blended = replace(tiny_churn(), blend=RhythmBlend("orders_all", 0.3, -0.4))
    X = tiny_matrix(60, seed=1)
    X[:, 1] = np.random.default_rng(2).random(60)  # a probability, as an expectation is
    X[:5, 1] = np.nan
    contributions, margins = blended.contributions(X), blended.margins(X)
    assert contributions.sum(axis=1) == pytest.approx(margins, abs=1e-9)
    parts = in_score_units(blended.link, blended.calibration, blended.base_margin, margins, contributions[:, :-1])
    assert parts.sum(axis=1) == pytest.approx(blended.scores(X) - blended.base_value, abs=1e-12)


def test_a_bundle_has_the_blend_under_the_key_that_it_always_had() -> None:
    model = replace(tiny_churn(), blend=RhythmBlend("orders_all", 0.3, -0.4))
    document = to_json(model)
    assert document["voice"] == {"feature": "orders_all", "weight": 0.3, "base": -0.4}
    assert "blend" not in document
    assert from_json(document, model.booster, "here").blend == model.blend


def test_the_margin_is_the_average_and_only_the_expectations_own_contribution_has_it() -> None:
    alone = tiny_churn()
    blended = replace(alone, blend=RhythmBlend("orders_all", 0.3, -0.4))
    X = tiny_matrix(60, seed=1)
    X[:, 1] = np.random.default_rng(2).random(60)
    assert blended.margins(X) == pytest.approx(0.7 * alone.margins(X) + 0.3 * logit(X[:, 1]))
    others = [0, 2]
    assert blended.contributions(X)[:, others] == pytest.approx(0.7 * alone.contributions(X)[:, others])
    own = 0.7 * alone.contributions(X)[:, 1] + 0.3 * (logit(X[:, 1]) + 0.4)
    assert blended.contributions(X)[:, 1] == pytest.approx(own)


def test_a_missing_value_and_an_impossible_one_are_no_outliers() -> None:
    blend = RhythmBlend("orders_all", 0.5, 2.0)
    assert blend.margins("exp", np.array([np.nan, 0.0, 1e12, np.exp(3.0)])) == pytest.approx([2.0, -6.0, 10.0, 3.0])
    assert blend.margins("logistic", np.array([0.0, 1.0])).tolist() == [-6.0, 10.0]


def table(true_by_silence: bool, seed: int = 0, customers: int = 900, snapshots: int = 5) -> Dataset:
    """Five monthly snapshots; the outcome follows the first column (a probability), or the second."""
    random = np.random.default_rng(seed)
    n = customers * snapshots
    X = np.column_stack(
        [np.clip(random.beta(1, 1, n), 0.01, 0.99), random.exponential(50, n), random.exponential(50, n)]
    )
    probability = X[:, 0] if true_by_silence else expit((X[:, 1] - 40) / 15)
    y = (random.random(n) < probability).astype(float)
    at = np.repeat(np.arange(snapshots) * 30 * DAY, customers)
    return Dataset(NAMES, {}, X, y, np.tile(np.arange(customers), snapshots), at)


NAMES = ("margin_rate_365d", "days_since_first_order", "days_since_last_order")
FEATURES = tuple(DECLARED[name] for name in NAMES)


def chosen(data: Dataset, recipe: Recipe, window_days: int = 60) -> RhythmBlend | None:
    grower = Grower(data, recipe, FEATURES)
    margins = grower.grow_with_folds((np.arange(900) % 5).astype(np.int8), None).out_of_fold
    return choose_blend(grower, "margin_rate_365d", window_days, margins)


def test_an_expectation_that_is_the_truth_has_the_largest_share_and_one_of_chance_has_none() -> None:
    truth = present(chosen(table(true_by_silence=True), recipe_of("churn", SETTINGS)))
    assert truth.weight >= 0.5
    assert truth.base == pytest.approx(float(logit(table(true_by_silence=True).X[:, 0]).mean()))
    assert chosen(table(true_by_silence=False), recipe_of("churn", SETTINGS)) is None


def test_the_share_is_chosen_on_the_latest_window_by_a_booster_that_never_saw_it() -> None:
    # The expectation is right up to the latest snapshot and says nothing there: only an out of time choice can tell.
    data, noise = table(true_by_silence=True), table(true_by_silence=True, seed=9)
    latest = data.at == data.at.max()
    X = np.where(latest[:, None], noise.X, data.X)
    turned = replace(data, X=X)
    assert chosen(turned, recipe_of("churn", SETTINGS)) is None
    short = present(chosen(turned, recipe_of("churn", SETTINGS), window_days=400))  # too little history: out of fold
    assert short.weight >= 0.25


def test_of_amounts_the_expected_one_has_a_share() -> None:
    data = table(true_by_silence=True)
    expected = np.exp(3 * data.X[:, 0])
    y = np.random.default_rng(1).gamma(0.5, 2 * expected)
    amounts = replace(data, X=np.column_stack([expected, data.X[:, 1:]]), y=y)
    assert present(chosen(amounts, recipe_of("clv", SETTINGS))).weight >= 0.5
