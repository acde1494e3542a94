"""Contacts of the workspace's table and of the log together, each counted once."""

from pathlib import Path

import numpy as np
import pytest

from models.ingest import read_history
from models.rows.history import History
from models.rows.instants import parse_instant
from models.workspace import load_workspace
from service.store.contacts.current_contacts import known_contacts, side_by_side, without
from service.store.logs.decision_log import LoggedContacts

ORDERS = "order_id,customer_id,ordered_at,amount\n1,a,2025-01-01,5\n2,b,2025-01-01,5\n3,c,2025-01-01,5\n"
CONTACTS = """decision_id,customer_id,at,action,channel,arm,outcome
dec_1,a,2025-03-01T09:00:00Z,call,phone,policy,0
their-7,a,2025-03-02,mail,email,policy,1
dec_2,b,2025-03-03,mail,email,control,
dec_9,c,2025-03-04,mail,email,policy,
"""
NOW = parse_instant("2025-04-01", "UTC")
MARCH = parse_instant("2025-03-01", "UTC")


@pytest.fixture
def history(tmp_path: Path) -> History:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    tables = '[tables.orders]\nsource = "orders.csv"\n[tables.contacts]\nsource = "contacts.csv"\n'
    (tmp_path / "tercet.toml").write_text(f'[business]\ncurrency = "EUR"\n{tables}', encoding="utf-8")
    return read_history(load_workspace(tmp_path), now=NOW).history


LOGGED = LoggedContacts(
    decision_ids=["dec_1", "dec_2", "dec_3"],
    customer_ids=["a", "b", "z"],
    at=[MARCH, MARCH + 1, NOW + 5],
    action=["call", "mail", "mail"],
    channel=["phone", "email", "email"],
    answer=["refused", "none", "none"],
)


def test_a_decision_that_the_table_tells_of_too_counts_once_as_logged(history: History) -> None:
    found = known_contacts(history, LOGGED)
    contacts = sorted(zip(found.customer.tolist(), found.action.tolist(), found.answer.tolist(), strict=True))
    assert contacts == [(0, "call", 3), (0, "mail", 4), (1, "mail", 0), (2, "mail", 0)]
    assert found.at[(found.customer == 0) & (found.action == "call")].tolist() == [MARCH]


def test_without_a_log_the_table_is_all(history: History) -> None:
    nothing = LoggedContacts([], [], [], [], [], [])
    assert known_contacts(history, nothing).action.tolist() == ["call", "mail", "mail"]
    assert without(history, {("a", "dec_8")}) is history


def test_a_logged_contact_from_the_future_has_been_made_now_and_one_of_the_table_has_not(history: History) -> None:
    ahead = LoggedContacts(["dec_5"], ["c"], [NOW + 1], ["call"], ["phone"], ["none"])
    contacts = known_contacts(history, ahead)
    assert contacts.made_by(NOW).max() == NOW
    before_the_table = int(history.tables["contacts"].at.min()) - 1
    assert (contacts.made_by(before_the_table) > before_the_table).tolist() == [True, True, True, False]
    assert side_by_side([contacts]).logged.tolist() == contacts.logged.tolist()


def test_rows_of_one_customer_are_those_of_everyone(history: History) -> None:
    told = {("a", "dec_1"), ("c", "dec_9")}
    everyone = without(history, told).tables["contacts"]
    assert np.diff(everyone.offsets).tolist() == [1, 1, 0]
    alone = without(history.select([0]), told).tables["contacts"]
    assert alone.at.tolist() == everyone.at[:1].tolist()


def test_a_row_that_gives_a_decision_to_someone_else_counts_for_them_whoever_is_asked_about(history: History) -> None:
    of_z = LoggedContacts(["dec_9"], ["z"], [MARCH], ["mail"], ["email"], ["none"])
    of_nobody_here = LoggedContacts([], [], [], [], [], [])
    alone = history.select([2])
    for logged in (of_z, of_nobody_here):
        assert known_contacts(alone, logged).action.tolist() == ["mail"]
