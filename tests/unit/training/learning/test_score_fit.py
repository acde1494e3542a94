from dataclasses import replace

import numpy as np
import pytest

from models.features.catalogue import BUILT_IN
from models.workspace import TrainingSettings
from tests.builders.narrowing import present
from training.learning.recipes import recipe_of
from training.learning.score_fit import TRUST_IN_LATEST, TRUST_IN_SEASON, fit_score
from training.windows.labelled_rows import Dataset

pytestmark = pytest.mark.slow

DECLARED = {feature.name: feature for feature in BUILT_IN}
FEATURES = tuple(DECLARED[name] for name in ("days_since_last_order", "orders_365d", "country"))
SETTINGS = TrainingSettings(trees=30, learning_rate=0.1)
CUSTOMERS, SNAPSHOTS = 300, 4


def table(seed: int, shift: float = 0.0, snapshots: int = SNAPSHOTS) -> Dataset:
    random = np.random.default_rng(seed)
    rows = CUSTOMERS * snapshots
    X = np.column_stack([random.exponential(90, rows), random.poisson(3, rows), random.integers(0, 4, rows)]).astype(
        float
    )
    chance = 1 / (1 + np.exp(-(X[:, 0] / 60 - X[:, 1] / 2 + shift)))
    y = (random.random(rows) < chance).astype(float)
    customers = np.tile(np.arange(CUSTOMERS), snapshots)
    names = tuple(feature.name for feature in FEATURES)
    return Dataset(names, {"country": ("FR", "NO")}, X, y, customers, np.repeat(np.arange(snapshots), CUSTOMERS))


FOLDS = np.arange(CUSTOMERS, dtype=np.int8) % 5


def test_the_level_moves_towards_its_snapshot_the_more_the_better_that_knows_the_season() -> None:
    level = table(2, shift=1.5, snapshots=1)
    plain = fit_score(table(1), None, recipe_of("churn", SETTINGS), FEATURES, FOLDS)
    latest = fit_score(table(1), level, recipe_of("churn", SETTINGS), FEATURES, FOLDS)
    season = fit_score(table(1), level, recipe_of("churn", SETTINGS), FEATURES, FOLDS, same_season=True)
    assert plain.calibration.level == 0
    assert latest.calibration.level / TRUST_IN_LATEST == pytest.approx(1.5, abs=0.5)
    assert season.calibration.level / TRUST_IN_SEASON["logistic"] == pytest.approx(
        latest.calibration.level / TRUST_IN_LATEST
    )
    means = [each.scores(level.X).mean() for each in (plain, latest, season)]
    assert means[0] < means[1] < means[2] < level.y.mean()


def test_out_of_fold_scores_are_calibrated_and_unlike_those_of_the_model_that_saw_the_customer() -> None:
    data = table(1)
    learnt = fit_score(data, None, recipe_of("churn", SETTINGS), FEATURES, FOLDS)
    assert learnt.out_of_fold.mean() == pytest.approx(data.y.mean(), abs=0.005)
    assert not np.array_equal(learnt.out_of_fold, learnt.scores(data.X))


def test_the_same_table_gives_the_same_model() -> None:
    models = [
        fit_score(table(1), None, recipe_of("churn", SETTINGS), FEATURES, FOLDS).booster.model_to_string()
        for _ in range(2)
    ]
    assert models[0] == models[1]


def test_more_silence_never_lowers_churn() -> None:
    learnt = fit_score(table(1), None, recipe_of("churn", SETTINGS), FEATURES, FOLDS)
    days = np.linspace(0, 500, 200)
    scores = learnt.scores(np.column_stack([days, np.full(200, 3.0), np.zeros(200)]))
    assert FEATURES[0].monotone["churn"] == 1
    assert np.all(np.diff(scores) >= 0)


def test_clv_is_a_level_ratio_with_intervals_and_no_slope() -> None:
    data, level = table(1), table(2, snapshots=1)
    spent, last_year = replace(data, y=data.y * data.X[:, 1] * 10), replace(level, y=level.y * level.X[:, 1] * 30)
    learnt = fit_score(spent, last_year, recipe_of("clv", SETTINGS), FEATURES, FOLDS, same_season=True)
    assert learnt.calibration.slope == 1
    assert learnt.calibration.intercept == pytest.approx(0, abs=0.02)
    assert np.exp(learnt.calibration.level) == pytest.approx(3, rel=0.3)
    assert learnt.scores(level.X).mean() == pytest.approx(last_year.y.mean(), rel=0.05)
    assert present(learnt.interval).coverage == 0.8
    assert np.all(learnt.scores(data.X) > 0)


@pytest.mark.parametrize("same_season", [True, False])
def test_the_value_groups_of_a_range_are_those_of_the_amounts_that_are_served(same_season: bool) -> None:
    data, level = table(1), table(2, snapshots=1)
    spent, last = replace(data, y=data.y * data.X[:, 1] * 10), replace(level, y=level.y * level.X[:, 1] * 90)
    learnt = fit_score(spent, last, recipe_of("clv", SETTINGS), FEATURES, FOLDS, same_season=same_season)
    group = np.searchsorted(present(learnt.interval).edges, learnt.scores(level.X), side="right")
    shares = np.bincount(group, minlength=len(present(learnt.interval).edges) + 1) / len(group)
    assert shares.max() < 0.25


def test_upsell_trees_are_shallower_and_leaves_smaller_where_rows_are_few() -> None:
    assert recipe_of("upsell", SETTINGS).parameters(1000, FEATURES)["max_depth"] <= 4
    assert recipe_of("churn", SETTINGS).parameters(1_000_000, FEATURES)["min_data_in_leaf"] == SETTINGS.min_child
    assert recipe_of("churn", SETTINGS).parameters(2000, FEATURES)["min_data_in_leaf"] == 10


def test_a_handful_of_customers_a_year_before_do_not_set_the_level_of_everyone() -> None:
    data, level = table(1), table(2, snapshots=1)
    spent = replace(data, y=data.y * data.X[:, 1] * 10)
    pilots = replace(level.take(np.arange(6)), y=np.zeros(6))
    learnt = fit_score(spent, pilots, recipe_of("clv", SETTINGS), FEATURES, FOLDS)
    assert learnt.out_of_fold.mean() == pytest.approx(spent.y.mean(), rel=0.1)
    assert learnt.level_at == data.at.max()
    assert learnt.interval is not None
