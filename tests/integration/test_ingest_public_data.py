"""Public data as their owners would declare them; skipped where the folder is not there."""

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

from benchmarks.public_data import BANK, DATA, ONLINE_RETAIL, TELCO
from models.ingest import Ingested, read_history
from models.rows.history import Category
from models.rows.instants import format_instant
from models.workspace import load_workspace
from tests.builders.narrowing import present

Read = Callable[[str, str], Ingested]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_public(file: str, toml: str) -> Ingested:
        source = DATA / file
        if not source.is_file():
            pytest.skip(f"no public data: {source} is not there (TERCET_DATA names the folder)")
        own = re.sub(r'source = ".*"', f'source = "{source}"', toml)
        (tmp_path / "tercet.toml").write_text(own, encoding="utf-8")
        return read_history(load_workspace(tmp_path))

    return read_public


def test_the_wholesalers_lines_are_read_whole(read: Read) -> None:
    ingested = read("online_retail_ii/online_retail_ii.parquet", ONLINE_RETAIL)
    history, orders = ingested.history, ingested.history.tables["orders"]
    assert ingested.rejections == ()
    assert len(history) == 5942
    assert len(orders.at) == 809_560
    assert format_instant(ingested.as_of) == "2011-12-09T12:50:00.000001Z"
    file = DATA / "online_retail_ii/online_retail_ii.parquet"
    lines, orders_of, spend = present(
        duckdb.sql(f"""
        select count(*), count(distinct InvoiceNo), sum(round(Quantity * UnitPrice * 100)) / 100
        from '{file}' where CustomerID = 13085""")
    ).fetchall()[0]
    position = history.position("13085")
    assert position is not None
    rows = slice(orders.offsets[position], orders.offsets[position + 1])
    assert len(orders.at[rows]) == lines
    assert np.asarray(orders.columns["order"])[rows].max() + 1 == orders_of
    assert np.asarray(orders.columns["amount"])[rows].sum() / 100 == pytest.approx(spend)


def test_telcos_feature_table_keeps_its_words_and_reads_blank_numbers_as_missing(read: Read) -> None:
    ingested = read("telco/telco_customer_churn.csv", TELCO)
    columns = ingested.history.tables["attributes"].columns
    assert len(ingested.history) == 7043
    assert len(columns) == 27
    assert not {"Churn Label", "Churn Score", "Churn Reason", "CLTV", "Churn Value", "CustomerID"} & set(columns)
    assert isinstance(charges := columns["Total Charges"], np.ndarray)
    assert np.isnan(charges).sum() == 11
    assert isinstance(partner := columns["Partner"], Category)
    assert partner.vocabulary == ("No", "Yes")
    assert np.nansum(np.asarray(ingested.history.labels["Churn Value"])) == 1869


def test_the_banks_table_without_ids_is_read_through_gzip_and_semicolons(read: Read) -> None:
    ingested = read("bank_marketing/bank-additional-full.csv.gz", BANK)
    history = ingested.history
    assert len(history) == 41_188
    assert isinstance(label := history.labels["y"], Category)
    assert label.words().count("yes") == 4640
    assert "duration" not in history.tables["attributes"].columns
    assert len(history.tables["attributes"].columns) == 19
