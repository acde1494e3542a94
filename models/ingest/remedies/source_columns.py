"""Source columns: the SQL of a column as the workspace's owner wrote it, which a remedy wraps."""

# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from models.ingest.columns.mapped_column import ROW, MappedColumn, filtered, text_of
from models.ingest.columns.value_conversion import NO, YES, is_text
from models.ingest.sources.sources import Source
from models.ingest.sql.column_references import plain_name
from models.ingest.sql.quoting import literal, name
from models.ingest.staging.staged_table import StagedTable
from models.ingest.text_formats.csv_dialect import ISO, Dialect
from models.ingest.text_formats.format_trial import VALUE
from models.rows.tables import NUMBER_KINDS, TABLES
from models.rows.value_limits import END_OF_INSTANTS, FIRST_INSTANT

_ANY = name("any value")

KINDS = NUMBER_KINDS | {"instant", "day", "consent", "flag"}
"""What may be written in a way that has to be declared."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of texts. written: its SQL over the source. own: the source's column that it is, if it is one.

    may_be_blank: whether a row stays without a value.
    """

    mapped: MappedColumn
    written: str
    own: str | None
    may_be_blank: bool

    @property
    def name(self) -> str:
        """The contract's name of it, or the attribute's."""
        return self.mapped.column.name


def columns_of_texts(staged: StagedTable) -> Iterator[SourceColumn]:
    """The columns of a table that a line of `tercet.toml` could make readable."""
    table = TABLES[staged.source.table]
    for mapped in staged.mapped:
        if mapped.column.kind in KINDS and is_text(mapped.type):
            own = own_name(staged.source, mapped.column.name)
            expression = staged.source.settings.columns.get(mapped.column.name, mapped.column.name)
            written = plain_name(own) if own is not None else f"({expression})"
            blank = mapped.column.nullable or table.keeps(mapped.column)
            yield SourceColumn(mapped, written, own, blank)


def unread(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, columns: Sequence[SourceColumn]
) -> list[SourceColumn]:
    """Those columns that have values which cannot be read: in rejected rows, or in rows that stay without the value."""
    if not columns:
        return []
    flawed = f"(select {ROW} from {staged.refused} union select {ROW} from {staged.flawed})"
    texts = ", ".join(f"{text_of(one.mapped)} as {VALUE}{at}" for at, one in enumerate(columns))
    tests = [_unread(one.mapped).replace(_ANY, f"{VALUE}{at}") for at, one in enumerate(columns)]
    counts = [f"coalesce(bool_or({VALUE}{at} is not null and ({test})), false)" for at, test in enumerate(tests)]
    query = f"select {', '.join(counts)} from (select {texts} from {filtered(staged.source)} where {ROW} in {flawed})"
    found = connection.execute(query).fetchall()[0]
    return [one for one, has_some in zip(columns, found, strict=True) if has_some]


def _unread(mapped: MappedColumn) -> str:
    match mapped.column.kind:
        case "instant" | "day":
            return unread_times(mapped.dialect, _ANY)
        case "consent" | "flag":
            return unread_words(_ANY)
        case _:
            return f"({mapped.dialect.number(_ANY)}) is null and lower({_ANY}) <> 'nan'"


def unread_times(dialect: Dialect, text: str = VALUE) -> str:
    """The condition that a text is no time in a dialect, or one outside the allowed years."""
    time = f"epoch_us(coalesce({dialect.local(text)}, {dialect.zoned(text)}::timestamp))"
    return f"(({time} >= {FIRST_INSTANT} and {time} < {END_OF_INSTANTS}) is not true)"


def unread_words(text: str = VALUE) -> str:
    """The condition that a text is neither yes nor no."""
    known = ", ".join(literal(word) for word in (*YES, *NO, "nan"))
    return f"regexp_replace(lower({text}), '^([0-9]+)\\.0$', '\\1') not in ({known})"


def is_read_by_dialect(staged: StagedTable, column: SourceColumn) -> bool:
    """Whether what `read` declares holds for a column: of a CSV file, and not already made SQL's by its expression."""
    is_csv = staged.source.broken is not None
    return is_csv and (column.own is not None or column.mapped.dialect is not ISO or staged.source.dialect == ISO)


def own_name(source: Source, column: str) -> str | None:
    """The source's column that a column of the contract is, without any expression; None if there is one."""
    return source.own_column(source.settings.columns.get(column, column))
