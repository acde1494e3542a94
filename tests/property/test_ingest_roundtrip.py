"""Reading a customer's rows from a table and from a request gives the same bits."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ingest import history_from_rows, read_history
from models.rows.history import Category, Column, History
from models.rows.instants import parse_instant
from models.workspace import load_workspace
from tests.builders.narrowing import present

TOML = """
[business]
currency = "{currency}"
timezone = "{zone}"
[tables.orders]
source = "orders.parquet"
[tables.interactions]
source = "interactions.parquet"
"""
NOW = parse_instant("2027-01-01", "UTC")

words = st.none() | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=4)
ids = st.sampled_from(["o1", "o2", "é", "e\u0301", "z", "10", "9"])
times = st.datetimes(datetime(2024, 10, 25), datetime(2026, 3, 31)) | st.datetimes(
    datetime(2025, 10, 26, 0, 0),
    datetime(2025, 10, 26, 4, 0),
)
amounts = st.floats(-1e6, 1e6) | st.sampled_from([0.005, -0.005, 2.675, 1.005, -0.0, 0.001, -0.004])
numbers = st.none() | amounts
orders = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["a", "b"]),
            "order_id": ids,
            "ordered_at": times,
            "amount": amounts,
            "margin": numbers,
            "quantity": numbers,
            "category": words,
            "product_id": words,
        }
    ),
    min_size=1,
    max_size=25,
)
interactions = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["a", "b"]),
            "at": times,
            "kind": st.sampled_from(["visit", "nps"]),
            "value": numbers,
        }
    ),
    max_size=10,
)
TYPES: dict[str, pa.DataType] = {
    "customer_id": pa.string(),
    "order_id": pa.string(),
    "ordered_at": pa.timestamp("us"),
    "amount": pa.float64(),
    "margin": pa.float64(),
    "quantity": pa.float64(),
    "category": pa.string(),
    "product_id": pa.string(),
    "interaction_id": pa.string(),
    "at": pa.timestamp("us"),
    "kind": pa.string(),
    "value": pa.float64(),
}
COLUMNS = {
    "orders": ["customer_id", "order_id", "ordered_at", "amount", "margin", "quantity", "category", "product_id"],
    "interactions": ["customer_id", "interaction_id", "at", "kind", "value"],
}


def write(table: str, rows: list[dict[str, Any]], directory: Path) -> None:
    schema = pa.schema([(column, TYPES[column]) for column in COLUMNS[table]])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), directory / f"{table}.parquet")


@settings(max_examples=present(settings.default).max_examples // 4, deadline=None)
@given(
    orders,
    interactions,
    st.sampled_from(["Europe/London", "America/Sao_Paulo", "Africa/Casablanca", "UTC"]),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.randoms(use_true_random=False),
)
def test_a_customer_read_from_tables_and_from_rows_has_the_same_bits(
    order_rows: list[dict[str, Any]], kinds: list[dict[str, Any]], zone: str, currency: str, random: Any
) -> None:
    interaction_rows = [row | {"interaction_id": f"i{i % 7}-{i}"} for i, row in enumerate(kinds)]
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "tercet.toml").write_text(TOML.format(zone=zone, currency=currency), encoding="utf-8")
        write("orders", order_rows, directory)
        write("interactions", interaction_rows, directory)
        workspace = load_workspace(directory)
        everyone = read_history(workspace, now=NOW)
    assert everyone.rejections == ()
    for i, customer_id in enumerate(everyone.history.customer_ids.tolist()):
        of_orders = [row for row in order_rows if row["customer_id"] == customer_id]
        of_interactions = [row for row in interaction_rows if row["customer_id"] == customer_id]
        random.shuffle(of_orders)
        random.shuffle(of_interactions)
        alone = history_from_rows(workspace.config, customer_id, orders=of_orders, interactions=of_interactions)
        check_same(everyone.history.select([i]), alone)


def check_same(one: History, other: History) -> None:
    assert one.customer_ids.tolist() == other.customer_ids.tolist()
    assert one.minor_units == other.minor_units
    check_column(one.profile["signed_up_at"], other.profile["signed_up_at"])
    for name, rows in one.tables.items():
        assert rows.at.tolist() == other.tables[name].at.tolist()
        assert rows.offsets.tolist() == other.tables[name].offsets.tolist()
        for column, values in rows.columns.items():
            check_column(values, other.tables[name].columns[column])


def check_column(one: Column, other: Column) -> None:
    if isinstance(one, Category):
        assert isinstance(other, Category)
        assert one.words() == other.words()
    else:
        assert isinstance(other, np.ndarray)
        np.testing.assert_array_equal(one.view(np.int64), other.view(np.int64))


@pytest.mark.parametrize("amount", [0.49999999999999994, 1e13 + 0.005, -2.5, 1234567.125])
def test_money_is_rounded_alike(amount: float, tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_text(TOML.format(zone="UTC", currency="EUR"), encoding="utf-8")
    row = {"customer_id": "a", "order_id": "o", "ordered_at": datetime(2026, 1, 1), "amount": amount}
    write("orders", [row], tmp_path)
    write("interactions", [], tmp_path)
    workspace = load_workspace(tmp_path)
    check_same(read_history(workspace, now=NOW).history, history_from_rows(workspace.config, "a", orders=[row]))
