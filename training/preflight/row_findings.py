"""Findings about rows: rejected rows, and exact duplicates that were kept."""

from collections.abc import Iterator

import numpy as np

from models.ingest import Ingested, RejectedRows
from models.rows.history import History
from models.rows.tables import TABLES
from models.workspace import Workspace
from training.findings.finding import Finding
from training.findings.preflight_codes import by_share
from training.preflight.duplicate_rows import twins
from training.preflight.rejection_fixes import fix_of
from training.preflight.toml_fixes import WorkspaceTables, accepting

_NUMBERS = {
    "duplicate": "101",
    "unknown customer": "103",
    "future": "104",
    "missing": "106",
    "unreadable": "107",
    "out of range": "107",
    "broken line": "108",
    "other currency": "109",
    "no rate": "114",
    "own currency": "115",
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
    "114": "they are in a currency that [tables.rates] has no rate for at their time",
    "115": "one unit of the business's own currency is worth one, and they say another rate",
}


def row_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """One finding for each reason of rejection, then duplicates."""
    rows = {source.table: source.rows for source in ingested.sources}
    for rejection in ingested.rejections:
        yield row_finding(workspace, ingested, rejection, rows.get(rejection.table, 0))
    if not WorkspaceTables(workspace, ingested).has("orders", "line_id"):
        yield from _twins(ingested.history)


def row_finding(workspace: Workspace, ingested: Ingested, rejection: RejectedRows, rows: int) -> Finding:
    """The finding that some of a table's `rows` were rejected."""
    number, column = _coded(rejection)
    subject = f"{rejection.table}.{column}" if column else rejection.table
    fate = "values were put aside, their rows stay" if rejection.keeps_row else "rows were put aside"
    what = f"{rejection.count:,} {fate}: {_WHY[number].format(column=column)}"
    if rejection.money_share is not None:
        what += f"; they hold {rejection.money_share:.1%} of all amounts"
    code = by_share(number, rejection.count, rows, rejection.money_share)
    if rejection.remedy is not None:
        fix, change = rejection.remedy.text, rejection.remedy.toml
    else:
        fix, change = fix_of(workspace, ingested, rejection, number, column, f"{code}:{subject}")
    return Finding(code, subject, what, fix, count=rejection.count, example=rejection.example, change=change)


def _coded(rejection: RejectedRows) -> tuple[str, str]:
    """The number of a reason, and the column that it names."""
    start = next(start for start in _NUMBERS if rejection.reason.startswith(start))
    column = rejection.reason.removeprefix(start).strip()
    spec = TABLES[rejection.table].column(column)
    is_time = start == "unreadable" and spec is not None and spec.kind == "instant"
    return "105" if is_time else _NUMBERS[start], column.replace(", ", "+")


def _twins(history: History) -> Iterator[Finding]:
    orders = history.tables.get("orders")
    same = twins(orders) if orders is not None else None
    if orders is not None and same is not None and (count := int(same.sum())):
        customer = np.repeat(np.arange(len(history)), np.diff(orders.offsets))
        example = f"customer {history.customer_ids[customer[same][0]]}"
        what = f"{count:,} order lines equal another line of the same order, and count as lines of their own"
        fix = "if they were loaded twice, take them out of the source; if they were really bought twice, accept it"
        change = accepting("W102:orders", "the same was bought twice")
        yield Finding("W102", "orders", what, fix, count=count, example=example, change=change)
