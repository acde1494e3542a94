"""TOML fixes: lines for `tercet.toml` that are valid as they are, in the user's own names and expressions."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from models.ingest import Ingested
from models.ingest.sql.column_references import plain_name
from models.ingest.text_formats.csv_dialect import ISO, Dialect
from models.rows.tables import TABLES, TableName
from models.workspace import Workspace
from models.workspace.remedy import setting
from training.findings.finding import Finding

BLANK = "null"
"""The expression of a column that is not to be read."""


class WorkspaceTables:
    """The user's own columns and expressions, and the lines that change what is read of them.

    A line replaces the one that `tercet.toml` has for the same key, and includes its content.
    """

    def __init__(self, workspace: Workspace, ingested: Ingested) -> None:
        self._config, self._own = workspace.config, ingested.own_columns

    def own(self, table: TableName, column: str) -> str | None:
        """The source's own spelling of a column; None if it has none of that name."""
        columns = self._own.get(table, ())
        return next((own for own in columns if own.casefold() == column.casefold()), None)

    def has(self, table: TableName, column: str) -> bool:
        """Whether the column is the user's: of the source itself, or written under `columns`."""
        return self.own(table, column) is not None or column in self._mapped(table)

    def is_blanked(self, table: TableName, column: str) -> bool:
        """Whether the user has said that the column is not to be read."""
        return self._mapped(table).get(column, "").strip().casefold() == BLANK

    def expression(self, table: TableName, column: str) -> str:
        """The SQL over the source that gives the column, to be put into a larger expression."""
        mapped = self._mapped(table).get(column, column)
        own = self.own(table, mapped.strip('"'))
        if own is not None:
            return plain_name(own)
        is_call = re.fullmatch(r"\w+\([^()]*\)", mapped)
        return mapped if is_call else f"({mapped})"

    def is_text(self, table: TableName, column: str) -> bool:
        """Whether a column is surely a text to an expression over a CSV file: it is one of the source's, and neither
        `where` nor an expression under `columns` computes with it, which would give it a type.
        """
        names = [column, *self._mapped(table)]
        own = all(self.own(table, self._mapped(table).get(name, name).strip('"')) is not None for name in names)
        return own and not (table in self._config.tables and self._config.tables[table].where)

    def declares_times(self, table: TableName) -> bool:
        """Whether `read` says how times are written, which SQL's own casts do not heed."""
        dialect = self.dialect(table)
        return dialect.date_format is not None or dialect.timestamp_format is not None

    def dialect(self, table: TableName) -> Dialect:
        """How `read` says that the source writes numbers and times."""
        settings = self._config.tables.get(table)
        return ISO if settings is None else Dialect.declared(settings.read, f"tables.{table}")

    def keeping(self, table: TableName, condition: str) -> str:
        """Only the rows that meet a condition are read."""
        before = self._config.tables[table].where if table in self._config.tables else None
        return setting(f"tables.{table}", {"where": f"({before}) and {condition}" if before else condition})

    def reading(self, table: TableName, columns: Mapping[str, str]) -> str:
        """Columns are read by these SQL expressions."""
        return setting(f"tables.{table}.columns", columns)

    def without(self, table: TableName, column: str) -> str:
        """A column is not read; "" where every row needs it, or limits of contacts go by it."""
        spec = TABLES[table].column(column)
        own = self.own(table, column)
        if spec is None and own is not None and TABLES[table].open and column not in self._mapped(table):
            excluded = self._config.tables[table].exclude
            return setting(f"tables.{table}", {"exclude": [*excluded, own]})
        return (
            "" if spec is not None and (spec.required or table == "contacts") else self.reading(table, {column: BLANK})
        )

    def _mapped(self, table: TableName) -> Mapping[str, str]:
        settings = self._config.tables.get(table)
        return settings.columns if settings is not None else {}


def accepting(name: str, reason: str) -> str:
    """A finding is accepted."""
    return setting("accept", {name: reason})


def all_of(changes: Iterable[str]) -> str:
    """Several changes as one."""
    return "\n".join(change for change in changes if change)


def shared_lines(workspace: Workspace, findings: Iterable[Finding]) -> str:
    """The `where` and `exclude` of tables that more than one finding changes, as TOML; "" if there are none."""
    proposed: dict[tuple[TableName, str], list[Any]] = defaultdict(list)
    for finding in findings:
        for table, values in _tables(finding.change).items():
            for key in {"where", "exclude"} & values.keys():
                proposed[table, key].append(values[key])
    sections: dict[TableName, dict[str, Any]] = defaultdict(dict)
    for (table, key), lines in proposed.items():
        if len(lines) > 1:
            before = workspace.config.tables[table].where
            sections[table][key] = _all(before, lines) if key == "where" else _united(lines)
    return "\n".join(setting(f"tables.{table}", values) for table, values in sections.items())


def _tables(change: str) -> Mapping[TableName, Mapping[str, Any]]:
    tables: Mapping[TableName, Mapping[str, Any]] = tomllib.loads(change).get("tables", {})
    return tables


def _united(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(item for items in lists for item in items))


def _all(before: str | None, conditions: Iterable[str]) -> str:
    """Every condition, once, after the existing one."""
    prefix = f"({before}) and " if before else ""
    return prefix + " and ".join(dict.fromkeys(condition.removeprefix(prefix) for condition in conditions))
