"""A flaw in one value of a person's row removes no person, no refusal and no contact."""

import math
from pathlib import Path

import pytest

from models.consent.effective_consent import granted, may_profile
from models.decisions.contacts.contact_history import contacts_of
from models.errors import DataError
from models.rows.history import History
from tests.builders.ingest_results import BUSINESS, ORDERS, Read, column, rejection_counts
from tests.builders.narrowing import numbers

PEOPLE = "customer_id,signed_up_at,email_consent,profiling_consent"
BOUGHT = f"{ORDERS}\no1,a,2026-01-01,1\no2,b,2026-01-01,1\n"


def refused(history: History, customer_id: str, purpose: str) -> bool:
    place = history.position(customer_id)
    assert place is not None
    return not granted(history, purpose, "granted")[place]


@pytest.mark.parametrize("flaw", ["0000-00-00", "2030-01-01", "soon", "24-01-05", "9999-12-31", "infinity"])
def test_a_refusal_beside_a_flawed_time_holds(read: Read, flaw: str) -> None:
    people = f"{PEOPLE}\na,2020-01-01,yes,yes\na,{flaw},no,no\nb,2020-01-01,yes,yes\n"
    history = read({"customers": people, "orders": BOUGHT}).history
    assert may_profile(history, "granted").tolist() == [False, True]
    assert refused(history, "a", "email")
    assert not refused(history, "b", "email")


@pytest.mark.parametrize("row", ["0000-00-00,no", "2030-01-01,no", "2020-01-01,unsubscribed", ",Non", ",nein", ",?"])
def test_a_person_of_one_flawed_row_is_a_customer_who_refused(read: Read, row: str) -> None:
    ingested = read({"customers": f"customer_id,signed_up_at,email_consent\na,{row}\n", "orders": BOUGHT})
    assert ingested.history.customer_ids.tolist() == ["a"]
    assert refused(ingested.history, "a", "email")
    assert [reason for table, reason, _ in rejection_counts(ingested) if table == "customers"]


def test_a_consent_that_cannot_be_read_is_told_and_one_that_is_blank_is_not_recorded(read: Read) -> None:
    people = "customer_id,email_consent,sms_consent,phone_consent\na,Oui,,1.0\nb,yes,nan,0.0\n"
    ingested = read({"customers": people, "orders": BOUGHT})
    consents = {purpose: of.tolist() for purpose, of in ingested.history.consents.items()}
    assert consents == {"email": [0, 1], "sms": [-1, -1], "phone": [1, 0], "profiling": [-1, -1]}
    (flaw,) = ingested.rejections
    assert (flaw.reason, flaw.count, flaw.example, flaw.keeps_row) == (
        "unreadable email_consent",
        1,
        "row 1: 'Oui'",
        True,
    )


@pytest.mark.parametrize("line", ["a,2020-01-01,no,no,extra", "a,2020-01-01"])
def test_a_broken_line_of_customers_is_a_person_who_refuses(read: Read, line: str) -> None:
    toml = "".join(
        f'[tables.{name}]\nsource = "{name}.csv"\nread = {{ delim = ",", quote = "\\"", header = true }}\n'
        for name in ("customers", "orders")
    )
    people = f"{PEOPLE}\nb,2020-01-01,yes,yes\n{line}\n"
    ingested = read({"customers": people, "orders": BOUGHT}, toml=toml)
    assert ingested.history.customer_ids.tolist() == ["a", "b"]
    assert may_profile(ingested.history, "granted").tolist() == [False, True]
    assert refused(ingested.history, "a", "email")
    assert any(reason == "broken line" for _, reason, _ in rejection_counts(ingested))


def test_a_broken_line_that_an_expression_cannot_read_takes_no_other_with_it(read: Read) -> None:
    toml = """
[tables.customers]
source = "customers.csv"
[tables.customers.columns]
signed_up_at = "strptime(signup, '%d/%m/%Y')"
profiling_consent = "case when pc > 0 then true when pc = 0 then false end"
[tables.contacts]
source = "contacts.csv"
[tables.contacts.columns]
at = "strptime(day, '%d/%m/%Y')"
[tables.orders]
source = "orders.csv"
"""
    people = [
        "a,x,05/01/2023,1",
        "b,q,05/01/2023,1",
        "b,Doe, John,05/01/2023,0",
        "e,Sm,05/01/2023,1,x",
        "c,y,05/01/2023,1",
    ]
    contacts = [
        "1,a,05/01/2024,mail,email",
        "2,b,05/01/2024,mail,email,x",
        "3,c,05/01/2024,mail",
        "4,Sm,a,05/01/2024,mail,x",
    ]
    history = read(
        {
            "customers": "\n".join(["customer_id,name,signup,pc", *people, ""]),
            "contacts": "\n".join(["decision_id,customer_id,day,action,channel", *contacts, ""]),
            "orders": BOUGHT,
        },
        toml=toml,
    ).history
    assert history.customer_ids.tolist() == ["a", "b", "c", "e"]
    assert may_profile(history, "granted").tolist() == [True, False, True, False]
    assert contacts_of(history).customer.tolist() == [0, 1, 2]


def test_a_broken_line_is_read_by_the_header_of_its_own_file(read: Read, tmp_path: Path) -> None:
    (tmp_path / "people-1.csv").write_text("customer_id,name,profiling_consent\na,x,yes\n")
    (tmp_path / "people-2.csv").write_text("name,customer_id,profiling_consent\nDoe,b,no,x\nr,b,yes\n")
    toml = '[tables.customers]\nsource = "people-*.csv"\n[tables.orders]\nsource = "orders.csv"\n'
    history = read({"orders": BOUGHT}, toml=toml).history
    assert history.customer_ids.tolist() == ["a", "b"]
    assert may_profile(history, "granted").tolist() == [True, False]


def test_a_consent_that_only_a_later_file_has_is_not_overlooked(read: Read, tmp_path: Path) -> None:
    (tmp_path / "people-1.csv").write_text("customer_id,name\na,x\n")
    (tmp_path / "people-2.csv").write_text("customer_id,name,profiling_consent\nb,y,no\n")
    toml = '[tables.customers]\nsource = "people-*.csv"\n{}[tables.orders]\nsource = "orders.csv"\n'
    with pytest.raises(DataError, match=r"people-2\.csv has the column 'profiling_consent'"):
        read({"orders": BOUGHT}, toml=toml.format(""))
    history = read({"orders": BOUGHT}, toml=toml.format("read = { union_by_name = true }\n")).history
    assert may_profile(history, "granted").tolist() == [True, False]


def test_a_consent_that_an_expression_cannot_compute_stays_a_refusal_under_the_fix(read: Read) -> None:
    people = "customer_id,pc\na,1\nb,0\nc,x\nd,1\ne,\n"
    orders = '[tables.orders]\nsource = "orders.csv"\n'
    toml = orders + '[tables.customers]\nsource = "customers.csv"\n[tables.customers.columns]\n{}\n'
    with pytest.raises(DataError) as caught:
        read({"customers": people, "orders": BOUGHT}, toml=toml.format('profiling_consent = "pc = 1"'))
    line = next(one.strip() for one in str(caught.value).splitlines() if one.strip().startswith("profiling_consent"))
    history = read({"customers": people, "orders": BOUGHT}, toml=toml.format(line)).history
    assert history.consents["profiling"].tolist() == [1, 0, 0, 1, -1]


@pytest.mark.slow
def test_a_quote_that_is_not_closed_takes_nobody_in_the_lines_behind_it(read: Read) -> None:
    toml = "".join(
        f'[tables.{name}]\nsource = "{name}.csv"\nread = {{ delim = ",", header = true, sample_size = 20 }}\n'
        for name in ("customers", "orders")
    )
    names = [f"a{at:05}" for at in range(30_000)]
    lines = [f'{name},2020-01-01,"yes",yes' for name in names]
    lines[29_000] = f'{names[29_000]},"2020-01-01,no,no'
    ingested = read({"customers": "\n".join([PEOPLE, *lines, ""]), "orders": BOUGHT}, toml=toml, block=10_000)
    assert ingested.history.customer_ids.tolist() == names
    assert refused(ingested.history, names[29_000], "email")
    assert any(reason == "broken line" for _, reason, _ in rejection_counts(ingested))


def test_an_infinite_attribute_is_missing_and_its_customer_is_there_with_all_rows(read: Read) -> None:
    people = "customer_id,income\na,inf\nb,5\n"
    ingested = read({"customers": people, "orders": BOUGHT})
    assert ingested.history.customer_ids.tolist() == ["a", "b"]
    income = numbers(ingested.history.profile["income"])
    assert [math.isnan(income[0]), income[1]] == [True, 5]
    assert rejection_counts(ingested) == [("customers", "out of range income", 1)]
    assert len(ingested.history.tables["orders"].at) == 2


CONTACTS = "decision_id,customer_id,at,action,channel,propensity,arm,outcome,value"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        ("d1,a,2026-01-01,mail,email,0,treated,1,5", ["out of range propensity"]),
        ("d1,a,2026-01-01,,email,0.5,treated,1,5", ["missing action"]),
        ("d1,a,2026-01-01,,email,0.5,control,1,5", []),
        (",a,2026-01-01,mail,email,0.5,treated,1,5", ["missing decision_id"]),
        ("d1,a,2026-01-01,mail,email,x,treated,perhaps,much", None),
        ("d1,a,2026-01-01,mail,email,0.5,??,1,5", []),
        ("d1,a,2026-01-01,mail,email,0.5,holdout,1,5", []),
        ("d1,a,2026-01-01,mail,email,0.5,,1,5", []),
    ],
)
def test_a_contact_counts_whatever_else_is_flawed(read: Read, row: str, reasons: list[str] | None) -> None:
    ingested = read({"contacts": f"{CONTACTS}\n{row}\n", "orders": BOUGHT})
    contacts = contacts_of(ingested.history)
    assert len(contacts.at) == (0 if ",control," in row else 1)
    assert column(ingested, "contacts", "channel") == ["email"]
    said = [reason for _, reason, _ in rejection_counts(ingested)]
    assert said == reasons if reasons is not None else len(said) == 3
    assert all(flaw.keeps_row for flaw in ingested.rejections)


def test_contacts_of_one_id_are_several_where_person_time_or_channel_differ(read: Read) -> None:
    rows = [
        "d1,a,2026-01-01,mail,email",
        "d1,a,2026-01-01,mail,email",
        "d1,a,2026-01-02,mail,email",
        "d1,b,2026-01-01,,sms",
    ]
    text = "\n".join(["decision_id,customer_id,at,action,channel", *rows])
    ingested = read({"contacts": text + "\n", "orders": BOUGHT})
    assert len(contacts_of(ingested.history).at) == 3
    assert set(rejection_counts(ingested)) == {
        ("contacts", "duplicate decision_id", 1),
        ("contacts", "duplicate decision_id", 2),
        ("contacts", "missing action", 1),
    }


@pytest.mark.parametrize(("line", "channel"), [("d1,a,2026-01-01,mail, spring,email", None), ("d1,a,2026-01-01", None)])
def test_a_broken_line_of_contacts_is_a_contact(read: Read, line: str, channel: str | None) -> None:
    text = f"decision_id,customer_id,at,action,channel\nd0,b,2026-01-01,mail,email\n{line}\n"
    ingested = read({"contacts": text, "orders": BOUGHT})
    contacts = contacts_of(ingested.history)
    assert contacts.customer.tolist() == [0, 1]
    assert column(ingested, "contacts", "channel") == [channel, "email"]
    assert any(reason == "broken line" for _, reason, _ in rejection_counts(ingested))


def test_who_refused_in_a_flawed_row_and_comes_back_by_an_event_is_not_scored(read: Read) -> None:
    business = f'{BUSINESS}[consent]\ndefault = "granted"\n'
    people = f"{PEOPLE}\na,0000-00-00,no,no\n"
    history = read({"customers": people, "orders": BOUGHT}, business=business).history
    assert history.consents["profiling"].tolist() == [0]
