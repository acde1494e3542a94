"""Refused values: those that a row, or a value in a row that stays, was rejected for."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

import duckdb

from models.ingest.columns.ingest_account import RejectedRows
from models.ingest.columns.mapped_column import ROW, filtered
from models.ingest.sql.column_references import plain_name
from models.ingest.sql.quoting import literal
from models.ingest.staging.conversion_query import REASON
from models.ingest.staging.staged_table import StagedTable

MOST_NAMED = 20
"""So many different values are named at most."""
_OF_VALUES = ("missing", "unreadable", "out of range", "future")
"""The reasons that hang on one value alone."""
_LONGEST = 200
_UNWRITABLE = ("\x00", "\x7f")
"""What no text of a TOML file may hold as it is."""


def as_compared(expression: str) -> str:
    """The SQL of an expression's value as `RejectedRows.values` has it: trimmed, '' for null."""
    return f"coalesce(trim({expression}::varchar), '')"


def refused_values(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, rejection: RejectedRows
) -> tuple[str, ...]:
    """The different values that were rejected for one reason, in order, in full; none if there are more than
    MOST_NAMED, if one is too long to be written into a line, or if the reason is not one of values.
    """
    start = next((start for start in _OF_VALUES if rejection.reason.startswith(start)), None)
    column = "" if start is None else rejection.reason.removeprefix(start).strip()
    if column not in staged.columns:
        return ()
    source = staged.source
    expression = source.settings.columns.get(column, column)
    own = source.own_column(expression)
    value = as_compared(plain_name(own) if own is not None else f"({expression})")
    rows = staged.flawed if rejection.keeps_row else staged.refused
    rows_with_reason = f"select {ROW} from {rows} where {REASON} = {literal(rejection.reason)}"
    query = f"select distinct {value} as v from {filtered(source)} where {ROW} in ({rows_with_reason}) order by v"
    values = [str(row[0]) for row in connection.execute(f"{query} limit {MOST_NAMED + 1}").fetchall()]
    if len(values) > MOST_NAMED or any(len(v) > _LONGEST or any(c in v for c in _UNWRITABLE) for v in values):
        return ()
    return tuple(values)
