"""Header lines among the rows: repeated where files were concatenated, or a second one below the first."""
# ruff: noqa: S608  (the SQL is made of quoted names and quoted values)

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from models.ingest.columns.mapped_column import ROW, filtered, text_of
from models.ingest.remedies.source_columns import SourceColumn
from models.ingest.sql.quoting import literal
from models.ingest.staging.staged_table import StagedTable
from models.rows.tables import NUMBER_KINDS

_MEASURED = NUMBER_KINDS | {"instant", "day"}


@dataclass(frozen=True, slots=True)
class HeaderLines:
    """condition: SQL of the source's rows that are none. rows: a query of the numbers of those that are.

    words: what they are. columns: those by which they are known.
    """

    condition: str
    rows: str
    words: str
    columns: frozenset[str]


def header_lines(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, unread: Sequence[SourceColumn]
) -> HeaderLines | None:
    """The header lines among a table's rows, known by their words in columns of numbers and times; None if none.

    unread: the columns with values that cannot be read.
    """
    columns = [one for one in unread if one.own is not None and one.mapped.column.kind in _MEASURED]
    for column in columns:
        repeated = f"lower({text_of(column.mapped)}) = {literal(str(column.own).casefold())}"
        rows = f"select {ROW} from {filtered(staged.source)} where {repeated}"
        if found := connection.execute(f"select count(*) from ({rows})").fetchall()[0][0]:
            condition = f"lower(trim({column.written})) is distinct from {literal(str(column.own).casefold())}"
            known = frozenset(one.name for one in columns)
            words = f"{found:,} rows repeat the header" if found > 1 else "one row repeats the header"
            return HeaderLines(condition, rows, words, known)
    return _second(connection, staged, columns)


def _second(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, columns: list[SourceColumn]
) -> HeaderLines | None:
    """The first row, where two columns of numbers or times, or more, have words in it alone."""
    if len(columns) < 2:
        return None
    texts = ", ".join(f"{text_of(one.mapped)} as v{at}" for at, one in enumerate(columns))
    wordy = ", ".join(
        f"count(*) filter (regexp_matches(v{at}, '\\pL') and not regexp_matches(v{at}, '[0-9]') and {ROW} = 1),"
        f" count(*) filter (v{at} is not null and not regexp_matches(v{at}, '[0-9]')), max(v{at}) filter ({ROW} = 1)"
        for at in range(len(columns))
    )
    counts = connection.execute(
        f"select {wordy} from (select {ROW}, {texts} from {filtered(staged.source)})"
    ).fetchall()[0]
    known = [(one, counts[3 * at + 2]) for at, one in enumerate(columns) if counts[3 * at] == counts[3 * at + 1] == 1]
    if len(known) < 2:
        return None
    column, word = known[0]
    condition = f"trim({column.written}) is distinct from {literal(str(word))}"
    rows = f"select {ROW} from {filtered(staged.source)} where {ROW} = 1"
    names = frozenset(one.name for one, _ in known)
    return HeaderLines(condition, rows, "row 1 is a second header line", names)
