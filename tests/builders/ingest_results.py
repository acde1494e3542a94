"""What the tests of ingest share: a clock, and short ways to say what was read and what was put aside."""

from collections.abc import Callable
from typing import Any

from models.ingest import Ingested
from models.rows.history import Category
from models.rows.instants import parse_instant

NOW = parse_instant("2026-11-21T10:00:00Z", "UTC")
BUSINESS = '[business]\ncurrency = "EUR"\n'
ORDERS = "order_id,customer_id,ordered_at,amount"

Read = Callable[..., Ingested]


def rejection_counts(ingested: Ingested) -> list[tuple[str, str, int]]:
    return [(rejection.table, rejection.reason, rejection.count) for rejection in ingested.rejections]


def micros(text: str) -> int:
    return parse_instant(text, "UTC")


def column(ingested: Ingested, table: str, name: str) -> list[Any]:
    values = ingested.history.tables[table].columns[name]
    return values.words() if isinstance(values, Category) else values.tolist()
