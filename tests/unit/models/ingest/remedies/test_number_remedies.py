"""Amounts and shares in any usual way of writing: the fix as it is printed, put into `tercet.toml`, reads them."""

from pathlib import Path

import pytest

from models.errors import DataError
from tests.builders.csv_workspace import files, printed_lines
from tests.builders.ingest_results import ORDERS, column
from tests.builders.order_cells import amounts, fix_of_nobody, orders

pytestmark = pytest.mark.slow

NUMBERS = {
    "a currency sign": (["$35.00", "$2.50", "-$1.00"], [35.0, 2.5, -1.0]),
    "a currency sign and thousands": (["$35.00", "$1,135.00"], [35.0, 1135.0]),
    "thousands": (["35.00", "1,135.00", "2,001,135.50"], [35.0, 1135.0, 2001135.5]),
    "a decimal comma": (["35,00", "7,5", "8"], [35.0, 7.5, 8.0]),
    "a decimal comma and points": (["35,00", "1.135,00"], [35.0, 1135.0]),
    "no-break blanks": (["35,00", "1\u00a0135,00"], [35.0, 1135.0]),
    "narrow no-break blanks": (["35,00", "1\u202f135,00"], [35.0, 1135.0]),
    "blanks of two kinds": (["1 235,00", "1\u00a0135,00"], [1235.0, 1135.0]),
    "apostrophes": (["35.00", "1'135.00"], [35.0, 1135.0]),
    "a code before": (["EUR 35.00", "EUR 2"], [35.0, 2.0]),
    "a sign behind, after a no-break blank": (["35,00\u00a0€", "1.135,00\u00a0€"], [35.0, 1135.0]),
    "a name with a point": (["Fr. 35.00", "Fr. 1'000.50"], [35.0, 1000.5]),
    "parentheses": (["35.00", "(7.50)", "(1,000.00)"], [35.0, -7.5, -1000.0]),
    "a minus behind": (["35.00", "7.50-"], [35.0, -7.5]),
    "a sign, and parentheses": (["$35.00", "($7.50)"], [35.0, -7.5]),
    "zloty": (["35,00 zł", "1 000,50 zł"], [35.0, 1000.5]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_the_way_that_reads_every_amount_is_named_and_reads_them(case: str, tmp_path: Path) -> None:
    written, meant = NUMBERS[case]
    workspace = files(tmp_path, {"orders": orders([("2026-01-01", amount) for amount in written])})
    try:
        fix = workspace.rejection("unreadable amount").remedy
        assert fix is not None
        lines = printed_lines(fix.told)
    except DataError as error:
        lines = printed_lines(str(error.fix))
    mended = workspace.mend(lines)
    assert mended.rejections == ()
    assert amounts(mended) == meant


def test_separators_in_the_largest_orders_only_are_an_error_by_their_money(tmp_path: Path) -> None:
    cells = [("2026-01-01", "15.00")] * 1_000 + [("2026-01-01", "1,135.00")]
    workspace = files(tmp_path, {"orders": orders(cells)})
    finding = workspace.finding("107", "orders.amount")
    share = 1135 / (1135 + 15_000)
    assert finding.code == "E107", "a thousandth of the rows, and 7 % of the money"
    assert workspace.rejection("unreadable amount").money_share == pytest.approx(share)
    mended = workspace.mend(finding.change)
    assert (mended.rejections, sum(amounts(mended))) == ((), 16_135.0)


def test_amounts_of_several_currencies_are_not_made_one(tmp_path: Path) -> None:
    workspace = files(
        tmp_path, {"orders": orders([("2026-01-01", "$35.00"), ("2026-01-01", "€3"), ("2026-01-01", "1")])}
    )
    found = workspace.rejection("unreadable amount").remedy
    assert found is not None
    assert (found.toml, "several currencies ($, EUR)" in found.text) == ("", True)


def test_another_column_of_numbers_keeps_its_points(tmp_path: Path) -> None:
    text = f'{ORDERS},quantity\no0,a,2026-01-01,"1.135,00",1.125\no1,b,2026-01-01,"35,00",2.5\n'
    workspace = files(tmp_path, {"orders": text})
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert amounts(mended) == [1135.0, 35.0]
    assert column(mended, "orders", "quantity") == [1.125, 2.5]


def test_a_grouping_and_a_decimal_comma_that_both_read_everything_are_both_named(tmp_path: Path) -> None:
    workspace = files(tmp_path, {"orders": orders([("2026-01-01", "1,135"), ("2026-01-01", "2,250")])})
    fix = fix_of_nobody(workspace)
    assert "two ways read every value: row 1 is 1135.0 as commas between thousands or 1.135 as a decimal comma" in fix
    lines = printed_lines(fix).splitlines()
    assert amounts(workspace.mend("\n".join(one for one in lines if not one.startswith("#")))) == [1135.0, 2250.0]
    other = next(one.removeprefix("# or: ") for one in lines if one.startswith("#"))
    (tmp_path / "tercet.toml").write_text(files(tmp_path, {"orders": (tmp_path / "orders.csv").read_bytes()}).toml)
    assert amounts(workspace.mend(f"[tables.orders.columns]\n{other}")) == [1.14, 2.25]


def test_percents_are_read_as_shares_where_a_share_is_meant(tmp_path: Path) -> None:
    contacts = "decision_id,customer_id,at,action,propensity\nd1,c0,2026-01-02,call,50%\nd2,c0,2026-01-03,call,12.5%\n"
    workspace = files(tmp_path, {"orders": f"{ORDERS}\no0,c0,2026-01-01,1\n", "contacts": contacts})
    mended = workspace.mend(workspace.finding("107", "contacts.propensity").change)
    assert mended.rejections == ()
    assert column(mended, "contacts", "propensity") == [0.5, 0.125]
