"""What mends a table: for each of its columns with values that cannot be read, the lines of `tercet.toml`.

What `read` and `where` say holds for the whole table, so that the columns are mended together: each remedy has the same
`read` and the same `where`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from models.ingest.remedies.column_remedies import mended_column
from models.ingest.remedies.column_remedy import Mended, Shared
from models.ingest.remedies.header_lines import header_lines
from models.ingest.remedies.source_columns import columns_of_texts, unread
from models.ingest.staging.staged_table import Staged
from models.workspace.remedy import Remedy, setting

_MENDABLE = ("unreadable", "out of range")


@dataclass
class _Lines:
    """What is changed in a table's section."""

    shared: Shared = field(default_factory=Shared)
    where: list[str] = field(default_factory=list)


def mend(
    connection: duckdb.DuckDBPyConnection, staged: Staged, reasons: Mapping[str, object]
) -> tuple[dict[str, Remedy], dict[str, Mended]]:
    """By reason of rejections of a table, what mends them, and by column how it is mended; nothing of those that no
    line mends. reasons: those for which rows or values were put aside.
    """
    if not any(reason.startswith(_MENDABLE) for reason in reasons):
        return {}, {}
    lines, told = _Lines(), dict[str, Mended]()
    columns_to_mend = unread(connection, staged, list(columns_of_texts(staged)))
    header = header_lines(connection, staged, columns_to_mend)
    if header is not None:
        lines.where.append(header.condition)
    for column in columns_to_mend:
        mended = mended_column(connection, staged, column, lines.shared, header)
        if mended is not None:
            told[column.name] = mended
            lines.shared = lines.shared.with_(mended)
            lines.where += mended.where
    columns = {
        reason: reason.removeprefix(start).strip()
        for reason in reasons
        for start in _MENDABLE
        if reason.startswith(start)
    }
    # a row is told under the first of its reasons: what hides behind it is mended with it
    hidden = [one for column, one in told.items() if column not in columns.values() and (one.read or one.expression)]
    remedies = {
        reason: _remedy(staged, [told[column], *hidden], lines) for reason, column in columns.items() if column in told
    }
    return remedies, told


def _remedy(staged: Staged, mended: Sequence[Mended], lines: _Lines) -> Remedy:
    settings, table = staged.source.settings, staged.source.table
    section: dict[str, Any] = {}
    if any(one.where or one.in_header for one in mended):
        before = [f"({settings.where})"] if settings.where else []
        section["where"] = " and ".join(dict.fromkeys([*before, *lines.where]))
    if any(one.read for one in mended):
        section["read"] = {**settings.read, **lines.shared.read}
    columns = {one.column: one.expression for one in mended if one.expression is not None}
    parts = [setting(f"tables.{table}", section)] if section else []
    parts += [setting(f"tables.{table}.columns", columns)] if columns else []
    for one in mended:
        for other in one.others:
            parts.append("# or: " + setting("", {one.column: other}).split("\n", maxsplit=1)[1])
    first, *rest = mended
    return Remedy("; ".join([first.text, *(f"{one.column}: {one.text}" for one in rest)]), "\n".join(parts))
