"""The hygiene report against pandas: sizes, revenue, overlap, migration, staleness, KPIs, what came."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import every_feature
from models.features.evaluation.feature_frame import assemble
from models.rows.as_of import AsOf
from models.rows.history import MICROSECONDS_PER_DAY, Category
from models.scored.customer_status import NOT_SCORED, SCORED, STATUSES
from models.scored.fact_columns import facts_of
from models.scored.scored_customers import Scored
from models.segments.report.hygiene import pareto, report_of_tally
from models.segments.report.measured_run import Run, contact_facts, run_of
from models.segments.report.migration import ABSENT, UNASSIGNED
from models.segments.report.segment_tally import Tally
from models.workspace import Audience, Hygiene, Policy
from tests.builders.categories import audiences_of, category_of
from tests.builders.feature_values import line
from tests.builders.histories import history_of, instant
from tests.builders.hygiene_reports import hygiene_report
from tests.builders.shown_scores import shown

TIERS = ["platinum", "gold", "silver", "bronze", "standard"]
POLICY = Policy(
    audiences={
        "a": Audience(when="True", cadence_days=7),
        "b": Audience(when="True"),
        "empty": Audience(when="False"),
    }
)
DAY = MICROSECONDS_PER_DAY


def table(seed: int, customers: int = 500) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    chosen = random.choice(800, customers, replace=False)
    spend = np.where(random.random(customers) < 0.3, 0.0, random.lognormal(4, 1.5, customers))
    return pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in np.sort(chosen)],
            "value_tier": random.choice(
                np.array([*TIERS[1:], None], dtype=object), customers, p=[0.2, 0.2, 0.2, 0.3, 0.1]
            ),
            "a": random.random(customers) < 0.5,
            "b": random.random(customers) < 0.3,
            "spend_365d": spend,
            "orders_365d": np.where(spend > 0, 1.0 + random.poisson(2, customers), 0.0),
            "orders_90d": 1.0 * random.poisson(0.4, customers),
            "nps_last": np.where(random.random(customers) < 0.8, np.nan, random.integers(0, 11, customers)),
            "churn_probability": random.random(customers),
            "predicted_clv": spend * 0.8,
        }
    ).astype({"value_tier": object})


def run(rows: pd.DataFrame, as_of: int = 0) -> Run:
    tiers = [None if pd.isna(word) else word for word in rows["value_tier"]]
    audiences = [[name for name in ("a", "b") if row[name]] for _, row in rows.iterrows()]
    facts = rows.drop(columns=["customer_id", "value_tier", "a", "b"])
    segments = {"value_tier": category_of(tiers)}
    return Run(
        as_of,
        rows["customer_id"].tolist(),
        segments,
        audiences_of(audiences),
        {str(name): values.to_numpy() for name, values in facts.items()},
    )


def by_segment(report: dict[str, Any], segmentation: str) -> dict[str, Any]:
    return {entry["segment"]: entry for entry in report["segmentations"][segmentation]}


def test_sizes_revenue_and_kpis_agree_with_pandas() -> None:
    rows = table(1)
    found = by_segment(hygiene_report(POLICY, run(rows)), "value_tier")
    assert list(found) == TIERS
    assert found["platinum"]["customers"] == 0
    assert found["platinum"]["kpis"] == {}
    for name, group in rows.groupby("value_tier"):
        entry = found[str(name)]
        assert entry["customers"] == len(group)
        assert entry["share"] == pytest.approx(len(group) / len(rows))
        assert entry["revenue_share"] == pytest.approx(group["spend_365d"].sum() / rows["spend_365d"].sum())
        assert entry["kpis"] == pytest.approx(
            {
                "retention": (group["orders_90d"] > 0).mean(),
                "frequency": group["orders_365d"].mean(),
                "basket": group["spend_365d"].sum() / group["orders_365d"].sum(),
                "clv": group["predicted_clv"].mean(),
                "churn": group["churn_probability"].mean(),
                "satisfaction": group["nps_last"].mean(),
            }
        )


def test_parts_added_up_give_the_report_of_the_whole() -> None:
    rows, before = table(1), table(2)
    tally = Tally(POLICY)
    for first, end in (("", "c4"), ("c4", "c41"), ("c41", "d")):
        part, then = (all_rows[all_rows["customer_id"].between(first, end, "left")] for all_rows in (rows, before))
        tally.add(run(part), previous=run(then, -DAY))
    added = report_of_tally(POLICY, tally, 0, previous_as_of=-DAY)
    assert rounded(added) == rounded(hygiene_report(POLICY, run(rows), previous=run(before, -DAY)))


def rounded(report: Any) -> Any:
    """Sums of parts may differ from the sum of all in the last digits."""
    match report:
        case dict():
            return {name: rounded(value) for name, value in report.items()}
        case list():
            return [rounded(value) for value in report]
        case float():
            return float(f"{report:.12g}")
        case _:
            return report


def test_the_report_is_json() -> None:
    rows = table(1)
    outcomes = {"churned": np.zeros(len(rows)), "value": np.ones(len(rows))}
    report = hygiene_report(POLICY, run(rows), previous=run(table(2)), outcomes=outcomes)
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_audiences_overlap_as_counted() -> None:
    rows = table(1)
    report = hygiene_report(POLICY, run(rows))
    both, smaller = (rows["a"] & rows["b"]).sum(), min(rows["a"].sum(), rows["b"].sum())
    assert report["overlap"] == [
        {"audiences": ["a", "b"], "customers": both, "share_of_smaller": pytest.approx(both / smaller)}
    ]
    assert by_segment(report, "audiences")["a"]["customers"] == rows["a"].sum()


def test_migration_agrees_with_a_cross_table() -> None:
    before, now = table(1), table(2)
    found = hygiene_report(POLICY, run(now), previous=run(before))["migration"]
    merged = before.merge(now, on="customer_id", how="outer", suffixes=("_was", "_is"), indicator=True)
    was = merged["value_tier_was"].astype(object).where(merged["value_tier_was"].notna(), UNASSIGNED)
    became = merged["value_tier_is"].astype(object).where(merged["value_tier_is"].notna(), UNASSIGNED)
    was[merged["_merge"] == "right_only"] = ABSENT
    became[merged["_merge"] == "left_only"] = ABSENT
    expected = pd.crosstab(was, became)
    counted = pd.DataFrame(found["value_tier"]["from"]).T.fillna(0).astype(int)
    for source in expected.index:
        for target in expected.columns:
            assert counted.get(target, pd.Series(dtype=int)).get(source, 0) == expected.loc[source, target]
    both = merged["_merge"] == "both"
    assert found["value_tier"]["moved_share"] == pytest.approx((was[both] != became[both]).mean())
    inside = {name: set(rows.loc[rows["a"], "customer_id"]) for name, rows in (("before", before), ("now", now))}
    assert found["audiences"]["a"] == {
        "joined": len(inside["now"] - inside["before"]),
        "left": len(inside["before"] - inside["now"]),
        "stayed": len(inside["now"] & inside["before"]),
    }


def test_pareto_by_hand() -> None:
    assert pareto(np.array([80.0, 10.0, 5.0, 3.0, 2.0])) == pytest.approx(
        {"revenue_of_best_fifth": 0.8, "customers_for_four_fifths": 0.2}
    )
    assert pareto(np.zeros(3)) is None


def test_what_came_stands_beside_what_was_predicted_where_it_is_known() -> None:
    rows = table(3)
    churned = np.where(np.arange(len(rows)) % 3 == 0, np.nan, np.arange(len(rows)) % 2).astype(float)
    found = by_segment(hygiene_report(POLICY, run(rows), outcomes={"churned": churned}), "value_tier")
    group = (rows["value_tier"] == "gold").to_numpy() & ~np.isnan(churned)
    assert found["gold"]["realised"] == {
        "churned": {
            "predicted": pytest.approx(rows.loc[group, "churn_probability"].mean()),
            "realised": pytest.approx(churned[group].mean()),
            "customers": group.sum(),
        }
    }


def test_an_audience_older_than_its_cadence_is_stale() -> None:
    rows = table(1)
    report = hygiene_report(POLICY, run(rows, 20 * DAY), previous=run(rows, 10 * DAY))
    assert [(e["audience"], e["age_days"], e["stale"]) for e in report["staleness"]] == [
        ("a", 10.0, True),
        ("b", 10.0, False),
        ("empty", 10.0, False),
    ]
    later = hygiene_report(POLICY, run(rows, 20 * DAY), looked_at=60 * DAY)
    assert all(entry["stale"] for entry in later["staleness"])


def test_warnings_name_what_is_too_small_too_large_too_many_or_empty() -> None:
    rows = table(1).assign(a=True, b=False, value_tier="gold")
    rows.loc[rows.index[:2], "b"] = True
    strict = POLICY.model_copy(update={"hygiene": Hygiene(max_segments=1, min_share=0.05)})
    found = "\n".join(hygiene_report(strict, run(rows))["warnings"])
    assert "audiences a: 100.0% of customers tell nobody apart" in found
    assert "audiences b: 0.4% of customers are too few" in found
    assert "audiences empty: the rule holds for nobody" in found
    assert "audiences: 2 segments are too many" in found
    assert "audiences a and b: 100% of the smaller is in both" in found
    assert "value_tier" not in found


def test_only_contacts_that_were_made_and_whose_outcome_is_known_convert() -> None:
    row = {"customer_id": "a", "at": "2025-12-01", "arm": "treatment", "outcome": 1}
    contacts = [
        row | {"decision_id": "1"},
        row | {"decision_id": "2", "outcome": 0},
        row | {"decision_id": "3", "outcome": None},
        row | {"decision_id": "4", "arm": "control"},
        row | {"decision_id": "5", "at": "2024-01-01"},
        row | {"decision_id": "6", "at": "2026-01-01"},
        row | {"decision_id": "7", "customer_id": "b"},
    ]
    found = contact_facts(history_of(contacts=contacts), instant("2025-12-31"))
    assert {name: values.tolist() for name, values in found.items()} == {
        "contacts_365d": [2.0, 1.0],
        "conversions_365d": [1.0, 1.0],
    }


def test_a_run_holds_those_who_were_scored_with_their_features_and_scores() -> None:
    history = history_of(orders=[line("2025-12-01", 10.0, customer=name) for name in "abc"])
    frame = assemble(every_feature(history), AsOf(history, instant("2025-12-31")))
    scored = Scored(
        customer_ids=history.customer_ids,
        as_of=instant("2025-12-31"),
        status=Category(np.array([SCORED, NOT_SCORED, SCORED], np.int32), STATUSES),
        status_reason=category_of([None, "no_profiling_consent", None]),
        errors={},
        scores={"clv": shown([1.0, None, 3.0])},
        segments={"lifecycle": category_of(["new", "new", "new"])},
        audiences=audiences_of([["a"], [], []]),
        facts=facts_of(frame, history),
        consents={},
    )
    found = run_of(scored, history)
    assert found.customer_ids == ["a", "c"]
    assert found.segments["lifecycle"].words() == ["new", "new"]
    assert found.audiences.lists() == [["a"], []]
    assert found.facts["predicted_clv"].tolist() == [1.0, 3.0]
    assert found.facts["spend_365d"].tolist() == [10.0, 10.0]
    assert "churn_probability" not in found.facts
