"""What changes while it serves: a new champion, the policy, the tables; and what must not stop it."""

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from models.bundle.bundle import Bundle
from models.decisions.contacts.contact_history import Contacted, ContactHistory
from models.ingest import read_history, wall_clock
from models.items.item_json import item_of
from models.scorer import Scorer
from models.workspace import load_workspace
from tests.builders.command_in_process import run_command
from tests.builders.running_service import RunningService, running
from tests.builders.small_workspace import FIRST_BUYER, make_bundle, promote, write_workspace

IDS = [f"C-{i:03}" for i in range(2, 42)]


def expected(workspace: Path, bundle: Bundle) -> list[dict[str, Any]]:
    loaded = load_workspace(workspace)
    tables = read_history(loaded)
    contacted = Contacted(ContactHistory.none(), wall_clock())
    scored = Scorer(bundle, loaded).score(tables.history.select(range(2, 42)), tables.as_of, contacted=contacted)
    items: list[dict[str, Any]] = json.loads(json.dumps([item_of(scored, row) for row in range(40)]))
    return items


def test_a_new_champion_is_swapped_in_whole(shop: Path, tmp_path: Path) -> None:
    bundles = {"1": make_bundle(shop), "2": make_bundle(shop, seed=1)}
    answers = {version: expected(shop, bundle) for version, bundle in bundles.items()}
    assert answers["1"] != answers["2"]
    with running(shop, tmp_path, dev="1") as service:
        seen: list[str] = []
        ended = threading.Event()

        def ask_on() -> None:
            while not ended.wait(0.01):
                answer = service.score(customers=[{"customer_id": i} for i in IDS]).json()
                assert answer["results"] == answers[answer["bundle_version"]]
                seen.append(answer["bundle_version"])

        asking = threading.Thread(target=ask_on)
        asking.start()
        for version in ("2", "1", "2"):
            promote(shop, bundles[version], version)
            service.wait_for_version(version)
        service.wait_for(lambda: seen[-1:] == ["2"])
        ended.set()
        asking.join()
        assert seen[0] == "1"
        assert seen[-1] == "2"
        damage_and_change(service, bundles["1"], answers["2"])


def damage_and_change(service: RunningService, other: Bundle, served: list[dict[str, Any]]) -> None:
    """On the same service, since each start takes seconds: what is damaged is not served, what is mended is."""
    shop = service.workspace
    booster = other.directory / "scores" / "churn" / "model.txt"
    booster.write_bytes(booster.read_bytes()[:1000])
    promote(shop, other, "3")
    service.wait_for_log("damaged")
    assert service.items(*IDS) == served
    assert service.http.get("/readyz").status_code == 200

    policy = shop / "policy.toml"
    before = service.http.get("/v1/model").json()["policy_version"]
    policy.write_text(policy.read_text().replace("'NO'", "'FR'"))
    promote(shop, make_bundle(shop, seed=1), "2")
    service.wait_for(lambda: service.http.get("/v1/model").json()["policy_version"] != before)
    items = service.items(*IDS)
    assert [item["segments"]["audiences"] for item in items[:3]] == [[], [], ["norwegians"]]

    policy.write_text('[audiences.x]\nwhenn = "orders_all > 1"\n')
    service.wait_for_log("whenn")
    assert service.items(*IDS) == items
    policy.unlink()

    orders = shop / "orders.csv"
    whole = orders.read_text()
    orders.write_text(whole.replace("amount", "amuont", 1))
    service.wait_for_log("amount")
    assert service.items(FIRST_BUYER)[0]["status"] == "scored"
    orders.write_text(whole + f"{FIRST_BUYER},late,2025-12-31T00:00:00+00:00,books,9.50\n")
    service.wait_for(lambda: service.http.get("/v1/model").json()["as_of"] > "2025-12-31")


def test_without_a_whole_champion_it_says_what_is_missing_and_then_follows(tmp_path: Path) -> None:
    shop = write_workspace(tmp_path / "shop")
    with running(shop, tmp_path, ready=False, dev="1") as service:
        service.wait_for_log("no model has been promoted")
        for answer in (service.http.get("/readyz"), service.score(customers=[{"customer_id": "C-005"}])):
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:tercet:problem:no-champion"
            assert "tercet promote" in answer.json()["detail"]
        assert service.http.get("/livez").status_code == 200
        refuse_a_truncated_champion(service)
        promote(shop, make_bundle(shop), "2")
        service.wait_until(200)
        assert service.items("C-005")[0]["status"] == "scored"


def refuse_a_truncated_champion(service: RunningService) -> None:
    """On the same service, since each start takes seconds."""
    bundle = make_bundle(service.workspace)
    booster = bundle.directory / "scores" / "churn" / "model.txt"
    whole = booster.read_bytes()
    booster.write_bytes(whole[: len(whole) // 2])
    promote(service.workspace, bundle, "1")
    service.wait_for_log("damaged")
    problem = service.score(customers=[{"customer_id": "C-005"}])
    assert problem.status_code == 503
    assert problem.json()["type"] == "urn:tercet:problem:bundle"
    assert str(service.workspace) not in problem.text


def serve(workspace: Path, *words: object, **variables: str) -> str:
    """What `tercet serve` says that cannot."""
    said = run_command("serve", "--workspace", workspace, *words, **variables)
    assert said.exit_code == 2
    assert "Traceback" not in said.stderr
    return said.stderr


def test_a_missing_workspace_is_said_and_not_served(tmp_path: Path) -> None:
    assert "tercet init" in serve(tmp_path / "nowhere")


def test_a_typo_is_named_with_its_line_and_the_nearest_key(shop: Path) -> None:
    toml = shop / "tercet.toml"
    toml.write_text(toml.read_text().replace("definition", "defintion"))
    line = toml.read_text().splitlines().index('defintion = "inactivity"') + 1
    told = serve(shop)
    for word in ("defintion", "definition", f"{line}"):
        assert word in told


@pytest.mark.parametrize("setting", ["TERCET_MAX_BODY_BYTES=lots", "TERCET_DEADLINE_SECONDS=3000"])
def test_a_wrong_setting_is_named(shop: Path, setting: str) -> None:
    name, value = setting.split("=")
    assert name in serve(shop, **{name: value})


def test_a_port_that_is_taken_is_said_in_a_line(shop: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "cannot listen on" in serve(shop, "--port", taken.getsockname()[1])
