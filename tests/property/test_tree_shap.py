"""Reasons by tables beside LightGBM's own, on random boosters and rows that try every kind of split and value."""

import lightgbm as lgb
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tree_shap import TreeShap
from tests.builders.narrowing import array, present

Drawn = tuple[lgb.Booster, np.ndarray, np.random.Generator]

ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-36, -1e-36, 1e-35, 1e300, -1e300, -1.0, -0.5, 0.5, 7.9, 2.0**31, 2.0**40]


@st.composite
def boosters(draw: st.DrawFn) -> Drawn:
    """A booster of up to 40 trees with the rows that it was trained on."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows, columns = draw(st.integers(30, 600)), draw(st.integers(1, 9))
    X = random.choice([0.3, 1.0, 40.0], columns) * random.normal(size=(rows, columns))
    whole = random.random(columns) < 0.4
    X[:, whole] = np.trunc(X[:, whole])
    categories = [int(column) for column in np.flatnonzero(random.random(columns) < draw(st.sampled_from([0, 0.4])))]
    X[:, categories] = random.integers(0, draw(st.sampled_from([3, 30, 70])), (rows, len(categories)))
    X[random.random(X.shape) < draw(st.sampled_from([0, 0.2]))] = np.nan
    X[random.random(X.shape) < draw(st.sampled_from([0, 0.3]))] = 0.0
    y = np.nan_to_num(X) @ random.normal(size=columns) + (np.nan_to_num(X[:, 0]) % 3) + random.normal(size=rows)
    objective = draw(st.sampled_from(["regression", "binary", "poisson"]))
    parameters = {
        "objective": objective,
        "boosting": draw(st.sampled_from(["gbdt", "gbdt", "dart", "rf"])),
        "num_leaves": draw(st.sampled_from([2, 5, 31, 120])),
        "max_depth": draw(st.sampled_from([-1, 3, 6])),
        "min_data_in_leaf": draw(st.sampled_from([1, 10])),
        "learning_rate": draw(st.sampled_from([0.05, 0.5])),
        "use_missing": draw(st.booleans()),
        "zero_as_missing": draw(st.booleans()),
        "extra_trees": draw(st.booleans()),
        "max_cat_to_onehot": draw(st.sampled_from([1, 4, 100])),
        "min_data_per_group": 1,
        "cat_smooth": 1,
        "bagging_freq": 1,
        "bagging_fraction": 0.8,
        "num_threads": 1,
        "verbose": -1,
        "seed": 0,
    }
    outcome = {"regression": y, "binary": (y > np.median(y)).astype(float), "poisson": np.abs(np.round(y))}
    data = lgb.Dataset(X, outcome[objective], categorical_feature=categories)
    return lgb.train(parameters, data, num_boost_round=draw(st.integers(1, 40))), X, random


def odd_rows(X: np.ndarray, random: np.random.Generator, count: int = 60) -> np.ndarray:
    """Rows as in training, with every odd value somewhere."""
    rows = X[random.integers(0, len(X), count)].copy()
    odd = random.random(rows.shape) < 0.25
    rows[odd] = random.choice(ODD, odd.sum())
    return rows


@settings(max_examples=present(settings.default).max_examples // 2, deadline=None)
@given(boosters())
def test_contributions_are_lightgbms_and_add_up_to_its_margin_of_the_same_bits(drawn: Drawn) -> None:
    booster, X, random = drawn
    rows = odd_rows(X, random)
    theirs = array(booster.predict(rows, pred_contrib=True, num_threads=1))
    raw = array(booster.predict(rows, raw_score=True, num_threads=1))
    margins, contributions = TreeShap.from_booster(booster).explained(rows)
    scale = np.abs(raw).max() + np.ptp(raw) + 1e-9
    np.testing.assert_array_equal(margins, raw)
    np.testing.assert_allclose(contributions, theirs, rtol=0, atol=1e-6 * scale)
    np.testing.assert_allclose(contributions.sum(axis=1), margins, rtol=0, atol=1e-12 * scale)


@settings(max_examples=present(settings.default).max_examples // 5, deadline=None)
@given(boosters())
def test_a_row_alone_gives_the_bits_that_it_gives_among_many(drawn: Drawn) -> None:
    booster, X, random = drawn
    rows = odd_rows(X, random, 1100)
    explain = TreeShap.from_booster(booster).explained
    margins, contributions = explain(rows, threads=2)
    for begin, end in ((0, 1), (500, 501), (1099, 1100), (3, 10), (3, 40), (700, 1000)):
        part = explain(rows[begin:end])
        np.testing.assert_array_equal(part[0], margins[begin:end])
        np.testing.assert_array_equal(part[1], contributions[begin:end])
