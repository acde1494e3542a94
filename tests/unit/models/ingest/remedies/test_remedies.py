"""Every fix for values that cannot be read is taken as it is printed, put into `tercet.toml`, and must mend the table.

What the mended table should hold is written in plain Python beside what the file holds.
"""

import doctest
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import DataError
from models.ingest.text_formats import usual_number_styles
from models.rows.history import Category
from models.workspace import remedy
from tests.builders.csv_workspace import files, printed_lines
from tests.builders.ingest_results import ORDERS, column, micros
from tests.builders.order_cells import amounts, fix_of_nobody, instants, orders, quoted

pytestmark = pytest.mark.slow

GOOD = ["g1,anna,2026-01-01,10.00", "g2,bert,2026-01-02,20.00"]

TIMES = {
    "days beyond 12 in the second place": (
        ["2/11/2013", "2/13/2013", "12/25/2013"],
        ["2013-02-11", "2013-02-13", "2013-12-25"],
    ),
    "days first": (["13/2/2013", "2/11/2013"], ["2013-02-13", "2013-11-02"]),
    "points": (["31.12.2013", "01.02.2014"], ["2013-12-31", "2014-02-01"]),
    "years of two digits": (["24-01-05", "23-12-31", "24-02-28"], ["2024-01-05", "2023-12-31", "2024-02-28"]),
    "slashes, the year first": (["2024/1/05 10:00 PM", "2024/12/31 1:05 AM"], ["2024-01-05T22:00", "2024-12-31T01:05"]),
    "am and pm": (["1/31/2024 12:00 AM", "2/1/2024 1:05 PM"], ["2024-01-31T00:00", "2024-02-01T13:05"]),
    "names of months": (["2 Feb 2013", "13 Mar 2014"], ["2013-02-02", "2014-03-13"]),
    "names of months first": (["February 2, 2013", "March 13, 2014"], ["2013-02-02", "2014-03-13"]),
    "with and without seconds": (
        ["31.12.2013 10:11", "31.12.2013 10:11:12", "1.1.2014"],
        ["2013-12-31T10:11", "2013-12-31T10:11:12", "2014-01-01"],
    ),
    "beside ISO": (["2026-01-01", "2025-02-13", "13/2/2025"], ["2026-01-01", "2025-02-13", "2025-02-13"]),
    "a Z behind": (["31/12/2013 10:11Z", "30/12/2013 23:00Z"], ["2013-12-31T10:11", "2013-12-30T23:00"]),
    "an offset": (["31/12/2013 10:11 +0200", "30/12/2013 23:00 +0200"], ["2013-12-31T08:11", "2013-12-30T21:00"]),
    "as in e-mails": (["Tue, 31 Dec 2013 10:11:12 +0100"], ["2013-12-31T09:11:12"]),
}


@pytest.mark.parametrize("case", TIMES)
def test_the_format_that_reads_every_time_is_named_and_reads_them(case: str, tmp_path: Path) -> None:
    written, meant = TIMES[case]
    workspace = files(tmp_path, {"orders": orders([(at, "1.00") for at in written])})
    unread = [row for row, at in enumerate(written) if not at.startswith("202") or "/" in at]
    if len(unread) < len(written):
        fix = workspace.finding("105", "orders.ordered_at").change
    else:
        fix = printed_lines(fix_of_nobody(workspace))
    mended = workspace.mend(fix)
    assert mended.rejections == ()
    assert instants(mended) == [micros(at) for at in meant]


def test_two_formats_that_read_every_time_are_both_named_with_what_each_makes_of_it(tmp_path: Path) -> None:
    workspace = files(tmp_path, {"orders": orders([("5/5/2013", "1"), ("2/11/2013", "1"), ("3/4/2013", "1")])})
    fix = fix_of_nobody(workspace)
    assert (
        "two ways read every value: row 2 is 2013-11-02 00:00:00 as %d/%m/%Y or 2013-02-11 00:00:00 as %m/%d/%Y" in fix
    )
    first = [line for line in printed_lines(fix).splitlines() if not line.startswith("#")]
    other = [line.removeprefix("# or: ") for line in printed_lines(fix).splitlines() if line.startswith("# or: ")]
    assert instants(workspace.mend("\n".join(first)))[1] == micros("2013-11-02")
    assert instants(workspace.mend("\n".join([first[0], *other])))[1] == micros("2013-02-11")


def test_where_no_format_reads_every_time_the_best_is_named_with_how_many_remain(tmp_path: Path) -> None:
    written = ["13/2/2013", "14/2/2013", "15/2/2013", "3-ish", "2/13/2013"]
    workspace = files(tmp_path, {"orders": "\n".join([orders([(at, "1") for at in written]).rstrip(), *GOOD]) + "\n"})
    finding = workspace.finding("105", "orders.ordered_at")
    assert "2 of 7 values stay unread (row 4: '3-ish')" in finding.fix
    mended = workspace.mend(finding.change)
    assert [(one.count, one.reason) for one in mended.rejections] == [(2, "missing ordered_at")]
    assert len(mended.history.tables["orders"].at) == 5


def test_another_column_of_iso_times_keeps_being_read_beside_the_one_that_is_mended(tmp_path: Path) -> None:
    text = "customer_id,started_at,ended_at\na,13/2/2013,2014-01-31\nb,2/11/2013,\n"
    workspace = files(tmp_path, {"subscriptions": text})
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert mended.rejections == ()
    assert column(mended, "subscriptions", "ended_at")[0] == micros("2014-01-31")
    assert mended.history.tables["subscriptions"].at.tolist() == [micros("2013-02-13"), micros("2013-11-02")]


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


def test_an_expression_under_columns_is_mended_where_it_stands(tmp_path: Path) -> None:
    text = "order_id,customer_id,day,hour,amount\no0,a,13/2/2025,10:15,1\no1,b,2/3/2025,9:05,2\n"
    more = "[tables.orders.columns]\nordered_at = \"day || ' ' || hour\"\n"
    workspace = files(tmp_path, {"orders": text}, more=more)
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert instants(mended) == [micros("2025-02-13T10:15"), micros("2025-03-02T09:05")]


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


def test_zero_dates_are_blanks_where_a_row_may_do_without(tmp_path: Path) -> None:
    text = "customer_id,started_at,ended_at\na,13/2/2013,0000-00-00\nb,2/11/2013,1/2/2014\nc,1/1/2014,1/3/2014\n"
    workspace = files(tmp_path, {"subscriptions": text})
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert mended.rejections == ()
    ended = column(mended, "subscriptions", "ended_at")
    assert [ended[0] != ended[0], *ended[1:]] == [True, micros("2014-02-01"), micros("2014-03-01")]


def test_zero_dates_and_stray_words_in_columns_that_every_row_needs_are_left_out_by_where(tmp_path: Path) -> None:
    cells = [("2026-01-01", "1"), ("0000-00-00", "2"), ("2026-01-02", "?"), ("2026-01-03", "4"), ("2026-01-03", "5")]
    workspace = files(tmp_path, {"orders": orders(cells)})
    mended = workspace.mend(workspace.finding("105", "orders.ordered_at").change)
    assert (mended.rejections, amounts(mended)) == ((), [1.0, 4.0, 5.0])


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


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["20110910", "20111231"], ["2011-09-10", "2011-12-31"]),
        (["20110910101112"], ["2011-09-10T10:11:12"]),
        (["1315612800", "1315612801"], ["2011-09-10T00:00:00", "2011-09-10T00:00:01"]),
        (["1315612800000"], ["2011-09-10"]),
        (["1315612800000000"], ["2011-09-10"]),
        (["40796", "40796.5"], ["2011-09-10", "2011-09-10T12:00"]),
    ],
)
def test_times_that_are_written_as_numbers_are_told_with_what_turns_them_into_times(
    written: list[str], meant: list[str], tmp_path: Path
) -> None:
    workspace = files(tmp_path, {"orders": orders([(at, "1") for at in written])})
    with pytest.raises(DataError, match="the values are numbers, which are no times") as caught:
        workspace.read()
    assert instants(workspace.mend(printed_lines(str(caught.value.fix)))) == [micros(at) for at in meant]


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


PRICED = "order_id,customer_id,ordered_at,quantity,price\n"
TIMES_PRICE = '[tables.orders.columns]\namount = "quantity * price"\n'


@pytest.mark.parametrize(
    ("prices", "meant"),
    [
        (["$1.50", "$2.00", "$1,000.00"], [3.0, 4.0, 2000.0]),
        (["1.50", "2.00", "3.00", "1,000.00"], [3.0, 4.0, 6.0, 2000.0]),
        (["1,50", "2,00", "1.000,00"], [3.0, 4.0, 2000.0]),
    ],
)
def test_prices_that_an_expression_reckons_with_are_read_by_the_lines_that_are_printed(
    prices: list[str], meant: list[float], tmp_path: Path
) -> None:
    rows = [f"o{row},c{row},2026-01-01,2,{quoted(price)}" for row, price in enumerate(prices)]
    workspace = files(tmp_path, {"orders": PRICED + "\n".join(rows) + "\n"}, more=TIMES_PRICE)
    with pytest.raises(DataError, match="'price'") as caught:
        workspace.read()
    mended = workspace.mend(printed_lines(str(caught.value.fix)))
    assert (mended.rejections, amounts(mended)) == ((), meant)


def test_a_stray_word_that_an_expression_reckons_with_is_blank_by_the_lines_that_are_printed(tmp_path: Path) -> None:
    rows = [f"o{row},c{row},2026-01-01,2,{'?' if row == 1 else row}" for row in range(9)]
    workspace = files(tmp_path, {"orders": PRICED + "\n".join(rows) + "\n"}, more=TIMES_PRICE)
    with pytest.raises(DataError, match=r"all but 1 of 9 are whole numbers \(row 2: '\?'\)") as caught:
        workspace.read()
    mended = workspace.mend(printed_lines(str(caught.value.fix)))
    assert [(one.reason, one.count) for one in mended.rejections] == [("missing amount", 1)]
    assert amounts(mended) == [0.0, *(2.0 * row for row in range(2, 9))]


def test_an_expression_that_takes_the_sign_off_by_itself_is_left_alone(tmp_path: Path) -> None:
    rows = [f"o{row},c{row},2026-01-01,2,${row}.50" for row in range(3)]
    more = '[tables.orders.columns]\namount = "quantity * price[2:]::double"\n'
    workspace = files(tmp_path, {"orders": PRICED + "\n".join(rows) + "\n"}, more=more)
    assert amounts(workspace.read()) == [1.0, 3.0, 5.0]


def test_texts_of_a_parquet_file_are_mended_by_expressions(tmp_path: Path) -> None:
    table = {"order_id": ["a", "b"], "customer_id": ["x", "y"], "ordered_at": ["13/2/2013", "2/3/2014"]}
    pq.write_table(pa.table({**table, "amount": ["1.135,00", "2,50"]}), tmp_path / "orders.parquet")
    workspace = files(tmp_path, {}, '[tables.orders]\nsource = "orders.parquet"\n')
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert (mended.rejections, amounts(mended)) == ((), [1135.0, 2.5])
    assert instants(mended) == [micros("2013-02-13"), micros("2014-03-02")]


def test_percents_are_read_as_shares_where_a_share_is_meant(tmp_path: Path) -> None:
    contacts = "decision_id,customer_id,at,action,propensity\nd1,c0,2026-01-02,call,50%\nd2,c0,2026-01-03,call,12.5%\n"
    workspace = files(tmp_path, {"orders": f"{ORDERS}\no0,c0,2026-01-01,1\n", "contacts": contacts})
    mended = workspace.mend(workspace.finding("107", "contacts.propensity").change)
    assert mended.rejections == ()
    assert column(mended, "contacts", "propensity") == [0.5, 0.125]


@pytest.mark.parametrize("module", [remedy, usual_number_styles])
def test_the_examples_in_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type] # a Literal of the case, or a module
