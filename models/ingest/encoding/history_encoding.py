"""History encoding: staged rows in any order become codes for words and sorted NumPy columns with offsets.

All tables at once, or those of one block of customers: a customer's rows come out the same.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.ingest.encoding.arrow_columns import categories, numbers, texts, word_codes
from models.ingest.store.store_tables import DECISION_ID_PREFIX
from models.rows.history import ALWAYS, Category, Column, Floats, Integers, Rows, take
from models.rows.tables import Column as Contract
from models.rows.tables import Table

Places = NDArray[np.intp]
Key = Callable[[Places], NDArray[Any]]
"""What sorts rows that are alike so far: called with their places, gives a sortable value of each."""
_LARGEST = 2**63
RENAMED = {"product_id": "product"}
CUSTOMER = " customer"
"""The column of staged rows with their customer's position. No source has a column of that name."""
_TEXTS = frozenset({"id", "text", "currency"})


def encode_rows(
    rows: pa.Table, table: Table, columns: Mapping[str, Contract], customers: int, *, with_identities: bool = False
) -> Rows:
    """A table's staged rows, sorted by customer, instant and the table's own order.

    rows: CUSTOMER (int64, 0 to `customers` - 1) and `columns`, which tell what each holds.
    """
    customer = rows[CUSTOMER].to_numpy()
    at = rows[table.at].to_numpy() if table.at is not None and table.at in columns else np.full(len(rows), ALWAYS)
    order = row_order(customer, at, [_key(rows[name], columns[name]) for name in table.order if name in columns])
    offsets = np.concatenate([[0], np.cumsum(np.bincount(customer, minlength=customers))]).astype(np.int64)
    encoded: dict[str, Column] = {}
    if table.name == "orders":
        encoded["order"] = number_orders(offsets, rows["order_id"], order)
    for name, spec in columns.items():
        if name == "decision_id" or (spec.kind not in {"id", "currency"} and name != table.at):
            encoded[RENAMED.get(name, name)] = take(_column(rows[name], spec), order)
    identities = {}
    if with_identities:
        own = [name for name in table.identity if name in columns and name not in {"customer_id", table.at}]
        identities = {name: texts(rows[name])[order] for name in own}
    return Rows(offsets, at[order].astype(np.int64, copy=False), encoded, identities)


def encode_profile(rows: pa.Table, table: Table, columns: Mapping[str, Contract], customers: int) -> dict[str, Column]:
    """The columns of `customers`, one value a customer, missing where the table does not have the customer."""
    encoded = encode_rows(rows, table, columns, customers)
    return {column: last_of_each(encoded, values) for column, values in encoded.columns.items()}


def last_of_each(rows: Rows, column: Column) -> Column:
    """Each customer's newest value of a column; missing for those without rows."""
    has_rows = rows.offsets[1:] > rows.offsets[:-1]
    last = rows.offsets[1:][has_rows] - 1
    if isinstance(column, Category):
        codes = np.full(len(has_rows), -1, dtype=np.int32)
        codes[has_rows] = column.codes[last]
        return Category(codes, column.vocabulary)
    values = np.full(len(has_rows), np.nan)
    values[has_rows] = column[last]
    return values


def number_orders(offsets: Integers, order_ids: "pa.ChunkedArray[Any]", order: Places) -> Floats:
    """For sorted lines, the dense number of each line's order within its customer, in order of the first line."""
    lines = len(order)
    codes, words = word_codes(order_ids)
    lengths = np.diff(offsets)
    if len(words) == lines:  # one line each
        return (np.arange(lines) - np.repeat(offsets[:-1], lengths)).astype(np.float64)
    customer = np.repeat(np.arange(len(lengths)), lengths)
    _, first, inverse = np.unique(customer * len(words) + codes[order], return_index=True, return_inverse=True)
    begins = np.zeros(lines + 1, dtype=np.int64)
    begins[first + 1] = 1
    started = np.cumsum(begins)  # orders that began before each line, over all customers
    return (started[first][inverse] - started[offsets[:-1]][customer]).astype(np.float64)


def _column(column: "pa.ChunkedArray[Any]", spec: Contract) -> Column:
    if spec.name == "decision_id":  # ids of other systems are never looked up
        own = pc.starts_with(column, DECISION_ID_PREFIX)
        return categories(pc.if_else(own, column, pa.scalar(None, column.type)))
    return categories(column) if spec.kind == "text" else numbers(column)


def _key(column: "pa.ChunkedArray[Any]", spec: Contract) -> Key:
    """What sorts some rows: missing texts come first, missing numbers last."""
    if spec.kind in _TEXTS:
        return lambda places: categories(column.take(pa.array(places, pa.int64()))).codes
    return lambda places: numbers(column.take(pa.array(places, pa.int64())))


def row_order(customer: Integers, at: Integers, keys: Sequence[Key]) -> Places:
    """The places of the rows in order of customer (0, 1, …), instant (microseconds) and then `keys`, first one first.

    Rows that are alike in all of it may come in any order. Keys are asked of rows that share customer and instant only.
    """
    if len(at) == 0:
        return np.empty(0, dtype=np.intp)
    order, differs = _by_customer_and_instant(customer.astype(np.int64, copy=False), at)
    if not keys or differs.all():
        return order
    alone = np.r_[True, differs] & np.r_[differs, True]
    alike = np.flatnonzero(~alone)
    group = np.cumsum(np.r_[True, differs])[alike]
    tied = order[alike]
    order[alike] = tied[np.lexsort([*(key(tied) for key in reversed(keys)), group])]
    return order


def _by_customer_and_instant(customer: Integers, at: Integers) -> tuple[Places, NDArray[np.bool_]]:
    """The places, and where in that order a row differs from the one before it."""
    earliest, customers = int(at.min()), int(customer.max()) + 1
    span = int(at.max()) - earliest + 1
    if span * customers >= _LARGEST:
        order = np.lexsort([at, customer])
        return order, (np.diff(customer[order]) != 0) | (np.diff(at[order]) != 0)
    key = customer * span + (at - earliest)
    order = np.argsort(key)
    return order, np.diff(key[order]) != 0
