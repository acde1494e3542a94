"""What moves a score overall, beside a slow loop over customers."""

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest

from models.score.score_calibration import unlink
from models.score.score_model import ScoreModel
from tests.builders.narrowing import array, booster_of
from tests.builders.tiny_models import FEATURES, tiny_churn, tiny_matrix
from training.report.overall_reasons import overall_reasons

pytestmark = pytest.mark.slow


def model_of_two_things() -> ScoreModel:
    """A booster on days since the last order and on the country, Norway raising it; orders tell nothing."""
    X = tiny_matrix(2000, seed=3)
    y = (np.nan_to_num(X[:, 0]) + 60 * (X[:, 2] == 1) > 120).astype(float)
    settings = {"objective": "binary", "num_leaves": 6, "verbose": -1, "seed": 1, "min_data_per_group": 20}
    data = lgb.Dataset(X, y, feature_name=list(FEATURES), categorical_feature=[2])
    return replace(tiny_churn(), booster=lgb.train(settings, data, num_boost_round=20))


MODEL = model_of_two_things()
SAMPLE = tiny_matrix(300, seed=5)


def slowly() -> np.ndarray:
    """Every contribution in points of probability: shares of the way from the base value to the score."""
    found = []
    for row in SAMPLE:
        *phi, base = array(booster_of(MODEL).predict(row[None, :], pred_contrib=True))[0]
        margin = base + sum(phi)
        ends = unlink("logistic", MODEL.calibration.apply(np.array([base, margin])))
        found.append([part / (margin - base) * (ends[1] - ends[0]) for part in phi])
    return np.array(found)


def test_sizes_are_mean_absolute_contributions_in_the_scores_own_unit() -> None:
    reasons = overall_reasons(MODEL, SAMPLE, MODEL.contributions(SAMPLE))
    expected = slowly()
    everything = zip(MODEL.features, np.abs(expected).mean(axis=0), strict=True)
    sizes = {name: size for name, size in everything if size > 0}
    assert {reason.name: reason.size for reason in reasons.features} == pytest.approx(sizes, rel=1e-6)
    assert [reason.size for reason in reasons.features] == pytest.approx(sorted(sizes.values(), reverse=True))
    groups = {declared.group: 0.0 for declared in MODEL.declarations}
    for group in groups:
        chosen = [declared.group == group for declared in MODEL.declarations]
        groups[group] = np.abs(expected[:, chosen].sum(axis=1)).mean()
    assert dict(reasons.groups) == pytest.approx(groups, rel=1e-6)
    assert (reasons.others, reasons.customers) == (0, 300)


def test_directions_are_told_in_words() -> None:
    told = {r.name: r.direction for r in overall_reasons(MODEL, SAMPLE, MODEL.contributions(SAMPLE)).features}
    assert told["days_since_last_order"] == "higher raises it"
    assert told["country"] == "Norway raises it, France lowers it"


def test_a_word_of_few_customers_is_not_told() -> None:
    few = SAMPLE[:60]
    told = {r.name: r.direction for r in overall_reasons(MODEL, few, MODEL.contributions(few)).features}
    assert told["country"] == "by the word"
