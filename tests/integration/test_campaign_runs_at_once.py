"""`tercet decide` twice at once, past midnight, or with nothing to decide: what it promises holds all the same."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

import service.campaign.campaign_run
from models.decisions.stages.holdout import draw_lots
from models.errors import DataError
from models.files.store_url import store_url
from models.ingest.store.store_tables import decisions
from models.rows.history import History
from models.rows.instants import format_instant
from models.workspace import load_workspace
from service.campaign.campaign_folder import open_folder
from service.campaign.campaign_run import CampaignAsked, CampaignRun, decide_for_everyone
from service.store.database.engine import open_store
from tests.builders.decision_policy import write_policy
from tests.builders.histories import instant
from tests.builders.small_workspace import CUSTOMERS
from tests.builders.wall_clock import standing_clock

DAY = 86_400_000_000
LATE = instant("2026-03-10T23:59:00")
LOG_BLOCK = service.campaign.campaign_run.log_block


@pytest.fixture
def shop(model_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TERCET_DATABASE_URL", f"sqlite:///{tmp_path / 'tercet.db'}")
    return Path(shutil.copytree(model_shop, tmp_path / "shop"))


def log_of(shop: Path) -> list[sa.RowMapping]:
    store = open_store(store_url(shop))
    with store.connect().execution_options(reading=True) as connection:
        rows = list(connection.execute(sa.select(decisions)).mappings())
    store.dispose()
    return rows


@pytest.mark.parametrize("within", ["", "[run]\nbudget = 5\n", '[channels.email]\nconsent = "email"\ncapacity = 3\n'])
def test_a_policy_without_actions_decides_for_nobody(shop: Path, tmp_path: Path, within: str) -> None:
    (shop / "policy.toml").write_text(within, encoding="utf-8")
    assert decide_for_everyone(CampaignAsked(shop, tmp_path / "out")).startswith("0 decisions")


def another_goes_first(monkeypatch: pytest.MonkeyPatch, shop: Path, out: Path, blocks: int) -> None:
    """Before a run logs its first block, another process has resumed it, and died after so many blocks."""
    monkeypatch.setattr(service.campaign.campaign_run, "BLOCK", 20)
    ahead: list[str] = []

    def log_block(run: CampaignRun, block: History, chosen: Any) -> int:
        if not ahead:
            ahead.append("begun")
            with pytest.raises(KeyboardInterrupt):
                decide_for_everyone(CampaignAsked(shop, out, resume=True))
        elif len(ahead) <= blocks:
            ahead.append("logged")
        elif ahead[-1] != "over":
            ahead.append("over")
            raise KeyboardInterrupt
        return LOG_BLOCK(run, block, chosen)

    monkeypatch.setattr(service.campaign.campaign_run, "log_block", log_block)


def test_two_processes_with_one_run_decide_for_nobody_twice(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    another_goes_first(monkeypatch, shop, out, blocks=2)
    decide_for_everyone(CampaignAsked(shop, out))
    rows = log_of(shop)
    assert len({row["customer_id"] for row in rows}) == len(rows) > 50
    assert len({row["run_id"] for row in rows}) == 1


def test_of_two_processes_with_one_budget_one_gives_way(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_policy(shop, "[run]", "budget = 0.7")
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        another_goes_first(patched, shop, out, blocks=2)
        with pytest.raises(DataError, match="within the same budget"):
            decide_for_everyone(CampaignAsked(shop, out))
    decide_for_everyone(CampaignAsked(shop, out, resume=True))
    rows = log_of(shop)
    assert len({row["customer_id"] for row in rows}) == len(rows) > 0
    assert sum(row["expected_cost"] for row in rows) <= 70


def test_a_run_goes_on_though_someone_it_has_decided_for_is_gone_from_the_tables(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_policy(shop, "[run]", "budget = 30")
    monkeypatch.setattr(service.campaign.campaign_run, "BLOCK", 20)
    out, logged = tmp_path / "out", list[int]()

    def log_block(run: CampaignRun, block: History, chosen: Any) -> int:
        logged.append(len(block))
        if len(logged) == 3:
            raise KeyboardInterrupt
        return LOG_BLOCK(run, block, chosen)

    monkeypatch.setattr(service.campaign.campaign_run, "log_block", log_block)
    with pytest.raises(KeyboardInterrupt):
        decide_for_everyone(CampaignAsked(shop, out))
    first = {row["customer_id"] for row in log_of(shop)}
    for name in ("customers.csv", "orders.csv", "interactions.csv"):
        lines = (shop / name).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not first & set(line.split(","))]
        (shop / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    decide_for_everyone(CampaignAsked(shop, out, resume=True))
    assert first < {row["customer_id"] for row in log_of(shop)}
    assert logged[3:] == [20] * ((CUSTOMERS - len(first)) // 20) + [(CUSTOMERS - len(first)) % 20]


def test_of_two_that_begin_at_once_one_gets_the_folder(tmp_path: Path) -> None:
    one, other = (open_folder(tmp_path / "out", "csv", resume=False) for _ in range(2))
    taken = one.claimed({"as_of": "2026-01-01"}, LATE)
    with pytest.raises(DataError, match="another run has taken"):
        other.claimed({"as_of": "2026-01-01"}, LATE)
    kept = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert kept["run_id"] == taken.run_id


@pytest.mark.parametrize("budget", ["", "budget = 30"])
def test_a_run_past_midnight_is_logged_by_the_clock_with_the_lots_of_its_start(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: str
) -> None:
    if budget:
        write_policy(shop, "[run]", budget)
    monkeypatch.setattr(service.campaign.campaign_run, "BLOCK", CUSTOMERS // 2 + 1)
    with standing_clock(LATE) as clock:

        def log_block(run: CampaignRun, block: History, chosen: Any) -> int:
            clock.move(DAY)
            return LOG_BLOCK(run, block, chosen)

        monkeypatch.setattr(service.campaign.campaign_run, "log_block", log_block)
        decide_for_everyone(CampaignAsked(shop, tmp_path / "out"))
    rows = log_of(shop)
    assert {row["decided_at"] for row in rows} == {LATE + DAY, LATE + 2 * DAY}
    policy = load_workspace(shop).policy
    for row in rows:
        days = policy.actions[row["action"]].expires_after_days
        assert row["expires_at"] == row["decided_at"] + days * DAY
        assert json.loads(row["trace"])["decided_at"] == format_instant(row["decided_at"])
    lots = draw_lots(policy.experiment, [row["customer_id"] for row in rows], LATE)
    exploring = np.array([row["arm"] == "exploration" for row in rows])
    assert exploring.any()
    assert (exploring == lots.exploring).all()
