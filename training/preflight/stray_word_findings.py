"""Findings about stray words: columns of numbers or times that a few words have turned into categories."""

from collections.abc import Iterator, Sequence

from models.ingest import Ingested
from models.ingest.columns.mapped_column import StrayValue
from models.ingest.sql.column_references import plain_name
from models.ingest.sql.quoting import literal
from models.ingest.text_formats.csv_dialect import ISO, Dialect
from models.rows.tables import TableName
from models.workspace import Workspace
from models.workspace.remedy import Remedy, setting
from training.findings.finding import Finding

_FIRST = 1


def stray_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """A finding for each such column; one for a table whose first row is a second header line."""
    for table, strays in ingested.strays.items():
        header = [stray for stray in strays if stray.row == _FIRST and stray.filled - stray.fitting == 1]
        if len(header) < 2:
            header = [stray for stray in strays if stray.value.casefold() == _own_name(stray).casefold()]
        if len(header) > 1:
            yield _second_header(workspace, ingested, table, header)
        for stray in strays:
            if len(header) < 2 or stray not in header:
                yield _stray(workspace, ingested, table, stray)


def _stray(workspace: Workspace, ingested: Ingested, table: TableName, stray: StrayValue) -> Finding:
    others = stray.filled - stray.fitting
    kind = "numbers" if stray.are_numbers else "times"
    what = f"all but {others:,} of {stray.filled:,} values are {kind}, so the column is read as words"
    column = _written(workspace, ingested, table, stray)
    settings = workspace.config.tables[table]
    dialect = Dialect.declared(settings.read, table) if _is_csv(settings.source) else ISO
    if stray.words:  # other words of later files are reported then
        expression = f"case when trim({column}) not in ({', '.join(map(literal, stray.words))}) then {column} end"
    else:
        expression = _number(dialect, column) if stray.are_numbers else _time(dialect, column)
    remedy = Remedy(
        f"if such words mean that the value is not known, have the column read as {kind}",
        setting(f"tables.{table}.columns", {stray.column: expression}),
    )
    example = f"row {stray.row:,}: {stray.value[:40]!r}"
    return Finding(
        "W209", f"{table}.{stray.column}", what, remedy.text, count=others, example=example, change=remedy.toml
    )


def _second_header(workspace: Workspace, ingested: Ingested, table: TableName, header: Sequence[StrayValue]) -> Finding:
    columns = ", ".join(f"'{stray.column}'" for stray in header)
    row = f"row {header[0].row:,}"
    what = f"{row} is a second header line: {len(header)} columns ({columns}) have a word in it and numbers elsewhere"
    before, column = workspace.config.tables[table].where, _written(workspace, ingested, table, header[0])
    condition = f"trim({column}) is distinct from {literal(header[0].value)}"
    where = f"({before}) and {condition}" if before else condition
    remedy = Remedy("leave the line out", setting(f"tables.{table}", {"where": where}))
    example = f"{row}: {header[0].value[:40]!r}"
    return Finding("W209", table, what, remedy.text, count=len(header), example=example, change=remedy.toml)


def _own_name(stray: StrayValue) -> str:
    return stray.expression.strip('"()')


def _written(workspace: Workspace, ingested: Ingested, table: TableName, stray: StrayValue) -> str:
    """The SQL of the column, as its owner has it."""
    expression = workspace.config.tables[table].columns.get(stray.column, stray.column)
    bare = expression.strip('"').casefold()
    own = next((own for own in ingested.own_columns.get(table, ()) if own.casefold() == bare), None)
    return plain_name(own) if own is not None else f"({expression})"


def _is_csv(source: str) -> bool:
    return "://" not in source and not source.lower().endswith((".parquet", ".pq"))


def _number(dialect: Dialect, column: str) -> str:
    """Where points and commas are not SQL's, a text that is no number could be taken for one if it were not matched."""
    is_plain = (dialect.decimal, dialect.thousands) == (".", None)
    return f"try_cast({column} as double)" if is_plain else dialect.number(column)


def _time(dialect: Dialect, column: str) -> str:
    formats = [one for one in (dialect.timestamp_format, dialect.date_format) if one is not None]
    return f"try_strptime({column}, {literal(formats)})" if formats else f"try_cast({column} as timestamp)"
