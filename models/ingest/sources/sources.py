"""Sources: opens a table's file or database as a relation for SQL."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from models.errors import DataError
from models.ingest.sources.column_types import typed_columns
from models.ingest.sources.column_uses import ColumnUse, column_uses
from models.ingest.sources.csv_source import create_csv_table
from models.ingest.sources.database_source import read_query, shown_url
from models.ingest.sources.expression_remedies import ExpressionRemedies
from models.ingest.sources.source_files import readable_files, source_location
from models.ingest.sources.workbook_source import SUFFIXES, read_workbooks
from models.ingest.sql.duckdb_session import engine_errors
from models.ingest.sql.quoting import literal, name
from models.ingest.text_formats.csv_dialect import ISO, Dialect
from models.rows.tables import TABLES, TableName
from models.workspace import TableSource
from models.workspace.remedy import Remedy

_READERS = {
    "csv": "read_csv",
    "tsv": "read_csv",
    "txt": "read_csv",
    "parquet": "read_parquet",
    "pq": "read_parquet",
    **dict.fromkeys(SUFFIXES, "workbook"),
}


@dataclass(frozen=True)
class Source:
    """An opened source.

    where: how errors call it. relation: its name in SQL, as expressions see it. types: DuckDB's type of each of its own
    columns there. written: its name in SQL with every value as the source writes it. dialect: how texts in it write
    numbers and times. texts: the names in `relation` of the texts of own columns that are more than texts there.
    broken: the name of the table of broken lines (line, text, problem) of a CSV file. encoding_remedy: the remedy of
    those that are not UTF-8, if there are such.
    """

    table: TableName
    settings: TableSource
    where: str
    shown: str
    sha256: str
    relation: str
    types: Mapping[str, str]
    written: str
    dialect: Dialect = ISO
    texts: Mapping[str, str] = field(default_factory=dict)
    broken: str | None = None
    encoding_remedy: Remedy | None = None

    def own_column(self, wanted: str) -> str | None:
        """The source's spelling of this column, which may be quoted; SQL names do not heed case."""
        if len(wanted) > 2 and wanted[0] == wanted[-1] == '"':
            wanted = wanted[1:-1].replace('""', '"')
        return next((column for column in self.types if column.casefold() == wanted.casefold()), None)


def open_source(
    connection: duckdb.DuckDBPyConnection, table: TableName, settings: TableSource, directory: Path
) -> Source:
    """The source of one table. Raises DataError if it is not there or cannot be read."""
    relation, location = name(f"source of {table}"), source_location(table, settings)
    if settings.is_database:
        shown = shown_url(location)
        where = f"tables.{table} ({shown})"
        rows, sha256 = read_query(location, settings.query or "", directory, where)
        with engine_errors(where):
            create_arrow_table(connection, relation, rows)
        return Source(table, settings, where, shown, sha256, relation, _types(connection, relation), relation)
    where = f"tables.{table} ({location})"
    files = readable_files(table, settings, directory, where)
    reader = _reader(files[0], where)
    sha256 = _sha256(files)
    with engine_errors(where, fix="check the file and `read` in tercet.toml"):
        if reader == "read_parquet":
            connection.execute(f"create temp view {relation} as select * from {_parquet_call(files, settings.read)}")
            return Source(table, settings, where, location, sha256, relation, _types(connection, relation), relation)
        dialect = Dialect.declared(settings.read, where)
        in_their_encoding, broken = None, None
        if reader == "workbook":
            create_arrow_table(connection, relation, read_workbooks(files, settings.read, dialect, where))
        else:
            in_their_encoding = create_csv_table(connection, relation, files, settings.read, table, where)
            broken = f"broken_lines_of_{table}"
    of_texts = Source(
        table=table,
        settings=settings,
        where=where,
        shown=location,
        sha256=sha256,
        relation=relation,
        types=_types(connection, relation),
        written=relation,
        dialect=dialect,
        broken=broken,
        encoding_remedy=in_their_encoding,
    )
    return with_typed_columns(connection, of_texts)


def create_arrow_table(connection: duckdb.DuckDBPyConnection, relation: str, rows: pa.Table) -> None:
    """Make `relation` of the rows."""
    connection.register("arriving", rows)
    connection.execute(f"create temp table {relation} as select * from arriving")
    connection.unregister("arriving")


def with_typed_columns(connection: duckdb.DuckDBPyConnection, source: Source, *, lenient: bool = False) -> Source:
    """A source of texts, its columns being what its expressions need.

    lenient: leave a column as texts where most values fit one type and some do not; else that raises DataError.
    """
    settings = source.settings
    plain = {own for text in settings.columns.values() if (own := source.own_column(text)) is not None}
    expressions = [text for text in settings.columns.values() if source.own_column(text) is None]
    folded = {own.casefold(): own for own in source.types}
    used = {folded[c]: use for c, use in column_uses(connection, expressions, settings.where).items() if c in folded}
    used = {own: min(use, ColumnUse.EITHER) for own, use in used.items()} if lenient else used
    remedies = ExpressionRemedies(
        connection, source.relation, list(source.types), source.dialect, settings, source.table
    )
    typed = typed_columns(connection, source.relation, used, source.dialect, source.where, remedies.remedy)
    texts = [own for own, use in used.items() if use >= ColumnUse.VALUE and own not in typed]
    if not typed:
        remedies.refuse_texts(texts, source.relation, source.where)
        return source
    relation = name(f"typed {source.relation}")
    kept_texts = {own: f" text of {own}" for own in typed if own in plain or _is_mapped_by_itself(source, own)}
    values = ", ".join(f"{value} as {name(own)}" for own, (value, _) in typed.items())
    kept = "".join(f", {name(own)} as {name(text)}" for own, text in kept_texts.items())
    connection.execute(
        f"create or replace temp view {relation} as select * replace ({values}){kept} from {source.relation}"
    )
    types = dict(source.types) | {own: kind for own, (_, kind) in typed.items()}
    remedies.refuse_texts(texts, relation, source.where)
    return replace(source, relation=relation, types=types, texts=kept_texts)


def _is_mapped_by_itself(source: Source, own: str) -> bool:
    """Whether a column is one of the contract, or an attribute, under its own name."""
    table = TABLES[source.table]
    mapped = own.casefold() in {column.name for column in table.columns} - source.settings.columns.keys()
    return table.open or mapped


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall()}


def _parquet_call(files: list[str], options: Mapping[str, Any]) -> str:
    bad = next((key for key in options if not re.fullmatch(r"[a-z_]+", key)), None)
    if bad is not None:
        raise DataError(f"{bad!r} is no option of the reader", fix="see `read` in tercet.toml")
    asked = ", ".join([literal(files), *(f"{key} = {literal(value)}" for key, value in options.items())])
    return f"read_parquet({asked})"


def _reader(file: str, where: str) -> str:
    suffix = Path(file.removesuffix(".gz").removesuffix(".zst")).suffix.lstrip(".").lower()
    if suffix not in _READERS:
        raise DataError(
            f"a .{suffix} file cannot be read", where=where, fix="use Parquet, CSV, Excel or a SQLAlchemy URL"
        )
    return _READERS[suffix]


def _sha256(files: list[str]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with Path(file).open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
