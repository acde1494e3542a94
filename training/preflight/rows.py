"""Findings about rows: what reading put aside, and exact twins that were kept."""

from collections.abc import Iterable, Iterator

import numpy as np

from models.history import Category, History, Rows
from models.ingest import Ingested, Rejection
from models.tables import TABLES, TableName
from models.workspace import Workspace
from training.preflight.finding import Finding, by_share

_NUMBERS = {
    "duplicate": "101",
    "unknown customer": "103",
    "future": "104",
    "missing": "106",
    "unreadable": "107",
    "out of range": "107",
    "broken line": "108",
    "other currency": "109",
    "ends before it starts": "110",
}
"""The code of each of `models.ingest.REASONS`; an unreadable time is 105."""
_WHY = {
    "101": "they have the identity ({column}) of an earlier row",
    "103": "the customers table does not have their customer",
    "104": "{column} lies in the future",
    "105": "{column} is no time that can be read",
    "106": "{column} is blank",
    "107": "{column} cannot be read, or is out of range",
    "108": "these lines of the file are broken",
    "109": "they are in another currency",
    "110": "ended_at lies before started_at",
}
_FIXES = {
    "101": "give each row an id of its own, or leave out what was loaded twice with `where`",
    "103": "add these customers to the table, or leave [tables.customers] out if it is not everyone",
    "104": "mend the clock or the zone of the source (timezone in tercet.toml), or leave such rows out with `where`",
    "105": "no usual format reads them: mend the source, or read them by an expression under `columns`",
    "106": "mend the source, or say that such rows do not count with `where`",
    "107": "mend the source, or write what such a value means under `columns`",
    "108": "mend the lines named in rejected/, or set `read` (delim, quote, escape) to the file's dialect",
    "109": "convert the amounts under `columns`, or choose one currency with `where`",
    "110": "mend the dates, or leave such rows out with `where`",
}


def row_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """One finding for each reason for which rows were put aside, then twins."""
    rows = {source.table: source.rows for source in ingested.sources}
    for rejection in ingested.rejections:
        yield row_finding(rejection, rows.get(rejection.table, 0))
    has_line_ids = "line_id" in {*ingested.own_columns.get("orders", ()), *_mapped(workspace, "orders")}
    if not has_line_ids:
        yield from _twins(ingested.history)


def row_finding(rejection: Rejection, rows: int) -> Finding:
    """The finding that some of a table's `rows` were put aside."""
    number, column = _coded(rejection)
    subject = f"{rejection.table}.{column}" if column else rejection.table
    message = f"{rejection.count:,} rows were put aside: {_WHY[number].format(column=column)}"
    if rejection.money_share is not None:
        message += f"; they hold {rejection.money_share:.1%} of all amounts"
    code = by_share(number, rejection.count, rows, rejection.money_share)
    fix = rejection.remedy.told if rejection.remedy is not None else _FIXES[number]
    return Finding(code, subject, message, rejection.count, rejection.example, fix)


def _coded(rejection: Rejection) -> tuple[str, str]:
    """The number of a reason, and the column that it names."""
    start = next(start for start in _NUMBERS if rejection.reason.startswith(start))
    column = rejection.reason.removeprefix(start).strip()
    spec = TABLES[rejection.table].column(column)
    is_time = start == "unreadable" and spec is not None and spec.kind == "instant"
    return "105" if is_time else _NUMBERS[start], column.replace(", ", "+")


def _mapped(workspace: Workspace, table: TableName) -> Iterable[str]:
    source = workspace.config.tables.get(table)
    return source.columns if source else ()


def _twins(history: History) -> Iterator[Finding]:
    orders = history.tables.get("orders")
    if orders is None or len(orders.at) < 2:
        return
    customer = np.repeat(np.arange(len(history)), np.diff(orders.offsets))
    same = (customer[1:] == customer[:-1]) & (orders.at[1:] == orders.at[:-1])
    for values in _as_numbers(orders):
        same &= (values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1]))
    if count := int(same.sum()):
        example = f"customer {history.customer_ids[customer[1:][same][0]]}"
        message = f"{count:,} order lines equal another line of the same order, and count as lines of their own"
        fix = "give lines a line_id if they were loaded twice; nothing if they were really bought twice"
        yield Finding("W102", "orders", message, count, example, fix)


def _as_numbers(rows: Rows) -> Iterator[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    for column in rows.columns.values():
        yield column.codes.astype(np.float64) if isinstance(column, Category) else column
