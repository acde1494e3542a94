"""Remedies for a CSV column that an expression computes with, and whose texts are of several types."""
# ruff: noqa: S608  (the SQL is made of quoted names and quoted values)

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from models.errors import DataError
from models.ingest.sql.column_references import plain_name
from models.ingest.sql.quoting import BLANKS, name
from models.ingest.text_formats.csv_dialect import Dialect
from models.ingest.text_formats.format_trial import FormatTrial, TrialResult
from models.ingest.text_formats.usual_number_styles import NumberStyle, best_number_styles
from models.rows.tables import TABLES, TableName
from models.workspace import TableSource
from models.workspace.remedy import Remedy, setting

_WORDS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_]\w*(?!\w|\s*\()""")
"""Texts, quoted names and names in SQL; not what is called."""


@dataclass(frozen=True, slots=True)
class ExpressionRemedies:
    """A table of texts and what `tercet.toml` says of it."""

    connection: duckdb.DuckDBPyConnection
    relation: str
    columns: Sequence[str]
    dialect: Dialect
    settings: TableSource
    table: TableName

    def remedy(self, column: str, cast: str | None) -> Remedy | None:
        """What has a column read as numbers: the way in which all of it is written, if there is one; else the SQL of
        `cast`, which is blank where a value does not fit. None where neither is.
        """
        values = f"select row_number() over (), nullif(trim({name(column)}, {BLANKS}), '') from {self.relation}"
        result = best_number_styles(FormatTrial(self.connection, values, self.dialect))
        if isinstance(result, TrialResult) and result.reads_all and len(result.ways) == 1:
            return self._in_style(column, result.ways[0])
        if cast is None:
            return None
        return Remedy("mend the source, or have values that do not fit read as blanks", self._instead(column, cast))

    def refuse_texts(self, columns: Sequence[str], relation: str, where: str) -> None:
        """Raises DataError if an expression over `relation` cannot reckon with one of these columns since it has texts,
        and those are numbers that are written in another way than is declared.
        """
        expressions = [*self.settings.columns.values(), *([self.settings.where] if self.settings.where else [])]
        for column in columns:
            naming = [one for one in expressions if _replaced(one, column, "") != one]
            if all(self._can_be(one, relation) for one in naming) or (remedy := self.remedy(column, None)) is None:
                continue
            what = f"an expression reckons with '{column}', whose values are no numbers as they are written"
            raise DataError(what, where=f"{where}: column {column}", fix=remedy.told)

    def _can_be(self, expression: str, relation: str) -> bool:
        try:
            self.connection.execute(f"describe select {expression} from {relation}")
        except duckdb.BinderException:
            return False
        except duckdb.Error:  # raised again when it is computed
            return True
        return True

    def _in_style(self, column: str, style: NumberStyle) -> Remedy:
        if style.is_plain and self._stay(column, style.dialect):
            section = {"read": {**self.settings.read, **style.options}}
            return Remedy(style.words, setting(f"tables.{self.table}", section))
        return Remedy(style.words, self._instead(column, style.number(plain_name(column))))

    def _stay(self, column: str, new: Dialect) -> bool:
        """Whether every number of the other columns is read as before."""
        others = [f"trim({name(own)}, {BLANKS})" for own in self.columns if own != column]
        old, texts = self.dialect.number("v"), f"[{', '.join(others)}]" if others else "[]::varchar[]"
        changed = f"""
            select 1 from (select unnest({texts}) as v from {self.relation})
            where {old} is not null and {new.number("v")} is distinct from {old} limit 1"""
        return not self.connection.execute(changed).fetchall()

    def _instead(self, column: str, sql: str) -> str:
        """The lines of the expressions that name the column, with SQL in its place."""
        section: dict[str, Any] = {}
        if self.settings.where and (where := _replaced(self.settings.where, column, sql)) != self.settings.where:
            section["where"] = where
        columns = dict(self._changed(column, sql))
        parts = [setting(f"tables.{self.table}", section)] if section else []
        parts += [setting(f"tables.{self.table}.columns", columns)] if columns else []
        return "\n".join(parts)

    def _changed(self, column: str, sql: str) -> Iterator[tuple[str, str]]:
        for key, expression in self.settings.columns.items():
            is_own = expression.strip('"').casefold() in {own.casefold() for own in self.columns}
            if not is_own and (changed := _replaced(expression, column, sql)) != expression:
                spec = TABLES[self.table].column(key)
                if spec is not None and spec.kind == "consent":  # what cannot be read is a refusal
                    filled = f"trim({plain_name(column)}) <> ''"
                    changed = f"coalesce(({changed})::varchar, case when {filled} then 'no' end)"
                yield key, changed


def _replaced(expression: str, column: str, sql: str) -> str:
    """The expression with SQL in the place of a column."""

    def instead(found: re.Match[str]) -> str:
        word = found[0]
        bare = word[1:-1].replace('""', '"') if word.startswith('"') else word
        return sql if not word.startswith("'") and bare.casefold() == column.casefold() else word

    return _WORDS.sub(instead, expression)
