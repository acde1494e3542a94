"""What was known at an instant: rows strictly before it, and nothing else.

Features and targets see a history only through this view.
"""

from functools import cached_property

import numpy as np

from models.errors import FeatureError
from models.features.kernels import chosen_rows, first_at_or_after, first_line_of_order, totals_by_order
from models.history import ALWAYS, MICROSECONDS_PER_DAY, Category, Column, Floats, History, Integers, Rows

PURCHASES = "purchases"
"""The derived table: orders whose lines so far total more than zero."""


class AsOf:
    """A history as it was known at `as_of` (microseconds since 1970 UTC).

    With `since`, what came from `since` to `as_of`: rows before it do not count either, which is how targets look at
    the window after a snapshot.
    """

    def __init__(self, history: History, as_of: int, *, since: int = ALWAYS) -> None:
        self.history = history
        self.as_of = as_of
        self.since = since
        self._ends: dict[str, Integers] = {}
        self._starts: dict[tuple[str, int | None], Integers] = {}

    def __len__(self) -> int:
        return len(self.history)

    def rows(self, table: str) -> Rows | None:
        """The rows of a table or of "purchases"; None if the history has none such.

        Rows from `ends(table)` on were not known yet. The end of a subscription that had not ended yet is missing.
        """
        if table == PURCHASES:
            return self.purchases
        return self._subscriptions if table == "subscriptions" else self.history.tables.get(table)

    def ends(self, table: str) -> Integers:
        """The first row at or after `as_of` of each customer, int64 (customers)."""
        if table not in self._ends:
            rows = self.rows(table)
            if rows is None:
                self._ends[table] = np.zeros(len(self), np.int64)
            else:
                self._ends[table] = first_at_or_after(rows.offsets[:-1], rows.offsets[1:], rows.at, self.as_of)
        return self._ends[table]

    def starts(self, table: str, window_days: int | None = None) -> Integers:
        """The first row of each customer in the `window_days` x 86,400 s before `as_of`, int64 (customers).

        Without a window, the first row of each customer since `since`.
        """
        key = table, window_days
        if key not in self._starts:
            rows = self.rows(table)
            if rows is None:
                self._starts[key] = np.zeros(len(self), np.int64)
            elif window_days is None and self.since == ALWAYS:
                self._starts[key] = rows.offsets[:-1]
            else:
                window = self.as_of - (window_days or 0) * MICROSECONDS_PER_DAY
                since = self.since if window_days is None else max(self.since, window)
                self._starts[key] = first_at_or_after(rows.offsets[:-1], self.ends(table), rows.at, since)
        return self._starts[key]

    @cached_property
    def purchases(self) -> Rows | None:
        """Orders whose lines so far total more than zero, at the instant of their first line.

        In order of the order's number, which is that of time. Columns: "amount" (minor units), "lines", and "margin"
        and "quantity" where order lines have them. None if the history has no orders.
        """
        orders = self.history.tables.get("orders")
        if orders is None:
            return None
        return purchases_of(orders, self.starts("orders"), self.ends("orders"))

    @cached_property
    def _subscriptions(self) -> Rows | None:
        rows = self.history.tables.get("subscriptions")
        if rows is None or "ended_at" not in rows.columns:
            return rows
        ended_at = as_numbers(rows.columns["ended_at"], "subscriptions.ended_at")
        known = np.where(ended_at < self.as_of, ended_at, np.nan)
        return Rows(rows.offsets, rows.at, {**rows.columns, "ended_at": known})


def purchases_of(orders: Rows, starts: Integers, ends: Integers) -> Rows:
    """The orders that total more than zero over the lines `starts[c]:ends[c]` of each customer, in order of number.

    Columns: "amount", "lines", and "margin" and "quantity" where the lines have them.
    """

    def totals(values: Floats) -> Floats:
        by_order: Floats = totals_by_order(orders.offsets, starts, ends, order, values)
        return by_order

    order = as_numbers(orders.columns["order"], "orders.order")
    amount = totals(as_numbers(orders.columns["amount"], "orders.amount"))
    offsets, chosen = chosen_rows(orders.offsets[:-1], orders.offsets[1:], amount > 0)
    columns = {"amount": amount[chosen], "lines": totals(np.ones(len(order)))[chosen]}
    for name in ("margin", "quantity"):
        if name in orders.columns:
            columns[name] = totals(as_numbers(orders.columns[name], f"orders.{name}"))[chosen]
    return Rows(offsets, first_line_of_order(orders.offsets, starts, ends, order, orders.at)[chosen], columns)


def as_numbers(column: Column, what: str) -> Floats:
    """A column that holds numbers, float64; FeatureError, calling it `what`, if it holds text."""
    if isinstance(column, Category):
        raise FeatureError(f"{what} holds text, not numbers")
    return column
