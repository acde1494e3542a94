"""A CSV file that a spreadsheet can open without running what customers wrote."""

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.batch.columns.csv_cells import FORMULA_STARTS, safe, write_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert safe(text) == f"'{text}"


@given(st.text())
def test_no_text_starts_a_formula(text: str) -> None:
    assert not safe(text).startswith(FORMULA_STARTS)
    assert safe(text).removeprefix("'") == text.removeprefix("'")


def written(table: pa.Table) -> list[list[str]]:
    file = io.StringIO(newline="")
    write_csv(table, file)
    return list(csv.reader(io.StringIO(file.getvalue(), newline="")))


def test_numbers_stay_numbers_and_what_is_missing_is_empty() -> None:
    table = pa.table({"n": [-1.5, None], "t": ["-1.5", None], "l": [["=a", "b"], []]})
    assert written(table) == [["n", "t", "l"], ["-1.5", "'-1.5", "'=a|b"], ["", "", ""]]


def test_quotes_separators_and_lines_survive() -> None:
    table = pa.table({"t": ['say "hi", Anna\nBerg; é']})
    assert written(table) == [["t"], ['say "hi", Anna\nBerg; é']]
