"""Feature tables and subscriptions at their oddest: labels of one kind, columns of nothing, plans that never end."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.builders.edge_workspaces import CUSTOMERS, LABELS, SHOP, START, attributes, orders, train_and_score
from tests.builders.narrowing import present

NOISE = 300
PLANS = """
[business]
currency = "EUR"
[tables.subscriptions]
source = "subscriptions.parquet"
[churn]
definition = "cancellation"
horizon_days = 60
[upsell.bigger]
target = "plan_upgrade"
"""


def subscriptions(customers: int = 300) -> pd.DataFrame:
    """Plans that start within 100 days and end some 300 days later, if at all."""
    random = np.random.default_rng(0)
    started = START + pd.to_timedelta(random.integers(0, 100, customers), unit="D")
    rank = random.integers(0, 3, customers)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:04}" for number in range(customers)],
            "started_at": started,
            "ended_at": started + pd.to_timedelta(random.integers(10, 300, customers), unit="D"),
            "plan": np.array(["a", "b", "c"])[rank],
            "plan_rank": rank,
            "mrr": 9.9 * rank,
        }
    )


def test_where_everyone_has_cancelled_nobody_has_a_score(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, PLANS, subscriptions=subscriptions())
    assert {item.get("reason") for item in outcome.items()} == {"not_eligible"}
    assert outcome.served == {"churn": "rate", "upsell.bigger": "rate"}
    assert "E303:upsell.bigger" in outcome.codes


@pytest.mark.parametrize("recorded", [True, False])
def test_where_nobody_has_ever_cancelled_the_rate_is_blocked(tmp_path: Path, recorded: bool) -> None:
    plans = subscriptions().assign(ended_at=pd.Series(pd.NaT, range(300), dtype="datetime64[us]"))
    last = plans.head(1).assign(customer_id="last", started_at=START + pd.Timedelta(days=480))
    plans = pd.concat([plans, last])
    outcome = train_and_score(tmp_path, PLANS, subscriptions=plans if recorded else plans.drop(columns="ended_at"))
    assert {"E303:churn", "E303:upsell.bigger"} <= outcome.codes & outcome.checked
    assert (outcome.values("churn") == 0).all()


@pytest.mark.parametrize("left", [0, 1])
def test_a_label_of_one_kind_is_blocked(tmp_path: Path, left: int) -> None:
    outcome = train_and_score(tmp_path, LABELS, attributes=attributes().assign(left=left))
    assert "E303:churn" in outcome.codes & outcome.checked
    assert (outcome.values("churn") == left).all()


def test_a_label_of_three_kinds_is_one_against_the_others(tmp_path: Path) -> None:
    two = attributes()
    three = two.assign(left=np.where(two.left == 1, "gone", np.where(two.usage > 9, "stays", "maybe")))
    expected = train_and_score(tmp_path, LABELS, attributes=two).values("churn")
    outcome = train_and_score(tmp_path, LABELS.replace("positive = 1", 'positive = "gone"'), attributes=three)
    assert np.array_equal(outcome.values("churn"), expected)


def test_a_label_may_be_blank_for_some_and_not_for_all(tmp_path: Path) -> None:
    table = attributes(600)
    outcome = train_and_score(tmp_path, LABELS, attributes=table.assign(left=table.left.where(table.index % 3 > 0)))
    assert outcome.served == {"churn": "boosted"}
    assert len(present(outcome.run).scores[0].data) == 400
    assert len(outcome.values("churn")) == 600
    blank = train_and_score(tmp_path, LABELS, attributes=table.assign(left=np.nan))
    assert "nobody has an outcome to learn from" in str(blank.refused)
    assert "E303:churn" in blank.checked


def test_a_label_that_is_not_there_is_named(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, LABELS, attributes=attributes().drop(columns="left"))
    assert "E305 churn: the table attributes has no column 'left'" in str(outcome.refused)
    assert "E305:churn" in outcome.checked


def test_columns_that_tell_nobody_apart_leave_the_mean(tmp_path: Path) -> None:
    table = attributes()
    for nothing in (table.assign(contract=None, usage=np.nan), table.assign(contract="", usage=1)):
        outcome = train_and_score(tmp_path, LABELS, attributes=nothing)
        assert outcome.codes == {"W307:churn"} <= outcome.checked
        assert outcome.values("churn") == pytest.approx(table.left.mean())
    none = train_and_score(tmp_path, LABELS, attributes=table[["customer_id", "left"]])
    assert "there is nothing to learn from" in str(none.refused)


def test_three_hundred_columns_of_which_most_are_constant_change_nothing_of_what_is_learnt(tmp_path: Path) -> None:
    table = attributes()
    constant = pd.DataFrame({f"k{at}": [at if at % 2 else "same"] * len(table) for at in range(300)})
    outcome = train_and_score(tmp_path, LABELS, attributes=pd.concat([table, constant], axis=1))
    assert "W201:attributes.k7" in outcome.checked
    assert {reason["feature"] for item in outcome.items() for reason in item["churn"]["reasons"]} <= {
        "contract",
        "usage",
    }


def test_more_columns_of_noise_than_customers_do_not_pass_for_knowledge(tmp_path: Path) -> None:
    people = orders(260).customer_id.unique()
    noise = pd.DataFrame(np.random.default_rng(0).normal(size=(len(people), NOISE))).add_prefix("k")
    assert len(people) < NOISE
    churn = SHOP[: SHOP.index("[clv]")] + CUSTOMERS
    outcome = train_and_score(tmp_path, churn, orders=orders(260), customers=noise.assign(customer_id=people))
    assert outcome.served == {"churn": "boosted"}
    assert present(present(outcome.run).scores[0].evaluation).figures["auc"].value > 0.8


def test_the_largest_and_smallest_numbers_are_numbers_and_infinity_is_none(tmp_path: Path) -> None:
    table = attributes()
    sign, infinite = np.where(table.index % 2, 1, -1), np.where(table.index % 5, 1.0, np.inf)
    table = table.assign(huge=1e308 * sign, tiny=1e-308, infinite=infinite)
    outcome = train_and_score(tmp_path, LABELS, attributes=table, draw=True)
    assert "E107:attributes.infinite" in outcome.checked
    assert len(outcome.values("churn")) == 400


def test_a_category_of_ten_thousand_words_is_set_aside(tmp_path: Path) -> None:
    people = pd.DataFrame({"customer_id": [f"c{number:04}" for number in range(10_000)]})
    people = people.assign(word="w" + people.customer_id, country=np.where(people.index % 2, "FR", "NO"))
    outcome = train_and_score(tmp_path, SHOP[: SHOP.index("[clv]")] + CUSTOMERS, orders=orders(260), customers=people)
    assert "W205:customers.word" in outcome.checked
    assert "country" in present(outcome.run).scores[0].model.features
    assert "word" not in present(outcome.run).scores[0].model.features


@pytest.mark.parametrize("word", ["never seen", None])
def test_a_word_that_training_never_saw_still_gives_a_sound_score(tmp_path: Path, word: str | None) -> None:
    table = attributes()
    outcome = train_and_score(
        tmp_path, LABELS, attributes=table, score_with={"attributes": table.assign(contract=word)}
    )
    assert len(outcome.values("churn")) == 400


def test_columns_may_be_called_anything(tmp_path: Path) -> None:
    table = attributes().rename(columns={"usage": "Use (in %) of $a_{ $ äöü 👍"})
    odd: dict[str, Any] = {"a[b]": table.index % 7, "a{b}": table.index % 5, "x,y": table.index % 3, "orders_all": 1}
    table = table.assign(**odd)
    outcome = train_and_score(tmp_path, LABELS, attributes=table, draw=True)
    assert outcome.served == {"churn": "boosted"}
