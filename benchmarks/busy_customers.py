"""A few customers with very many rows and every column of the data contract, straight as a History."""

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY, Category, Floats, History, Rows

CUSTOMERS, ORDERS, LINES, EVENTS, DAYS = 20, 500, 750, 3_000, 730
KINDS = ("complaint", "email_click", "email_open", "nps", "ticket", "visit")


def busy_customers(seed: int = 7) -> tuple[History, int]:
    """20 customers of 500 orders (750 lines), 3,000 interactions and 3 subscriptions each, and the instant after."""
    random = np.random.default_rng(seed)

    def words(vocabulary: tuple[str, ...], rows: int) -> Category:
        return Category(random.integers(-1, len(vocabulary), CUSTOMERS * rows).astype(np.int32), vocabulary)

    def numbers(low: int, high: int, rows: int) -> Floats:
        return random.integers(low, high, CUSTOMERS * rows).astype(np.float64)

    def table(rows: int, columns: dict[str, Floats | Category]) -> Rows:
        at = np.sort(random.integers(0, DAYS * MICROSECONDS_PER_DAY, (CUSTOMERS, rows)), axis=1).ravel()
        return Rows(np.arange(CUSTOMERS + 1, dtype=np.int64) * rows, at, columns)

    orders = {
        "order": np.tile(np.arange(LINES) * ORDERS // LINES, CUSTOMERS).astype(np.float64),
        "amount": numbers(-500, 9_000, LINES),
        "margin": numbers(-100, 3_000, LINES),
        "quantity": numbers(1, 9, LINES),
        "category": words(tuple(f"category {k}" for k in range(6)), LINES),
        "product": words(tuple(f"P{k:05}" for k in range(20_000)), LINES),
    }
    interactions = {"kind": words(KINDS, EVENTS), "value": numbers(0, 11, EVENTS)}
    subscriptions = {
        "ended_at": np.full(3 * CUSTOMERS, np.nan),
        "plan": words(("basic", "free", "plus"), 3),
        "plan_rank": numbers(0, 3, 3),
        "mrr": numbers(0, 4_000, 3),
        "seats": numbers(1, 20, 3),
    }
    tables = {
        "orders": table(LINES, orders),
        "interactions": table(EVENTS, interactions),
        "subscriptions": table(3, subscriptions),
    }
    profile = {
        "signed_up_at": np.zeros(CUSTOMERS),
        "birth_year": numbers(1950, 2005, 1) - 20,
        "country": words(("AT", "CH", "DE"), 1),
        "region": words(("north", "south"), 1),
    }
    ids = np.array([f"c{place:02}" for place in range(CUSTOMERS)], dtype=object)
    return History(ids, tables, profile), DAYS * MICROSECONDS_PER_DAY
