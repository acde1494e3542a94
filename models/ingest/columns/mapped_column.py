"""Mapped column: a column of the contract, or an attribute, with the source SQL that yields it."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

from dataclasses import dataclass

from models.ingest.sources.sources import Source
from models.ingest.sql.quoting import BLANKS, name
from models.ingest.text_formats.csv_dialect import ISO, Dialect
from models.rows.tables import Column

ROW = name(" row")
"""The number of a row in its source, from 1; no source has a column of that name."""


@dataclass(frozen=True, slots=True)
class StrayValue:
    """A value because of which a column of numbers, or of times, is taken for words.

    expression: what gives the column. fitting: how many of the `filled` values that are not blank are numbers (or
    times). row, value: the first that is none; rows are counted from 1. words: all that are none, each once, if they
    are few.
    """

    column: str
    expression: str
    are_numbers: bool
    fitting: int
    filled: int
    row: int
    value: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column, the SQL expression over the source that gives it, DuckDB's type of that, and how its texts write
    numbers and times. counts: of an attribute, how many values are not blank, how many of those are numbers, and how
    many days; they are counted of texts only.
    """

    column: Column
    expression: str
    type: str
    dialect: Dialect = ISO
    stray: StrayValue | None = None
    counts: tuple[int, int, int] | None = None


def text_of(mapped: MappedColumn) -> str:
    """The SQL of a column's value as a trimmed text, null for a blank."""
    return f"nullif(trim(({mapped.expression})::varchar, {BLANKS}), '')"


def filtered(source: Source) -> str:
    """The source's rows that `where` keeps, each with its number in the source as ` row`."""
    rows = f"(select *, row_number() over () as {ROW} from {source.relation})"
    return f"(select * from {rows} where {source.settings.where})" if source.settings.where else rows
