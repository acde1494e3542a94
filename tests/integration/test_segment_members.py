"""Who is in a segment, as a file: those of the last run, without who has refused since."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from models.ingest import wall_clock
from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from tests.builders.command_in_process import run_command


@pytest.fixture
def measured(shop: Path, tmp_path: Path) -> Path:
    score_everyone(BatchOptions(shop, tmp_path / "scores", file_format="parquet", processes=1))
    return shop


def members(shop: Path, *words: object) -> tuple[int, str]:
    said = run_command("segments", "members", "--workspace", shop, *words)
    return said.exit_code, said.stdout + said.stderr


def test_the_file_has_whom_the_last_run_had_in_the_segment(measured: Path, tmp_path: Path) -> None:
    scored = pq.read_table(tmp_path / "scores" / "scores").to_pylist()
    for segmentation, segment in (("lifecycle", "lapsed"), ("value_tier", "gold"), ("audiences", "norwegians")):
        out = tmp_path / f"{segment}.csv"
        code, said = members(measured, segmentation, segment, "--out", out)
        ids = [row["customer_id"] for row in scored if segment in (row[segmentation] or ())]
        assert code == 0
        assert f"{len(ids)} customers of {segmentation} {segment}" in said
        assert out.read_text(encoding="utf-8").split()[1:] == ids != []


def test_who_has_refused_since_is_left_out_and_counted(measured: Path, tmp_path: Path) -> None:
    before, after = tmp_path / "before.parquet", tmp_path / "after.parquet"
    members(measured, "audiences", "norwegians", "--format", "parquet", "--out", before)
    first, second, *others = map(str, pq.read_table(before)["customer_id"].to_pylist())
    store, now = open_store(f"sqlite:///{measured / 'tercet.db'}"), wall_clock()
    record_consent(store, first, {"profiling": False}, now, "call", now)
    store.dispose()
    orders = measured / "orders.csv"
    people = measured / "customers.csv"
    for file in (people, orders, measured / "interactions.csv"):  # the second has been erased
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if second not in line), encoding="utf-8")
    code, said = members(measured, "audiences", "norwegians", "--format", "parquet", "--out", after)
    assert (code, pq.read_table(after)["customer_id"].to_pylist()) == (0, others)
    assert "2 left out" in said


def test_a_byte_order_mark_is_there_for_excel(measured: Path, tmp_path: Path) -> None:
    members(measured, "lifecycle", "lapsed", "--out", tmp_path / "lapsed.csv", "--bom")
    assert (tmp_path / "lapsed.csv").read_bytes().startswith(b"\xef\xbb\xbfcustomer_id\r\n")
    out = tmp_path / "for-excel"
    assert run_command("score", "--workspace", measured, "--out", out, "--format", "csv", "--bom").exit_code == 0
    assert (out / "scores" / "part-00000.csv").read_bytes().startswith(b"\xef\xbb\xbfcustomer_id,")
    said = run_command("score", "--workspace", measured, "--out", out, "--format", "csv", "--resume")
    assert "other bom" in said.stderr
    assert "--format csv" in run_command("score", "--workspace", measured, "--out", tmp_path / "x", "--bom").stderr


@pytest.mark.parametrize(("words", "told"), [(("life", "lapsed"), "lifecycle"), (("lifecycle", "asleep"), "lapsed")])
def test_a_name_that_is_none_is_told_with_those_that_are(measured: Path, words: tuple[str, str], told: str) -> None:
    code, said = members(measured, *words, "--out", measured / "x.csv")
    assert code == 2
    assert told in said


def test_before_anything_was_measured_it_says_what_to_do(shop: Path) -> None:
    code, said = members(shop, "lifecycle", "lapsed", "--out", shop / "x.csv")
    assert (code, "tercet score" in said) == (2, True)
