from datetime import datetime
from typing import Any

import numpy as np
import pytest

from models.errors import DataError
from models.rows.as_of import AsOf
from models.rows.history import History
from models.targets.outcomes import Label, is_positive
from models.targets.targets import Target, targets_of, top_plan_rank
from models.workspace.tercet_toml import Config
from tests.builders.feature_values import line
from tests.builders.histories import column_of, history_of, instant

AT = instant("2021-06-01")
TABLES = {"tables": {"orders": {"source": "orders.csv"}}}


def target_of(section: dict[str, Any]) -> Target:
    return targets_of(Config.model_validate(TABLES | section))[0]


def asked(target: Target, history: History, at: int = AT) -> dict[str, float | None]:
    """Who is eligible, and what came of them; None where they are not."""
    eligible = target.eligible(AsOf(history, at))
    came = target.outcome(history, at)
    return {
        customer: float(outcome) if able else None
        for customer, able, outcome in zip(history.customer_ids.tolist(), eligible, came, strict=True)
    }


def shop(*lines: dict[str, Any]) -> History:
    return history_of(orders=list(lines))


def subscription(customer: str, started: str, ended: str | None, rank: float = 1.0) -> dict[str, Any]:
    end = None if ended is None else datetime.fromisoformat(ended)
    row = {"customer_id": customer, "started_at": started, "ended_at": end, "plan": f"p{rank}", "plan_rank": rank}
    return row | {"mrr": 1.0, "seats": 1.0}


def test_churn_by_inactivity_is_no_purchase_in_the_window() -> None:
    churn = target_of({"churn": {"definition": "inactivity", "horizon_days": 30}})
    history = shop(
        line("2021-05-01", 10, customer="stays"),
        line("2021-06-01", 10, customer="stays"),
        line("2021-05-01", 10, customer="late"),
        line("2021-07-01", 10, customer="late"),
        line("2021-05-01", 10, customer="returns"),
        line("2021-06-02", -10, customer="returns"),
        line("2021-06-02", 10, customer="prospect"),
    )
    assert asked(churn, history) == {"stays": 0, "late": 1, "returns": 1, "prospect": None}


def test_the_window_takes_its_first_instant_and_leaves_its_last() -> None:
    churn = target_of({"churn": {"definition": "inactivity", "horizon_days": 30}})
    last = shop(line("2021-05-01", 10), line("2021-06-30 23:59:59.999999", 10))
    assert asked(churn, last) == {"a": 0}
    assert churn.outcome(last, AT, 29).tolist() == [1]


def test_a_purchase_given_back_in_the_window_is_none() -> None:
    churn = target_of({"churn": {"definition": "inactivity", "horizon_days": 30}})
    history = shop(line("2021-05-01", 10), line("2021-06-02", 10, "1"), line("2021-06-05", -10, "1"))
    assert asked(churn, history) == {"a": 1}
    assert churn.outcome(history, AT, 2).tolist() == [0]


def test_churn_by_cancellation_is_no_running_subscription_at_the_end() -> None:
    churn = target_of({"churn": {"definition": "cancellation", "horizon_days": 30}})
    history = history_of(
        subscriptions=[
            subscription("ends", "2021-01-01", "2021-06-15"),
            subscription("ends now", "2021-01-01", "2021-06-01"),
            subscription("ended", "2021-01-01", "2021-05-31"),
            subscription("runs", "2021-01-01", None),
            subscription("later", "2021-01-01", "2021-07-01"),
            subscription("switches", "2021-01-01", "2021-06-15"),
            subscription("switches", "2021-06-15", None, 2.0),
            subscription("starts", "2021-06-15", None),
        ]
    )
    wanted = {"ends": 1, "ends now": 1, "ended": None, "runs": 0, "later": 0, "switches": 0, "starts": None}
    assert asked(churn, history) == dict(sorted(wanted.items()))


def test_value_is_net_revenue_floored_at_0_in_major_units() -> None:
    clv = target_of({"clv": {"horizon_days": 30}})
    history = shop(
        line("2021-05-01", 10, "1", customer="a"),
        line("2021-06-02", 10.5, customer="a"),
        line("2021-06-03", -0.25, "1", customer="a"),
        line("2021-05-01", 10, customer="gives back"),
        line("2021-06-03", -5, customer="gives back"),
        line("2021-05-01", 10, customer="silent"),
    )
    assert asked(clv, history) == {"a": 10.25, "gives back": 0, "silent": 0}
    assert clv.label == "Revenue net of returns in the next 30 days"


def test_value_by_margin_is_unknown_where_no_line_carries_one() -> None:
    clv = target_of({"clv": {"horizon_days": 30, "value": "margin"}})
    history = shop(
        line("2021-05-01", 10, customer="a", margin=1.0),
        line("2021-06-01", 10, customer="a", margin=2.5),
        line("2021-06-01", 10, customer="a", margin=None),
        line("2021-05-01", 10, customer="b", margin=1.0),
        line("2021-06-01", 10, customer="b", margin=None),
        line("2021-05-01", 10, customer="c", margin=1.0),
    )
    found = asked(clv, history)
    assert (found["a"], found["c"]) == (2.5, 0)
    assert np.isnan(float(found["b"] or 0))


def test_an_order_over_an_amount_is_above_it() -> None:
    offer = target_of({"upsell": {"big": {"target": "order_over", "amount": 50.1, "horizon_days": 30}}})
    history = shop(
        line("2021-05-01", 100, customer="had one"),
        line("2021-05-01", 10, customer="at it"),
        line("2021-06-05", 50.1, customer="at it"),
        line("2021-05-01", 10, customer="above"),
        line("2021-06-05", 25, "1", customer="above"),
        line("2021-06-05", 25.11, "1", customer="above"),
        line("2021-06-05", 900, customer="prospect"),
    )
    assert asked(offer, history) == {"above": 1, "at it": 0, "had one": 0, "prospect": None}
    assert (offer.score, offer.kind, offer.label) == (
        "upsell.big", "upsell", "Probability of an order over 50.1 XXX in the next 30 days",
    )  # fmt: skip


def test_a_first_purchase_in_a_category_is_for_those_without_one() -> None:
    offer = target_of({"upsell": {"tea": {"target": "first_in_category", "category": "tea", "horizon_days": 30}}})
    history = shop(
        line("2021-05-01", 10, customer="has it", category="tea"),
        line("2021-05-01", 10, customer="takes it", category="cup"),
        line("2021-06-01", 10, customer="takes it", category="tea"),
        line("2021-05-01", 10, customer="gives back", category="cup"),
        line("2021-06-01", -10, customer="gives back", category="tea"),
        line("2021-06-01", 10, customer="prospect", category="tea"),
    )
    assert asked(offer, history) == {"gives back": 0, "has it": None, "prospect": None, "takes it": 1}


def test_a_category_that_was_never_sold_is_not_an_error() -> None:
    offer = target_of({"upsell": {"tea": {"target": "first_in_category", "category": "tea"}}})
    assert asked(offer, shop(line("2021-05-01", 10, category="cup"))) == {"a": 0}


def test_an_upgrade_is_a_higher_plan_than_the_present_one() -> None:
    section = {"upsell": {"more": {"target": "plan_upgrade", "horizon_days": 30}}}
    history = history_of(
        subscriptions=[
            subscription("rises", "2021-01-01", "2021-06-15", 1.0),
            subscription("rises", "2021-06-15", None, 2.0),
            subscription("falls", "2021-01-01", "2021-06-15", 2.0),
            subscription("falls", "2021-06-15", None, 1.0),
            subscription("top", "2021-01-01", None, 3.0),
            subscription("none", "2021-06-05", None, 1.0),
        ]
    )
    assert top_plan_rank(AsOf(history, AT)) == 3
    assert asked(target_of(section), history) == {"falls": 0, "none": None, "rises": 1, "top": 0}
    told = targets_of(Config.model_validate(TABLES | section), top_plan_rank=3.0)[0]
    assert asked(told, history)["top"] is None
    alone = history.select([2])
    assert told.eligible(AsOf(alone, AT)).tolist() == [True]


def test_a_label_has_no_clock_and_is_unknown_where_it_is_blank() -> None:
    section = {"churn": {"definition": "label", "column": "left", "positive": "Yes"}}
    churn = target_of(section)
    rows = [{"customer_id": name, "left": word} for name, word in (("a", "Yes"), ("b", "No"), ("c", None))]
    history = history_of(attributes=rows, labels=["left"])
    assert churn.timeless
    assert churn.horizon_days is None
    found = asked(churn, history)
    assert (found["a"], found["b"]) == (1, 0)
    assert np.isnan(float(found["c"] or 0))
    with pytest.raises(DataError, match="no label column 'left'"):
        churn.outcome(history_of(attributes=[{"customer_id": "a"}]), AT)


@pytest.mark.parametrize(
    ("values", "positive", "wanted"),
    [
        ([1, 0, None], 1, [1, 0, None]),
        ([1, 0, None], "1", [1, 0, None]),
        ([1, 0, None], True, [1, 0, None]),
        ([1, 0, None], 1.0, [1, 0, None]),
        (["1", "0", None], 1, [1, 0, None]),
        (["1.0", "x", None], 1, [1, 0, None]),
        (["yes", "no", None], "yes", [1, 0, None]),
        (["True", "False", None], True, [1, 0, None]),
        (["TRUE", "true", "0"], True, [1, 1, 0]),
        (["yes", "no", None], False, [0, 0, None]),
    ],
)
def test_a_positive_value_compares_as_a_person_means_it(
    values: list[Any], positive: Any, wanted: list[float | None]
) -> None:
    found = is_positive(column_of(values), positive)
    assert [None if np.isnan(value) else value for value in found] == wanted


def test_a_word_is_never_positive_in_a_column_of_numbers() -> None:
    with pytest.raises(DataError, match="holds numbers, and 'yes' is none"):
        is_positive(column_of([1, 0]), "yes")


def test_what_came_before_the_window_never_changes_what_came_in_it() -> None:
    sections = {
        "churn": {"definition": "inactivity", "horizon_days": 30},
        "clv": {"horizon_days": 30},
        "upsell": {
            "big": {"target": "order_over", "amount": 50},
            "tea": {"target": "first_in_category", "category": "tea"},
        },
    }
    came = [line("2021-06-02", 60, "2", category="tea"), line("2021-06-03", -5, "1", category="tea")]
    before = [line("2021-05-02", -70, "2", category="tea"), line("2021-05-03", 500, "1", category="cup")]
    for target in targets_of(Config.model_validate(TABLES | sections)):
        assert target.outcome(shop(*came), AT).tolist() == target.outcome(shop(*came, *before), AT).tolist(), (
            target.score
        )


def test_targets_come_in_the_order_churn_clv_offers() -> None:
    section = {
        "upsell": {"b": {"target": "plan_upgrade"}, "a": {"target": "order_over", "amount": 5}},
        "clv": {},
        "churn": {"definition": "label", "column": "x", "positive": 1},
    }
    found = targets_of(Config.model_validate(TABLES | section))
    assert [target.score for target in found] == ["churn", "clv", "upsell.b", "upsell.a"]
    assert isinstance(found[0].definition, Label)


def test_without_an_end_column_every_subscription_runs_on() -> None:
    rows = [{"customer_id": "a", "started_at": "2021-01-01", "plan_rank": 1.0}]
    target = target_of(
        {"tables": {"subscriptions": {"source": "s.csv"}}, "churn": {"definition": "cancellation"}},
    )
    assert asked(target, history_of(subscriptions=rows)) == {"a": 0.0}
