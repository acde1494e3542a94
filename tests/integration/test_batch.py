"""`tercet score`: everyone, to files, with the numbers that HTTP gives."""

import csv
import hashlib
import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from models.files.atomic_files import sha256_of
from models.files.store_url import store_url
from models.ingest import wall_clock
from service.batch.batch_run import score_everyone
from service.batch.run_folder import batch_job as job
from service.batch.run_folder import block_writer, output_folder
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from service.store.logs.decision_log import Occasion, log_decisions
from tests.builders.command_in_process import run_command
from tests.builders.decision_policy import write_policy
from tests.builders.logged_decisions import decision_to_log
from tests.builders.running_service import RunningService
from tests.builders.small_workspace import CUSTOMERS, FIRST_BUYER, PROSPECT, REFUSES
from tests.builders.wall_clock import standing_clock

BatchOptions = partial(job.BatchOptions, processes=1)


def manifest_of(out: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def test_everyone_is_scored_with_the_numbers_that_http_gives(served: RunningService, tmp_path: Path) -> None:
    out = tmp_path / "tonight"
    done = run_command("score", "--workspace", served.workspace, "--out", out)
    assert done.exit_code == 0, done.stderr
    assert f"scoring: {CUSTOMERS} of {CUSTOMERS} (100%)" in done.stderr
    rows = pq.read_table(out / "scores").to_pylist()
    items = served.items(*(row["customer_id"] for row in rows))
    assert len(rows) == CUSTOMERS
    for row, item in zip(rows, items, strict=True):
        assert (row["customer_id"], row["status"], row["status_reason"]) == (
            item["customer_id"],
            item["status"],
            item.get("reason"),
        )
        if item["status"] != "scored":
            assert all(row[name] is None for name in row if name.startswith(("churn", "clv", "upsell", "predicted")))
            continue
        assert row["churn_probability"] == item["churn"]["probability"]
        assert row["predicted_clv"] == item["clv"]["amount"]
        assert row["clv_high"] == item["clv"]["interval"]["high"]
        assert row["lifecycle"] == item["segments"]["lifecycle"]
        assert row["audiences"] == item["segments"]["audiences"]
        assert [r["feature"] for r in row["churn_reasons"]] == [r["feature"] for r in item["churn"]["reasons"]]
        offers = {offer["offer"]: offer["probability"] for offer in item["upsell"]["offers"]}
        assert row["upsell_first_toy_probability"] == offers.get("first_toy")
    check_manifest(out)
    check_segments(served, out)


def check_manifest(out: Path) -> None:
    manifest = manifest_of(out)
    assert manifest["complete"]
    assert manifest["statuses"] == {"not_scored": 2, "scored": CUSTOMERS - 2}
    assert {source["table"] for source in manifest["inputs"]} == {"customers", "orders", "interactions"}
    for part in manifest["parts"]:
        assert hashlib.sha256((out / part["file"]).read_bytes()).hexdigest() == part["sha256"]


def check_segments(served: RunningService, out: Path) -> None:
    report = json.loads((out / "segments.json").read_text(encoding="utf-8"))
    assert report["customers"] == CUSTOMERS - 2
    answer = served.http.get("/v1/segments").json()
    assert answer["sizes"] == "measured"
    sizes = {row["segment"]: row["customers"] for row in answer["segmentations"]["lifecycle"]["sizes"]}
    assert sum(sizes.values()) == CUSTOMERS - 2
    shown = run_command("segments", "--workspace", served.workspace).stdout
    assert "lifecycle" in shown
    assert str(sizes["loyal"]) in shown
    shutil.rmtree(served.workspace / "segments")  # as it was, for the other tests


def test_a_csv_for_a_crm_holds_no_formula(shop: Path, tmp_path: Path) -> None:
    orders = shop / "orders.csv"
    orders.write_text(orders.read_text() + "=cmd|' /C calc'!A0,x1,2025-01-05T00:00:00+00:00,books,12\n")
    people = shop / "customers.csv"
    people.write_text(people.read_text() + "=cmd|' /C calc'!A0,=1+1,\n")
    score_everyone(BatchOptions(shop, tmp_path / "crm", file_format="csv", columns="crm"))
    with (tmp_path / "crm" / "scores" / "part-00000.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == CUSTOMERS + 1
    assert all(not cell.startswith(("=", "@", "+", "\t")) for row in rows for cell in row.values())
    assert "'=cmd|' /C calc'!A0" in {row["customer_id"] for row in rows}
    assert {"churn_probability", "predicted_clv", "value_tier", "churn_reason_1"} <= set(rows[0])
    assert not any(name.endswith(("_base_value", "_reasons")) for name in rows[0])
    statuses = {row["customer_id"]: row["status_reason"] for row in rows}
    assert statuses[PROSPECT] == "prospect"
    assert statuses[REFUSES] == "no_profiling_consent"


def test_blocks_give_what_one_block_gives_whoever_scores_them(shop: Path, tmp_path: Path) -> None:
    score_everyone(BatchOptions(shop, tmp_path / "one"))
    score_everyone(BatchOptions(shop, tmp_path / "many", block=50, processes=2))
    score_everyone(BatchOptions(shop, tmp_path / "again"))
    assert len(manifest_of(tmp_path / "many")["parts"]) == 3
    one, many = (pq.read_table(tmp_path / name / "scores") for name in ("one", "many"))
    assert one.equals(many)
    added, whole = (json.loads((tmp_path / name / "segments.json").read_text()) for name in ("many", "again"))
    assert added["migration"]["lifecycle"]["moved_share"] == 0
    for told in ("migration", "customers", "overlap", "warnings", "staleness"):
        assert added[told] == whole[told]


def test_a_run_that_was_interrupted_goes_on_to_the_same_bytes(shop: Path, tmp_path: Path) -> None:
    score_everyone(BatchOptions(shop, tmp_path / "whole", as_of="2025-06-01", block=50))
    out = half_of(tmp_path / "whole")
    with standing_clock(wall_clock() + 3 * 86_400_000_000):
        score_everyone(BatchOptions(shop, out, as_of="2025-06-01", resume=True, block=50))
        assert_same_files(out, tmp_path / "whole")
        assert "complete already" in score_everyone(BatchOptions(shop, out, as_of="2025-06-01", resume=True, block=50))


def test_contacts_that_come_after_a_run_began_change_nothing_in_it_when_it_is_resumed(
    shop: Path, tmp_path: Path
) -> None:
    write_policy(shop)
    score_everyone(BatchOptions(shop, tmp_path / "whole", block=50))
    out = half_of(tmp_path / "whole")
    shutil.rmtree(shop / "segments")  # what only a run that is through leaves
    contact_everyone(shop, tmp_path / "whole")
    score_everyone(BatchOptions(shop, out, block=50, resume=True))
    assert_same_files(out, tmp_path / "whole")
    score_everyone(BatchOptions(shop, tmp_path / "anew", block=50))
    then, anew = (pq.read_table(tmp_path / name / "scores")["next_best_action"] for name in ("whole", "anew"))
    assert anew.null_count == len(anew) > then.null_count


def contact_everyone(shop: Path, scored: Path) -> None:
    """Log as many contacts of everyone as the policy's channels allow."""
    store, now = open_store(store_url(shop)), wall_clock()
    ids = pq.read_table(scored / "scores")["customer_id"].to_pylist()
    phoned = [decision_to_log(str(customer_id), f"dec_{customer_id}") for customer_id in ids]
    mailed = [
        replace(one, decision_id=f"{one.decision_id}{letter}", proposal=replace(one.proposal, channel="email"))
        for one in phoned
        for letter in "ab"
    ]
    with store.begin() as connection:
        log_decisions(connection, Occasion(now, now, "1", "9f2c1e0a4b7d"), phoned + mailed)
    store.dispose()


def half_of(whole: Path) -> Path:
    """A copy of a run's folder as it was before the second of its parts was written."""
    out = whole.with_name("half")
    shutil.copytree(whole, out)
    (out / "scores" / "part-00001.parquet").unlink()
    manifest = manifest_of(out)
    unfinished = {name: manifest[name] for name in manifest if name not in {"parts", "statuses"}}
    (out / "manifest.json").write_text(json.dumps(unfinished | {"complete": False}))
    (out / "segments.json").unlink()
    return out


def assert_same_files(out: Path, whole: Path) -> None:
    for file in whole.rglob("*.*"):
        assert (out / file.relative_to(whole)).read_bytes() == file.read_bytes()


def test_who_refuses_while_the_run_goes_on_is_in_no_file_that_it_leaves(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, order = output_folder.write_part, list[int]()

    def refuse_after_the_first_part(asked: job.BatchOptions, number: int, table: pa.Table) -> None:
        if number == 1 and number not in order:
            store = open_store(store_url(shop))
            record_consent(store, FIRST_BUYER, {"profiling": False}, wall_clock(), "call", wall_clock())
            store.dispose()
        order.append(number)
        write(asked, number, table)

    monkeypatch.setattr(block_writer, "write_part", refuse_after_the_first_part)
    score_everyone(BatchOptions(shop, tmp_path / "out", block=50))
    table = pq.read_table(tmp_path / "out" / "scores")
    (row,) = table.filter(pc.equal(table["customer_id"], pa.scalar(FIRST_BUYER))).to_pylist()
    assert (row["status_reason"], row["churn_probability"]) == ("no_profiling_consent", None)
    manifest = manifest_of(tmp_path / "out")
    assert manifest["statuses"]["not_scored"] == table["status"].to_pylist().count("not_scored")
    for part in manifest["parts"]:
        assert sha256_of(tmp_path / "out" / part["file"]) == part["sha256"]


def test_who_refuses_while_parts_are_written_again_is_in_no_file_either(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, order = output_folder.write_part, list[int]()

    def somebody_refuses(asked: job.BatchOptions, number: int, table: pa.Table) -> None:
        store = open_store(store_url(shop))
        if number == 2 and len(order) == 2:
            record_consent(store, "C-119", {"profiling": False}, wall_clock(), "call", wall_clock())
        elif number == 2 and len(order) == 3:
            record_consent(store, FIRST_BUYER, {"profiling": False}, wall_clock(), "call", wall_clock())
        store.dispose()
        order.append(number)
        write(asked, number, table)

    monkeypatch.setattr(block_writer, "write_part", somebody_refuses)
    score_everyone(BatchOptions(shop, tmp_path / "out", block=50))
    assert order == [0, 1, 2, 2, 0]
    status = {row["customer_id"]: row["status"] for row in pq.read_table(tmp_path / "out" / "scores").to_pylist()}
    assert (status["C-119"], status[FIRST_BUYER]) == ("not_scored", "not_scored")
    assert manifest_of(tmp_path / "out")["statuses"]["not_scored"] == list(status.values()).count("not_scored")


def test_a_backtest_does_not_change_what_was_last_measured(shop: Path, tmp_path: Path) -> None:
    score_everyone(BatchOptions(shop, tmp_path / "then", as_of="2025-06-01"))
    assert not (shop / "segments").exists()
    assert set(pq.read_table(tmp_path / "then" / "scores")["next_best_action"].to_pylist()) == {None}
    score_everyone(BatchOptions(shop, tmp_path / "now"))
    first = json.loads((shop / "segments" / "latest.json").read_text())
    assert first["migration"] is None
    score_everyone(BatchOptions(shop, tmp_path / "again"))
    second = json.loads((shop / "segments" / "latest.json").read_text())
    assert second["migration"]["lifecycle"]["moved_share"] == 0


def test_a_run_as_of_now_is_resumed_as_of_then(shop: Path, tmp_path: Path) -> None:
    definitions = shop / "tercet.toml"
    definitions.write_text(definitions.read_text().replace("[business]", '[business]\nclock = "wall"'))
    asked = BatchOptions(shop, tmp_path / "out")
    score_everyone(asked)
    first = json.loads((asked.out / "manifest.json").read_text())
    assert "complete already" in score_everyone(replace(asked, resume=True))
    assert json.loads((asked.out / "manifest.json").read_text()) == first
