"""Holds what columns of a source hold against what the models learnt them as."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

from collections.abc import Mapping, Sequence

import duckdb

from models.ingest.columns.column_mapping import DAYS, NUMBERS, ROW, Mapped, filtered, first_stray, text_of
from models.ingest.columns.kind_mismatches import Misfit, Now
from models.ingest.sources.sources import Source


def misfits_of(
    connection: duckdb.DuckDBPyConnection, source: Source, mapped: Sequence[Mapped], numeric: Mapping[str, bool] | None
) -> tuple[Misfit, ...]:
    """The columns that do not hold what the models learnt: numbers of which most cannot be read, words that are none.

    numeric: for columns by name, whether they were learnt as numbers.
    """
    found = []
    for one in mapped:
        if one.counts is not None and (learnt := (numeric or {}).get(one.column.name)) is not None:
            find = _no_numbers if learnt else _no_words
            found.append(find(connection, source, one, one.counts))
    return tuple(misfit for misfit in found if misfit is not None)


def _no_numbers(
    connection: duckdb.DuckDBPyConnection, source: Source, mapped: Mapped, counts: tuple[int, int, int]
) -> Misfit | None:
    filled, numbers, days = counts
    fitting, are_numbers = (days, False) if mapped.column.kind == "day" else (numbers, True)
    if 2 * fitting >= filled:
        return None
    first = first_stray(connection, source, mapped, (fitting, filled), are_numbers=are_numbers)
    return Misfit(source.table, mapped.column.name, "numbers", "words", fitting, filled, first.value)


def _no_words(
    connection: duckdb.DuckDBPyConnection, source: Source, mapped: Mapped, counts: tuple[int, int, int]
) -> Misfit | None:
    filled, numbers, days = counts
    now: Now
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
    return Misfit(source.table, mapped.column.name, "words", now, 0, filled, value) if filled else None
