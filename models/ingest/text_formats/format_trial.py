"""Format trial: tries formats on all values of a column."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import duckdb

from models.ingest.sql.quoting import name
from models.ingest.text_formats.csv_dialect import Dialect

VALUE = "v"
"""How the SQL of a reading calls the trimmed text of a value."""
_ROW, _ROWS = "number", "rows_of_it"
_TRIED = name("values on trial")
_SAMPLE = 2_000
_MOST_ON_ALL = 6
Way = TypeVar("Way")


@dataclass(frozen=True, slots=True)
class ReadingCandidate(Generic[Way]):
    """A way to read a column. reading: SQL over VALUE, null where the way does not read it. way: what it is made of."""

    reading: str
    way: Way


@dataclass(frozen=True, slots=True)
class ReadingDifference:
    """The first value that several ways read differently, and what each makes of it."""

    row: int
    value: str
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialResult(Generic[Way]):
    """The result of a trial. ways: those that read most values, each with different results.

    read: how many values these read, of `filled` that are not blank. difference: between the ways, if there are two.
    first_unread: the first value that they do not read, and its row.
    """

    ways: tuple[Way, ...]
    read: int
    filled: int
    difference: ReadingDifference | None = None
    first_unread: tuple[int, str] | None = None

    @property
    def reads_all(self) -> bool:
        """Whether every value is read."""
        return self.read == self.filled

    def description(self, words: str, names: Sequence[str]) -> str:
        """The result in words: which way, what is left unread, and between which ways only the owner can choose."""
        text = words
        if self.difference is not None:
            each = " or ".join(f"{one} as {name}" for name, one in zip(names, self.difference.readings, strict=False))
            number = {2: "two"}.get(len(self.ways), str(len(self.ways)))
            text = f"{number} ways read every value: row {self.difference.row} is {each}; choose the one that is meant"
        if not self.reads_all:
            text += f"; {self.filled - self.read:,} of {self.filled:,} values stay unread"
            if self.first_unread is not None:
                text += f" (row {self.first_unread[0]:,}: {self.first_unread[1][:40]!r})"
        return text


class FormatTrial:
    """The values of one column that are not blank and not to be left out, with their rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, values: str, dialect: Dialect) -> None:
        """values: a query of (row, VALUE). dialect: how the values are read that it reads."""
        self._connection, self.dialect = connection, dialect
        connection.execute(f"""
            create or replace temp table {_TRIED} as
            select {VALUE}, min({_ROW}) as {_ROW}, count(*) as {_ROWS} from ({values}) as written({_ROW}, {VALUE})
            where {VALUE} is not null and lower({VALUE}) <> 'nan' group by {VALUE}""")
        self.filled = self._rows("true")

    def without(self, values: Sequence[str]) -> None:
        """Leaves values out, from now on."""
        self._connection.execute(f"delete from {_TRIED} where {VALUE} in (select unnest(?))", [list(values)])
        self.filled = self._rows("true")

    def count(self, condition: str) -> int:
        """How many values meet a condition."""
        return self._rows(condition)

    def distinct(self, expression: str, condition: str, most: int) -> list[str]:
        """What an expression gives over the values that meet a condition: each once, by rows, at most so many."""
        query = f"""
            select found from (select {expression} as found, min({_ROW}) as first from {_TRIED}
            where {condition} group by 1) where found is not null order by first limit {most}"""
        return [str(row[0]) for row in self._connection.execute(query).fetchall()]

    def counts(self, readings: Sequence[str], values: Sequence[str]) -> tuple[int, ...]:
        """How many of these values each reading reads."""
        asked = ", ".join(f"count({reading})" for reading in readings)
        query = f"select {asked} from (select unnest(?) as {VALUE})"
        return tuple(self._connection.execute(query, [list(values)]).fetchall()[0])

    def result(self, candidates: Sequence[ReadingCandidate[Way]], condition: str) -> TrialResult[Way]:
        """The ways that read most of the values. condition: of values that the declared way does not read; a sample of
        them tells which candidates are tried on all.
        """
        if not candidates:
            return TrialResult((), 0, self.filled)
        sample = f"(select distinct {VALUE} from {_TRIED} where {condition} limit {_SAMPLE})"
        on_sample = self._ask(", ".join(f"count({one.reading})" for one in candidates), sample)
        by_sample = sorted(range(len(candidates)), key=lambda at: -on_sample[at])[:_MOST_ON_ALL]
        tried = [candidates[at] for at in sorted(by_sample) if on_sample[at]]
        if not tried:
            return TrialResult((), 0, self.filled)
        counts = self._ask(", ".join(_rows_that(f"({one.reading}) is not null") for one in tried))
        most = max(counts)
        best = [one for one, count in zip(tried, counts, strict=True) if count == most]
        others = self._ask(", ".join(_rows_that(f"{one.reading} is distinct from {best[0].reading}") for one in best))
        kept = [best[0]]
        for one, differing in zip(best, others, strict=True):
            if differing and not any(self._same(one, other) for other in kept):
                kept.append(one)
        first = self._first(f"({best[0].reading}) is null")
        return TrialResult(tuple(one.way for one in kept), most, self.filled, self._difference(kept), first)

    def _same(self, one: ReadingCandidate[Way], other: ReadingCandidate[Way]) -> bool:
        return self.count(f"{one.reading} is distinct from {other.reading}") == 0

    def _difference(self, candidates: Sequence[ReadingCandidate[Way]]) -> ReadingDifference | None:
        if len(candidates) < 2:
            return None
        differing = [f"{one.reading} is distinct from {candidates[0].reading}" for one in candidates[1:]]
        readings = ", ".join(f"({one.reading})::varchar" for one in candidates)
        for condition in (" and ".join(differing), " or ".join(differing)):
            query = f"select {_ROW}, {VALUE}, {readings} from {_TRIED} where {condition} order by {_ROW} limit 1"
            if found := self._connection.execute(query).fetchall():
                row, value, *read = found[0]
                return ReadingDifference(int(row), str(value), tuple(str(one) for one in read))
        return None

    def _first(self, condition: str) -> tuple[int, str] | None:
        query = f"select {_ROW}, {VALUE} from {_TRIED} where {condition} order by {_ROW} limit 1"
        found = self._connection.execute(query).fetchall()
        return (int(found[0][0]), str(found[0][1])) if found else None

    def _rows(self, condition: str) -> int:
        return self._ask(_rows_that(condition))[0]

    def _ask(self, expressions: str, relation: str = _TRIED) -> tuple[int, ...]:
        return tuple(self._connection.execute(f"select {expressions} from {relation}").fetchall()[0])


def _rows_that(condition: str) -> str:
    """The SQL of how many rows have a value that meets a condition."""
    return f"cast(coalesce(sum({_ROWS}) filter ({condition}), 0) as bigint)"
