"""Side effects of a remedy: whether a `read` option for one column leaves the table's other columns unchanged."""
# ruff: noqa: S608  (the SQL is made of quoted names and quoted values)

import duckdb

from models.ingest.remedies.source_columns import own_name
from models.ingest.sql.quoting import BLANKS, name
from models.ingest.staging.staged_table import StagedTable
from models.ingest.text_formats.csv_dialect import Dialect
from models.rows.tables import NUMBER_KINDS

_TIMES = frozenset({"instant", "day"})


def numbers_stay(connection: duckdb.DuckDBPyConnection, staged: StagedTable, column: str, new: Dialect) -> bool:
    """Whether every number of the other columns is read as before."""
    old = staged.source.dialect
    return _stay(connection, staged, column, old.number("v"), new.number("v"), _TIMES)


def times_stay(connection: duckdb.DuckDBPyConnection, staged: StagedTable, column: str, new: Dialect) -> bool:
    """Whether every time of the other columns is read as before."""
    old = staged.source.dialect
    local = _stay(connection, staged, column, old.local("v"), new.local("v"), NUMBER_KINDS)
    return local and _stay(connection, staged, column, old.zoned("v"), new.zoned("v"), NUMBER_KINDS)


def _stay(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, column: str, old: str, new: str, others: frozenset[str]
) -> bool:
    """others: the kinds of columns that do not read such values."""
    source = staged.source
    without = {"id", "text", "currency", "consent", "flag"} | others
    excluded = {own_name(source, one.column.name) for one in staged.mapped if one.column.kind in without}
    excluded |= {own_name(source, column)} | {source.own_column(one) for one in source.settings.exclude}
    columns = connection.execute(f"describe {source.written}").fetchall()
    asked = [row[0] for row in columns if row[0] not in excluded]
    if not asked:
        return True
    texts = ", ".join(f"trim({name(own)}, {BLANKS})" for own in asked)
    changed = f"""
        select 1 from (select unnest([{texts}]) as v from {source.written})
        where {old} is not null and {new} is distinct from {old} limit 1"""
    return not connection.execute(changed).fetchall()
