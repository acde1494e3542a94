"""POST /v1/scores and GET /v1/customers over real HTTP: what is answered."""

import json
from datetime import datetime
from typing import Any

import pytest

from models.bundle.champion_bundle import read_champion_bundle
from models.decisions.contacts.contact_history import Contacted, ContactHistory
from models.ingest import read_history, wall_clock
from models.items.item_json import item_of
from models.scorer import Scorer
from models.workspace import load_workspace
from service.api.schemas.response_models import CustomerScores, ModelAnswer, ScoresAnswer, SegmentsAnswer
from tests.builders.running_service import RunningService
from tests.builders.small_workspace import PROSPECT, REFUSES

AN_ORDER = {"order_id": "n-1", "ordered_at": "2025-11-02T09:30:00Z", "amount": 59.9, "category": "books"}


def test_each_customer_is_answered_in_its_place(served: RunningService) -> None:
    ids = ["C-005", PROSPECT, REFUSES, "nobody", "C-005"]
    answer = served.score(customers=[{"customer_id": i} for i in ids]).json()
    ScoresAnswer.model_validate_json(json.dumps(answer))
    assert [item["customer_id"] for item in answer["results"]] == ids
    statuses = [(item["status"], item.get("reason")) for item in answer["results"]]
    assert statuses == [
        ("scored", None),
        ("not_scored", "prospect"),
        ("not_scored", "no_profiling_consent"),
        ("unknown_customer", None),
        ("scored", None),
    ]
    assert answer["results"][0] == answer["results"][4]
    assert answer["bundle_version"] == "1"
    assert datetime.fromisoformat(answer["scored_at"])


def test_http_gives_what_the_scorer_gives_bit_for_bit(served: RunningService) -> None:
    from models.bundle.champion import read_champion

    workspace = load_workspace(served.workspace)
    tables = read_history(workspace)
    bundle = read_champion_bundle(read_champion(served.workspace))
    contacted = Contacted(ContactHistory.none(), wall_clock())
    scored = Scorer(bundle, workspace).score(tables.history, tables.as_of, contacted=contacted)
    expected = [item_of(scored, row) for row in range(len(tables.history))]
    answered = served.items(*tables.history.customer_ids.tolist())
    assert answered == json.loads(json.dumps(expected))
    proposed = {item["segments"]["next_best_action"] for item in expected if item["status"] == "scored"}
    assert proposed == {"retention_call", "hello", None}


def test_what_was_known_then_tells_nothing_of_what_to_do_now(served: RunningService) -> None:
    customers = [f"C-{place:03}" for place in range(2, 60)]
    now, then = served.items(*customers), served.items(*customers, as_of="2025-12-01T00:00:00Z")
    assert any(item["segments"]["next_best_action"] for item in now)
    assert {item["segments"]["next_best_action"] for item in then if item["status"] == "scored"} == {None}
    one = served.http.get("/v1/customers/C-007", params={"as_of": "2025-12-01T00:00:00Z"}).json()
    assert one["segments"]["next_best_action"] is None


def test_one_customer_is_the_same_item(served: RunningService) -> None:
    one = served.http.get("/v1/customers/C-007")
    (item,) = served.items("C-007")
    assert one.json() == item
    assert one.headers["tercet-bundle-version"] == "1"
    assert CustomerScores.model_validate_json(one.text)


def test_one_customer_takes_the_same_wishes(served: RunningService) -> None:
    wishes: dict[str, list[str] | int | str] = {"scores": ["clv"], "top_reasons": 1, "as_of": "2025-06-01T00:00:00Z"}
    (item,) = served.items("C-007", **wishes)
    assert served.http.get("/v1/customers/C-007", params=wishes).json() == item
    assert "churn" not in item
    assert len(item["clv"]["reasons"]) == 1


def test_scores_add_up(served: RunningService) -> None:
    for item in served.items("C-005", "C-006", "C-007", top_reasons=50):
        parts = [(item["churn"], item["churn"]["probability"]), (item["clv"], item["clv"]["amount"])]
        parts += [(offer, offer["probability"]) for offer in item["upsell"]["offers"]]
        for part, score in parts:
            total = part["base_value"] + sum(r["contribution"] for r in part["reasons"]) + part["other_contribution"]
            assert total == pytest.approx(score, abs=1e-9)


def test_no_reasons_if_none_are_asked(served: RunningService) -> None:
    (item,) = served.items("C-005", top_reasons=0)
    assert item["churn"]["reasons"] == []


def test_a_feature_can_be_assumed_for_one_of_two(served: RunningService) -> None:
    what_if = {"customer_id": "C-005", "features": {"days_since_last_order": 700, "country": "XX"}}
    plain, assumed, again = served.items("C-005", what_if, "C-005")
    assert plain == again
    assert assumed["churn"]["probability"] != plain["churn"]["probability"]


def test_an_unknown_feature_is_named_and_fails_nobody_else(served: RunningService) -> None:
    wrong = {"customer_id": "C-005", "features": {"day_since_last_order": 1}}
    good, bad = served.items("C-005", wrong)
    assert good["status"] == "scored"
    assert bad["status"] == "invalid"
    assert bad["problem"]["status"] == 422
    assert "days_since_last_order" in bad["problem"]["detail"]


def test_a_word_for_a_number_is_invalid(served: RunningService) -> None:
    (bad,) = served.items({"customer_id": "C-005", "features": {"orders_90d": "many"}})
    assert bad["status"] == "invalid"


def test_someone_from_outside_is_scored_from_the_rows_sent_and_forgotten(served: RunningService) -> None:
    sent = {"customer_id": "outsider", "history": {"orders": [AN_ORDER], "interactions": []}}
    scored, unknown = served.items(sent, "outsider")
    assert scored["status"] == "scored"
    assert unknown["status"] == "unknown_customer"


def test_someone_from_outside_without_rows_is_a_prospect(served: RunningService) -> None:
    (item,) = served.items({"customer_id": "outsider", "history": {}})
    assert (item["status"], item["reason"]) == ("not_scored", "prospect")


def test_the_rows_of_a_known_customer_sent_again_give_the_same_scores(served: RunningService) -> None:
    import csv

    def own(table: str) -> list[dict[str, Any]]:
        with (served.workspace / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["customer_id"] == "C-009"]

    orders = [row | {"amount": float(row["amount"])} for row in own("orders")]
    visits = [{key: value for key, value in row.items() if key != "value"} for row in own("interactions")]
    plain, sent = served.items("C-009", {"customer_id": "C-009", "history": {"orders": orders, "interactions": visits}})
    assert plain["segments"].pop("next_best_action") is not None
    assert sent["segments"].pop("next_best_action") is None  # nobody is contacted for what a request supposes
    assert sent == plain


def test_who_is_supposed_and_who_is_not_are_answered_each_in_their_place(served: RunningService) -> None:
    supposed = {"customer_id": "C-009", "consent": {"profiling_consent": True}}
    first, plain, last = served.items(supposed, "C-009", {"customer_id": "C-005", "features": {}})
    assert plain["segments"].pop("next_best_action") is not None
    assert first["segments"].pop("next_best_action") is last["segments"]["next_best_action"] is None
    assert first == plain
    assert last["customer_id"] == "C-005"


def test_rows_that_cannot_be_are_pointed_at(served: RunningService) -> None:
    line = AN_ORDER | {"line_id": "1"}
    twice = {"customer_id": "outsider", "history": {"orders": [line, line]}}
    good, bad = served.items("C-005", twice)
    assert good["status"] == "scored"
    assert bad["status"] == "invalid"
    assert "rders row 1" in bad["problem"]["detail"]


def test_consent_that_is_sent_holds_for_outsiders_and_never_overrides_a_refusal(served: RunningService) -> None:
    outside = {"customer_id": "outsider", "history": {"orders": [AN_ORDER]}}
    denied, granted, refuses, withdrawn = served.items(
        outside | {"consent": {"profiling_consent": False}},
        outside | {"consent": {"profiling_consent": True}},
        {"customer_id": REFUSES, "consent": {"profiling_consent": True}},
        {"customer_id": "C-005", "consent": {"profiling_consent": False}},
    )
    assert (denied["status"], denied["reason"]) == ("not_scored", "no_profiling_consent")
    assert granted["status"] == "scored"
    assert refuses["status"] == "not_scored"
    assert withdrawn["status"] == "not_scored"


def test_rows_at_or_after_as_of_change_nothing(served: RunningService) -> None:
    later = AN_ORDER | {"order_id": "n-2", "ordered_at": "2025-12-01T00:00:00Z"}
    before, both = served.items(
        {"customer_id": "outsider", "history": {"orders": [AN_ORDER]}},
        {"customer_id": "outsider", "history": {"orders": [AN_ORDER, later]}},
        as_of="2025-12-01T00:00:00Z",
    )
    assert before == both


def test_an_instant_is_answered_as_it_was_asked(served: RunningService) -> None:
    answer = served.score(customers=[{"customer_id": "C-005"}], as_of="2025-06-01T02:00:00+02:00")
    assert answer.json()["as_of"] == "2025-06-01T00:00:00Z"


def test_a_thousand_customers_are_answered(served: RunningService) -> None:
    items = served.items(*[f"C-{i % 120:03}" for i in range(1000)])
    assert len(items) == 1000
    assert items[5] == items[125]


def test_the_model_says_what_its_numbers_mean(served: RunningService) -> None:
    answer = served.http.get("/v1/model")
    model = ModelAnswer.model_validate_json(answer.text)
    assert [score.score for score in model.scores] == ["churn", "clv", "upsell.big_basket", "upsell.first_toy"]
    assert model.scores[0].bands["high"].startswith("the 10% of customers with the highest probability")
    assert model.scores[1].bands == {}
    assert "EUR" in model.scores[1].meaning


def test_segments_that_were_not_measured_say_so(served: RunningService) -> None:
    answer = SegmentsAnswer.model_validate_json(served.http.get("/v1/segments").text)
    assert answer.sizes == "not measured yet"
    assert answer.segmentations["lifecycle"].sizes is None
    assert [s.name for s in answer.segmentations["audiences"].segments or []] == ["norwegians"]


def test_the_entrance_leads_on(served: RunningService) -> None:
    assert served.http.get("/").json()["documentation"] == "/openapi.json"
