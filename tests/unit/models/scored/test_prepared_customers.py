"""Customers made ready one by one and joined are answered as customers made ready together."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.errors import FeatureError
from models.ingest import read_history
from models.rows.history import Category, History
from models.scored.fact_columns import FactColumns
from models.scored.prepared_customers import Prepared, joined
from models.scorer import Scorer
from models.workspace import load_workspace
from tests.builders.histories import history_of
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
        assert scorer.scored(again).items() == scorer.scored(together).items()


def test_what_does_not_fit_one_customer_stays_theirs_when_joined(shop: tuple[Scorer, History, int]) -> None:
    scorer, history, as_of = shop
    odd = scorer.prepare(history.select([5]), as_of, overrides={0: {"no_such_feature": 1}})
    both = joined([scorer.prepare(history.select([4]), as_of), odd, *one_by_one(shop)[6:8]])
    assert {row: type(error) for row, error in both.errors.items()} == {1: FeatureError}
    assert [item["status"] for item in scorer.scored(both).items()] == ["scored", "invalid", "scored", "scored"]


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
    with pytest.raises(ValueError, match="instants"):
        joined([one, scorer.prepare(history.select([4]), as_of - 1)])
    poorer = history_of(orders=[{"customer_id": "a", "order_id": "1", "ordered_at": "2025-01-01", "amount": 3.0}])
    with pytest.raises(ValueError, match="different columns"):
        joined([one, scorer.prepare(poorer, as_of)])


def test_a_consent_of_now_decides_whether_a_prepared_customer_is_scored(shop: tuple[Scorer, History, int]) -> None:
    scorer, history, as_of = shop
    one = scorer.prepare(history.select([3]), as_of)
    refused = replace(one, consents={**one.consents, "profiling": np.zeros(1, dtype=np.int8)})
    assert scorer.scored(one).item(0)["status"] == "scored"
    assert scorer.scored(refused).item(0)["reason"] == "no_profiling_consent"
