"""Table remedies: for each column with unreadable values, the lines of `tercet.toml` that read them.

What `read` and `where` say holds for the whole table, so that the remedies of its columns are sought together: each has
the same `read` and the same `where`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from models.ingest.remedies.column_remedies import column_remedy
from models.ingest.remedies.column_remedy import ColumnRemedy, SharedOptions
from models.ingest.remedies.header_lines import header_lines
from models.ingest.remedies.source_columns import columns_of_texts, unread
from models.ingest.staging.staged_table import StagedTable
from models.workspace.remedy import Remedy, setting

_REMEDIABLE = ("unreadable", "out of range")


@dataclass
class _Lines:
    """What is changed in a table's section."""

    shared: SharedOptions = field(default_factory=SharedOptions)
    where: list[str] = field(default_factory=list)


def table_remedies(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, reasons: Mapping[str, object]
) -> tuple[dict[str, Remedy], dict[str, ColumnRemedy]]:
    """By reason of a table's rejected rows their remedy, and by column the remedy of the column; nothing where no line
    helps. reasons: those for which rows or values were rejected.
    """
    if not any(reason.startswith(_REMEDIABLE) for reason in reasons):
        return {}, {}
    lines, by_column = _Lines(), dict[str, ColumnRemedy]()
    unread_columns = unread(connection, staged, list(columns_of_texts(staged)))
    header = header_lines(connection, staged, unread_columns)
    if header is not None:
        lines.where.append(header.condition)
    for column in unread_columns:
        remedy = column_remedy(connection, staged, column, lines.shared, header)
        if remedy is not None:
            by_column[column.name] = remedy
            lines.shared = lines.shared.with_(remedy)
            lines.where += remedy.where
    columns = {
        reason: reason.removeprefix(start).strip()
        for reason in reasons
        for start in _REMEDIABLE
        if reason.startswith(start)
    }
    # a row is listed under the first of its reasons: the remedy of what is wrong with it besides comes with that
    hidden = [
        one for column, one in by_column.items() if column not in columns.values() and (one.read or one.expression)
    ]
    remedies = {
        reason: _remedy(staged, [by_column[column], *hidden], lines)
        for reason, column in columns.items()
        if column in by_column
    }
    return remedies, by_column


def _remedy(staged: StagedTable, remedies: Sequence[ColumnRemedy], lines: _Lines) -> Remedy:
    settings, table = staged.source.settings, staged.source.table
    section: dict[str, Any] = {}
    if any(one.where or one.in_header for one in remedies):
        before = [f"({settings.where})"] if settings.where else []
        section["where"] = " and ".join(dict.fromkeys([*before, *lines.where]))
    if any(one.read for one in remedies):
        section["read"] = {**settings.read, **lines.shared.read}
    columns = {one.column: one.expression for one in remedies if one.expression is not None}
    parts = [setting(f"tables.{table}", section)] if section else []
    parts += [setting(f"tables.{table}.columns", columns)] if columns else []
    for one in remedies:
        for other in one.others:
            parts.append("# or: " + setting("", {one.column: other}).split("\n", maxsplit=1)[1])
    first, *rest = remedies
    return Remedy("; ".join([first.text, *(f"{one.column}: {one.text}" for one in rest)]), "\n".join(parts))
