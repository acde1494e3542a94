"""DuckDB, which reads, joins and sorts the tables: in memory, in UTC, spilling only to a folder of its own."""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any, cast

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.errors import DataError

TEXT = np.dtypes.StringDType(na_object=None)
"""Texts of any length, None where there is none."""


@contextmanager
def open_engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own; nothing of it is left afterwards."""
    with TemporaryDirectory(prefix="tercet-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": spill,
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
        }
        with duckdb.connect(config=settings) as connection:
            yield connection


@contextmanager
def errors_told(where: str, *, fix: str | None = None) -> Iterator[None]:
    """Tells DuckDB's error as a DataError about `where`."""
    try:
        yield
    except duckdb.Error as error:
        raise DataError(first_lines(error), where=where, fix=fix) from error


def arrays(
    connection: duckdb.DuckDBPyConnection, query: str, *, texts: Collection[str] = ()
) -> dict[str, NDArray[Any]]:
    """The columns that a query gives; it must give no nulls but in `texts`, which come as StringDType.

    That holds a short text in 16 bytes, where a Python object takes 60 and more.
    """
    if not texts:
        return cast("dict[str, NDArray[Any]]", connection.execute(query).fetchnumpy())
    table = connection.sql(query).to_arrow_table()
    return {
        column: _compact(table[column]) if column in texts else table[column].to_numpy()
        for column in table.column_names
    }


def _compact(column: pa.ChunkedArray) -> NDArray[Any]:
    texts = np.empty(len(column), dtype=TEXT)
    start = 0
    for chunk in column.chunks:
        texts[start : start + len(chunk)] = chunk.to_pylist()
        start += len(chunk)
    return texts


def first_lines(error: duckdb.Error) -> str:
    """What DuckDB says, without the query and without its advice, which is about DuckDB's own options."""
    said = re.split(r"\n\s*(?:LINE \d|The search space|Possible )", str(error), maxsplit=1)[0]
    return " ".join(said.split())
