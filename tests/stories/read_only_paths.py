"""The paths that tell what would be done and log nothing: explain, scores, a customer's page, and two commands."""

import re
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
from click.testing import CliRunner

from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from service.commands.explain import explain
from tests.oracles.contact_policy import instant, read_log
from tests.stories.shop_story import WatchedShop, pair, spelled
from tests.stories.step_strategies import ANYONE, Show

SUPPOSED: tuple[dict[str, Any], ...] = (
    {"features": {"orders_all": 3}},
    {"history": {"orders": [{"order_id": "o", "ordered_at": "2026-01-05T00:00:00Z", "amount": 20}]}},
    {"consent": {"profiling_consent": True}},
)
"""What a request for scores may say of a customer that is not so."""


def check_read_only_paths(shop: WatchedShop) -> None:
    """What every path that changes nothing would do now: each as the policy allows, and all the same."""
    log = read_log(shop.store)
    body = {"customers": [{"customer_id": spelled(one)} for one in ANYONE]}
    answer = shop.post("/v1/decisions/explain", body | {"limit": 3})
    now = instant(answer["decided_at"])
    items = dict(zip(ANYONE, answer["results"], strict=True))
    scores = dict(zip(ANYONE, shop.post("/v1/scores", body)["results"], strict=True))
    for customer, item in items.items():
        assert (item["status"] == "unknown_customer") != shop.watch.known(log, customer)
        proposed = [pair(one) for one in item["decisions"]]
        assert not proposed or not shop.watch.held_out(customer)
        shop.watch.check_contacts(log, customer, proposed, now)
        for one in item["candidates"]:
            why = shop.watch.why_not(log, customer, *pair(one), now)
            assert one["stage"] in ((why, "eligibility") if why else (None, "eligibility", "holdout", "arbitration"))
        action = scores[customer].get("segments", {}).get("next_best_action")
        assert action == (proposed[0][0] if proposed else None)
    supposed = SUPPOSED[shop.number % len(SUPPOSED)]
    asked = {"customers": [{"customer_id": spelled(one)} | supposed for one in ANYONE]}
    for customer, item in zip(ANYONE, shop.post("/v1/scores", asked)["results"], strict=True):
        action = item.get("segments", {}).get("next_best_action")
        assert action in {None, scores[customer].get("segments", {}).get("next_best_action")}
    customer = ANYONE[shop.number % len(ANYONE)]
    page = shop.http.get(f"/v1/customers/{quote(spelled(customer), safe='')}")
    if shop.watch.known(log, customer):
        assert page.json() == scores[customer]
    else:
        assert page.status_code == 404
    assert read_log(shop.store) == log


def score(shop: WatchedShop) -> None:
    folder = shop.out / f"scores-{shop.number}"
    before = read_log(shop.store)
    foreseen = shop.explained()
    score_everyone(BatchOptions(shop.directory, folder))
    rows = {row["customer_id"]: row for row in pq.read_table(folder / "scores").to_pylist()}
    assert rows.keys() == foreseen.keys()
    for customer, item in foreseen.items():
        action = item["decisions"][0]["action"] if item["decisions"] else None
        assert rows[customer]["next_best_action"] == action
        assert (rows[customer]["status"] == "scored") == (item["status"] != "not_scored")
    assert read_log(shop.store) == before


def show(shop: WatchedShop, step: Show) -> None:
    foreseen = shop.explained()[step.customer]
    shown = CliRunner().invoke(explain, ["--workspace", str(shop.directory), "--", spelled(step.customer)])
    assert shown.exit_code == 0, shown.output
    proposed = [f"Next best action: {one['action']} by {one['channel']}" for one in foreseen["decisions"]]
    assert re.findall(r"Next best action: \w+ by \w+", shown.output) == proposed
