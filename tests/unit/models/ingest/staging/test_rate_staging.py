"""Orders in other currencies, read by a table of rates, which is read and reported as other tables are."""

from hashlib import sha256
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.errors import DataError, WorkspaceError
from models.ingest import read_history
from models.workspace import load_workspace
from tests.builders.ingest_results import BUSINESS, NOW, ORDERS, Read, column, rejection_counts
from tests.builders.narrowing import present
from tests.builders.workspace_files import sections_of, write_workspace_files

HEADER = f"{ORDERS},margin,currency\n"
RATES = "currency,at,rate\nUSD,2026-01-10,0.9\nUSD,2026-02-10,0.8\nJPY,2026-01-10,0.006\n"


def test_an_order_is_converted_at_the_newest_rate_at_or_before_its_own_time(read: Read) -> None:
    orders = (
        "o1,a,2026-01-10,10,2.5,USD\no2,a,2026-02-09T23:59:59.999999,10,,usd\no3,a,2026-02-10,10,, USD \n"
        "o4,a,2026-03-01,1000,100,JPY\no5,a,2026-03-02,-9.99,1,EUR\no6,a,2026-03-03,1.005,1,\n"
    )
    ingested = read({"orders": HEADER + orders, "rates": RATES})
    assert ingested.rejections == ()
    assert column(ingested, "orders", "amount") == [900, 900, 800, 600, -999, 100]
    np.testing.assert_array_equal(column(ingested, "orders", "margin"), [225, np.nan, np.nan, 60, 100, 100])


def test_an_order_without_a_rate_at_its_time_is_put_aside_with_what_it_needs(read: Read, tmp_path: Path) -> None:
    orders = "o1,a,2026-01-09T10:00:00,10,,USD\no2,a,2026-03-01,10,,CHF\no3,a,2026-03-01,10,,JPY\n"
    ingested = read({"orders": HEADER + orders, "rates": RATES}, rejected=tmp_path / "rejected")
    assert rejection_counts(ingested) == [("orders", "no rate", 2)]
    assert ingested.rejections[0].example == "row 1: 'USD at 2026-01-09T10:00:00Z'"
    aside = present(duckdb.sql(f"select order_id from '{tmp_path}/rejected/orders.parquet' order by 1")).fetchall()
    assert aside == [("o1",), ("o2",)]


def test_what_cannot_be_an_amount_is_put_aside_for_that_in_any_currency(read: Read) -> None:
    orders = "o1,a,2026-03-01,much,,USD\no2,a,2026-03-01,1e300,,USD\no3,a,2026-03-01,,,USD\no4,a,2026-03-01,9e13,,USD\n"
    ingested = read({"orders": HEADER + orders, "rates": RATES})
    reasons = ["missing amount", "out of range amount", "unreadable amount"]
    assert rejection_counts(ingested) == [("orders", reason, 1) for reason in reasons]
    assert column(ingested, "orders", "amount") == [72e14]


def test_rates_that_cannot_be_are_put_aside_and_of_two_at_one_instant_the_later_row(read: Read, tmp_path: Path) -> None:
    wrong = (
        "".join(f"CHF,2026-01-01,{rate}\n" for rate in ("0", "-1", "inf", ""))
        + "Euro,2026-01-01,1\nEUR,2026-01-01,1.1\n"
    )
    rates = f"{RATES}{wrong}usd,2026-02-10T00:00:00Z,7\nEUR,2026-01-01,1\nUSD,2030-01-01,2\nGBP,soon,1\n"
    ingested = read({"orders": HEADER + "o1,a,2026-03-01,10,,USD\n", "rates": rates}, rejected=tmp_path / "rejected")
    assert column(ingested, "orders", "amount") == [800]
    assert rejection_counts(ingested) == [
        ("rates", "out of range rate", 3),
        ("rates", "duplicate currency, at", 1),
        ("rates", "missing rate", 1),
        ("rates", "own currency", 1),
        ("rates", "unreadable at", 1),
        ("rates", "unreadable currency", 1),
    ]
    assert ingested.rejections[1].example == "row 10: 'USD, 2026-02-10T00:00:00Z'"
    assert len(present(duckdb.sql(f"select * from '{tmp_path}/rejected/rates.parquet'")).fetchall()) == 8
    assert ingested.left_out.people == 0


def test_the_digest_of_the_rates_is_among_those_of_the_sources(read: Read) -> None:
    ingested = read({"orders": HEADER + "o1,a,2026-03-01,10,,USD\n", "rates": RATES})
    assert [(one.table, one.rows) for one in ingested.sources] == [("orders", 1), ("rates", 3)]
    assert ingested.sources[1].sha256 == sha256(RATES.encode()).hexdigest()


def test_rates_are_mapped_and_read_as_other_tables_are(tmp_path: Path) -> None:
    rates = pd.DataFrame({"code": ["USD"], "day": [pd.Timestamp("2026-01-10T00:00:00")], "per_euro": [1.25]})
    toml = """
[tables.orders]
source = "orders.csv"
read = { decimal_separator = ",", delim = ";" }
[tables.rates]
source = "rates.parquet"
where = "per_euro > 0"
timezone = "Europe/Berlin"
[tables.rates.columns]
currency = "code"
at = "day"
rate = "1 / per_euro"
"""
    orders = f"{HEADER}o1,a,2026-01-09T23:00:00Z,10,5,,USD\no2,a,2026-01-09T22:59:59Z,10,5,,USD\n".replace(",", ";")
    orders = orders.replace("10;5", "10,5")
    folder = write_workspace_files(tmp_path, {"orders": orders, "rates.parquet": rates}, BUSINESS + toml)
    ingested = read_history(load_workspace(folder), now=NOW)
    assert column(ingested, "orders", "amount") == [840]
    assert rejection_counts(ingested) == [("orders", "no rate", 1)]


def test_an_attribute_that_is_called_currency_stays_an_attribute(read: Read) -> None:
    attributes = "customer_id,as_of,currency\na,2026-01-01,CHF\n"
    orders = HEADER + "o1,a,2026-03-01,10,,USD\n"
    ingested = read({"orders": orders, "attributes": attributes, "rates": RATES})
    assert ingested.rejections == ()
    assert column(ingested, "attributes", "currency") == ["CHF"]
    assert column(ingested, "orders", "amount") == [800]


def test_rates_without_a_column_or_without_orders_are_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'rate'"):
        read({"orders": HEADER + "o1,a,2026-03-01,10,,USD\n", "rates": "currency,at,value\nUSD,2026-01-01,1\n"})
    tables = {"attributes": "customer_id,x\na,1\n", "rates": RATES}
    folder = write_workspace_files(tmp_path / "other", tables, BUSINESS + sections_of(tables))
    with pytest.raises(WorkspaceError, match=r"needs \[tables.orders\]"):
        load_workspace(folder)
