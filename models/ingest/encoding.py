"""From staged rows to the encoded history: codes for customers and words, one sort, NumPy columns with offsets."""
# ruff: noqa: S608  (the SQL is made of quoted names only)

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from models.history import ALWAYS, Category, Column, Integers, Rows
from models.ingest.engine import arrays
from models.ingest.sql import name
from models.ingest.staging import Staged
from models.ingest.store_tables import DECISION_ID_PREFIX
from models.tables import TABLES

RENAMED = {"product_id": "product"}
CUSTOMERS = name("codes of customers")
CUSTOMER, AT = name(" customer"), name(" at")
OWN_DECISION = f"starts_with(decision_id, '{DECISION_ID_PREFIX}')"
"""Other systems' ids of decisions are nobody's to look up: only those that a decision of ours has are kept."""


def code_customers(connection: duckdb.DuckDBPyConnection, relations: Sequence[str]) -> NDArray[np.object_]:
    """The customer ids in these relations, unique and ascending; each gets its place as its code."""
    ids = " union ".join(f"select customer_id from {relation}" for relation in relations)
    _code_words(connection, CUSTOMERS, f"select customer_id as word from ({ids})")
    return np.array(_words(connection, CUSTOMERS), dtype=object)


def encode_rows(connection: duckdb.DuckDBPyConnection, staged: Staged, customers: int) -> Rows:
    """A staged table's rows, sorted by customer, instant and the table's own order."""
    table = TABLES[staged.source.table]
    at = f"staged.{table.at}" if table.at in staged.columns else f"({ALWAYS})::bigint"
    selected, joins = [f"customers.code as {CUSTOMER}", f"{at} as {AT}"], []
    vocabularies: dict[str, tuple[str, ...]] = {}
    keys = {column: f"staged.{name(column)}" for column in staged.columns}
    for column, spec in staged.columns.items():
        if column == "order_id" and spec.kind == "id":
            words = name(f"words of {table.name}.{column}")
            _code_words(connection, words, f"select {name(column)} as word from {staged.relation}")
            joins.append(f"left join {words} on {words}.word = staged.{name(column)}")
            keys[column] = f"{words}.code"
            selected.append(f"coalesce({words}.code, -1) as {name(column)}")
        elif spec.kind == "text":
            vocabularies[column] = _enumerate_words(connection, staged, column)
            keys[column] = f"enum_code(staged.{name(column)}::{_enum(staged, column)})"
            selected.append(f"coalesce({keys[column]}::integer, -1) as {name(column)}")
        elif column == "decision_id":
            vocabularies[column] = _enumerate_words(connection, staged, column, OWN_DECISION)
            code = f"enum_code(try_cast(staged.{name(column)} as {_enum(staged, column)}))"
            selected.append(f"coalesce({code}::integer, -1) as {name(column)}")
        elif spec.kind not in {"id", "currency"} and column != table.at:
            selected.append(f"coalesce(staged.{name(column)}::double, 'nan'::double) as {name(column)}")
    order = [f"{keys[column]} {_nulls(staged, column)}" for column in table.order if column in staged.columns]
    query = f"""
        select {", ".join(selected)} from {staged.relation} staged
        join {CUSTOMERS} customers on customers.word = staged.customer_id {" ".join(joins)}
        order by {", ".join(["customers.code", at, *order])}"""
    result = arrays(connection, query)
    customer, instants = result.pop(CUSTOMER.strip('"')), result.pop(AT.strip('"'))
    columns: dict[str, Column] = {}
    if table.name == "orders":
        columns["order"] = number_orders(customer, result.pop("order_id"))
    for column, values in result.items():
        columns[RENAMED.get(column, column)] = _column(values, vocabularies.get(column))
    return Rows(_offsets(customer, customers), instants.astype(np.int64), columns)


def encode_profile(connection: duckdb.DuckDBPyConnection, staged: Staged, customers: int) -> dict[str, Column]:
    """The columns of `customers`, one value a customer, missing where the table does not have the customer."""
    rows = encode_rows(connection, staged, customers)
    return {column: last_of_each(rows, values) for column, values in rows.columns.items()}


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


def number_orders(customer: NDArray[Any], order: NDArray[Any]) -> NDArray[np.float64]:
    """For sorted lines, the dense number of each line's order within its customer, in order of the first line."""
    if len(customer) == 0:
        return np.empty(0)
    key = customer.astype(np.int64) * (int(order.max()) + 1) + order
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    is_first = np.zeros(len(key), dtype=np.int64)
    is_first[first] = 1
    started = np.cumsum(is_first) - 1  # orders that began before this line, over all customers
    starts = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]])
    before = np.repeat(started[starts], np.diff(np.r_[starts, len(key)]))
    return (started[first][inverse] - before).astype(np.float64)


def _code_words(connection: duckdb.DuckDBPyConnection, relation: str, query: str) -> None:
    """Makes a table of the query's distinct words, each with its place among them as its code."""
    distinct = f"select distinct word from ({query}) where word is not null"
    connection.execute(f"""
        create temp table {relation} as
        select word, (row_number() over (order by word) - 1)::integer as code from ({distinct})""")


def _enum(staged: Staged, column: str) -> str:
    return name(f"words of {staged.source.table}.{column}")


def _enumerate_words(
    connection: duckdb.DuckDBPyConnection, staged: Staged, column: str, where: str = "true"
) -> tuple[str, ...]:
    """Makes an enum of a text column's distinct words; sorted, so that a word's place is its code.

    Not a join with a table of words: of some hundred text columns, the plan alone would take half a minute.
    """
    words = (
        f"select distinct {name(column)} as word from {staged.relation} where {name(column)} is not null and {where}"
    )
    connection.execute(f"create type {_enum(staged, column)} as enum ({words} order by word)")
    return tuple(arrays(connection, f"{words} order by word")["word"].tolist())


def _words(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    words: list[str] = arrays(connection, f"select word from {relation} order by code")["word"].tolist()
    return words


def _nulls(staged: Staged, column: str) -> str:
    return "nulls first" if staged.columns[column].kind in {"text", "id"} else "nulls last"


def _column(values: NDArray[Any], vocabulary: tuple[str, ...] | None) -> Column:
    if vocabulary is None:
        return np.ascontiguousarray(values, dtype=np.float64)
    return Category(np.ascontiguousarray(values, dtype=np.int32), vocabulary)


def _offsets(customer: NDArray[Any], customers: int) -> Integers:
    counts = np.bincount(customer, minlength=customers) if len(customer) else np.zeros(customers, dtype=np.int64)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
