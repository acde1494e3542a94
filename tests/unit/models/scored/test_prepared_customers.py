"""Customers made ready one by one and joined are answered as customers made ready together."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.errors import FeatureError
from models.ingest import read_history
from models.items.item_json import item_of, items_of
from models.rows.history import Category, History
from models.scored.fact_columns import FactColumns
from models.scored.prepared_customers import Prepared, joined
from models.scorer import Scorer
from models.workspace import load_workspace
from tests.builders.small_workspace import make_bundle, write_workspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scorer, History, int]:
    directory = write_workspace(tmp_path_factory.mktemp("prepared") / "shop")
    workspace = load_workspace(directory)
    tables = read_history(workspace)
    return Scorer(make_bundle(directory), workspace), tables.history, tables.as_of


def words_and_numbers(facts: FactColumns) -> dict[str, list[Any]]:
    columns = {name: facts.get(name) for name in facts}
    return {
        name: column.words() if isinstance(column, Category) else np.asarray(column).tolist()
        for name, column in columns.items()
    }


def one_by_one(shop: tuple[Scorer, History, int]) -> list[Prepared]:
    scorer, history, as_of = shop
    return [scorer.prepare(history.select([row]), as_of) for row in range(len(history))]


def test_joined_customers_have_the_facts_and_the_answers_of_customers_prepared_together(
    shop: tuple[Scorer, History, int],
) -> None:
    scorer, history, as_of = shop
    together, apart = scorer.prepare(history, as_of), one_by_one(shop)
    for parts in (apart, [joined(apart[:50]), *apart[50:60], joined(apart[60:])]):
        again = joined(parts)
        np.testing.assert_equal(words_and_numbers(again.facts), words_and_numbers(together.facts))
        assert items_of(scorer.scored(again)) == items_of(scorer.scored(together))


def test_what_does_not_fit_one_customer_stays_theirs_when_joined(shop: tuple[Scorer, History, int]) -> None:
    scorer, history, as_of = shop
    odd = scorer.prepare(history.select([5]), as_of, overrides={0: {"no_such_feature": 1}})
    both = joined([scorer.prepare(history.select([4]), as_of), odd, *one_by_one(shop)[6:8]])
    assert {row: type(error) for row, error in both.errors.items()} == {1: FeatureError}
    assert [item["status"] for item in items_of(scorer.scored(both))] == ["scored", "invalid", "scored", "scored"]


def test_one_customer_is_kept_in_a_few_kilobytes_without_the_words_of_others(
    shop: tuple[Scorer, History, int],
) -> None:
    one = one_by_one(shop)[7]
    packed = pickle.dumps(one)
    assert len(packed) < 8_000
    assert len(joined([one, pickle.loads(packed)])) == 2
    assert all(len(words) <= 1 for words in one.facts.vocabularies)


def test_customers_of_two_instants_or_of_other_tables_are_not_joined(shop: tuple[Scorer, History, int]) -> None:
    scorer, history, as_of = shop
    one = scorer.prepare(history.select([3]), as_of)
    refused = replace(one, consents={**one.consents, "profiling": np.zeros(1, dtype=np.int8)})
    assert item_of(scorer.scored(one), 0)["status"] == "scored"
    assert item_of(scorer.scored(refused), 0)["reason"] == "no_profiling_consent"
