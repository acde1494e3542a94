"""The campaign file holds nobody who has refused by the time it is there, and nothing that has expired."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

import service.campaign.campaign_file
import service.campaign.campaign_run
from models.files.atomic_files import write_whole
from models.ingest.store.store_tables import decisions
from service.campaign.campaign_run import CampaignAsked, decide_for_everyone
from service.store.logs.consent_log import record_consent
from service.store.logs.feedback_log import Feedback, record_feedback
from tests.builders.histories import instant
from tests.builders.wall_clock import StandingClock, standing_clock

NOW = instant("2026-03-10T12:00:00")
DAY = 86_400_000_000


@pytest.fixture
def shop(model_shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_shop, tmp_path / "shop"))


@pytest.fixture
def clock() -> Iterator[StandingClock]:
    with standing_clock(NOW) as standing:
        yield standing


def log_of(store: sa.Engine) -> list[sa.RowMapping]:
    with store.connect().execution_options(reading=True) as connection:
        return list(connection.execute(sa.select(decisions).order_by(decisions.c.customer_id)).mappings())


def in_file(out: Path) -> list[str]:
    return [str(name) for name in pq.read_table(out / "campaign.parquet")["customer_id"].to_pylist()]


def manifest(out: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def before_it_is_there(monkeypatch: pytest.MonkeyPatch, *happenings: Callable[[], object]) -> list[Path]:
    """Let these happen, each when the file has once more been filled and is not there yet; how often it was written."""
    written: list[Path] = []

    def fill_then(path: Path, fill: Callable[[Path], None]) -> None:
        def fill_slowly(draft: Path) -> None:
            fill(draft)
            if len(written) < len(happenings):
                happenings[len(written)]()

        write_whole(path, fill_slowly)
        written.append(path)

    monkeypatch.setattr(service.campaign.campaign_file, "write_whole", fill_then)
    return written


def logged_only(monkeypatch: pytest.MonkeyPatch, asked: CampaignAsked) -> None:
    """A run that dies when all is logged."""

    def die(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(service.campaign.campaign_run, "publish", die)
        with pytest.raises(KeyboardInterrupt):
            decide_for_everyone(asked)


def test_who_refuses_while_the_file_is_written_is_not_in_it(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
) -> None:
    def refuse(place: int, purpose: str) -> Callable[[], object]:
        def say() -> object:
            mailed = [row["customer_id"] for row in log_of(store) if row["channel"] == "email"]
            return record_consent(store, mailed[place], {purpose: False}, NOW, "test", NOW)

        return say

    def refuse_who_has_no_decision() -> object:
        return record_consent(store, "stranger", {"email": False}, NOW, "test", NOW)

    written = before_it_is_there(monkeypatch, refuse(0, "profiling"), refuse(1, "email"), refuse_who_has_no_decision)
    out = tmp_path / "out"
    decide_for_everyone(CampaignAsked(shop, out))
    logged = log_of(store)
    mailed = [row["customer_id"] for row in logged if row["channel"] == "email"]
    assert in_file(out) == [row["customer_id"] for row in logged if row["customer_id"] not in mailed[:2]]
    assert manifest(out)["left_out_refused_since"] == 2
    assert len(written) == 3


def test_whose_channel_bounces_while_the_file_is_written_is_not_in_it_and_is_counted(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
) -> None:
    def bounce() -> object:
        mailed = [row["decision_id"] for row in log_of(store) if row["channel"] == "email"]
        return record_feedback(store, [Feedback("f1", mailed[0], "bounced", NOW)], NOW)

    written = before_it_is_there(monkeypatch, bounce)
    out = tmp_path / "out"
    told = decide_for_everyone(CampaignAsked(shop, out))
    mailed = [row["customer_id"] for row in log_of(store) if row["channel"] == "email"]
    assert in_file(out) == [row["customer_id"] for row in log_of(store) if row["customer_id"] != mailed[0]]
    assert (manifest(out)["left_out_stopped_since"], manifest(out)["left_out_refused_since"]) == (1, 0)
    assert "1 left out: the channel was stopped since" in told
    assert len(written) == 2


def test_the_file_of_a_resumed_run_minds_what_the_tables_say_by_then(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
) -> None:
    out = tmp_path / "out"
    logged_only(monkeypatch, CampaignAsked(shop, out))
    logged = log_of(store)
    # of who is gone nothing is recorded, which where the default is "granted" is no refusal
    refuses, granted_again, is_gone = (row["customer_id"] for row in logged[:3])
    record_consent(store, granted_again, {"profiling": True}, NOW, "test", NOW)
    lines = (shop / "customers.csv").read_text(encoding="utf-8").splitlines()
    changed = [
        line.rstrip(",") + ",no" if line.startswith((refuses, granted_again)) else line
        for line in lines
        if not line.startswith(is_gone)
    ]
    (shop / "customers.csv").write_text("\n".join(changed) + "\n", encoding="utf-8")
    decide_for_everyone(CampaignAsked(shop, out, resume=True))
    assert in_file(out) == [row["customer_id"] for row in logged if row["customer_id"] != refuses]
    assert manifest(out)["left_out_refused_since"] == 1


def test_what_has_expired_before_the_file_is_written_is_left_out_and_counted(
    store: sa.Engine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
) -> None:
    out = tmp_path / "out"
    logged_only(monkeypatch, CampaignAsked(shop, out))
    clock.move(7 * DAY)
    told = decide_for_everyone(CampaignAsked(shop, out, resume=True))
    logged = log_of(store)
    expired = [row for row in logged if row["action"] == "basket_mail"]
    assert expired
    assert in_file(out) == [row["customer_id"] for row in logged if row["action"] != "basket_mail"]
    assert manifest(out)["left_out_expired"] == len(expired)
    assert manifest(out)["rows"] == len(logged) - len(expired)
    assert f"{len(expired)} left out: expired" in told
