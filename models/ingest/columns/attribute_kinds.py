"""Attribute kinds, inferred from the values: numbers, days or words."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb

from models.ingest.columns.mapped_column import ROW, MappedColumn, StrayValue, filtered, text_of
from models.ingest.sources.sources import Source
from models.ingest.sql.duckdb_session import engine_errors
from models.rows.tables import Column, Kind

NUMBERS = re.compile(r"^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE|BOOLEAN)$")
DAYS = re.compile(r"^(DATE|TIMESTAMP.*)$")
_NEARLY_ALL = 0.9
_FEW_WORDS = 20


def with_kinds(
    connection: duckdb.DuckDBPyConnection, source: Source, mapped: Sequence[MappedColumn], numeric: Mapping[str, bool]
) -> list[MappedColumn]:
    """What each attribute holds. A column of texts that are all numbers, or days, but for blanks holds those.

    All columns of texts are queried at once. A day is a number to models.
    """
    texts = [one for one in mapped if not (DAYS.match(one.type) or NUMBERS.match(one.type))]
    counts_by_name = dict(zip((one.column.name for one in texts), _counted(connection, source, texts), strict=True))
    kinds: dict[str, Kind] = {}
    strays: dict[str, StrayValue] = {}
    for one in mapped:
        attribute = one.column.name
        filled, numbers, days = counts_by_name.get(attribute, (0, 0, 0))
        is_text = numeric.get(attribute) is False
        if not is_text and (DAYS.match(one.type) or (days > numbers and (attribute in numeric or days == filled))):
            kinds[attribute] = "day"
        elif attribute in numeric:
            kinds[attribute] = "text" if is_text else "number"
        else:
            kinds[attribute] = "number" if NUMBERS.match(one.type) or numbers == filled > 0 else "text"
        if kinds[attribute] == "text" and not is_text and (most := max(numbers, days)) >= _NEARLY_ALL * filled > 0:
            strays[attribute] = first_stray(connection, source, one, (most, filled), are_numbers=numbers == most)
    return [
        replace(one, column=Column(at, kinds[at], ""), stray=strays.get(at), counts=counts_by_name.get(at, (0, 0, 0)))
        for one in mapped
        for at in (one.column.name,)
    ]


def _counted(
    connection: duckdb.DuckDBPyConnection, source: Source, texts: Sequence[MappedColumn]
) -> list[tuple[int, int, int]]:
    """Of each column of texts: how many are not blank, how many are numbers, and of a CSV file how many are days."""
    if not texts:
        return []
    values = [f"{text_of(one)} as v{place}" for place, one in enumerate(texts)]
    counts = []
    for at, one in enumerate(texts):
        days = f"coalesce({one.dialect.local(f'v{at}')}, {one.dialect.zoned(f'v{at}')}::timestamp) is not null"
        days = days if source.broken else "false"
        numbers = one.dialect.is_number(f"v{at}")
        counts += [f"count(v{at})", f"count(*) filter ({numbers})", f"count(*) filter ({days})"]
    with engine_errors(source.where):
        query = f"select {', '.join(counts)} from (select {', '.join(values)} from {filtered(source)})"
        found = connection.execute(query).fetchall()[0]
    return [(found[3 * at], found[3 * at + 1], found[3 * at + 2]) for at in range(len(texts))]


def first_stray(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    mapped: MappedColumn,
    counts: tuple[int, int],
    *,
    are_numbers: bool,
) -> StrayValue:
    """The first value of a column that is not as nearly all others are. counts: how many are so, of how many."""
    text, dialect = text_of(mapped), mapped.dialect
    fits = (
        dialect.is_number("v") if are_numbers else f"coalesce({dialect.local('v')}, {dialect.zoned('v')}) is not null"
    )
    found = connection.execute(f"""
        select min({ROW}), v from (select {ROW}, {text} as v from {filtered(source)})
        where v is not null and ({fits}) is not true group by v order by 1 limit {_FEW_WORDS + 1}""").fetchall()
    row, value = found[0]
    words = tuple(str(word) for _, word in found) if len(found) <= _FEW_WORDS else ()
    return StrayValue(mapped.column.name, mapped.expression, are_numbers, *counts, int(row), str(value), words)
