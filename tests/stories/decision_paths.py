"""The paths that decide: POST /v1/decisions, and `tercet decide`, which may die and be resumed."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

import service.campaign.campaign_run
from service.campaign.campaign_run import CampaignAsked, decide_for_everyone
from tests.oracles.contact_policy import cost_of, read_log
from tests.stories.shop_story import WatchedShop, added, pair, spelled
from tests.stories.step_strategies import Campaign, Decide


def decide(shop: WatchedShop, step: Decide) -> None:
    channels = [name for name in step.channels or () if name in shop.watch.policy["channels"]] or None
    body = {"customers": [{"customer_id": spelled(one)} for one in step.customers], "limit": step.limit}
    body |= {} if channels is None else {"channels": channels}
    before = read_log(shop.store)
    expected = shop.post("/v1/decisions/explain", body)["results"]
    assert read_log(shop.store) == before
    key = {"idempotency-key": f"step-{shop.number}"}
    answer = shop.post("/v1/decisions", body, key)
    after = read_log(shop.store)
    new = added(before, after)
    told = {one["decision_id"] for item in answer["results"] for one in item["decisions"]}
    kept = {one for item in answer["results"] for one in item.get("holdout_decision_ids", ())}
    assert told == {one for one, row in new.items() if row["arm"] != "holdout"}
    assert kept == {one for one, row in new.items() if row["arm"] == "holdout"}
    for customer, item, foreseen in zip(step.customers, answer["results"], expected, strict=True):
        assert item["status"] == foreseen["status"]
        assert [pair(one) for one in item["decisions"]] == [pair(one) for one in foreseen["decisions"]]
        for one in item["decisions"]:
            row = new[one["decision_id"]]
            assert (row["customer_id"], pair(row), row["arm"]) == (customer, pair(one), one["arm"])
            assert channels is None or row["channel"] in channels
        assert sum(row["customer_id"] == customer for row in new.values()) <= step.limit
    shop.check_logged(before, new)
    if step.twice:
        assert shop.post("/v1/decisions", body, key) == answer
        assert read_log(shop.store) == after


def campaign(shop: WatchedShop, step: Campaign) -> None:
    folder = shop.out / f"campaign-{shop.number}"
    before = read_log(shop.store)
    foreseen = shop.explained()
    with pytest.MonkeyPatch.context() as patched, room_for(shop.store, step.dies_after):
        patched.setattr(service.campaign.campaign_run, "BLOCK", 1)
        try:
            decide_for_everyone(CampaignAsked(shop.directory, folder))
        except sa.exc.IntegrityError:
            shop.died.append(folder)
    new = added(before, read_log(shop.store))
    shop.check_logged(before, new)
    if folder in shop.died:
        return
    check_file(shop, folder)
    of_channels = shop.watch.policy["channels"].values()
    if "budget" not in shop.watch.policy["run"] and all("capacity" not in channel for channel in of_channels):
        done = {row["customer_id"]: pair(row) for row in new.values() if row["arm"] != "holdout"}
        assert done == {one: pair(item["decisions"][0]) for one, item in foreseen.items() if item["decisions"]}


def resume(shop: WatchedShop) -> None:
    for folder in shop.died:
        before = read_log(shop.store)
        decide_for_everyone(CampaignAsked(shop.directory, folder, resume=True))
        shop.check_logged(before, added(before, read_log(shop.store)))
        check_file(shop, folder)
    shop.died.clear()


def check_file(shop: WatchedShop, folder: Path) -> None:
    """The file is the log of its run without who has refused since or what has expired; budget and capacity hold."""
    run_id = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["run_id"]
    log = read_log(shop.store)
    logged = {row["decision_id"]: row for row in log["decisions"] if row["run_id"] == run_id}
    rows = {row["decision_id"]: row for row in pq.read_table(folder / "campaign.parquet").to_pylist()}
    assert rows.keys() <= logged.keys()
    for decision_id, row in logged.items():
        purposes = ("profiling", shop.watch.policy["channels"][row["channel"]]["consent"])
        refuses = any(
            purpose != "none" and not shop.watch.consents_to(log, row["customer_id"], purpose) for purpose in purposes
        )
        stopped = shop.watch.is_stopped(log, row["customer_id"], row["channel"])
        expired = row["expires_at"] <= shop.clock.read()
        assert (refuses or stopped or expired) == (decision_id not in rows)
        if decision_id in rows:
            told = rows[decision_id]
            assert (told["customer_id"], pair(told), told["arm"]) == (row["customer_id"], pair(row), row["arm"])
    assert len({row["customer_id"] for row in logged.values()}) == len(logged)
    policy = shop.watch.policy
    if "budget" in policy["run"]:
        assert sum(map(cost_of, logged.values())) <= round(policy["run"]["budget"] * 100)
    used = Counter(row["channel"] for row in logged.values())
    assert all(used[name] <= channel.get("capacity", len(logged)) for name, channel in policy["channels"].items())


@contextmanager
def room_for(store: sa.Engine, decisions: int | None) -> Iterator[None]:
    """While this lasts, a SQLite store takes only so many decisions more; None: any number."""
    if decisions is None or store.dialect.name != "sqlite":
        yield
        return
    most = len(read_log(store)["decisions"]) + decisions
    full = f"CREATE TRIGGER full BEFORE INSERT ON decisions WHEN (SELECT count(*) FROM decisions) >= {most}"
    with store.begin() as connection:
        connection.execute(sa.text(f"{full} BEGIN SELECT RAISE(ABORT, 'no room'); END"))
    try:
        yield
    finally:
        with store.begin() as connection:
            connection.execute(sa.text("DROP TRIGGER full"))
