"""Workbook source: a sheet of an Excel or OpenDocument file as a table of texts, as a CSV file of it would have them.

The extra `tercet[excel]` reads it (calamine). Cells that the file types are written as the declared dialect reads
them: the number 1.5, the day 2025-03-01, true. Formulas count as the value that the file keeps of them.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from models.errors import DataError
from models.ingest.text_formats.csv_dialect import DECLARING, Dialect

SUFFIXES = frozenset({"xlsx", "xlsm", "xlsb", "xls", "ods"})
OPTIONS = frozenset({"sheet", "skip"})
"""What `read` may say of a workbook beside the dialect: the sheet, by name or place from 1; rows before the header."""


def read_workbooks(files: Sequence[str], read: Mapping[str, Any], dialect: Dialect, where: str) -> pa.Table:
    """The rows of all files, whose columns are those of the first. Raises DataError if one cannot be read so."""
    if unknown := sorted(read.keys() - OPTIONS - DECLARING):
        fix = f"one of {', '.join(sorted(OPTIONS | DECLARING))}"
        raise DataError(f"{unknown[0]!r} is no option of a workbook", where=where, fix=fix)
    tables = [table_of(file, read, dialect, where) for file in files]
    first = tables[0].column_names
    for file, table in zip(files, tables, strict=True):
        if sorted(table.column_names) != sorted(first):
            other = min(set(table.column_names) ^ set(first))
            what = f"{file} and {files[0]} do not have the same columns: {other!r}"
            raise DataError(what, where=where, fix="give all files of the pattern the same columns")
    return pa.concat_tables([table.select(first) for table in tables])


def table_of(file: str, read: Mapping[str, Any], dialect: Dialect, where: str) -> pa.Table:
    """One file's sheet, all texts; rows without any value are left out, as blank lines of a CSV file are."""
    header, *rows = cells_of(file, read, where)
    names = [text_of(cell, dialect) or f"column{place}" for place, cell in enumerate(header)]
    folded = [name.casefold() for name in names]
    if twice := next((name for name in names if folded.count(name.casefold()) > 1), None):
        raise DataError(f"{file} has the column {twice!r} twice", where=where, fix="rename one of them")
    texts = [[text_of(cell, dialect) for cell in row] for row in rows]
    kept = [row for row in texts if any(cell is not None for cell in row)]
    columns = zip(*kept, strict=True) if kept else [()] * len(names)
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def cells_of(file: str, read: Mapping[str, Any], where: str) -> list[list[Any]]:
    """The cells of the sheet from its header on, each row as long as the longest.

    Raises DataError if the extra is not installed, the file or the sheet cannot be read, or nothing is left of it.
    """
    try:
        import python_calamine as calamine  # noqa: PLC0415 - an extra
    except ImportError as error:
        fix = "pip install 'tercet[excel]', or save the sheet as CSV"
        raise DataError("an Excel file needs the extra `excel`", where=where, fix=fix) from error
    sheet, skip = read.get("sheet", 1), read.get("skip", 0)
    if not isinstance(skip, int) or skip < 0:
        raise DataError(f"skip = {skip!r} is no number of rows", where=where, fix="write a whole number from 0 on")
    try:
        with calamine.CalamineWorkbook.from_path(file) as workbook:
            names = workbook.sheet_names
            if isinstance(sheet, int) and 1 <= sheet <= len(names):
                sheet = names[sheet - 1]
            if sheet not in names:
                raise DataError(f"{file} has no sheet {sheet!r}", where=where, fix=f"one of {', '.join(names)}")
            rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)[skip:]
    except (calamine.CalamineError, OSError) as error:
        raise DataError(f"{file} cannot be read: {error}", where=where, fix="save it again, or as CSV") from error
    if not rows:
        raise DataError(f"the sheet {sheet!r} of {file} is empty", where=where)
    return rows


def text_of(cell: Any, dialect: Dialect) -> str | None:
    """A cell as a CSV file in this dialect has it; None for a blank."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        whole = isinstance(cell, int) or cell.is_integer()
        return (str(int(cell)) if whole else repr(cell)).replace(".", dialect.decimal)
    if isinstance(cell, date):  # a time is one, too
        declared = dialect.timestamp_format if isinstance(cell, datetime) else dialect.date_format
        return cell.strftime(declared) if declared is not None else str(cell)
    return str(cell)
