"""DuckDB session that reads and joins the tables: in UTC, spilling to a folder of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from models.compute.cores import cores
from models.errors import DataError


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What an engine may take. folder: where it spills, which is there. memory: as DuckDB writes it, such as "1GB"."""

    folder: Path
    memory: str
    threads: int


@contextmanager
def open_engine(bounds: EngineLimits | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own; nothing of it is left afterwards.

    bounds: by default most of the memory, and as many threads as there are cores.
    """
    with TemporaryDirectory(prefix="tercet-", dir=None if bounds is None else bounds.folder) as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": spill,
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
            "threads": cores() if bounds is None else bounds.threads,
        }
        if bounds is not None:
            settings["memory_limit"] = bounds.memory
        with duckdb.connect(config=settings) as connection:
            yield connection


@contextmanager
def engine_errors(where: str, *, fix: str | None = None) -> Iterator[None]:
    """Raises DuckDB's error as a DataError about `where`."""
    try:
        yield
    except duckdb.Error as error:
        raise DataError(first_lines(error), where=where, fix=fix) from error


def first_lines(error: duckdb.Error) -> str:
    """What DuckDB says, without the query and without its advice, which is about DuckDB's own options."""
    said = re.split(r"\n\s*(?:LINE \d|The search space|Possible |Candidate functions)", str(error), maxsplit=1)[0]
    return " ".join(said.split())
