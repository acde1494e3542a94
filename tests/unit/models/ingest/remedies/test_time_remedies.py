"""Times in any usual format: the fix as it is printed, put into `tercet.toml`, reads them, or says how many remain."""

from pathlib import Path

import pytest

from models.errors import DataError
from tests.builders.csv_workspace import files, printed_lines
from tests.builders.ingest_results import column, micros
from tests.builders.order_cells import GOOD, amounts, fix_of_nobody, instants, orders

pytestmark = pytest.mark.slow

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
