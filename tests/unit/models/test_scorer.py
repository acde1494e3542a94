"""The one path from rows to answers: everything adds up, a customer alone is the customer among all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.bundle.bundle import Bundle, write_bundle
from models.errors import BundleError
from models.features.catalogue import every_feature
from models.features.evaluation.feature_frame import assemble
from models.features.language.expressions import rows
from models.items.item_json import item_of
from models.rows.as_of import AsOf
from models.rows.history import History
from models.scored.scored_customers import Scored
from models.scorer import Scorer
from models.targets.targets import targets_of
from models.workspace import load_workspace
from tests.builders.histories import history_of, instant
from tests.builders.narrowing import array, booster_of
from tests.builders.small_model import small_model, small_model_of_rate

AS_OF = instant("2026-01-01")
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.parquet"
[churn]
definition = "inactivity"
[clv]
[upsell.big_basket]
target = "order_over"
amount = 50
[upsell.first_toy]
target = "first_in_category"
category = "toys"
[consent]
default = "granted"
"""


def shop(customers: int = 60) -> History:
    """Orders by hand; C000 never bought (a return only), C001 refuses profiling, C002 bought toys."""
    random = np.random.default_rng(4)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    orders = [{"customer_id": "C000", "order_id": "r", "ordered_at": start, "amount": -5.0, "category": "books"}]
    for customer in range(1, customers):
        for order in range(1 + random.poisson(4)):
            at = start + timedelta(days=float(random.uniform(0, 729)))
            category = "toys" if customer == 2 else ("books", "music")[random.integers(0, 2)]
            amount = round(float(random.gamma(2, 20)) + 1, 2)
            row = {"customer_id": f"C{customer:03}", "order_id": f"{customer}-{order}", "ordered_at": at}
            orders.append(row | {"amount": amount, "category": category})
    people = [{"customer_id": f"C{i:03}", "profiling_consent": i != 1, "country": "NO"} for i in range(customers)]
    return history_of(orders=orders, customers=people)


@pytest.fixture(scope="module")
def history() -> History:
    return shop()


@pytest.fixture(scope="module")
def bundle(history: History, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("defined")
    (folder / "tercet.toml").write_text(TOML)
    models = [small_model(history, AS_OF, target) for target in targets_of(load_workspace(folder).config)]
    return write_bundle(tmp_path_factory.mktemp("bundles"), models, workspace="shop")


@pytest.fixture(scope="module")
def scorer(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "tercet.toml").write_text(TOML)
    return Scorer(bundle, load_workspace(folder))


@pytest.fixture(scope="module")
def scored(scorer: Scorer, history: History) -> Scored:
    return scorer.score(history, AS_OF)


def explained(item: dict[str, Any]) -> list[tuple[float, dict[str, Any]]]:
    """Every score of an answer with the part that explains it."""
    parts = [(item["churn"]["probability"], item["churn"]), (item["clv"]["amount"], item["clv"])]
    return parts + [(offer["probability"], offer) for offer in item["upsell"]["offers"]]


def test_who_never_bought_is_a_prospect_and_who_refuses_is_not_scored(scored: Scored) -> None:
    assert item_of(scored, 0) == {"customer_id": "C000", "status": "not_scored", "reason": "prospect"}
    assert item_of(scored, 1) == {"customer_id": "C001", "status": "not_scored", "reason": "no_profiling_consent"}
    assert item_of(scored, 2)["status"] == "scored"


def test_nothing_is_computed_for_who_refuses(scored: Scored) -> None:
    for score in scored.scores.values():
        assert not score.eligible[1]
        assert np.isnan(score.values[1])
    assert scored.segments["value_tier"].word(1) is None
    assert scored.audiences.of(1) == []


def test_an_offer_that_does_not_fit_is_left_out(scored: Scored) -> None:
    assert [offer["offer"] for offer in item_of(scored, 2)["upsell"]["offers"]] == ["big_basket"]
    assert [offer["offer"] for offer in item_of(scored, 3)["upsell"]["offers"]] == ["big_basket", "first_toy"]


@pytest.mark.parametrize("top_reasons", [0, 1, 4, 50])
def test_what_is_shown_adds_up_to_the_last_digit(scorer: Scorer, history: History, top_reasons: int) -> None:
    scored = scorer.score(history, AS_OF, top_reasons=top_reasons)
    for row in range(2, len(history)):
        for value, part in explained(item_of(scored, row)):
            shown = part["base_value"] + sum(r["contribution"] for r in part["reasons"]) + part["other_contribution"]
            assert shown == pytest.approx(value, abs=1e-9)
            assert len(part["reasons"]) <= top_reasons


def test_scores_do_not_depend_on_how_many_reasons_are_asked(scorer: Scorer, history: History, scored: Scored) -> None:
    without = scorer.score(history, AS_OF, top_reasons=0)
    for name, score in scored.scores.items():
        np.testing.assert_array_equal(score.units, without.scores[name].units)
        assert score.base_units == without.scores[name].base_units


def test_scores_are_lightgbms_own_calibrated(scorer: Scorer, history: History, scored: Scored) -> None:
    frame = assemble(every_feature(history), AsOf(history, AS_OF))
    for name, trained in scorer.bundle.models.items():
        X = frame.matrix(trained.features, trained.vocabularies)
        margins = array(booster_of(trained).predict(X, raw_score=True)) * 0.9 + 0.05 - 0.1
        expected = 1 / (1 + np.exp(-margins)) if trained.link == "logistic" else np.exp(margins)
        eligible, tolerance = scored.scores[name].eligible, 0.51 / scored.scores[name].scale
        np.testing.assert_allclose(scored.scores[name].values[eligible], expected[eligible], atol=tolerance)


def test_groups_of_features_add_up_to_the_score_and_to_their_reasons(scorer: Scorer, history: History) -> None:
    scored = scorer.score(history, AS_OF, top_reasons=100, groups=True)
    for row in range(2, len(history)):
        for value, part in explained(item_of(scored, row)):
            assert part["base_value"] + sum(g["contribution"] for g in part["groups"]) == pytest.approx(value, abs=1e-9)
            for group in part["groups"]:
                mine = [r["contribution"] for r in part["reasons"] if r["group"] == group["group"]]
                assert group["contribution"] == pytest.approx(sum(mine), abs=0.5 if value > 1 else 1e-4)


def test_reasons_are_ranked_and_proportional_to_shap_values(scorer: Scorer, history: History) -> None:
    scored = scorer.score(history, AS_OF, top_reasons=50)
    trained = scorer.bundle.models["churn"]
    frame = assemble(every_feature(history), AsOf(history, AS_OF))
    X = frame.matrix(trained.features, trained.vocabularies)
    shap_values = array(booster_of(trained).predict(X, pred_contrib=True))
    for row in range(2, len(history)):
        reasons = item_of(scored, row)["churn"]["reasons"]
        sizes = [abs(reason["contribution"]) for reason in reasons]
        assert sizes == sorted(sizes, reverse=True)
        assert [reason["rank"] for reason in reasons] == list(range(1, len(reasons) + 1))
        of_feature = dict(zip(trained.features, shap_values[row], strict=False))
        for reason in reasons:
            assert np.sign(of_feature[reason["feature"]]) == np.sign(reason["contribution"])
            assert reason["direction"] == ("raises" if reason["contribution"] > 0 else "lowers")


def test_a_customer_alone_is_answered_as_among_all(scorer: Scorer, history: History, scored: Scored) -> None:
    for row in range(len(history)):
        assert item_of(scorer.score(history.select([row]), AS_OF), 0) == item_of(scored, row)


def test_an_assumed_value_changes_one_customer_only(scorer: Scorer, history: History, scored: Scored) -> None:
    changed = scorer.score(history, AS_OF, overrides={5: {"days_since_last_order": 900.0}})
    assert item_of(changed, 5) != item_of(scored, 5)
    assert [item_of(changed, row) for row in (2, 3, 4, 6)] == [item_of(scored, row) for row in (2, 3, 4, 6)]


def test_an_unknown_feature_fails_its_customer_alone(scorer: Scorer, history: History, scored: Scored) -> None:
    changed = scorer.score(history, AS_OF, overrides={5: {"days_since_lost_order": 9.0}})
    assert item_of(changed, 5) == {"customer_id": "C005", "status": "invalid"}
    assert "days_since_last_order" in str(changed.errors[5])
    assert item_of(changed, 6) == item_of(scored, 6)


def test_only_scores_asked_for_are_answered_and_segments_stay(scorer: Scorer, history: History, scored: Scored) -> None:
    item = item_of(scorer.score(history, AS_OF, scores=["clv"]), 7)
    assert set(item) == {"customer_id", "status", "clv", "segments", "data_sufficiency"}
    assert item["segments"] == item_of(scored, 7)["segments"]


def test_a_column_that_the_models_read_and_the_tables_lack_is_named(scorer: Scorer, history: History) -> None:
    scorer.check(history)
    poorer = history_of(orders=[{"customer_id": "a", "order_id": "1", "ordered_at": "2025-01-01", "amount": 3.0}])
    with pytest.raises(BundleError, match=r"orders\.category"):
        scorer.check(poorer)


def test_a_score_that_tercet_toml_has_redefined_is_named(bundle: Bundle, history: History, tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_text(TOML.replace('"inactivity"', '"inactivity"\nhorizon_days = 30'))
    with pytest.raises(BundleError, match="churn was trained as 'Probability of no purchase in the next 90 days'"):
        Scorer(bundle, load_workspace(tmp_path)).check(history)


def test_two_definitions_of_one_feature_do_not_share_a_bundle(scorer: Scorer, bundle: Bundle) -> None:
    first, *others = bundle.models["clv"].declarations
    changed = replace(bundle.models["clv"], declarations=(replace(first, value=rows("orders").count()), *others))
    mixed = replace(bundle, models={**bundle.models, "clv": changed})
    with pytest.raises(BundleError, match="two definitions"):
        _ = Scorer(mixed, scorer.workspace).declared


def test_nobody_is_scored_without_complaint(scorer: Scorer, history: History) -> None:
    assert len(scorer.score(history.select([]), AS_OF)) == 0


def test_bands_hold_the_shares_of_the_policy(scored: Scored) -> None:
    bands = [item_of(scored, row)["churn"]["band"] for row in range(2, len(scored))]
    assert set(bands) <= {"high", "medium", "low"}
    scores = np.array([item_of(scored, row)["churn"]["probability"] for row in range(2, len(scored))])
    assert scores[[b == "high" for b in bands]].min(initial=1) >= scores[[b == "low" for b in bands]].max(initial=0)


def test_the_workspace_folder_is_not_touched(scorer: Scorer) -> None:
    assert [path.name for path in Path(scorer.workspace.directory).iterdir()] == ["tercet.toml"]


def test_a_former_subscriber_is_no_prospect_where_there_are_only_subscriptions(tmp_path: Path) -> None:
    running = {"started_at": "2024-01-01", "plan": "basic", "plan_rank": 1.0, "mrr": 10.0, "seats": 1.0}
    people = ("gone", "here", "soon")
    ends = {"gone": datetime(2025, 1, 1, tzinfo=UTC), "here": None}
    history = history_of(
        subscriptions=[{"customer_id": who, **running, "ended_at": end} for who, end in ends.items()],
        customers=[{"customer_id": who} for who in people],
    )
    only_subscriptions = '[tables.subscriptions]\nsource = "s.csv"\n[churn]\ndefinition = "cancellation"\n'
    granted = '[business]\ncurrency = "EUR"\n[consent]\ndefault = "granted"\n'
    (tmp_path / "tercet.toml").write_text(granted + only_subscriptions)
    workspace = load_workspace(tmp_path)
    models = [small_model_of_rate(target) for target in targets_of(workspace.config)]
    scored = Scorer(write_bundle(tmp_path / "bundles", models, workspace="gym"), workspace).score(history, AS_OF)
    assert list(zip(people, scored.status.words(), scored.status_reason.words(), strict=True)) == [
        ("gone", "not_scored", "not_eligible"),
        ("here", "scored", None),
        ("soon", "not_scored", "prospect"),
    ]
