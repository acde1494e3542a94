"""`tercet decide`: everyone decided for once, logged, within budget, and written from the log; real stores."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import service.campaign.campaign_run
from models.errors import DataError
from models.ingest import wall_clock
from models.ingest.overlay.packed_rows import content_of
from models.ingest.store.store_tables import decisions
from service.campaign.campaign_run import CampaignAsked, decide_for_everyone
from service.commands.decide import decide
from service.store.logs.consent_log import record_consent
from service.store.logs.event_checks import EventRow
from service.store.logs.event_log import record_events
from tests.builders.decision_policy import write_policy
from tests.builders.small_workspace import with_champion, write_workspace

FREE = 4_000_000_000_000_000


@pytest.fixture
def shop(model_shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_shop, tmp_path / "shop"))


def log_of(store: sa.Engine) -> list[sa.RowMapping]:
    with store.connect().execution_options(reading=True) as connection:
        return list(connection.execute(sa.select(decisions).order_by(decisions.c.customer_id)).mappings())


def rows_in(folder: Path) -> list[dict[str, Any]]:
    return pq.read_table(folder / "campaign.parquet").to_pylist()


def cents(rows: list[dict[str, Any]]) -> int:
    return sum(round(100 * row["expected_cost"]) for row in rows)


def manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def test_the_campaign_file_is_the_log(store: sa.Engine, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = decide_for_everyone(CampaignAsked(shop, out))
    rows, logged = rows_in(out), log_of(store)
    assert len(rows) == len(logged) > 50
    for row, kept in zip(rows, logged, strict=True):
        for name in ("decision_id", "customer_id", "action", "channel", "arm", "run_id", "assignment_probability"):
            assert row[name] == kept[name]
        assert round(100 * row["expected_margin"]) == kept["expected_margin"]
        chosen = json.loads(kept["trace"])["chosen"]
        assert json.loads(row["message"]) == chosen["message"]
        costs = chosen["terms"]["contact_cost"] + chosen["terms"]["offer_cost"]
        assert (kept["expected_cost"], row["expected_cost"]) == (-costs, pytest.approx(-costs / 100))
    assert {row["arm"] for row in rows} == {"policy", "exploration", "holdout"}
    assert max(Counter(row["customer_id"] for row in rows).values()) == 1
    assert f"{len(rows)} decisions" in told
    assert manifest(out)["complete"]
    contacted = [row for row in rows if row["arm"] != "holdout"]
    assert manifest(out)["expected_margin"] == pytest.approx(sum(row["expected_margin"] for row in contacted))


def test_a_second_campaign_leaves_in_peace_who_was_in_the_first(store: sa.Engine, shop: Path, tmp_path: Path) -> None:
    decide_for_everyone(CampaignAsked(shop, tmp_path / "one"))
    decide_for_everyone(CampaignAsked(shop, tmp_path / "two"))
    actions = Counter((row["customer_id"], row["action"]) for row in log_of(store))
    assert max(actions.values()) == 1  # after_served_days
    decide_for_everyone(CampaignAsked(shop, tmp_path / "three"))
    contacts = Counter((row["customer_id"], row["channel"]) for row in log_of(store))
    assert max(number for (_, channel), number in contacts.items() if channel == "email") == 2
    assert max(Counter(row["customer_id"] for row in log_of(store)).values()) <= 3


def test_budget_and_capacity_hold_over_all_blocks(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.campaign.campaign_run, "BLOCK", 17)
    policy = (shop / "policy.toml").read_text(encoding="utf-8").replace("contact_cost = 0.5", "contact_cost = 0.05")
    policy = policy.replace("limits = [{ at_most = 1, days = 30 }]", "capacity = 5")
    (shop / "policy.toml").write_text(f"{policy}[run]\nbudget = 0.9\n", encoding="utf-8")
    told = decide_for_everyone(CampaignAsked(shop, tmp_path / "out"))
    rows = rows_in(tmp_path / "out")
    assert 70 < cents(rows) <= 90
    assert Counter(row["channel"] for row in rows)["phone"] <= 5
    assert "of a budget of 0.90" in told


@pytest.mark.parametrize("budget", ["", "[run]\nbudget = 0.7\n"])
def test_a_run_that_died_while_logging_decides_for_nobody_twice(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: str
) -> None:
    if store.dialect.name != "sqlite":
        pytest.skip("the trigger is written for SQLite")
    with (shop / "policy.toml").open("a", encoding="utf-8") as file:
        file.write(budget)
    monkeypatch.setattr(service.campaign.campaign_run, "BLOCK", 5)
    with store.begin() as connection:
        connection.execute(
            sa.text("""CREATE TRIGGER full BEFORE INSERT ON decisions WHEN (SELECT count(*) FROM decisions) >= 6
                       BEGIN SELECT RAISE(ABORT, 'no room'); END""")
        )
    out = tmp_path / "out"
    with pytest.raises(sa.exc.IntegrityError):
        decide_for_everyone(CampaignAsked(shop, out))
    first = {row["decision_id"] for row in log_of(store)}
    assert 0 < len(first) < 7
    assert not (out / "campaign.parquet").exists()
    with store.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER full"))
    with pytest.raises(DataError, match="holds run_"):
        decide_for_everyone(CampaignAsked(shop, out))
    decide_for_everyone(CampaignAsked(shop, out, resume=True))
    rows = rows_in(out)
    assert first < {row["decision_id"] for row in rows}
    assert len({row["customer_id"] for row in rows}) == len(rows)
    assert len({row["run_id"] for row in rows}) == 1
    if budget:
        assert cents(rows) <= 70


def test_a_resumed_run_leaves_alone_who_has_joined_a_suppressed_audience_since(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = (shop / "policy.toml").read_text(encoding="utf-8")
    policy = policy.replace("after_served_days", 'audiences = ["regulars"]\nafter_served_days')
    regulars = '[audiences.regulars]\nwhen = "orders_all >= 40"\n'
    (shop / "policy.toml").write_text(policy + regulars, encoding="utf-8")
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(service.campaign.campaign_run, "log_everyone", interrupted)
        with pytest.raises(KeyboardInterrupt):
            decide_for_everyone(CampaignAsked(shop, out))
    now = wall_clock()
    rows = [
        EventRow("orders", f'["{one}-{number}",null]', one, now, orders_content(f"{one}-{number}", now))
        for one in ("C-110", "C-111", "C-112", "C-113", "C-114")
        for number in range(40)
    ]
    record_events(store, rows, lambda _table, _identity: (), now)
    decide_for_everyone(CampaignAsked(shop, out, resume=True))
    decided = {row["customer_id"] for row in log_of(store)}
    assert len(decided) > 50
    assert not decided & {row.customer_id for row in rows}


def orders_content(order_id: str, at: int) -> str:
    return content_of({"order_id": order_id, "ordered_at": at, "amount": 5.0})


def test_a_run_that_died_before_its_file_writes_it_from_the_log(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(service.campaign.campaign_run, "publish", interrupted)
        with pytest.raises(KeyboardInterrupt):
            decide_for_everyone(CampaignAsked(shop, out))
    assert not (out / "campaign.parquet").exists()
    logged = log_of(store)
    assert manifest(out)["logged"]
    emailed, phoned = ([row for row in logged if row["channel"] == channel][:3] for channel in ("email", "phone"))
    for row in emailed:
        record_consent(store, row["customer_id"], {"email": False}, FREE, "test", FREE)
    for row in phoned:
        record_consent(store, row["customer_id"], {"email": False}, FREE, "test", FREE)  # not what the phone needs
    refuses = logged[-1]["customer_id"]
    record_consent(store, refuses, {"profiling": False}, FREE, "test", FREE)
    told = decide_for_everyone(CampaignAsked(shop, out, resume=True))
    assert [dict(row) for row in log_of(store)] == [dict(row) for row in logged]
    gone = {row["customer_id"] for row in emailed} | {refuses}
    assert [row["customer_id"] for row in rows_in(out)] == [
        row["customer_id"] for row in logged if row["customer_id"] not in gone
    ]
    assert manifest(out)["left_out_refused_since"] == len(gone)
    assert f"{len(gone)} left out" in told
    assert "complete already" in decide_for_everyone(CampaignAsked(shop, out, resume=True))


def interrupted(*_: object) -> str:
    raise KeyboardInterrupt


def test_the_folder_of_another_run_is_refused(store: sa.Engine, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    decide_for_everyone(CampaignAsked(shop, out))
    with pytest.raises(DataError, match="already"):
        decide_for_everyone(CampaignAsked(shop, out))
    with pytest.raises(DataError, match="another format"):
        decide_for_everyone(CampaignAsked(shop, out, file_format="csv", resume=True))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    with pytest.raises(DataError, match="not empty"):
        decide_for_everyone(CampaignAsked(shop, tmp_path / "mine"))
    (tmp_path / "mine" / "manifest.json").write_text('{"customers": 3}', encoding="utf-8")
    with pytest.raises(DataError, match="not one of"):
        decide_for_everyone(CampaignAsked(shop, tmp_path / "mine", resume=True))
    assert len(log_of(store)) == len(rows_in(out))


def test_a_policy_that_changed_cannot_resume(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    decide_for_everyone(CampaignAsked(shop, out))
    begun = manifest(out) | {"logged": False, "complete": False}
    (out / "manifest.json").write_text(json.dumps(begun), encoding="utf-8")
    write_policy(shop, "[run]", "budget = 5")
    with pytest.raises(DataError, match="policy_version differs"):
        decide_for_everyone(CampaignAsked(shop, out, resume=True))


def test_the_command_says_what_it_did_and_its_csv_holds_no_formula(store: sa.Engine, tmp_path: Path) -> None:
    shop = write_policy(write_workspace(tmp_path / "shop"))
    for name in ("customers.csv", "orders.csv", "interactions.csv"):
        text = (shop / name).read_text(encoding="utf-8").replace("C-0", "=C-0")
        (shop / name).write_text(text, encoding="utf-8")
    with_champion(shop)
    arguments = ["--workspace", str(shop), "--out", str(tmp_path / "o"), "--format", "csv"]
    done = CliRunner().invoke(decide, arguments)
    assert done.exit_code == 0, done.output
    assert "expected margin" in done.output
    with (tmp_path / "o" / "campaign.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))]
    assert {row["customer_id"].removeprefix("'") for row in rows} == {row["customer_id"] for row in log_of(store)}
