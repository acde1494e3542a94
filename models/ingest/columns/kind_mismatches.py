"""Kind mismatches: columns with numbers where the models learnt words, or words where they learnt numbers."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from models.errors import DataError
from models.ingest.columns.attribute_kinds import DAYS, NUMBERS, first_stray
from models.ingest.columns.mapped_column import ROW, MappedColumn, filtered, text_of
from models.ingest.sources.sources import Source
from models.rows.tables import TableName

TrainedKind = Literal["numbers", "words"]
PresentKind = Literal["numbers", "words", "dates", "yes or no"]
FEWEST = 20
"""With fewer values than these, a few cells that cannot be read are no sign that the column is another one."""


@dataclass(frozen=True, slots=True)
class KindMismatch:
    """One column: what the models learnt it as, what most of its values are now (of words: all), how many of the
    `filled` ones, those that are not blank, are as they were learnt, and the first that is not.
    """

    table: TableName
    column: str
    learnt: TrainedKind
    now: PresentKind
    fitting: int
    filled: int
    value: str

    @property
    def is_refused(self) -> bool:
        """Whether scoring everyone with it would mean nothing: a number of which more than half cannot be read."""
        return self.learnt == "numbers" and self.filled >= FEWEST

    def __str__(self) -> str:
        if self.learnt == "words":
            return f"the models learnt this column as words, and now all of its {self.filled} values are {self.now}"
        share = f"{(self.filled - self.fitting) / self.filled:.0%}"
        return (
            f"the models learnt this column as numbers, and {share} of its values "
            f"({self.filled - self.fitting} of {self.filled}) are none, such as {self.value!r}"
        )

    @property
    def where(self) -> str:
        """The column, as messages call it."""
        return f"tables.{self.table}: column {self.column}"


def kind_mismatches_of(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    mapped: Sequence[MappedColumn],
    numeric: Mapping[str, bool] | None,
) -> tuple[KindMismatch, ...]:
    """The columns that do not hold what the models learnt: numbers of which most cannot be read, words that are none.

    numeric: for columns by name, whether they were learnt as numbers.
    """
    found = []
    for one in mapped:
        if one.counts is not None and (learnt := (numeric or {}).get(one.column.name)) is not None:
            find = _no_numbers if learnt else _no_words
            found.append(find(connection, source, one, one.counts))
    return tuple(mismatch for mismatch in found if mismatch is not None)


def _no_numbers(
    connection: duckdb.DuckDBPyConnection, source: Source, mapped: MappedColumn, counts: tuple[int, int, int]
) -> KindMismatch | None:
    filled, numbers, days = counts
    fitting, are_numbers = (days, False) if mapped.column.kind == "day" else (numbers, True)
    if 2 * fitting >= filled:
        return None
    first = first_stray(connection, source, mapped, (fitting, filled), are_numbers=are_numbers)
    return KindMismatch(source.table, mapped.column.name, "numbers", "words", fitting, filled, first.value)


def _no_words(
    connection: duckdb.DuckDBPyConnection, source: Source, mapped: MappedColumn, counts: tuple[int, int, int]
) -> KindMismatch | None:
    filled, numbers, days = counts
    now: PresentKind
    if DAYS.match(mapped.type) or days == filled > 0:
        now = "dates"
    elif mapped.type == "BOOLEAN":
        now = "yes or no"
    elif NUMBERS.match(mapped.type) or numbers == filled > 0:
        now = "numbers"
    else:
        return None
    values = f"select {ROW}, {text_of(mapped)} as v from {filtered(source)}"
    query = f"select count(v), min_by(v, {ROW}) from ({values}) where v is not null"
    filled, value = connection.execute(query).fetchall()[0]
    return KindMismatch(source.table, mapped.column.name, "words", now, 0, filled, value) if filled else None


def refuse_kind_mismatches(kind_mismatches: Iterable[KindMismatch]) -> None:
    """Raises DataError for the first column with which scoring everyone would mean nothing."""
    for mismatch in kind_mismatches:
        if mismatch.is_refused:
            fix = "give the column the values that the champion was trained on, say what a value means under `columns`,"
            raise DataError(str(mismatch), where=mismatch.where, fix=f"{fix} or train again")
