"""Reading tables: what a column becomes, how rows are sorted, and as of when."""

import gzip
import math
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.errors import DataError
from models.ingest import resolve_as_of
from models.workspace import load_workspace
from tests.builders.ingest_results import BUSINESS, NOW, ORDERS, Read, column, micros, rejection_counts
from tests.builders.narrowing import category, numbers, present


def test_lines_are_sorted_by_customer_instant_order_and_line(read: Read) -> None:
    ingested = read(
        {
            "orders": f"{ORDERS},line_id\n"
            "o2,b,2026-01-02,3,2\no2,b,2026-01-02,2,1\no1,b,2026-01-02,1,1\no3,a,2026-01-05,7,1\no0,b,2026-01-01,5,1\n"
        }
    )
    history = ingested.history
    assert history.customer_ids.tolist() == ["a", "b"]
    assert history.tables["orders"].offsets.tolist() == [0, 1, 5]
    assert column(ingested, "orders", "amount") == [700, 500, 100, 200, 300]
    assert column(ingested, "orders", "order") == [0, 0, 1, 2, 2]
    assert history.tables["orders"].at[1] == micros("2026-01-01")


def test_an_order_keeps_its_number_when_its_lines_are_interleaved_with_anothers(read: Read) -> None:
    lines = "o9,a,2026-01-01,1\no1,a,2026-01-02,1\no9,a,2026-01-03,1\no1,a,2026-01-04,1\n"
    assert column(read({"orders": f"{ORDERS}\n{lines}"}), "orders", "order") == [0, 1, 0, 1]


def test_the_order_of_the_rows_in_the_file_changes_nothing(read: Read) -> None:
    rows = [f"o{i % 3},c{i % 2},2026-01-0{1 + i % 4},{i}.5,p{i % 2}" for i in range(12)]
    one, other = (
        read({"orders": f"{ORDERS},product_id\n" + "\n".join(lines) + "\n"}).history.tables["orders"]
        for lines in (rows, rows[::-1])
    )
    np.testing.assert_array_equal(one.at, other.at)
    for name in ("order", "amount"):
        np.testing.assert_array_equal(one.columns[name], other.columns[name])
    assert category(one.columns["product"]).words() == category(other.columns["product"]).words()


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [
        ("EUR", "19.99", 1999),
        ("EUR", "-0.295", -30),
        ("EUR", "-0.001", 0),
        ("JPY", "19.5", 20),
        ("KWD", "1.2345", 1235),
    ],
)
def test_money_becomes_whole_minor_units_halves_away_from_zero(
    read: Read, currency: str, amount: str, minor: int
) -> None:
    business = f'[business]\ncurrency = "{currency}"\n'
    found = column(read({"orders": f"{ORDERS}\no,a,2026-01-01,{amount}\n"}, business=business), "orders", "amount")
    assert found == [minor]
    assert not np.signbit(found[0]) or minor < 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("zone", "written", "utc"),
    [
        ("Europe/London", "2026-07-01 12:00:00", "2026-07-01T11:00:00Z"),
        ("Europe/London", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
        ("Europe/London", "2026-07-01T12:00:00+05:30", "2026-07-01T06:30:00Z"),
        ("Europe/London", "2025-10-26 01:30:00", "2025-10-26T01:30:00Z"),  # happens twice: the later
        ("Europe/London", "2026-03-29 01:30:00", "2026-03-29T01:30:00Z"),  # does not happen
        ("America/New_York", "2026-02-01", "2026-02-01T05:00:00Z"),
        ("Africa/Casablanca", "2021-06-01 12:00:00.123456", "2021-06-01T11:00:00.123456Z"),
    ],
)
def test_a_time_without_a_zone_is_in_the_businesss(read: Read, zone: str, written: str, utc: str) -> None:
    business = f'{BUSINESS}timezone = "{zone}"\n'
    ingested = read({"orders": f"{ORDERS}\no,a,{written},1\n"}, business=business)
    assert ingested.history.tables["orders"].at.tolist() == [micros(utc)]


def test_a_table_may_have_a_zone_of_its_own(read: Read) -> None:
    toml = '[tables.orders]\nsource = "orders.csv"\ntimezone = "Asia/Tokyo"\n'
    ingested = read({"orders": f"{ORDERS}\no,a,2026-01-01 09:00:00,1\n"}, toml=toml)
    assert ingested.history.tables["orders"].at.tolist() == [micros("2026-01-01")]


def test_ids_are_texts_whatever_the_source_holds(read: Read, tmp_path: Path) -> None:
    present(
        duckdb.sql(
            "select 12346.0::double as customer_id, 7::bigint as order_id, date '2026-01-01' as ordered_at, 1 as amount"
        )
    ).write_parquet(str(tmp_path / "o.parquet"))
    assert read({}, toml='[tables.orders]\nsource = "o.parquet"\n').history.customer_ids.tolist() == ["12346"]
    lines = f"{ORDERS}\n1,00123,2026-01-01,1\n2, 12346.0 ,2026-01-01,1\n3,cafe\u0301,2026-01-01,1\n"
    assert read({"orders": lines}).history.customer_ids.tolist() == ["00123", "12346", "café"]


def test_columns_are_expressions_and_where_is_a_condition_over_the_sources_own(read: Read) -> None:
    toml = """
    [tables.orders]
    source = "orders.csv"
    where = '''"Kind of row" <> 'test' '''
    [tables.orders.columns]
    order_id = "'o-' || Nr"
    customer_id = "Customer Number"
    ordered_at = "strptime(day::varchar, '%Y%m%d')"
    amount = "pieces * price"
    """
    text = "Nr,Customer Number,day,pieces,price,Kind of row\n1,a,20260101,3,1.5,sale\n2,a,20260102,1,1,test\n"
    ingested = read({"orders": text}, toml=toml)
    assert column(ingested, "orders", "amount") == [450]
    assert ingested.history.tables["orders"].at.tolist() == [micros("2026-01-01")]
    assert ingested.sources[0].rows == 1


def test_reader_options_reach_the_reader_and_gzip_is_read(read: Read, tmp_path: Path) -> None:
    text = "order_id;customer_id;ordered_at;amount\no;a;01.02.2026;1,5\n"
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(text.encode()))
    options = '{ delim = ";", decimal_separator = ",", dateformat = "%d.%m.%Y" }'
    ingested = read({}, toml=f'[tables.orders]\nsource = "orders.csv.gz"\nread = {options}\n')
    assert column(ingested, "orders", "amount") == [150]
    assert ingested.history.tables["orders"].at.tolist() == [micros("2026-02-01")]


def test_several_files_make_one_table(read: Read, tmp_path: Path) -> None:
    for i in (1, 2):
        (tmp_path / f"part-{i}.csv").write_text(f"{ORDERS}\no{i},a,2026-01-0{i},{i}\n", encoding="utf-8")
    assert column(read({}, toml='[tables.orders]\nsource = "part-*.csv"\n'), "orders", "amount") == [100, 200]


def test_without_a_customers_table_everyone_signed_up_at_their_first_order(read: Read) -> None:
    ingested = read(
        {
            "orders": f"{ORDERS}\no1,a,2026-01-02,1\no2,a,2026-01-01,1\n",
            "interactions": "interaction_id,customer_id,at,kind,value\ni,z,2026-01-07,nps,9\n",
        }
    )
    assert ingested.history.customer_ids.tolist() == ["a", "z"]
    np.testing.assert_array_equal(ingested.history.profile["signed_up_at"], [micros("2026-01-01"), np.nan])
    assert ingested.history.newest_at == micros("2026-01-07")
    assert ingested.as_of == micros("2026-01-07") + 1


def test_consents_are_read_as_words_what_cannot_be_read_is_a_refusal_and_one_in_any_row_wins(read: Read) -> None:
    customers = (
        "customer_id,profiling_consent,email_consent,sms_consent\na,yes,1,\nb,denied,0,true\na,no,1,\nc,perhaps,1,\n"
    )
    ingested = read({"customers": customers, "orders": f"{ORDERS}\no,a,2026-01-01,1\n"})
    consents = {purpose: values.tolist() for purpose, values in ingested.history.consents.items()}
    assert consents == {"profiling": [0, 0, 0], "email": [1, 0, 1], "sms": [-1, 1, -1], "phone": [-1, -1, -1]}
    assert set(rejection_counts(ingested)) == {
        ("customers", "duplicate customer_id", 1),
        ("customers", "unreadable profiling_consent", 1),
    }


def test_other_columns_of_customers_are_attributes_unless_excluded_or_used(read: Read) -> None:
    toml = """
    [tables.customers]
    source = "customers.csv"
    exclude = ["Name"]
    [tables.customers.columns]
    customer_id = "nr"
    birth_year = "year(born)"
    income = "income_k * 1000"
    [tables.orders]
    source = "orders.csv"
    """
    customers = "nr,name,born,income_k,Household,since\n1,Ann,1980-05-01,2.5,3,2020-01-02\n2,Bo,,,,\n"
    profile = read({"customers": customers, "orders": f"{ORDERS}\no,1,2026-01-01,1\n"}, toml=toml).history.profile
    assert set(profile) == {"signed_up_at", "birth_year", "income", "Household", "since"}
    np.testing.assert_array_equal(profile["birth_year"], [1980, np.nan])
    np.testing.assert_array_equal(profile["income"], [2500, np.nan])
    np.testing.assert_array_equal(profile["since"], [18263, np.nan])


def test_contacts_hold_probabilities_and_outcomes(read: Read) -> None:
    text = (
        "decision_id,customer_id,at,action,channel,propensity,arm,outcome,value\n"
        "d1,a,2026-01-01,call,phone,0.3,treated,yes,10\nd2,a,2026-01-01,call,phone,1.7,treated,0,\nd3,a,2026-01-01,call,,,,2,\n"
    )
    ingested = read({"contacts": text, "orders": f"{ORDERS}\no,a,2026-01-01,1\n"})
    assert column(ingested, "contacts", "outcome") == pytest.approx([1, 0, math.nan], nan_ok=True)
    assert column(ingested, "contacts", "propensity") == pytest.approx([0.3, math.nan, math.nan], nan_ok=True)
    assert set(rejection_counts(ingested)) == {
        ("contacts", "out of range propensity", 1),
        ("contacts", "unreadable outcome", 1),
    }


def test_as_of_is_what_was_asked_or_what_the_clock_of_the_business_says(read: Read, tmp_path: Path) -> None:
    orders = {"orders": f"{ORDERS}\no,a,2026-01-01,1\n"}
    wall = read(orders, business=f'{BUSINESS}clock = "wall"\n')
    assert wall.as_of == NOW
    data = read(orders, business=f'{BUSINESS}timezone = "Europe/Berlin"\n')
    workspace = load_workspace(tmp_path)
    assert resolve_as_of(workspace, data.history, None) == data.as_of == micros("2025-12-31T23:00:00Z") + 1
    assert resolve_as_of(workspace, data.history, "2026-07-01") == micros("2026-06-30T22:00:00Z")
    with pytest.raises(DataError, match="'soon' is no time"):
        resolve_as_of(workspace, data.history, "soon")


def test_the_digest_is_that_of_the_file(read: Read) -> None:
    source = read({"orders": f"{ORDERS}\no,a,2026-01-01,1\n"}).sources[0]
    assert (source.table, source.source, source.rows, len(source.sha256)) == ("orders", "orders.csv", 1, 64)


def test_instants_in_nanoseconds_are_read_as_pandas_writes_them(read: Read, tmp_path: Path) -> None:
    times = pd.to_datetime(pd.Series(["2026-01-01T12:00:00.000001400Z", None])).astype("datetime64[ns, UTC]")
    pd.DataFrame({"order_id": ["1", "2"], "customer_id": "a", "ordered_at": times, "amount": 1.0}).to_parquet(
        tmp_path / "o.parquet"
    )
    ingested = read({}, toml='[tables.orders]\nsource = "o.parquet"\n')
    assert ingested.history.tables["orders"].at.tolist() == [micros("2026-01-01T12:00:00.000001Z")]
    assert rejection_counts(ingested) == [("orders", "missing ordered_at", 1)]
    pd.DataFrame({"customer_id": ["a", "b"], "since": times}).to_parquet(tmp_path / "a.parquet")
    attributes = read({}, toml='[tables.attributes]\nsource = "a.parquet"\n')
    np.testing.assert_array_equal(column(attributes, "attributes", "since"), [20454.5 + 1e-6 / 86400, np.nan])


def test_which_subscription_comes_last_does_not_depend_on_an_end_that_is_to_come(read: Read) -> None:
    header, started = "customer_id,started_at,ended_at,mrr", "2025-01-01"
    revenue = [
        column(read({"subscriptions": f"{header}\na,{started},{ends[0]},10\na,{started},{ends[1]},20\n"}), *of)
        for ends in (("2026-01-01", ""), ("", "2026-01-01"))
        for of in [("subscriptions", "mrr")]
    ]
    assert revenue == [[1000.0, 2000.0], [1000.0, 2000.0]]


def test_a_later_first_order_does_not_move_the_sign_up_of_a_subscriber(read: Read) -> None:
    ingested = read(
        {
            "subscriptions": "customer_id,started_at\na,2026-01-01\n",
            "orders": f"{ORDERS}\no1,a,2026-03-01,1\n",
        }
    )
    assert numbers(ingested.history.profile["signed_up_at"]).tolist() == [micros("2026-01-01")]


def test_times_whose_day_and_month_would_be_guessed_are_put_aside_until_their_format_is_written(read: Read) -> None:
    orders = "order_id,customer_id,ordered_at,amount\n1,a,01/04/2024,5\n2,a,2024-05-01,5\n"
    ambiguous = orders.replace("2024-05-01", "02/04/2024")
    with pytest.raises(DataError, match="strptime"):
        read({"orders": ambiguous})
    columns = "[tables.orders.columns]\nordered_at = \"strptime(ordered_at, '%m/%d/%Y')\"\n"
    written = read({"orders": ambiguous}, toml='[tables.orders]\nsource = "orders.csv"\n' + columns)
    assert written.history.tables["orders"].at.tolist() == [micros("2024-01-04"), micros("2024-02-04")]
    option = '[tables.orders]\nsource = "orders.csv"\nread = { dateformat = "%d/%m/%Y" }\n'
    assert read({"orders": ambiguous}, toml=option).history.tables["orders"].at.tolist()[0] == micros("2024-04-01")


def test_the_history_says_which_of_its_columns_are_dates(read: Read) -> None:
    customers = "customer_id,last_seen,points\nC1,2026-05-01,7\nC2,2026-05-02,8\n"
    attributes = "customer_id,as_of,renewal\nC1,2026-01-01,2027-01-01\n"
    history = read({"customers": customers, "attributes": attributes}).history
    assert history.days == {("customers", "last_seen"), ("attributes", "renewal")}
    assert history.select([1]).days == history.days
