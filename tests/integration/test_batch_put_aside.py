"""`tercet score` and `tercet decide` on files with flaws: nobody is lost without a word, and what is flawed is told."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import numeric_columns, read_champion_bundle
from models.errors import DataError
from models.files.store_url import store_url
from models.ingest import read_history, wall_clock
from models.ingest.blocks.block_staging import StagingFolder, stage_blocks
from models.ingest.columns.ingest_account import IngestAccount
from models.ingest.columns.kind_mismatches import FEWEST
from models.ingest.overlay.packed_rows import content_of, identity_of
from models.ingest.staged_workspace import StagingRequest
from models.ingest.store.delta import stored_delta
from models.rows.instants import parse_instant
from models.workspace import load_workspace
from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from service.campaign.campaign_run import CampaignAsked, decide_for_everyone
from service.store.database.engine import open_store
from service.store.logs.event_checks import EventRow
from service.store.logs.event_log import record_events
from service.worker.reload_and_warm_up import Reloader
from tests.builders.csv_shop import AS_OF, Files, clean_files, make_shop, shop_like
from tests.builders.narrowing import present
from tests.builders.small_workspace import with_champion
from tests.builders.wall_clock import standing_clock
from tests.builders.workspace_files import write_tables
from tests.oracles.run_output import run_output_of

CUSTOMERS = 50
TABLE_ALONE = """
[business]
currency = "EUR"
[tables.attributes]
source = "attributes.csv"
[churn]
definition = "label"
column = "left"
positive = 1
[consent]
default = "granted"
"""

ORDERS_ALONE = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
[consent]
default = "granted"
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("model") / "shop")


@pytest.fixture(scope="module")
def features_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose one table is `attributes`, with a champion."""
    shop = tmp_path_factory.mktemp("features") / "shop"
    shop.mkdir()
    (shop / "tercet.toml").write_text(TABLE_ALONE, encoding="utf-8")
    rows = clean_files(200)["attributes"]
    labelled = [[*row, "left" if at == 0 else str(at % 2)] for at, row in enumerate(rows)]
    write_tables(shop, {"attributes": labelled})
    with_champion(shop)
    return shop


def attributes_with(*changes: tuple[int, int, str]) -> Files:
    """A feature table of CUSTOMERS rows in which these cells are others: row from 1, column, cell."""
    rows = clean_files(CUSTOMERS)["attributes"]
    for row, column, cell in changes:
        rows[row][column] = cell
    return {"attributes": rows}


def test_one_cell_of_a_feature_that_cannot_be_read_is_a_missing_value_and_never_a_person(
    features_alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, blank = tmp_path / "out", tmp_path / "blank"
    shop = shop_like(features_alone, tmp_path / "shop", attributes_with((17, 1, "?")))
    score_everyone(BatchOptions(shop, out, AS_OF, processes=1))
    told = capsys.readouterr().err
    come = run_output_of(out)
    assert len(come.rows) == CUSTOMERS
    flaw = {"table": "attributes", "reason": "unreadable usage", "values": 1, "first": "row 17"}
    assert come.manifest["flaws"] == [flaw | {"file": "rejected/attributes.parquet"}]
    assert (come.manifest["put_aside"], come.manifest["people_left_out"]) == ([], 0)
    assert f"1 value put aside, the row stays: unreadable usage (row 17: '?'); see {out}/rejected" in told
    assert list(aside_in(out)) == [("unreadable usage", True, 17, "?")]
    shop = shop_like(features_alone, tmp_path / "again", attributes_with((17, 1, "")))
    score_everyone(BatchOptions(shop, blank, AS_OF, processes=1))
    assert run_output_of(blank).rows == come.rows


def aside_in(out: Path) -> Iterator[tuple[str, bool, int, str]]:
    columns = "rejected_because, row_stays, source_row, usage"
    yield from present(duckdb.sql(f"select {columns} from '{out}/rejected/attributes.parquet'")).fetchall()


def test_of_a_table_to_be_scored_everyone_comes_out_and_flawed_ids_are_told(
    features_alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tables(tmp_path, attributes_with((5, 1, "?"), (9, 1, "1e999"), (20, 0, ""), (31, 0, "c003"), (40, 2, "huge")))
    out = tmp_path / "out"
    score_everyone(BatchOptions(features_alone, out, attributes_file=tmp_path / "attributes.csv", processes=1))
    come = run_output_of(out)
    reasons = {(one["reason"], one["rows"], one["first"]) for one in come.manifest["put_aside"]}
    assert reasons == {("missing customer_id", 1, "row 20"), ("duplicate customer_id", 1, "row 31")}
    assert {one["reason"] for one in come.manifest["flaws"]} == {"unreadable usage", "out of range usage"}
    assert len(come.rows) == CUSTOMERS - 2
    told = capsys.readouterr().err
    assert "attributes: 1 row put aside: missing customer_id (row 20); see" in told
    assert "attributes: 1 row put aside: duplicate customer_id (row 31: 'c003'); see" in told
    assert not any("c003" in json.dumps(one) for one in come.manifest["put_aside"])


def test_who_stands_only_in_rows_that_cannot_be_placed_is_named_as_left_out(
    features_alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [[*row, "as_of" if at == 0 else "2025-01-01"] for at, row in enumerate(attributes_with()["attributes"])]
    rows[12][3], rows[13][3] = "yesterday", ""
    rows[14].append("a cell too many")
    write_tables(tmp_path, {"attributes": rows})
    out = tmp_path / "out"
    asked = BatchOptions(features_alone, out, AS_OF, tmp_path / "attributes.csv", processes=1)
    with standing_clock(wall_clock()):
        score_everyone(asked)
        score_everyone(replace(asked, out=tmp_path / "again"))
    come = run_output_of(out)
    assert come.left_out == {
        "c011": "attributes: unreadable as_of",
        "c012": "attributes: missing as_of",
        "c013": "attributes: broken line",
    }
    assert len(come.rows) == CUSTOMERS - 3
    told = capsys.readouterr().err
    assert "3 people are left out, of whom there are only rows that were put aside: c011, c012, c013; see" in told
    for file in out.rglob("*.*"):
        assert (tmp_path / "again" / file.relative_to(out)).read_bytes() == file.read_bytes()
    assert "complete already" in score_everyone(replace(asked, resume=True))


def test_a_person_of_the_tables_whose_rows_are_all_put_aside_is_told_by_score_and_decide(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = clean_files(CUSTOMERS)
    files["customers"][8][0] = ""
    shop = shop_like(model, tmp_path / "shop", files)
    score_everyone(BatchOptions(shop, tmp_path / "out", processes=1))
    come, told = run_output_of(tmp_path / "out"), capsys.readouterr().err
    assert come.left_out == {"c007": "attributes: unknown customer; orders: unknown customer"}
    assert "1 person is left out, of whom there are only rows that were put aside: c007; see" in told
    assert not (shop / "rejected").exists()
    decide_for_everyone(CampaignAsked(shop, tmp_path / "campaign"))
    assert "put aside: c007; see" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "campaign" / "manifest.json").read_text())
    told_by_both = ("put_aside", "flaws", "people_left_out", "not_as_learnt")
    assert {name: manifest[name] for name in told_by_both} == {name: come.manifest[name] for name in told_by_both}
    for file in ("people_left_out", "customers", "orders", "attributes"):
        both = [
            present(duckdb.sql(f"from '{tmp_path}/{run}/rejected/{file}.parquet'")).fetchall()
            for run in ("out", "campaign")
        ]
        assert both[0] == both[1] != []


def test_a_run_of_many_blocks_that_is_resumed_has_the_same_manifest_and_rejected_rows(
    model: Path, tmp_path: Path
) -> None:
    files = clean_files(CUSTOMERS)
    files["orders"][3][3], files["customers"][8][1], files["attributes"][9][0] = "much", "?", "nobody"
    shop = shop_like(model, tmp_path / "shop", files)
    whole = BatchOptions(shop, tmp_path / "whole", as_of=AS_OF, block=20, processes=1)
    score_everyone(whole)
    half = Path(shutil.copytree(whole.out, tmp_path / "half"))
    manifest = json.loads((half / "manifest.json").read_text())
    for name in ("parts", "statuses", "put_aside", "flaws", "people_left_out", "not_as_learnt"):
        assert name in manifest
        del manifest[name]
    (half / "manifest.json").write_text(json.dumps(manifest | {"complete": False}))
    shutil.rmtree(half / "rejected")
    score_everyone(replace(whole, out=half, resume=True))
    for file in whole.out.rglob("*.*"):
        assert (half / file.relative_to(whole.out)).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("table", ["attributes", "customers"])
def test_a_column_of_numbers_that_holds_words_now_is_refused_with_its_share_and_a_value(
    model: Path, tmp_path: Path, table: str
) -> None:
    files = clean_files(CUSTOMERS)
    for row in files[table][1:40]:
        row[1] = "n/a"
    shop = shop_like(model, tmp_path / "shop", files)
    column = {"attributes": "usage", "customers": "household"}[table]
    runs: tuple[Callable[[], object], ...] = (
        lambda: score_everyone(BatchOptions(shop, tmp_path / "out", processes=1)),
        lambda: decide_for_everyone(CampaignAsked(shop, tmp_path / "campaign")),
    )
    for run in runs:
        with pytest.raises(DataError) as refused:
            run()
        assert f"tables.{table}: column {column}" in str(refused.value)
        assert "78% of its values (39 of 50) are none, such as 'n/a'" in str(refused.value)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "campaign").exists()


def test_a_handful_of_cells_is_too_few_to_tell_that_a_column_is_another(model: Path, tmp_path: Path) -> None:
    files = clean_files(FEWEST - 1)
    for row in files["attributes"][1:]:
        row[1] = "n/a"
    shop = shop_like(model, tmp_path / "shop", files)
    score_everyone(BatchOptions(shop, tmp_path / "out", processes=1))
    come = run_output_of(tmp_path / "out")
    assert len(come.rows) == FEWEST - 1
    (told,) = come.manifest["not_as_learnt"]
    assert (told["column"], told["learnt"], told["now"], told["fitting"]) == ("usage", "numbers", "words", 0)


def test_words_that_are_numbers_now_are_told_and_scored(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = clean_files(CUSTOMERS)
    for row in files["attributes"][1:]:
        row[2] = "1"
    shop = shop_like(model, tmp_path / "shop", files)
    score_everyone(BatchOptions(shop, tmp_path / "out", processes=1))
    said = capsys.readouterr().err
    told = "tables.attributes: column plan: the models learnt this column as words, and now all of its 50 values are"
    assert 0 < said.index(f"{told} numbers") < said.index("scoring:")
    (entry,) = run_output_of(tmp_path / "out").manifest["not_as_learnt"]
    assert entry == {
        "table": "attributes",
        "column": "plan",
        "learnt": "words",
        "now": "numbers",
        "fitting": 0,
        "filled": 50,
    }


def test_the_service_logs_what_was_put_aside_and_is_not_as_learnt_without_ids_or_values(
    model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = clean_files(CUSTOMERS)
    files["customers"][8][0] = ""
    for row in files["attributes"][1:40]:
        row[1] = "secret"
    shop = shop_like(model, tmp_path / "shop", files)
    assert read_champion(shop).version == "1"
    store = open_store(f"sqlite:///{tmp_path}/tercet.db")
    with caplog.at_level("WARNING", logger="tercet"):
        assert Reloader(shop, 10).follow(store) is not None
    store.dispose()
    logged = [(record.getMessage(), vars(record)["facts"]) for record in caplog.records]
    assert ("people left out", {"people": 1}) in logged
    of_column = next(facts for event, facts in logged if event == "column is not as it was learnt")
    assert (of_column["column"], of_column["fitting"], of_column["filled"]) == ("usage", 11, 50)
    events = {event for event, _ in logged}
    assert {"rows put aside", "values put aside"} <= events
    assert "c007" not in str(logged)
    assert "secret" not in str(logged)


def account_by_blocks(shop: Path, folder: Path) -> IngestAccount:
    """What staging everyone by blocks of ten tells, of tables that are computed when they are read."""
    workspace, now = load_workspace(shop), wall_clock()
    folder.mkdir()
    asked = StagingRequest(now, None, numeric_columns(read_champion_bundle(read_champion(shop))), as_views=True)
    staged = stage_blocks(workspace, stored_delta(shop), asked, StagingFolder(folder, 10), {})
    shutil.rmtree(folder)
    return staged.account


def test_staging_by_blocks_tells_what_reading_as_a_whole_tells_with_rows_of_the_store_over_the_tables(
    model: Path, tmp_path: Path
) -> None:
    files = clean_files(CUSTOMERS)
    shop = shop_like(model, tmp_path / "shop", files)
    at = parse_instant("2025-06-01", "UTC")
    orders: list[dict[str, Any]] = [
        {"order_id": order_id, "customer_id": who, "ordered_at": at, "amount": 500.0}
        for who, order_id in (("c003", files["orders"][5][1]), ("newcomer", "sent-1"), ("c004", "sent-2"))
    ]
    rows = [EventRow("orders", identity_of("orders", o), o["customer_id"], at, content_of(o)) for o in orders]
    store = open_store(store_url(shop))
    record_events(store, rows, lambda *_: (), at)
    store.dispose()
    numeric = numeric_columns(read_champion_bundle(read_champion(shop)))
    for spoilt in ([], [("orders", 9, 3, "much")], [("attributes", 3, 1, "?"), ("attributes", 8, 0, "newcomer")]):
        for table, row, column, cell in spoilt:
            files[table][row][column] = cell
        write_tables(shop, files)
        whole = read_history(load_workspace(shop), numeric=numeric).account
        # what mends them is looked for where somebody reads it: in the whole reading of `tercet check`
        untried = tuple(replace(one, remedy=None, money_share=None, values=()) for one in whole.rejections)
        assert account_by_blocks(shop, tmp_path / "staged") == replace(whole, rejections=untried)


def test_without_a_table_of_customers_who_only_has_orders_that_cannot_be_read_is_left_out_by_name(
    tmp_path: Path,
) -> None:
    shop, files = tmp_path / "shop", clean_files(60)
    shop.mkdir()
    (shop / "tercet.toml").write_text(ORDERS_ALONE, encoding="utf-8")
    write_tables(shop, {"orders": files["orders"]})
    with_champion(shop)
    spoilt = [[*row[:3], "much"] if row[0] == "c010" else row for row in files["orders"]]
    spoilt += [["c090", "o1", "2999-01-01", "5"], ["c091", "o2", "2025-05-05", ""], ["c011", "o3", "when", "5"]]
    write_tables(shop, {"orders": spoilt})
    score_everyone(BatchOptions(shop, tmp_path / "out", AS_OF, processes=1))
    come = run_output_of(tmp_path / "out")
    assert come.left_out == {
        "c010": "orders: unreadable amount",
        "c090": "orders: future ordered_at",
        "c091": "orders: missing amount",
    }
    assert come.rows.keys() == {f"c{number:03}" for number in range(60)} - {"c010"}
