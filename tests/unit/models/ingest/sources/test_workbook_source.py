"""A sheet of an Excel file is read as a CSV file of it would be; openpyxl writes it, and a CSV file lies beside it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped] # openpyxl ships no types
import pytest

from models.errors import DataError
from models.ingest import Ingested, read_history
from models.workspace import load_workspace
from tests.builders.narrowing import category, numbers

HEADER: list[Any] = ["order_id", "customer_id", "ordered_at", "amount", "category"]
ROWS: list[list[Any]] = [
    ["o1", 7, datetime(2025, 3, 1, 9, 30), 12.5, "books"],
    ["o2", "007", date(2025, 3, 2), 1200, None],
    [3, 7.0, "2025-03-03", "-4.20", "maybe"],
    [None, None, None, None, None],
    ["o5", "x", "yesterday", True, "books"],
]
CSV = """order_id,customer_id,ordered_at,amount,category
o1,7,2025-03-01 09:30:00,12.5,books
o2,007,2025-03-02,1200,
3,7,2025-03-03,-4.20,maybe
o5,x,yesterday,true,books
"""


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)


def read(folder: Path, source: str, more: str = "") -> Ingested:
    toml = f'[business]\ncurrency = "EUR"\n[tables.orders]\nsource = "{source}"\n{more}'
    (folder / "tercet.toml").write_text(toml, encoding="utf-8")
    return read_history(load_workspace(folder))


def same(one: Ingested, other: Ingested) -> None:
    assert one.history.customer_ids.tolist() == other.history.customer_ids.tolist()
    orders, others = one.history.tables["orders"], other.history.tables["orders"]
    assert orders.at.tolist() == others.at.tolist()
    assert numbers(orders.columns["amount"]).tolist() == numbers(others.columns["amount"]).tolist()
    assert category(orders.columns["category"]).words() == category(others.columns["category"]).words()
    assert [(r.table, r.reason, r.count) for r in one.rejections] == [
        (r.table, r.reason, r.count) for r in other.rejections
    ]


def test_a_sheet_is_what_a_csv_file_of_it_is(tmp_path: Path) -> None:
    workbook(tmp_path / "orders.xlsx", {"Orders": [HEADER, *ROWS]})
    (tmp_path / "orders.csv").write_text(CSV, encoding="utf-8")
    same(read(tmp_path, "orders.xlsx"), read(tmp_path, "orders.csv"))


@pytest.mark.parametrize("sheet", ['"Orders"', "2"])
def test_the_sheet_and_the_rows_above_the_header_are_declared(tmp_path: Path, sheet: str) -> None:
    above: list[list[Any]] = [["Export of 2025-03-04"], [None]]
    workbook(tmp_path / "book.xlsx", {"Notes": [["nothing"]], "Orders": [*above, HEADER, *ROWS]})
    (tmp_path / "orders.csv").write_text(CSV, encoding="utf-8")
    more = f"read = {{ sheet = {sheet}, skip = 2 }}\n"
    same(read(tmp_path, "book.xlsx", more), read(tmp_path, "orders.csv"))


def test_typed_cells_do_not_depend_on_the_dialect_of_texts(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["o1", "a", date(2025, 3, 1), 12.5, None], ["o2", "b", "02.03.2025", "7,25", None]]
    workbook(tmp_path / "orders.xlsx", {"Orders": [HEADER, *rows]})
    more = 'read = { decimal_separator = ",", dateformat = "%d.%m.%Y", timestampformat = "%d.%m.%Y" }\n'
    ingested = read(tmp_path, "orders.xlsx", more)
    assert ingested.rejections == ()
    assert numbers(ingested.history.tables["orders"].columns["amount"]).tolist() == [1250, 725]


@pytest.mark.parametrize(
    ("sheets", "more", "words"),
    [
        ({"Orders": [HEADER]}, "read = { sheet = 'Sales' }\n", r"no sheet 'Sales'\s+fix: one of Orders"),
        ({"Orders": [["order_id", "Order_ID"]]}, "", "the column 'order_id' twice"),
        ({"Orders": []}, "", "is empty"),
        ({"Orders": [HEADER]}, "read = { delim = ';' }\n", "'delim' is no option of a workbook"),
        ({"Orders": [HEADER]}, "read = { skip = '2' }\n", "skip = '2' is no number of rows"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], more: str, words: str
) -> None:
    workbook(tmp_path / "orders.xlsx", sheets)
    with pytest.raises(DataError, match=words):
        read(tmp_path, "orders.xlsx", more)


def test_a_file_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    (tmp_path / "orders.xlsx").write_text(CSV, encoding="utf-8")
    with pytest.raises(DataError, match=r"orders\.xlsx cannot be read"):
        read(tmp_path, "orders.xlsx")
