"""Every fix for values that cannot be read is taken as it is printed, put into `tercet.toml`, and must mend the table.

What the mended table should hold is written in plain Python beside what the file holds.
"""

import doctest
from collections.abc import Sequence
from pathlib import Path

import pytest

from models.ingest.text_formats import usual_number_styles
from models.rows.history import Category
from models.workspace import remedy
from tests.builders.csv_workspace import files, printed_lines
from tests.builders.ingest_results import ORDERS, column, micros
from tests.builders.order_cells import GOOD, amounts, fix_of_nobody, instants, orders, quoted

pytestmark = pytest.mark.slow


def test_dates_and_amounts_that_both_need_reading_are_mended_by_one_fix(tmp_path: Path) -> None:
    workspace = files(tmp_path, {"orders": orders([("31.12.2025 10:00", "1.135,00 €"), ("1.2.2024 23:59", "-2,00 €")])})
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert (mended.rejections, amounts(mended)) == ((), [1135.0, -2.0])
    assert instants(mended) == [micros("2025-12-31T10:00"), micros("2024-02-01T23:59")]


def test_what_read_and_where_say_already_stays(tmp_path: Path) -> None:
    text = (
        orders([("13/2/2025", "1,00"), ("13/3/2025", "2,00"), ("14/3/2025", "3,00")])
        .replace(",", ";")
        .replace('"1;00', '"1,00')
        .replace('"2;00', '"2,00')
        .replace('"3;00', '"3,00')
    )
    more = 'read = { delim = ";", decimal_separator = "," }\nwhere = "customer_id <> \'c00001\'"\n'
    workspace = files(tmp_path, {"orders": text}, more=more)
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert (mended.rejections, amounts(mended)) == ((), [1.0, 3.0])


def customers(cells: Sequence[str]) -> str:
    rows = [f"c{row},2026-01-01,{cell}" for row, cell in enumerate(cells)]
    return "\n".join(["customer_id,signed_up_at,profiling_consent", *rows]) + "\n"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["oui", "non", "Oui", ""], [1, 0, 1, -1]),
        (["ja", "nein", "1.0", "0"], [1, 0, 1, 0]),
        (["subscribed", "unsubscribed", "true"], [1, 0, 1]),
        (["Opt-In", "Opt-Out", "opt-in"], [1, 0, 1]),
        (["oui", "non", "peut-être"], [1, 0, 0]),
        (["1,0", "0.00"], [1, 0]),
    ],
)
def test_consents_in_other_words_are_read_by_the_words_that_the_column_has(
    words: list[str], meant: list[int], tmp_path: Path
) -> None:
    tables = {"customers": customers([quoted(word) for word in words]), "orders": f"{ORDERS}\no0,c0,2026-01-01,1\n"}
    workspace = files(tmp_path, tables)
    finding = workspace.finding("107", "customers.profiling_consent")
    printed = finding.fix + finding.change
    assert all(word.lower() in printed for word in words if word not in {"", "1.0", "0", "true"})
    mended = workspace.mend(finding.change)
    assert mended.history.consents["profiling"].tolist() == meant
    assert [one.count for one in mended.rejections] == ([1] if "peut-être" in words else [])


def test_a_word_of_no_known_meaning_has_no_fix_but_stays_a_refusal(tmp_path: Path) -> None:
    tables = {"customers": customers(["vielleicht", "yes"]), "orders": f"{ORDERS}\no0,c0,2026-01-01,1\n"}
    workspace = files(tmp_path, tables)
    assert workspace.rejection("unreadable profiling_consent").remedy is None
    assert workspace.read().history.consents["profiling"].tolist() == [0, 1]


def test_a_header_that_is_repeated_is_left_out(tmp_path: Path) -> None:
    text = "\n".join([ORDERS, *GOOD, ORDERS, "g3,carl,2026-01-03,30.00"]) + "\n"
    workspace = files(tmp_path, {"orders": text})
    finding = workspace.finding("105", "orders.ordered_at")
    assert "one row repeats the header" in finding.fix
    mended = workspace.mend(finding.change)
    assert (mended.rejections, amounts(mended)) == ((), [10.0, 20.0, 30.0])


def test_a_second_header_line_is_left_out(tmp_path: Path) -> None:
    text = "\n".join([ORDERS, "Order number,Customer,Date of order,Amount in EUR", *GOOD]) + "\n"
    workspace = files(tmp_path, {"orders": text})
    finding = workspace.finding("105", "orders.ordered_at")
    assert "row 1 is a second header line" in finding.fix
    mended = workspace.mend(finding.change)
    assert (mended.rejections, amounts(mended)) == ((), [10.0, 20.0])


def test_one_stray_word_among_numbers_is_told_and_the_column_stays_numbers(tmp_path: Path) -> None:
    visits = [str(row % 97) for row in range(2_499)]
    visits[5] = "?"
    text = "customer_id,visits,plan\n" + "".join(f"c{row},{cell},{'ab'[row % 2]}\n" for row, cell in enumerate(visits))
    workspace = files(tmp_path, {"attributes": text})
    finding = workspace.finding("209", "attributes.visits")
    assert finding.what.startswith("all but 1 of 2,499 values are numbers")
    assert finding.example == "row 6: '?'"
    assert "case when trim(visits) not in ('?') then visits end" in finding.change
    mended = workspace.mend(finding.change)
    values = column(mended, "attributes", "visits")
    by_customer = dict(zip(mended.history.customer_ids.tolist(), values, strict=True))
    assert {by_customer[f"c{row}"] for row in range(2_499) if row % 97 == 3} == {3.0}
    assert by_customer["c5"] != by_customer["c5"]
    assert not isinstance(mended.history.tables["attributes"].columns["visits"], Category)
    assert not any(name.startswith(("W209", "W205")) for name in workspace.codes())


def test_an_id_that_is_nearly_all_numbers_is_told_as_such_and_not_as_free_text(tmp_path: Path) -> None:
    text = "customer_id,income\n" + "".join(f"c{row},{row * 1.5 if row else 'n/a'}\n" for row in range(400))
    codes = files(tmp_path, {"attributes": text}).codes()
    assert "W209:attributes.income" in codes
    assert "W205:attributes.income" not in codes


def test_a_stray_word_is_mended_in_the_dialect_of_the_file(tmp_path: Path) -> None:
    rows = "".join(f"c{row};{row},5\n" for row in range(50))
    text = f"customer_id;visits\n{rows}x;1.135\ny;-\n"
    more = 'read = { delim = ";", decimal_separator = "," }\n'
    workspace = files(tmp_path, {"attributes": text}, more=more)
    mended = workspace.mend(workspace.finding("209", "attributes.visits").change)
    values = dict(zip(mended.history.customer_ids.tolist(), column(mended, "attributes", "visits"), strict=True))
    assert values["c7"] == 7.5
    assert values["x"] != values["x"], "a point is not declared, so that 1.135 is no number"


def test_a_second_header_line_among_attributes_is_one_finding(tmp_path: Path) -> None:
    rows = "".join(f"c{row},{row},{row * 2}\n" for row in range(50))
    workspace = files(tmp_path, {"attributes": f"customer_id,visits,spent\nid,Visits a year,Spent in EUR\n{rows}"})
    finding = workspace.finding("209", "attributes")
    assert "row 1 is a second header line" in finding.what
    mended = workspace.mend(finding.change)
    assert column(mended, "attributes", "visits") == [float(row) for row in sorted(range(50), key=str)]
    assert "id" not in mended.history.customer_ids.tolist()


@pytest.mark.parametrize("module", [remedy, usual_number_styles])
def test_the_examples_in_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type] # a Literal of the case, or a module
