"""The rows of one request: what they become, and how a row that cannot be is refused."""

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from models.errors import DataError
from models.ingest import history_from_rows
from models.rows.history import Category
from models.rows.instants import parse_instant
from models.workspace import Business, Config, TableSource
from tests.builders.narrowing import category, numbers

CONFIG = Config(
    business=Business(currency="EUR", timezone="Europe/London"),
    tables={"orders": TableSource(source="o.csv"), "interactions": TableSource(source="i.csv")},
)
JULY = datetime(2026, 7, 1, 12)


def order(**changes: Any) -> dict[str, Any]:
    return {"order_id": "o1", "ordered_at": JULY, "amount": 19.99} | changes


def test_rows_become_sorted_columns_in_minor_units_and_utc() -> None:
    rows = [order(product_id="p"), order(order_id="o0", amount=-0.295, category="toys")]
    history = history_from_rows(CONFIG, " 12346 ", orders=rows)
    orders = history.tables["orders"]
    assert history.customer_ids.tolist() == ["12346"]
    assert orders.at.tolist() == [parse_instant("2026-07-01T11:00:00Z", "UTC")] * 2
    assert np.asarray(orders.columns["amount"]).tolist() == [-30, 1999]
    assert np.asarray(orders.columns["order"]).tolist() == [0, 1]
    assert isinstance(product := orders.columns["product"], Category)
    assert product.words() == [None, "p"]
    assert numbers(history.profile["signed_up_at"]).tolist() == [orders.at[0]]
    assert history.newest_at == orders.at[0]


def test_without_rows_every_table_of_the_workspace_is_there_and_empty() -> None:
    history = history_from_rows(CONFIG, "new")
    assert {name: rows.offsets.tolist() for name, rows in history.tables.items()} == {
        "orders": [0, 0],
        "interactions": [0, 0],
    }
    assert history.newest_at is None
    assert history.consents["profiling"].tolist() == [-1]


def test_a_profile_brings_columns_and_consents() -> None:
    profile = {"country": "NO", "birth_year": 1980, "signed_up_at": datetime(2020, 1, 1, tzinfo=UTC)}
    history = history_from_rows(CONFIG, "a", profile=profile | {"profiling_consent": True, "email_consent": False})
    assert numbers(history.profile["birth_year"]).tolist() == [1980]
    assert category(history.profile["country"]).words() == ["NO"]
    assert {purpose: values.tolist() for purpose, values in history.consents.items()} == {
        "profiling": [1],
        "email": [0],
        "sms": [-1],
        "phone": [-1],
    }


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (order(order_id=" "), "orders row 1, column order_id: is missing"),
        (order(amount=math.nan), "orders row 1, column amount: is missing"),
        (order(amount=math.inf), "orders row 1, column amount: is out of range"),
        (order(amount=1e300), "orders row 1, column amount: is out of range"),
        (order(ordered_at=None), "orders row 1, column ordered_at: is missing"),
        (order(order_id="o2", line_id="1"), "orders row 1: has the same order_id, line_id as row 0"),
    ],
)
def test_a_row_that_cannot_be_is_named(row: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        history_from_rows(CONFIG, "a", orders=[order(order_id="o2", line_id="1"), row])
