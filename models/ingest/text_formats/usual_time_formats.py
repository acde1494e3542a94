"""Time formats: the usual formats of times, as text or as numbers (such as Unix seconds), and the one of a column."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import duckdb

from models.ingest.sql.quoting import literal
from models.ingest.text_formats.format_trial import VALUE, ReadingCandidate
from models.rows.value_limits import END_OF_INSTANTS, FIRST_INSTANT
from models.workspace.remedy import Remedy, setting

_DAYS = {
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%Y": "month/day/year",
    "%d.%m.%Y": "day.month.year",
    "%d-%m-%Y": "day-month-year",
    "%m-%d-%Y": "month-day-year",
    "%Y/%m/%d": "year/month/day",
    "%Y.%m.%d": "year.month.day",
    "%Y-%m-%d": "year-month-day",
    "%Y%m%d": "year, month and day in eight digits",
    "%y-%m-%d": "year-month-day, years of two digits",
    "%d/%m/%y": "day/month/year, years of two digits",
    "%m/%d/%y": "month/day/year, years of two digits",
    "%d.%m.%y": "day.month.year, years of two digits",
    "%d-%m-%y": "day-month-year, years of two digits",
    "%m-%d-%y": "month-day-year, years of two digits",
    "%y/%m/%d": "year/month/day, years of two digits",
    "%y%m%d": "year, month and day in six digits",
    "%d %b %Y": "the month's name in short",
    "%d-%b-%Y": "the month's name in short",
    "%d/%b/%Y": "the month's name in short",
    "%b %d, %Y": "the month's name in short, before the day",
    "%b %d %Y": "the month's name in short, before the day",
    "%d-%b-%y": "the month's name in short, years of two digits",
    "%d %b %y": "the month's name in short, years of two digits",
    "%d %B %Y": "the month's name",
    "%d. %B %Y": "the month's name",
    "%B %d, %Y": "the month's name, before the day",
    "%a, %d %b %Y": "as in e-mails",
    "%a %b %d %Y": "weekday, month and day",
}
"""Formats of days, and what they are called."""
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p", "%H:%M:%S.%f", "%H.%M", "%Hh%M")
_JOINED = (" ", "T", ", ", " - ")
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a column writes times: days, with a time of the day behind them or none; all days alike.

    day: the format of days. formats: those that occur, or may. utc: a `Z` stands behind, which says that it is UTC.
    beside_iso: other values are written as ISO 8601.
    """

    day: str
    formats: tuple[str, ...]
    utc: bool = False
    beside_iso: bool = False

    @property
    def words(self) -> str:
        """The name of this format in messages."""
        asked = f"{_DAYS[self.day]} ({', '.join(self.formats)})"
        return f"{asked}, beside ISO 8601" if self.beside_iso else asked

    @property
    def options(self) -> dict[str, str] | None:
        """What `read` says of it; None if it cannot."""
        with_clock = [one for one in self.formats if one != self.day]
        if self.utc or self.beside_iso or len(with_clock) > 1 or any("%z" in one for one in self.formats):
            return None
        days = {"dateformat": self.day} if self.day in self.formats else {}
        return days | ({"timestampformat": with_clock[0]} if with_clock else {})

    def expression(self, text: str) -> str:
        """The SQL of the time that a text states; null where it states none."""
        asked = literal(self.formats[0] if len(self.formats) == 1 else list(self.formats))
        time = f"try_strptime({text}, {asked})"
        if self.utc:
            return f"{time} at time zone 'UTC'"
        return f"coalesce({time}, try_cast({text} as timestamp))" if self.beside_iso else time

    def candidate(self, latest: int | None) -> "ReadingCandidate[TimeFormat]":
        """The SQL that converts VALUE: null for times outside the allowed years, or after the latest
        time (microseconds), if there is such a limit.
        """
        end = END_OF_INSTANTS if latest is None else min(END_OF_INSTANTS, latest + _DAY)
        time = self.expression(VALUE)
        # DuckDB's strptime reads the word `epoch` under every format
        possible = (
            f"regexp_matches({VALUE}, '[0-9]') and epoch_us({time}) >= {FIRST_INSTANT} and epoch_us({time}) < {end}"
        )
        return ReadingCandidate(f"case when {possible} then {time} end", self)

    def narrowed(self, formats: Sequence[str]) -> Self:
        """The same with these formats only."""
        return replace(self, formats=tuple(formats))


def usual_formats(values: Sequence[str]) -> Iterator[TimeFormat]:
    """Every usual way to write times such as these."""
    has_clock, has_z = any(len(value) > 8 for value in values), any(value.endswith("Z") for value in values)
    has_offset = any(re.search(r"[+-][0-9]{2}:?[0-9]{2}$", value) for value in values)
    for day in _DAYS:
        clocks = tuple(_with_clocks(day)) if has_clock else ()
        yield TimeFormat(day, (day, *clocks))
        if has_z:
            yield TimeFormat(day, tuple(f"{one}Z" for one in clocks), utc=True)
        if has_offset:
            yield TimeFormat(day, tuple(f"{one} %z" for one in clocks))
            yield TimeFormat(day, tuple(f"{one}%z" for one in clocks))


def _with_clocks(day: str) -> Iterator[str]:
    for clock in _CLOCKS:
        for joined in _JOINED:
            yield f"{day}{joined}{clock}"
    if day in {"%Y%m%d", "%y%m%d"}:
        yield f"{day}%H%M%S"
        yield f"{day}%H%M"


_NUMBER = "try_cast({0} as double)"
_WAYS = {
    "year, month and day in eight digits": ("[0-9]{8}", "try_strptime({0}, '%Y%m%d')"),
    "year to second in fourteen digits": ("[0-9]{14}", "try_strptime({0}, '%Y%m%d%H%M%S')"),
    "year to minute in twelve digits": ("[0-9]{12}", "try_strptime({0}, '%Y%m%d%H%M')"),
    "year, month and day in six digits": ("[0-9]{6}", "try_strptime({0}, '%y%m%d')"),
    "seconds since 1970": (r"[0-9]{9,10}(\.[0-9]+)?", f"to_timestamp({_NUMBER})"),
    "milliseconds since 1970": (r"[0-9]{12,13}(\.[0-9]+)?", f"to_timestamp({_NUMBER} / 1000)"),
    "microseconds since 1970": ("[0-9]{15,16}", f"to_timestamp({_NUMBER} / 1000000)"),
    "days as a spreadsheet counts them": (
        r"[0-9]{5}(\.[0-9]+)?",
        f"timestamp '1899-12-30' + to_microseconds(cast(round({_NUMBER} * 86400000000) as bigint))",
    ),
    "days since 1970": (
        r"[0-9]{4,5}",
        f"timestamp '1970-01-01' + to_microseconds(cast({_NUMBER} * 86400000000 as bigint))",
    ),
}
"""What numbers may mean: how all of them look, and the SQL of the time."""


def numbered_times(
    connection: duckdb.DuckDBPyConnection, values: str, written: str, table: str, column: str
) -> Remedy | None:
    """What turns a column's numbers into times; None if not all of its values are numbers.

    values: a relation of their texts, `v`. written: the column's SQL.
    """
    numbers = "select bool_and(regexp_full_match(v, '[0-9]+([.][0-9]+)?')) from {0} where v is not null"
    for rows in (f"(select * from {values} limit 1000)", values):
        if not connection.execute(numbers.format(rows)).fetchall()[0][0]:
            return None
    for words, (pattern, time) in _WAYS.items():
        # whole numbers of a column of fractions are written with a point
        bare = "regexp_replace(v, '[.]0$', '')"
        at = f"epoch_us({time.format(bare)})"
        looks = f"regexp_full_match({bare}, '{pattern}')"
        query = f"""
            select count(*) > 0 and bool_and(case when {looks} then {at} >= {FIRST_INSTANT} and {at} < {END_OF_INSTANTS}
            else false end) from {values} where v is not null"""
        if connection.execute(query).fetchall()[0][0]:
            text = f"cast({written} as varchar)" if "strptime" in time else written
            return Remedy(f"they are {words}", setting(f"tables.{table}.columns", {column: time.format(text)}))
    return Remedy("turn them into times by an expression under `columns`")
