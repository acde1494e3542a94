"""DuckDB, which reads, joins and sorts the tables: in memory, in UTC, spilling only to a folder of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any, cast

import duckdb
from numpy.typing import NDArray

from models.errors import DataError


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


def arrays(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, NDArray[Any]]:
    """The columns that a query gives; it must give no nulls."""
    return cast("dict[str, NDArray[Any]]", connection.execute(query).fetchnumpy())


def first_lines(error: duckdb.Error) -> str:
    """What DuckDB says, without the query and without its advice, which is about DuckDB's own options."""
    said = re.split(r"\n\s*(?:LINE \d|The search space|Possible )", str(error), maxsplit=1)[0]
    return " ".join(said.split())
