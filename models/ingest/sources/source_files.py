"""Source files: the files that a table's source names now, with variables substituted and patterns expanded."""

import os
import re
from glob import glob, has_magic
from pathlib import Path

from models.errors import DataError
from models.rows.tables import TableName
from models.workspace import TableSource

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def source_location(table: TableName, settings: TableSource) -> str:
    """The source as `tercet.toml` names it, with what the environment has in the place of each `${NAME}`.

    Raises DataError naming a variable that the environment does not have.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            where, fix = f"tables.{table}.source", f"export {found[1]}=…"
            raise DataError(f"the environment has no variable {found[1]}", where=where, fix=fix)
        return os.environ[found[1]]

    return _VARIABLE.sub(value, settings.source)


def source_files(table: TableName, settings: TableSource, directory: Path) -> tuple[Path, ...]:
    """The files that the table is read from, in the order in which they are read; none of a database.

    Of a pattern: those that match it now, perhaps none. Of a file: itself, whether it is there or not.
    Raises DataError if a variable in the source is not there.
    """
    location = source_location(table, settings)
    if settings.is_database:
        return ()
    if has_magic(location) and not (directory / location).exists():
        return tuple(directory / found for found in sorted(glob(location, root_dir=directory)))  # noqa: PTH207 - Path.glob takes no absolute pattern
    return (directory / location,)


def readable_files(table: TableName, settings: TableSource, directory: Path, where: str) -> list[str]:
    """`source_files`, of which there is at least one. Raises DataError if one is not there or empty.

    where: how errors call the source.
    """
    files = source_files(table, settings, directory)
    missing = [file for file in files if not file.is_file()]
    if missing or not files:
        missing_file = str(missing[0]) if missing else f"like {directory / source_location(table, settings)}"
        raise DataError(f"there is no file {missing_file}", where=where, fix="check `source` in tercet.toml")
    empty = next((file for file in files if file.stat().st_size == 0), None)
    if empty:
        raise DataError(f"{empty} is empty", where=where)
    return [str(file) for file in files]
