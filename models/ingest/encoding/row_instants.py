"""Instants derived from rows: each customer's first, and the newest of all."""

from collections.abc import Mapping

import numpy as np

from models.rows.history import ALWAYS, Floats, History, Rows

BEGINNINGS = frozenset({"orders", "subscriptions"})
"""The tables that a customer's first instant is taken from, where `customers` does not have it."""


def first_seen(tables: Mapping[str, Rows], customers: int) -> Floats:
    """When customers without a recorded sign-up began: at the first order or subscription, whichever came first.

    An order that comes after a subscription changes nothing: what was known before it stays as it was.
    """
    seen = np.full(customers, np.nan)
    for table in BEGINNINGS:
        if table in tables:
            rows = tables[table]
            has_rows = rows.offsets[1:] > rows.offsets[:-1]
            first = rows.at[rows.offsets[:-1][has_rows]]
            seen[has_rows] = np.fmin(seen[has_rows], first)
    return seen


def newest_instant(history: History, now: int | None) -> int | None:
    """The newest instant of the rows: a row's own, or that of a subscription's end which has come by `now`."""
    newest = [int(rows.at.max()) for rows in history.tables.values() if len(rows.at) and rows.at.max() != ALWAYS]
    ended = history.tables["subscriptions"].columns.get("ended_at") if "subscriptions" in history.tables else None
    if isinstance(ended, np.ndarray):
        come = ended[ended <= (np.inf if now is None else now)]
        newest += [int(come.max())] if len(come) else []
    return max(newest, default=None)
