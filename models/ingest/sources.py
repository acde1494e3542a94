"""Opens a table's source, a file or a database, as a relation that SQL can be written against."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from models.errors import DataError
from models.ingest.database_source import read_query, shown_url
from models.ingest.engine import errors_told
from models.ingest.source_files import readable_files, source_location
from models.ingest.sql import literal, name
from models.tables import TABLES, TableName
from models.workspace import TableSource

_TIMES = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})
_SNIFFED_BY = frozenset({"delim", "sep", "quote", "escape", "header", "skip", "sample_size", "comment", "nullstr"})
_READERS = {"csv": "read_csv", "tsv": "read_csv", "txt": "read_csv", "parquet": "read_parquet", "pq": "read_parquet"}


@dataclass(frozen=True)
class Source:
    """An opened source.

    where: how errors call it. relation: its name in SQL. types: DuckDB's type of each of its own columns.
    broken: the name of the table of broken lines (line, text, problem) of a CSV file.
    """

    table: TableName
    settings: TableSource
    where: str
    shown: str
    sha256: str
    relation: str
    types: Mapping[str, str]
    broken: str | None = None

    def own_column(self, wanted: str) -> str | None:
        """The source's spelling of this column; SQL names do not heed case."""
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
        connection.register("arriving", rows)
        with errors_told(where):
            connection.execute(f"create temp table {relation} as select * from arriving")
        connection.unregister("arriving")
        return Source(table, settings, where, shown, sha256, relation, _types(connection, relation))
    where = f"tables.{table} ({location})"
    files = readable_files(table, settings, directory, where)
    reader = _reader(files[0], where)
    sha256 = _sha256(files)
    broken = None
    with errors_told(where, fix="check the file and `read` in tercet.toml"):
        if reader == "read_parquet":
            connection.execute(f"create temp view {relation} as select * from {_call(reader, files, settings.read)}")
        else:
            broken = f"broken_lines_of_{table}"
            options = _csv_options(connection, table, settings, files)
            aside = {
                "store_rejects": True,
                "rejects_table": broken,
                "rejects_scan": f"scan_of_{table}",
            }
            call = _call(reader, files, options | aside)
            connection.execute(f"create temp table {relation} as select * from {call}")
        return Source(table, settings, where, location, sha256, relation, _types(connection, relation), broken)


def _csv_options(
    connection: duckdb.DuckDBPyConnection, table: TableName, settings: TableSource, files: list[str]
) -> dict[str, Any]:
    """The reader's options: ids and texts are read as text whatever the first lines look like, attributes keep their
    own words (`yes`, not true), and times in a format that has to be guessed stay text, which is then no time.
    """
    options = {"sample_size": -1} | settings.read if TABLES[table].open else dict(settings.read)
    if any(key in options for key in ("types", "dtypes", "column_types", "columns", "all_varchar")):
        return options
    own = _types(connection, _call("read_csv", files, {"ignore_errors": True} | options))
    texts = {column.name for column in TABLES[table].columns if column.kind in {"id", "text"}}
    mapped = {settings.columns.get(text, text).strip('"').casefold() for text in texts}
    words = {column for column, kind in own.items() if kind == "BOOLEAN" and TABLES[table].open}
    guessed = (
        {column for column, kind in own.items() if kind in _TIMES} if _guesses(connection, files, options) else set()
    )
    as_text = {column: "VARCHAR" for column in own if column.casefold() in mapped or column in words | guessed}
    return options | ({"types": as_text} if as_text else {})


def _guesses(connection: duckdb.DuckDBPyConnection, files: list[str], options: Mapping[str, Any]) -> bool:
    """Whether times were made out by a guess at a format in which day and month may be mistaken for one another."""
    if options.keys() & {"dateformat", "timestampformat", "date_format", "timestamp_format"}:
        return False
    kept = {key: value for key, value in options.items() if key in _SNIFFED_BY} | {"ignore_errors": True}
    sniffs = (f"select DateFormat, TimestampFormat from {_call('sniff_csv', file, kept)}" for file in files)
    formats = [found for sniff in sniffs for found in connection.execute(sniff).fetchone() or ()]
    return any(found and not found.startswith("%Y") for found in formats)


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall()}


def _call(reader: str, files: list[str] | str, options: Mapping[str, Any]) -> str:
    bad = next((key for key in options if not re.fullmatch(r"[a-z_]+", key)), None)
    if bad is not None:
        raise DataError(f"{bad!r} is no option of the reader", fix="see `read` in tercet.toml")
    return f"{reader}({', '.join([literal(files), *(f'{key} = {literal(value)}' for key, value in options.items())])})"


def _reader(file: str, where: str) -> str:
    suffix = Path(file.removesuffix(".gz").removesuffix(".zst")).suffix.lstrip(".").lower()
    if suffix not in _READERS:
        raise DataError(f"a .{suffix} file cannot be read", where=where, fix="use Parquet, CSV or a SQLAlchemy URL")
    return _READERS[suffix]


def _sha256(files: list[str]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with Path(file).open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
