"""`tercet score` killed at any moment: no half-written file is ever to be seen, and what is resumed ends the same."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from models.files.atomic_files import sha256_of
from models.files.store_url import store_url
from models.ingest import wall_clock
from models.ingest.overlay.packed_rows import content_of, identity_of
from service.batch.run_folder.batch_job import BatchOptions, prepare
from service.batch.run_folder.block_writer import BlockWriter, Task
from service.batch.run_folder.output_folder import part_path
from service.batch.run_folder.resumption import claim
from service.batch.run_folder.work_folder import HIDDEN, work_folder
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from service.store.logs.event_checks import EventRow
from service.store.logs.event_log import record_events
from tests.builders.decision_policy import write_policy
from tests.builders.polling import wait_for
from tests.builders.running_service import ROOT
from tests.builders.scoring_processes import ForkedScoring, forked_scoring
from tests.builders.small_workspace import CUSTOMERS, FIRST_BUYER

BLOCK = 10


@pytest.fixture(scope="module")
def scoring() -> Iterator[ForkedScoring]:
    with forked_scoring() as started:
        yield started


def test_a_run_killed_at_any_moment_ends_the_same_though_events_arrive(
    shop: Path, tmp_path: Path, scoring: ForkedScoring
) -> None:
    write_policy(shop)
    order_arrives(shop, "o-1", "C-003")
    out, moments = tmp_path / "killed", random.Random(3)
    for number in range(4):
        before = seen_in(out)
        scoring.start(shop, out, block=BLOCK, resume=out.exists())
        if number:  # the first is killed while it reads the tables
            wait_for(lambda: seen_in(out) - before or is_complete(out))  # noqa: B023 - asked at once
        time.sleep(moments.uniform(0, 0.02))
        scoring.kill(signal.SIGKILL)
        killed = scoring.ended() == -signal.SIGKILL
        assert killed or number >= 2  # a quick machine may be done by then
        assert all(pq.read_metadata(part).num_rows == BLOCK for part in out.glob("scores/part-*"))
        order_arrives(shop, f"o-later-{number}", "C-004")
        if not killed:
            break
    scoring.start(shop, out, block=BLOCK, resume=True)
    assert scoring.ended() == 0
    check_whole(out)
    shutil.rmtree(shop / "segments")  # the run that began is told anew, without what it left
    anew = tmp_path / "anew"
    begin_as(anew, out)
    scoring.start(shop, anew, block=BLOCK, resume=True)
    assert scoring.ended() == 0
    assert contents(out) == contents(anew)
    assert json.loads((out / "manifest.json").read_text())["log"]["events"] == 2  # before the first file was written


def test_who_refuses_between_a_kill_and_its_resumption_is_not_scored(
    shop: Path, tmp_path: Path, scoring: ForkedScoring
) -> None:
    out = tmp_path / "out"
    scoring.start(shop, out, block=BLOCK)
    wait_for(lambda: seen_in(out))
    scoring.kill(signal.SIGKILL)
    scoring.ended()
    store, now = open_store(store_url(shop)), wall_clock()
    record_consent(store, FIRST_BUYER, {"profiling": False}, now, "call", now)
    store.dispose()
    scoring.start(shop, out, block=BLOCK, resume=True)
    assert scoring.ended() == 0
    check_whole(out)
    status = {row["customer_id"]: row["status"] for row in pq.read_table(out / "scores").to_pylist()}
    assert status[FIRST_BUYER] == "not_scored"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_ends_a_run_leaves_no_rows_behind(
    shop: Path, tmp_path: Path, scoring: ForkedScoring, number: signal.Signals
) -> None:
    out = tmp_path / "out"
    scoring.start(shop, out, block=BLOCK)
    wait_for(lambda: seen_in(out))
    scoring.kill(number)
    assert scoring.ended() != 0
    assert not (out / HIDDEN / "staged").exists()
    scoring.start(shop, out, block=BLOCK, resume=True)
    assert scoring.ended() == 0
    check_whole(out)


def test_a_run_ends_the_same_on_other_cores_and_in_another_zone(
    shop: Path, tmp_path: Path, scoring: ForkedScoring
) -> None:
    out, anew = tmp_path / "out", tmp_path / "anew"
    begun = tercet_score(shop, out, "--processes", "2", TERCET_CORES="8", TZ="Pacific/Auckland")
    wait_for(lambda: seen_in(out))
    begun.kill()
    assert begun.wait(60) == -signal.SIGKILL
    assert not is_complete(out)
    scoring.start(shop, out, {"TERCET_CORES": "1", "TZ": "America/St_Johns"}, block=BLOCK, resume=True)
    assert scoring.ended() == 0
    check_whole(out)
    shutil.rmtree(shop / "segments")
    begin_as(anew, out)
    scoring.start(shop, anew, block=BLOCK, resume=True)
    assert scoring.ended() == 0
    assert contents(out) == contents(anew)


def tercet_score(shop: Path, out: Path, *words: str, **settings: str) -> "subprocess.Popen[bytes]":
    """Start the command as a user does, with these variables of the environment."""
    command = [sys.executable, str(ROOT / "tercet.py"), "score", "--workspace", str(shop), "--out", str(out)]
    return subprocess.Popen([*command, "--block", str(BLOCK), *words], env={**os.environ, **settings})


def order_arrives(shop: Path, order_id: str, customer_id: str) -> None:
    """The service receives an order that is newer than any in the tables."""
    store, now = open_store(store_url(shop)), wall_clock()
    at = now - 60_000_000
    row = {"order_id": order_id, "customer_id": customer_id, "ordered_at": at, "amount": 70.0}
    event = EventRow("orders", identity_of("orders", row), customer_id, at, content_of(row))
    record_events(store, [event], lambda *_: (), now)
    store.dispose()


def seen_in(out: Path) -> set[str]:
    """The files of the run, finished or not."""
    return {path.name for path in out.glob("scores/*")}


def is_complete(out: Path) -> bool:
    """Whether the run has ended."""
    manifest = out / "manifest.json"
    return manifest.exists() and bool(json.loads(manifest.read_text())["complete"])


def begin_as(anew: Path, out: Path) -> None:
    """A folder of a run that begins when the run in `out` began."""
    manifest = json.loads((out / "manifest.json").read_text())
    begun = {name: manifest[name] for name in manifest if name not in {"parts", "statuses"}} | {"complete": False}
    anew.mkdir()
    (anew / "scores").mkdir()
    (anew / "manifest.json").write_text(json.dumps(begun))


def contents(out: Path) -> dict[str, bytes]:
    """Every file that is there, hidden ones too."""
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def check_whole(out: Path) -> None:
    """The run is complete, its parts are those of the manifest, and nothing else is left."""
    manifest = json.loads((out / "manifest.json").read_text())
    assert is_complete(out)
    assert sum(part["customers"] for part in manifest["parts"]) == CUSTOMERS
    assert all(sha256_of(out / part["file"]) == part["sha256"] for part in manifest["parts"])
    assert contents(out).keys() == {"manifest.json", "segments.json", *(part["file"] for part in manifest["parts"])}


def test_a_part_of_later_consents_is_not_taken_for_one_of_those_at_the_beginning(shop: Path, tmp_path: Path) -> None:
    asked = BatchOptions(shop, tmp_path / "out", block=CUSTOMERS)
    with work_folder(asked.out) as work:
        job = prepare(asked, work.staged, work.aside)
        claim(asked.out, job.manifest(), {})
        writer, part = BlockWriter(asked, job.plan, job.staged, work.facts), part_path(asked, 0)
        writer(Task(0, {}))
        first = part.read_bytes()
        writer(Task(0, {(FIRST_BUYER, "profiling"): False}))
        assert part.read_bytes() != first
        writer(Task(0, {}))  # as a run does that was killed here and is resumed
        assert part.read_bytes() == first
