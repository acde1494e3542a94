"""Segments are what the policy says, from frozen cut-offs, and null where they cannot be told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import WorkspaceError
from models.features.catalogue import every_feature
from models.features.evaluation.feature_frame import assemble
from models.features.frame.feature_matrix import FeatureFrame
from models.rows.as_of import AsOf
from models.rows.history import History
from models.score.reference_quantiles import ReferenceQuantiles
from models.scored.fact_columns import FactColumns, fact_columns, facts_of
from models.scored.shown_score import ShownScore
from models.segments.assignment import Segmented, Segmenter
from models.segments.kinds.all_kinds import segment_definitions
from models.segments.kinds.rfm import Rfm, quintile, quintile_cuts
from models.segments.kinds.value_risk import ValueAndRisk
from models.segments.kinds.value_tier import ValueTiers, tier_cutoffs
from models.segments.policy_rules import check_policy
from models.workspace import Audience, Config, Policy, RfmTable, SegmentRule, ValueRisk, Workspace
from tests.builders.categories import category_of
from tests.builders.feature_values import line
from tests.builders.histories import history_of, instant
from tests.builders.shown_scores import REFERENCE, shown
from tests.builders.tiny_models import tiny_clv_baseline

AS_OF = "2025-12-31"
CONFIG = {
    "business": {"currency": "EUR"},
    "tables": {"orders": {"source": "orders.parquet"}},
    "churn": {"definition": "inactivity", "horizon_days": 90},
    "clv": {},
    "upsell": {"big": {"target": "order_over", "amount": 100}},
}


def workspace(policy: Policy | None = None, **config: Any) -> Workspace:
    return Workspace(Path("shop"), "shop", Config.model_validate(CONFIG | config), policy or Policy(), "0")


def assigned(place: Workspace, facts: FactColumns, scores: dict[str, ShownScore]) -> Segmented:
    return Segmenter(place, {name: score.model for name, score in scores.items()}).assign(facts, scores)


def tiers_of(clv: ShownScore) -> list[str | None]:
    return ValueTiers.among(clv.model.reference, Policy().value_tiers, 100).assign(clv).words()


def shoppers(**orders: list[str]) -> tuple[History, FeatureFrame]:
    """Customers who each bought for 10 on these days."""
    history = history_of(orders=[line(day, 10.0, customer=name) for name, days in orders.items() for day in days])
    return history, assemble(every_feature(history), AsOf(history, instant(AS_OF)))


def lifecycle(**orders: list[str]) -> dict[str, str]:
    history, frame = shoppers(**orders)
    found = assigned(workspace(), facts_of(frame, history), {}).segments["lifecycle"].words()
    return dict(zip(history.customer_ids.tolist(), found, strict=True))


def test_each_lifecycle_stage_is_reached_in_its_order() -> None:
    stages = lifecycle(
        lapsed=["2025-01-01", "2025-06-01"],
        won_back=["2024-01-01", "2025-11-01"],
        new=["2025-12-01"],
        at_risk=["2025-09-01", "2025-09-11", "2025-10-15", "2025-10-20", "2025-10-22"],
        loyal=["2025-05-01", "2025-07-01", "2025-09-01", "2025-10-01", "2025-12-20"],
        active=["2025-08-01", "2025-12-20"],
        future=["2026-02-01"],
    )
    assert stages.pop("active") == "won_back"  # a gap of 141 days that ended this month
    assert stages.pop("future") == "prospect"
    assert stages == {name: name for name in stages}


def test_everyone_else_is_active() -> None:
    assert lifecycle(a=["2025-09-01", "2025-10-15", "2025-12-20"]) == {"a": "active"}


def test_the_horizon_of_churn_decides_who_has_lapsed() -> None:
    history, frame = shoppers(a=["2025-01-01", "2025-06-01"])
    patient = workspace(churn={"definition": "inactivity", "horizon_days": 365})
    assert assigned(patient, facts_of(frame, history), {}).segments["lifecycle"].words() == ["active"]


def test_lifecycle_and_rfm_are_null_without_orders() -> None:
    history = history_of(attributes=[{"customer_id": "a", "income": 3.0}, {"customer_id": "b", "income": None}])
    frame = assemble(every_feature(history), AsOf(history, instant(AS_OF)))
    found = assigned(workspace(), facts_of(frame, history), {}).segments
    assert found["lifecycle"].words() == [None, None]
    assert found["rfm"].words() == [None, None]
    assert found["data_sufficiency"].words() == ["high", "none"]


def test_data_sufficiency_goes_by_purchases_and_length_of_history() -> None:
    history, frame = shoppers(
        a=["2025-01-01", "2025-03-01", "2025-12-01"], b=["2025-12-01", "2025-12-05"], c=["2025-12-01"], d=["2026-01-01"]
    )
    found = assigned(workspace(), facts_of(frame, history), {}).segments["data_sufficiency"]
    assert found.words() == ["high", "medium", "low", "none"]


def test_value_tiers_begin_above_their_cut_offs() -> None:
    amounts = [1001.0, 990.01, 990.0, 940.0, 939.0, 840.01, 840.0, 590.01, 590.0, 0.0, None]
    names = ["platinum", "platinum", "gold", "silver", "silver", "silver", "bronze", "bronze", "standard", "standard"]
    assert tiers_of(shown(amounts)) == [*names, None]


def test_tiers_hold_their_shares_of_the_population_that_they_were_frozen_on() -> None:
    values = np.random.default_rng(1).lognormal(3, 1, 20_000)
    clv = shown(values.tolist())
    clv = replace(clv, model=replace(clv.model, reference=ReferenceQuantiles.of(values)))
    tiers = tiers_of(clv)
    for tier in Policy().value_tiers[:-1]:
        assert tiers.count(tier.name) / len(tiers) == pytest.approx(tier.share, abs=0.001)


def test_customers_of_one_value_are_all_in_the_lowest_tier() -> None:
    clv = shown([12.35] * 3)
    clv = replace(clv, model=replace(clv.model, reference=ReferenceQuantiles.of(np.full(10, 12.3456))))
    assert tiers_of(clv) == ["standard"] * 3


def test_value_and_risk_are_named_for_what_to_do() -> None:
    clv, churn = (
        shown([600, 600, 400, 400, None]),
        shown([0.9, 0.1, 0.1, 0.9, 0.9], "churn", ["high", "low"] * 2 + ["high"]),
    )
    churn = replace(churn, bands=category_of(["high", "low", "medium", "high", "high"]))
    assert ValueAndRisk.among(REFERENCE, ValueRisk(), 100).assign(clv, churn).words() == [
        "protect",
        "grow",
        "maintain",
        "let_go",
        None,
    ]


def slow_quintile(value: float, population: list[float]) -> int:
    """By counting: one more than how many of the four fifths' upper ends lie below the value."""
    ends = [float(np.percentile(population, 20 * k)) for k in (1, 2, 3, 4)]
    return 1 + sum(1 for end in ends if value > end)


def test_quintiles_agree_with_counting_and_keep_ties_together() -> None:
    population = [1.0] * 45 + [2.0] * 20 + [3.0] * 15 + [5.0] * 20
    cuts = quintile_cuts(ReferenceQuantiles.of(np.array(population)))
    for value in (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0):
        assert quintile(value, np.array(cuts)) == slow_quintile(value, population)


def rfm_of(recency: float, frequency: float, monetary: float) -> str | None:
    columns = {"days_since_last_order": recency, "orders_all": frequency, "spend_all": monetary}
    facts = fact_columns({name: np.array([value], dtype=np.float64) for name, value in columns.items()}, 1)
    return Rfm.among(dict.fromkeys(columns, REFERENCE), RfmTable()).assign(facts).word(0)


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "expected"),
    [
        (0, 1000, 1000, "champions"),
        (0, 100, 100, "new"),
        (1000, 1000, 1000, "cannot_lose"),
        (1000, 100, 100, "lost"),
        (700, 100, 100, "hibernating"),  # r2
        (0, 700, 500, "champions"),  # fifths 4 and 3: their mean, 3.5, counts as 4
        (0, 500, 300, "potential_loyalist"),  # fifths 3 and 2: 2.5 counts as 3
        (500, 300, 500, "need_attention"),  # r3, fifths 2 and 3
        (np.nan, 0, 0, None),
        (10, 0, -5, None),
    ],
)
def test_rfm_reads_the_table_of_the_policy(recency: float, frequency: float, monetary: float, expected: str) -> None:
    assert rfm_of(recency, frequency, monetary) == expected


def test_audiences_are_rules_over_features_scores_segments_and_attributes() -> None:
    history = history_of(
        orders=[line("2025-12-01", 10.0, customer="a"), line("2025-03-01", 500.0, customer="b")],
        customers=[
            {"customer_id": "a", "gender": "f", "taste": "tea"},
            {"customer_id": "b", "gender": "m", "taste": None},
        ],
    )
    frame = assemble(every_feature(history), AsOf(history, instant(AS_OF)))
    rules = {
        "women": "gender == 'f'",
        "tea": "taste == 'tea'",
        "not_tea": "taste != 'tea'",
        "big": "spend_all > 100",
        "leaving": "churn_probability >= 0.5",
        "sure": "churn_band == 'low' and churn_percentile < 60",
        "top": "value_tier in ('platinum', 'gold')",
        "gone": "lifecycle == 'lapsed'",
        "worth": "predicted_clv > 500",
        "unmodelled": "upsell_big_probability < 2",
    }
    policy = Policy(audiences={name: Audience(when=rule) for name, rule in rules.items()})
    place = workspace(policy)
    check_policy(place, history)
    scores = {"churn": shown([0.2, 0.5], "churn", ["low", "high"]), "clv": shown([10.0, 999.0])}
    found = assigned(place, facts_of(frame, history), scores).audiences
    assert found.lists() == [["women", "tea", "sure"], ["big", "leaving", "top", "gone", "worth"]]


def test_one_customer_alone_gets_the_segments_that_they_get_among_all() -> None:
    days = {f"c{i}": [f"2025-{1 + (i * k) % 12:02d}-{1 + (i + k) % 28:02d}" for k in range(i % 6)] for i in range(40)}
    history, _ = shoppers(**{name: when or ["2026-05-05"] for name, when in days.items()})
    policy = Policy(audiences={"some": Audience(when="spend_all / orders_all > 5 and not lifecycle == 'lapsed'")})
    together = assigned(workspace(policy), known(history), {})
    for row in range(len(history)):
        alone = assigned(workspace(policy), known(history.select([row])), {})
        assert {n: w.word(row) for n, w in together.segments.items()} == {
            n: w.word(0) for n, w in alone.segments.items()
        }
        assert together.audiences.of(row) == alone.audiences.of(0)


def known(history: History) -> FactColumns:
    return facts_of(assemble(every_feature(history), AsOf(history, instant(AS_OF))), history)


def test_a_rule_with_an_unknown_name_is_named_with_its_place_and_the_nearest() -> None:
    history, _ = shoppers(a=["2025-01-01"])
    policy = Policy(audiences={"odd": Audience(when="upsell_bug_band == 'high'")})
    with pytest.raises(
        WorkspaceError, match=r"'upsell_bug_band', which is no .*; did you mean 'upsell_big_band'"
    ) as refused:
        check_policy(workspace(policy), history)
    assert "`audiences.odd.when`" in str(refused.value)


def test_a_lifecycle_rule_cannot_ask_for_the_lifecycle() -> None:
    history, _ = shoppers(a=["2025-01-01"])
    policy = Policy(lifecycle=[SegmentRule(name="x", when="lifecycle == 'x'"), SegmentRule(name="y")])
    with pytest.raises(WorkspaceError, match="'lifecycle'"):
        check_policy(workspace(policy), history)


def test_the_default_policy_fits_every_workspace() -> None:
    check_policy(workspace(), shoppers(a=["2025-01-01"])[0])
    check_policy(workspace(), history_of(attributes=[{"customer_id": "a", "income": 3.0}]))


def test_definitions_tell_cut_offs_and_rules() -> None:
    clv = replace(tiny_clv_baseline(), reference=REFERENCE)
    policy = Policy(audiences={"tea": Audience(when="taste == 'tea'", label="Tea", cadence_days=7)})
    told = segment_definitions(workspace(policy), {"clv": clv})
    assert [tier["above"] for tier in told["value_tier"]["segments"]] == [
        *(pytest.approx(v) for v in tier_cutoffs(REFERENCE, policy.value_tiers)),
        None,
    ]
    assert told["value_risk"]["median"] == pytest.approx(500)
    assert told["lifecycle"]["segments"][0] == {"name": "prospect", "rule": "orders_all == 0"}
    assert told["audiences"]["segments"][0]["rule"] == "taste == 'tea'"
