"""Numeric times: which numeric representation of times (such as Unix seconds) a column uses, by all its values."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

import duckdb

from models.rows.value_limits import END_OF_INSTANTS, FIRST_INSTANT
from models.workspace.remedy import Remedy, setting

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
