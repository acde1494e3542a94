"""CSV source: opens CSV files as a table of texts, without inferring a value's type from other values.

DuckDB makes out the separator, the quotes and the header from the beginning of the first file, unless `read` says
them; what a cell means is decided cell by cell (`models.ingest.columns.value_conversion`). A file in another encoding
than UTF-8 is turned into it first, where `read` names the encoding; where it names none, the one that reads the file is
told.
"""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from models.errors import DataError
from models.ingest.sql.duckdb_session import first_lines
from models.ingest.sql.quoting import literal
from models.ingest.text_formats.csv_dialect import DECLARING
from models.ingest.text_formats.encoding_detection import header_is_foreign, remedy_for_encoding
from models.ingest.text_formats.text_encodings import NAME_THE_ENCODING, declared_encoding, in_utf8
from models.rows.tables import TABLES, TableName
from models.workspace.remedy import Remedy

TYPING = frozenset({"types", "dtypes", "column_types", "all_varchar", "auto_type_candidates"})
"""Options of the reader that say what columns hold, which the contract, the values and expressions say here."""
_SNIFFED_BY = frozenset(
    {"delim", "sep", "quote", "escape", "header", "skip", "comment", "nullstr", "sample_size", "null_padding"}
    | {"strict_mode", "names", "new_line", "compression", "all_varchar", "decimal_separator", "dateformat"}
    | {"timestampformat", "ignore_errors", "max_line_size", "normalize_names"}
)
_NOTHING = "(empty)"
"""How DuckDB says that a file has no quotes."""


def create_csv_table(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    files: Sequence[str],
    read: Mapping[str, Any],
    table: TableName,
    where: str,
) -> Remedy | None:
    """Makes `relation` of the files, all texts; the broken lines go into the SQL table `broken_lines_of_<table>`.

    Gives the remedy of broken lines that are in another encoding, if there are such. Raises duckdb.Error where the
    files cannot be read, DataError where it is for their encoding.
    """
    encoding = declared_encoding(read, where)
    options = {key: value for key, value in read.items() if key != "encoding"}
    if encoding is not None:
        folder = str(connection.execute("select current_setting('temp_directory')").fetchall()[0][0])
        with TemporaryDirectory(prefix="utf8-", dir=folder) as unpacked:
            options.pop("compression", None)
            texts = in_utf8(files, encoding, read, Path(unpacked), where)
            _create(connection, relation, texts, options, table)
        return None
    if any(header_is_foreign(file, read) for file in files):
        raise _in_another_encoding(remedy_for_encoding(files, read, table), "its header is not UTF-8", where)
    _check_headers(connection, files, options, table, where)
    try:
        _create(connection, relation, files, options, table)
    except duckdb.Error as error:
        if (remedy := remedy_for_encoding(files, read, table)) is None:
            raise
        raise _in_another_encoding(remedy, first_lines(error), where) from error
    encoded = f"select 1 from broken_lines_of_{table} where error_type = 'INVALID ENCODING' limit 1"
    return remedy_for_encoding(files, read, table) if connection.execute(encoded).fetchall() else None


def _create(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    files: Sequence[str],
    read: Mapping[str, Any],
    table: TableName,
) -> None:
    if read.get("union_by_name"):  # DuckDB puts no lines aside then: a broken one is an error
        call = _read_csv_call(connection, files, read, {})
        texts = "line bigint, column_idx bigint, error_type varchar, error_message varchar, csv_line varchar"
        scans = "scan_id bigint, file_id bigint, file_path varchar, delimiter varchar, quote varchar"
        connection.execute(f"create temp table broken_lines_of_{table} (scan_id bigint, file_id bigint, {texts})")
        connection.execute(f"create temp table scan_of_{table} ({scans})")
    else:
        call = _read_csv_call(connection, files, read, broken_lines(table))
    connection.execute(f"create temp table {relation} as select * from {call}")


def _check_headers(
    connection: duckdb.DuckDBPyConnection, files: Sequence[str], read: Mapping[str, Any], table: TableName, where: str
) -> None:
    """Raises DataError if a later file has a column of the contract that the first has not: it would not be read."""
    if len(files) < 2 or read.get("union_by_name") or "columns" in read:
        return
    contract = {column.name for column in TABLES[table].columns}
    known = {key: value for key, value in read.items() if key in _SNIFFED_BY} | {"ignore_errors": True}
    first: set[str] = set()
    for file in files:
        try:
            found = _sniffed(connection, file, known)
        except duckdb.Error:
            return
        names = {str(column).casefold() for column in found["names"]} if found["header"] else set()
        if file == files[0]:
            first = names
        elif first and (more := sorted((names - first) & contract)):
            what = f"{Path(file).name} has the column {more[0]!r}, which {Path(files[0]).name} has not"
            fix = "give all files of the pattern the same columns, or declare read = { union_by_name = true }"
            raise DataError(what, where=where, fix=fix)


def _in_another_encoding(remedy: Remedy | None, what: str, where: str) -> DataError:
    if remedy is None:
        return DataError(what, where=where, fix=NAME_THE_ENCODING)
    return DataError(what, where=where, fix=remedy.told)


def _read_csv_call(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    read: Mapping[str, Any],
    reject_options: Mapping[str, Any],
) -> str:
    """The SQL that reads the files as texts. reject_options: those that put broken lines into a table.

    Raises duckdb.Error where no separator can be made out.
    """
    declared = {key: value for key, value in read.items() if key not in TYPING | DECLARING}
    if isinstance(columns := declared.get("columns"), dict):
        return _call(files, {**declared, "columns": dict.fromkeys(columns, "VARCHAR"), **reject_options})
    layout = _layout(connection, files[0], read)
    return _call(files, {**layout, **declared, "all_varchar": True, **reject_options})


def broken_lines(table: TableName) -> Mapping[str, Any]:
    """The options that have DuckDB put broken lines into the SQL table `broken_lines_of_<table>`."""
    return {"store_rejects": True, "rejects_table": f"broken_lines_of_{table}", "rejects_scan": f"scan_of_{table}"}


def _layout(connection: duckdb.DuckDBPyConnection, file: str, read: Mapping[str, Any]) -> dict[str, Any]:
    """The layout of the first file, where `read` does not declare it.

    A file whose beginning has no quotes may have some later: then they are the usual ones, unless that makes another
    table of the beginning.
    """
    known = {key: value for key, value in read.items() if key in _SNIFFED_BY} | {"ignore_errors": True}
    found = _sniffed(connection, file, known)
    if found["quote"] == _NOTHING and not read.keys() & {"quote", "escape"}:
        separator = {} if read.keys() & {"delim", "sep"} else {"delim": found["delim"]}
        try:
            quoted = _sniffed(connection, file, known | separator | {"quote": '"', "escape": '"'})
        except duckdb.Error:
            quoted = found
        if quoted["names"] == found["names"] and quoted["delim"] == found["delim"]:
            found = quoted
    layout = {key: "" if found[key] == _NOTHING else found[key] for key in ("delim", "quote", "escape")}
    layout["escape"] = layout["escape"] or read.get("quote", layout["quote"])  # a quote in quotes is written twice
    if "delim" in layout and "sep" in read:
        del layout["delim"]
    return layout | {"skip": found["skip"], "header": found["header"]}


def _sniffed(connection: duckdb.DuckDBPyConnection, file: str, known: Mapping[str, Any]) -> dict[str, Any]:
    asked = ", ".join(f"{key} = {literal(value)}" for key, value in known.items())
    row = connection.execute(f"""
        select Delimiter, Quote, Escape, SkipRows, HasHeader, list_transform(Columns, lambda one: one.name)
        from sniff_csv({literal(file)}, {asked})""").fetchall()[0]
    return dict(zip(("delim", "quote", "escape", "skip", "header", "names"), row, strict=True))


def _call(files: Sequence[str], options: Mapping[str, Any]) -> str:
    bad = next((key for key in options if not re.fullmatch(r"[a-z_]+", key)), None)
    if bad is not None:
        raise DataError(f"{bad!r} is no option of the reader", fix="see `read` in tercet.toml")
    asked = [literal(list(files)), *(f"{key} = {literal(value)}" for key, value in options.items())]
    return f"read_csv({', '.join(asked)})"
