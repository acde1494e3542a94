"""Reasons by tables: beside Shapley's definition, and where tables end."""

import pickle
from itertools import combinations
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from models.tree_shap import TreeShap
from tests.builders.narrowing import array
from tests.builders.tiny_models import tiny_churn, tiny_matrix

QUIET = {"verbose": -1, "num_threads": 1, "seed": 0, "min_data_in_leaf": 1}


def trained(X: np.ndarray, y: np.ndarray, rounds: int = 10, **parameters: Any) -> lgb.Booster:
    return lgb.train({**QUIET, "objective": "regression", **parameters}, lgb.Dataset(X, y), num_boost_round=rounds)


def numbers(rows: int = 400, columns: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, columns))
    X[random.random(X.shape) < 0.1] = np.nan
    return X, np.nan_to_num(X).sum(axis=1) + np.nan_to_num(X[:, 0] * X[:, 1]) + random.normal(size=rows)


def worth(node: dict[str, Any], row: np.ndarray, known: set[int]) -> float:
    """What a tree expects of a row of which only the features of `known` are known."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    value = row[node["split_feature"]]
    if node["split_feature"] in known:
        goes_left = node["default_left"] if np.isnan(value) else value <= node["threshold"]
        return worth(left if goes_left else right, row, known)
    counts = [child.get("internal_count", child.get("leaf_count")) for child in (left, right)]
    return float(
        sum(n * worth(child, row, known) for n, child in zip(counts, (left, right), strict=True)) / sum(counts)
    )


def shapley(root: dict[str, Any], row: np.ndarray) -> list[float]:
    """Shapley values by their definition, over all coalitions of the other features."""
    n = len(row)
    phi = np.zeros(n)
    for i in range(n):
        for size in range(n):
            share = factorial(size) * factorial(n - size - 1) / factorial(n)
            for others in combinations([j for j in range(n) if j != i], size):
                phi[i] += share * (worth(root, row, {*others, i}) - worth(root, row, {*others}))
    return [*phi, worth(root, row, set())]


def test_contributions_are_shapley_values_by_their_definition() -> None:
    X, y = numbers()
    booster = trained(X, y, rounds=2, num_leaves=12)
    roots = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    rows = X[:12]
    by_definition = [sum(np.array(shapley(root, row)) for root in roots) for row in rows]
    assert TreeShap.from_booster(booster).contributions(rows) == pytest.approx(np.array(by_definition), abs=1e-6)


def test_trees_of_hundreds_of_nodes_have_tables() -> None:
    X, y = numbers(3000, 6)
    booster = trained(X, y, rounds=3, num_leaves=300)
    explainer = TreeShap.from_booster(booster)
    assert explainer.tables is not None
    assert explainer.contributions(X[:50]) == pytest.approx(booster.predict(X[:50], pred_contrib=True), abs=1e-6)


def test_a_leaf_that_depends_on_more_than_a_table_holds_is_explained_by_lightgbm() -> None:
    random = np.random.default_rng(0)
    X = random.random((2000, 20))
    booster = trained(X, -np.argmax(X < 0.2, axis=1).astype(float), rounds=1, num_leaves=31)
    explainer = TreeShap.from_booster(booster)
    assert explainer.tables is None
    margins, contributions = explainer.explained(X[:20])
    assert contributions == pytest.approx(booster.predict(X[:20], pred_contrib=True), abs=1e-12)
    assert (
        margins.tolist()
        == explainer.margins(X[:20]).tolist()
        == array(booster.predict(X[:20], raw_score=True)).tolist()
    )


def test_linear_trees_have_margins_and_lightgbm_says_that_they_have_no_reasons() -> None:
    X, y = numbers()
    booster = trained(np.nan_to_num(X), y, linear_tree=True)
    explainer = TreeShap.from_booster(booster)
    assert explainer.margins(X[:9]).tolist() == array(booster.predict(X[:9], raw_score=True)).tolist()
    with pytest.raises(lgb.basic.LightGBMError, match="not implemented for linear trees"):
        explainer.contributions(X[:9])


def test_a_booster_that_learnt_nothing_says_the_same_of_all() -> None:
    X, _ = numbers()
    booster = trained(X, np.full(len(X), 3.5))
    margins, contributions = TreeShap.from_booster(booster).explained(X)
    assert margins.tolist() == array(booster.predict(X, raw_score=True)).tolist()
    assert contributions[:, :-1].any() == np.False_
    assert contributions[:, -1] == pytest.approx(margins)


def test_trees_after_the_best_iteration_do_not_count() -> None:
    X, y = numbers()
    booster = trained(X, y, rounds=20)
    booster.best_iteration = 7
    margins = TreeShap.from_booster(booster).margins(X)
    assert margins.tolist() == array(booster.predict(X, raw_score=True, num_iteration=7)).tolist()


def test_no_rows_are_explained_by_no_rows() -> None:
    margins, contributions = tiny_churn().explained(np.empty((0, 3)))
    assert margins.shape == (0,)
    assert contributions.shape == (0, 4)


def test_a_matrix_of_other_columns_is_refused() -> None:
    explainer = tiny_churn().tree_shap
    with pytest.raises(ValueError, match="the booster has 3 features"):
        explainer.contributions(np.zeros((2, 4)))


def test_a_booster_of_several_classes_is_refused() -> None:
    X, y = numbers()
    booster = trained(X, np.digitize(y, [-1, 1]), objective="multiclass", num_class=3)
    with pytest.raises(ValueError, match="3 margins a row"):
        TreeShap.from_booster(booster)


def test_any_matrix_of_the_same_numbers_is_explained_alike() -> None:
    explainer, X = tiny_churn().tree_shap, tiny_matrix(30)
    wanted = explainer.contributions(X).tolist()
    read_only = X.copy()
    read_only.flags.writeable = False
    assert explainer.contributions(read_only).tolist() == wanted
    assert explainer.contributions(np.asfortranarray(X)).tolist() == wanted


def test_an_explainer_survives_the_way_to_another_process() -> None:
    explainer, X = tiny_churn().tree_shap, tiny_matrix(30)
    again = pickle.loads(pickle.dumps(explainer))
    assert again.contributions(X).tolist() == explainer.contributions(X).tolist()
