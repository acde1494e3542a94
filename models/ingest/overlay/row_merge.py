"""Row merge: inserts a few rows into one customer's history, replacing rows of the same identity, in reading order."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.ingest.encoding.history_encoding import RENAMED
from models.ingest.overlay.packed_rows import Identity
from models.ingest.overlay.request_rows import Row, column_of, dense_numbers, sort_key
from models.rows.history import Category, Column, Rows, take
from models.rows.tables import Table

_OWN = {renamed: name for name, renamed in RENAMED.items()}


def merge_rows(rows: Rows, table: Table, arriving: Sequence[Row], replaced: Collection[Identity]) -> Rows:
    """One customer's rows without those of the identities in `replaced`, and with `arriving`, in the table's order.

    rows: with identities. arriving: converted rows, of which the columns that `rows` has are taken.
    """
    kept = _kept(rows, table, replaced)
    if not len(arriving) and len(kept) == len(rows.at):
        return rows
    base = Rows(
        np.array([0, len(kept)], dtype=np.int64),
        rows.at[kept],
        {name: take(column, kept) for name, column in rows.columns.items()},
        {name: texts[kept] for name, texts in rows.identities.items()},
    )
    keys = _SortKeys(base, table)
    ordered = sorted(arriving, key=lambda row: (row[table.at or ""], keys.of(row)))
    places = keys.places(ordered)
    gather = np.insert(np.arange(len(kept)), places, len(kept) + np.arange(len(ordered)))
    columns: dict[str, Column] = {}
    for name, column in base.columns.items():
        if name == "order":
            order_ids = base.identities["order_id"].tolist() + [row["order_id"] for row in ordered]
            columns[name] = dense_numbers([order_ids[place] for place in gather.tolist()])
        else:
            columns[name] = _with(column, [row[_OWN.get(name, name)] for row in ordered], gather)
    at = np.concatenate([base.at, np.array([row[table.at or ""] for row in ordered], dtype=np.int64)])[gather]
    return Rows(np.array([0, len(at)], dtype=np.int64), at, columns)


def _kept(rows: Rows, table: Table, replaced: Collection[Identity]) -> NDArray[np.intp]:
    """The places of the rows that stay. An identity without its last part means all rows of the first."""
    first, *rest = table.identity
    exact = {identity for identity in replaced if None not in identity}
    whole = {identity[0] for identity in replaced if None in identity}
    firsts = rows.identities[first].tolist()
    if not rest:
        stay = [(one,) not in exact for one in firsts]
    elif rest[0] in rows.identities:
        lines = zip(firsts, rows.identities[rest[0]].tolist(), strict=True)
        stay = [line[0] not in whole and line not in exact for line in lines]
    else:
        stay = [one not in whole for one in firsts]
    return np.flatnonzero(stay)


class _SortKeys:
    """What sorts rows of one instant, of those that are there and of those that arrive, by the columns there are."""

    def __init__(self, rows: Rows, table: Table) -> None:
        self._rows, self._at = rows, table.at or ""
        there = rows.columns.keys() | rows.identities.keys()
        self._names = [name for name in table.order if RENAMED.get(name, name) in there]

    def of(self, row: Row) -> tuple[tuple[bool, Any], ...]:
        """The key of a row that arrives."""
        return tuple(sort_key(row[name]) for name in self._names)

    def at(self, place: int) -> tuple[tuple[bool, Any], ...]:
        """The key of a row that is there."""
        return tuple(sort_key(self._value(name, place)) for name in self._names)

    def places(self, ordered: Sequence[Row]) -> list[int]:
        """Before which of the rows that are there each of these belongs."""
        instants = np.array([row[self._at] for row in ordered], dtype=np.int64)
        first, end = (np.searchsorted(self._rows.at, instants, side=side).tolist() for side in ("left", "right"))
        return [
            bisect_left(range(end), self.of(row), lo=low, hi=end, key=self.at) if low < end else low
            for row, low, end in zip(ordered, first, end, strict=True)
        ]

    def _value(self, name: str, place: int) -> Any:
        if name in self._rows.identities:
            return self._rows.identities[name][place]
        column = self._rows.columns[RENAMED.get(name, name)]
        if isinstance(column, Category):
            code = column.codes[place]
            return None if code < 0 else column.vocabulary[code]
        return float(column[place])


def _with(column: Column, values: list[Any], gather: NDArray[np.intp]) -> Column:
    """The column with these values after its own, then gathered."""
    if not isinstance(column, Category):
        return np.concatenate([column, np.array(values, dtype=np.float64)])[gather]
    vocabulary = column.vocabulary
    places = [None if value is None else bisect_left(vocabulary, value) for value in values]
    if all(
        place is None or (place < len(vocabulary) and vocabulary[place] == value)
        for place, value in zip(places, values, strict=True)
    ):
        codes = np.array([-1 if place is None else place for place in places], dtype=np.int32)
        return Category(np.concatenate([column.codes, codes])[gather], vocabulary)
    words = column.words() + values  # only those of this customer: a whole vocabulary may have a hundred thousand
    return column_of([words[place] for place in gather.tolist()], "text")
