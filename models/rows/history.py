"""Everyone's rows, or one customer's, encoded: columns sorted by customer and time, with offsets (CSR).

Every number that Tercet computes from raw rows is computed from this form, in training, online, and in batch, so a
customer alone and the same customer among a million give the same bits.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.consent.recorded_consent import Consents, nothing_recorded

MICROSECONDS_PER_DAY = 86_400_000_000
ALWAYS = np.iinfo(np.int64).min
"""The instant of a row that carries no time: it was known from the beginning."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Category:
    """A text column: `codes[i]` indexes `vocabulary` (sorted, NFC), -1 is missing.

    The vocabulary is this history's own. A model has its own vocabulary too, kept in its bundle.
    """

    codes: Codes
    vocabulary: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def code_of(self, word: str) -> int:
        """The code of `word`, or -2 (which no row has) where the column never holds it."""
        at = bisect_left(self.vocabulary, word)
        return at if at < len(self.vocabulary) and self.vocabulary[at] == word else -2

    def word(self, row: int) -> str | None:
        """The text of one row."""
        code = self.codes.item(row)
        return None if code < 0 else self.vocabulary[code]

    def words(self) -> list[str | None]:
        """The text of every row."""
        return [None if code < 0 else self.vocabulary[code] for code in self.codes.tolist()]

    def take(self, rows: NDArray[np.intp]) -> "Category":
        """Those rows of the column."""
        return Category(self.codes[rows], self.vocabulary)


Column = Floats | Category


@dataclass(frozen=True, slots=True)
class Rows:
    """One table's rows: customer `i` owns rows `offsets[i]:offsets[i + 1]`, in order of time, then of identity.

    offsets: int64 (customers + 1). at: int64 (rows), microseconds since 1970 UTC. Columns: float64 with NaN for
    missing (money in integer minor units, so that sums are exact up to 2^53; instants in microseconds), or Category.
    identities: the texts that tell which row is which (order_id, line_id, …), StringDType (rows), None where a row has
    none; only where they were asked for, since features need none of them.
    """

    offsets: Integers
    at: Integers
    columns: Mapping[str, Column]
    identities: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def between(self, first: int, end: int) -> "Rows":
        """A copy of the rows of the customers `first:end`."""
        offsets = self.offsets[first : end + 1]
        span = slice(offsets[0], offsets[-1])
        return Rows(
            offsets - offsets[0],
            self.at[span].copy(),
            {name: part(column, span) for name, column in self.columns.items()},
            {name: texts[span].copy() for name, texts in self.identities.items()},
        )

    def select(self, customers: NDArray[np.intp]) -> "Rows":
        """The rows of these customers, in the order given."""
        starts, ends = self.offsets[customers], self.offsets[customers + 1]
        lengths = ends - starts
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        rows = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
        return self._taken(offsets, rows)

    def emptied(self) -> "Rows":
        """The same columns for one customer who has no row."""
        return self._taken(np.zeros(2, dtype=np.int64), np.empty(0, dtype=np.intp))

    def _taken(self, offsets: Integers, rows: NDArray[np.intp]) -> "Rows":
        columns = {name: take(column, rows) for name, column in self.columns.items()}
        identities = {name: texts[rows] for name, texts in self.identities.items()}
        return Rows(offsets, self.at[rows], columns, identities)


def missing_like(column: Column) -> Column:
    """One missing value of the column's kind."""
    if isinstance(column, Category):
        return Category(np.full(1, -1, dtype=np.int32), column.vocabulary)
    return np.full(1, np.nan)


def take(column: Column, rows: NDArray[np.intp]) -> Column:
    """Those rows of a column."""
    return column.take(rows) if isinstance(column, Category) else column[rows]


def part(column: Column, rows: slice) -> Column:
    """A copy of those rows of a column, which follow one another."""
    if isinstance(column, Category):
        return Category(column.codes[rows].copy(), column.vocabulary)
    return column[rows].copy()


@dataclass(frozen=True)
class History:
    """All that is known of `customer_ids` (unique, ascending): their rows, profile, consents and labels.

    tables: "orders", "interactions", "subscriptions", "contacts", "attributes"; a table the workspace does not have
        is absent. An "attributes" row without an instant is at ALWAYS.
    profile: one value a customer. "signed_up_at" (microseconds), "birth_year" and any other column of `customers`.
    consents: by purpose, what the tables and the store record (`models.consent.recorded_consent`).
    labels: ready-made outcome columns of `attributes`, one value a customer; never features.
    minor_units: how many minor units make one major unit of the currency (100 for GBP, 1 for JPY).
    newest_at: the newest row over all tables (microseconds), or None if there is no row with an instant.
    days: the (table, column) pairs among profile and attributes that hold dates, in days since 1970.
    signed_up_by_rows: whether "signed_up_at" is when a customer's first order or subscription was, since no table says.
    """

    customer_ids: NDArray[np.object_]
    tables: Mapping[str, Rows]
    profile: Mapping[str, Column] = field(default_factory=dict)
    consents: Consents = field(default_factory=dict)
    labels: Mapping[str, Column] = field(default_factory=dict)
    minor_units: int = 100
    newest_at: int | None = None
    days: frozenset[tuple[str, str]] = frozenset()
    signed_up_by_rows: bool = False

    def __len__(self) -> int:
        return len(self.customer_ids)

    def stranger(self, customer_id: str) -> "History":
        """Someone of whom nothing is known: the same tables and columns, without a row."""
        return replace(
            self,
            customer_ids=np.array([customer_id], dtype=object),
            tables={name: rows.emptied() for name, rows in self.tables.items()},
            profile={name: missing_like(column) for name, column in self.profile.items()},
            consents={name: nothing_recorded(1) for name in self.consents},
            labels={name: missing_like(column) for name, column in self.labels.items()},
        )

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {customer_id: i for i, customer_id in enumerate(self.customer_ids.tolist())}

    def position(self, customer_id: str) -> int | None:
        """Where this customer stands in `customer_ids`; None if unknown."""
        return self._positions.get(customer_id)

    def select(self, customers: Sequence[int] | NDArray[np.intp]) -> "History":
        """The same history for these customers only (positions, ascending and unique)."""
        chosen = np.asarray(customers, dtype=np.intp)
        if len(chosen) and chosen[-1] - chosen[0] == len(chosen) - 1:
            return self.between(int(chosen[0]), int(chosen[-1]) + 1)
        return replace(
            self,
            customer_ids=self.customer_ids[chosen],
            tables={name: rows.select(chosen) for name, rows in self.tables.items()},
            profile={name: take(column, chosen) for name, column in self.profile.items()},
            consents={name: column[chosen] for name, column in self.consents.items()},
            labels={name: take(column, chosen) for name, column in self.labels.items()},
        )

    def between(self, first: int, end: int) -> "History":
        """The same history for the customers `first:end` only."""
        if first == 0 and end == len(self):
            return self  # everyone: nothing is copied, which of millions of rows takes a minute
        span = slice(first, end)
        return History(
            self.customer_ids[span].copy(),
            {name: rows.between(first, end) for name, rows in self.tables.items()},
            {name: part(column, span) for name, column in self.profile.items()},
            {name: column[span].copy() for name, column in self.consents.items()},
            {name: part(column, span) for name, column in self.labels.items()},
            self.minor_units,
            self.newest_at,
            self.days,
            self.signed_up_by_rows,
        )
