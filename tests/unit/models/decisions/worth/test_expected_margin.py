"""What an action is expected to bring: figures that can be checked by hand."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from models.decisions.stages.funnel_plan import plan_of
from models.decisions.worth.action_values import leaving_over
from models.decisions.worth.expected_margin import half_away
from models.workspace import ChurnTarget
from tests.builders.decision_cases import Person, scored_of, workspace_of

FREE = {"call": {"consent": "none"}}


def terms(
    action: dict[str, Any],
    person: Person,
    *,
    channel: dict[str, Any] | None = None,
    money: dict[str, Any] | None = None,
    **config: Any,
) -> dict[str, Any]:
    policy = {
        "channels": {"call": FREE["call"] | (channel or {})},
        "actions": {"talk": {"channels": ["call"]} | action},
        "money": money or {},
    }
    yearly = {"definition": "inactivity", "horizon_days": 365}  # as value is: nothing has to be brought anywhere
    workspace = workspace_of(policy, **({"churn": yearly} | config))
    margins = plan_of(workspace).margins.of(scored_of([person]))
    assert margins.known[0, 0]
    assert margins.of(0, 0).total == sum(margins.of(0, 0).terms.values())
    return dict(margins.of(0, 0).terms)


def test_staying_is_worth_the_value_over_the_probability_of_staying() -> None:
    # 400 EUR x 0.35 = 140; over 0.5 = 280; changed by 0.3 x 0.5 = 0.15
    found = terms({"value": "retention"}, Person("a", churn=500_000, clv=40_000))
    assert found == {"purchases": 0, "retention": 4200, "contact_cost": 0, "offer_cost": 0, "optout": 0}


def test_leaving_and_staying_add_up_to_the_predicted_value() -> None:
    # With a change that makes everyone stay, the gain is what was lost by those who left: value x p / (1 - p).
    sure = {"value": "retention", "effect": {"source": "average", "change": 1.0, "known_from": "a thought"}}
    found = terms(sure, Person("a", churn=250_000, clv=30_000), money={"margin_share": 1})
    assert found["retention"] == 10_000 == Fraction(30_000) * Fraction(1, 4) / Fraction(3, 4)


def test_the_value_of_staying_is_capped_at_the_99th_percentile_of_value() -> None:
    found = terms({"value": "retention"}, Person("a", churn=1_000_000, clv=40_000), money={"margin_share": 1})
    assert found["retention"] == 29_700  # 0.3 x 990 EUR


def test_value_is_brought_to_the_horizon_of_the_policy_and_margin_is_not_taken_twice() -> None:
    person = Person("a", churn=500_000, clv=36_500)
    label = {"definition": "label", "column": "left", "positive": 1}  # who leaves, whenever
    shorter = terms({"value": "retention"}, person, money={"horizon_days": 73, "margin_share": 0.5}, churn=label)
    assert shorter["retention"] == 1095  # 365 x 73 / 365 x 0.5 = 36.50 EUR, over 0.5, x 0.15
    margin = terms(
        {"value": "retention"},
        person,
        money={"horizon_days": 73, "margin_share": 0.5},
        clv={"value": "margin"},
        churn=label,
    )
    assert margin["retention"] == 2190


def test_leaving_is_brought_to_the_same_horizon_as_value() -> None:
    person, money = Person("a", churn=250_000, clv=36_500), {"margin_share": 1, "horizon_days": 180}
    inactive = {"definition": "inactivity", "horizon_days": 90}
    # Silent for 90 days with 0.25: for 180 with 0.0625. 180 EUR over 0.9375, x 0.3 x 0.0625
    assert terms({"value": "retention"}, person, money=money, churn=inactive)["retention"] == 360
    cancels = {"definition": "cancellation", "horizon_days": 90}
    # Cancelled within 90 days with 0.25: within 180 with 0.4375. 180 EUR over 0.5625, x 0.3 x 0.4375
    assert terms({"value": "retention"}, person, money=money, churn=cancels)["retention"] == 4200


def test_at_the_horizon_of_churn_nothing_is_brought_anywhere() -> None:
    chances = np.random.default_rng(0).random(1000)
    for definition in ("inactivity", "cancellation"):
        target = ChurnTarget(definition=definition, horizon_days=90)
        assert leaving_over(90, target, chances) == pytest.approx(chances, abs=1e-15)


def test_one_customer_leaves_with_the_bits_that_they_leave_with_among_many() -> None:
    chances = np.random.default_rng(1).random(1001)
    target = ChurnTarget(definition="inactivity", horizon_days=90)
    together = leaving_over(365, target, chances)
    alone = [leaving_over(365, target, chances[row : row + 1])[0] for row in range(1001)]
    assert together.tolist() == alone


def test_an_offer_brings_its_margin_and_costs_whoever_takes_it() -> None:
    action = {"value": "offer", "offer": "bag", "margin": 40, "offer_cost": 5, "contact_cost": 0.5}
    found = terms(
        action,
        Person("a", offers={"bag": 200_000}),
        channel={"contact_cost": 0.25, "optout": 0.01},
        money={"contact_value": 20},
    )
    # changed by 0.06; taken by 0.26
    assert found == {"purchases": 240, "retention": 0, "contact_cost": -75, "offer_cost": -130, "optout": -20}


def test_a_purchase_brings_the_margin_of_an_average_order_where_none_is_given() -> None:
    found = terms({"value": "purchase"}, Person("a", churn=800_000, order_value=50.0), money={"margin_share": 0.4})
    assert found["purchases"] == 120  # 0.3 x 0.2 x 20 EUR


@pytest.mark.parametrize(("change", "churn", "expected"), [(0.9, 300_000, 30), (-0.9, 300_000, -70), (0.1, 0, 0)])
def test_no_probability_leaves_0_to_1(change: float, churn: int, expected: int) -> None:
    effect = {"source": "average", "change": change, "known_from": "a test"}
    found = terms({"value": "purchase", "margin": 1, "effect": effect}, Person("a", churn=churn))
    assert found["purchases"] == expected


def test_halves_are_rounded_away_from_zero() -> None:
    amounts = np.array([0.5, 1.5, 2.5, -0.5, -2.5, 0.49999999999999994, -0.2, 3.0])
    assert half_away(amounts).tolist() == [1, 2, 3, -1, -3, 0, 0, 3]


@pytest.mark.parametrize("definition", ["cancellation", "label"])
def test_who_may_cancel_tells_nothing_of_the_next_purchase(definition: str) -> None:
    churn = {"definition": definition} | ({"column": "left", "positive": 1} if definition == "label" else {})
    policy = {"channels": FREE, "actions": {"talk": {"channels": ["call"], "value": "purchase", "margin": 9}}}
    made = workspace_of(policy, churn=churn)
    assert not plan_of(made).margins.of(scored_of([Person("a")])).known.any()


def test_who_stays_may_be_worth_a_margin_that_the_policy_names() -> None:
    label = {"definition": "label", "column": "left", "positive": 1}
    found = terms({"value": "retention", "margin": 200}, Person("a", churn=250_000, clv=None), churn=label, clv=None)
    assert found["retention"] == 1500  # 200 EUR x 0.3 x 0.25
