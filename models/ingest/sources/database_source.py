"""Database source: reads a query's result from any SQLAlchemy database, in chunks, into Arrow columns."""

import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import sqlalchemy
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from models.errors import DataError

_CHUNK = 50_000


def shown_url(url: str) -> str:
    """The URL without its password."""
    try:
        return sqlalchemy.make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.partition("://")[0] + "://…"


def read_query(url: str, query: str, directory: Path, where: str) -> tuple[pa.Table, str]:
    """The query's rows and the SHA-256 of them. Raises DataError without the URL's password."""
    try:
        engine = sqlalchemy.create_engine(_from_directory(url, directory, where))
    except (SQLAlchemyError, ImportError) as error:
        raise DataError(f"the source is no database that can be opened: {error}", where=where) from error
    digest = hashlib.sha256()
    try:
        with engine.connect().execution_options(stream_results=True, max_row_buffer=_CHUNK) as connection:
            result = connection.execute(sqlalchemy.text(query))
            names = list(result.keys())
            chunks: list[list[pa.Array[Any]]] = []
            for rows in result.partitions(_CHUNK):
                digest.update(repr([tuple(row) for row in rows]).encode())
                chunks.append([_array(list(values)) for values in zip(*rows, strict=True)])
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip()
        raise DataError(f"the query failed: {said}", where=where, fix="check `source` and `query`") from error
    finally:
        engine.dispose()
    columns = [_joined([chunk[i] for chunk in chunks]) for i in range(len(names))]
    return pa.table(dict(zip(names, columns, strict=True))), digest.hexdigest()


def _from_directory(url: str, directory: Path, where: str) -> sqlalchemy.URL:
    parsed = sqlalchemy.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return parsed
    path = directory / parsed.database
    if not path.is_file():
        raise DataError(f"there is no file {path}", where=where)
    return parsed.set(database=str(path))


def _array(values: list[Any]) -> "pa.Array[Any]":
    plain = [_plain(value) for value in values]
    array: pa.Array[Any]
    try:
        array = pa.array(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        array = pa.array([None if value is None else _text(value) for value in plain])
    return array


def _text(value: Any) -> str:
    """A value beside others of another kind: 1.0 is the id 1."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
        case UUID() | dict() | list() | tuple():
            return str(value)
        case _:
            return value


def _joined(chunks: list["pa.Array[Any]"]) -> "pa.ChunkedArray[Any]":
    types = {chunk.type for chunk in chunks if chunk.type != pa.null()}
    if len(types) <= 1:
        wanted = next(iter(types), pa.string())
    elif all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in types):
        wanted = pa.float64()
    else:
        wanted = pa.string()
    return pa.chunked_array([chunk.cast(wanted) for chunk in chunks], type=wanted)
