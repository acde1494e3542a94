"""CSV cells: tables as CSV in which no customer's text runs as a spreadsheet formula."""

import csv
import re
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.compute as pc

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV injection)."""


def safe(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("C-00012"), safe("")
    ("'=1+1", 'C-00012', '')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def cell(value: Any) -> Any:
    """A value as a cell: numbers as they are, words safe, lists of words joined by |, reasons as one text."""
    match value:
        case None:
            return ""
        case str():
            return safe(value)
        case list():
            return safe("|".join(in_words(part) if isinstance(part, dict) else str(part) for part in value))
        case _:
            return value


def in_words(reason: dict[str, Any]) -> str:
    """A reason in short: `days_since_last_order 74 +0.071`."""
    return (
        f"{reason['feature']} {'missing' if reason['value'] is None else reason['value']} {reason['contribution']:+g}"
    )


def write_csv(table: pa.Table, file: TextIO) -> None:
    """The table with a header line, UTF-8, CRLF as RFC 4180 has it."""
    writer = csv.writer(file)
    writer.writerow(table.column_names)
    writer.writerows(zip(*(cells(column) for column in table.columns), strict=True))


def cells(column: "pa.ChunkedArray[Any]") -> list[Any]:
    """A column as cells; the writer leaves those of None empty."""
    if pa.types.is_string(column.type):
        formula = pc.match_substring_regex(column, f"^[{re.escape(''.join(FORMULA_STARTS))}]")
        quoted = pc.binary_join_element_wise("'", column, "")  # type: ignore[call-overload] # texts beside columns
        column = pc.if_else(formula, quoted, column)
    values: list[Any] = column.to_pylist()
    return [cell(value) for value in values] if pa.types.is_list(column.type) else values


def encoding_of(*, bom: bool) -> str:
    """The encoding of a CSV file. bom: with the byte order mark by which Excel knows UTF-8."""
    return "utf-8-sig" if bom else "utf-8"


def csv_bytes_to(path: Path, table: pa.Table, *, bom: bool = False) -> None:
    """Write the table to a file of its own."""
    with path.open("w", encoding=encoding_of(bom=bom), newline="") as file:
        write_csv(table, file)
