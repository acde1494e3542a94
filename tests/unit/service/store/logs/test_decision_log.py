"""Decisions as they are logged and read back as contacts; SQLite, and PostgreSQL where there is one."""

import itertools
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import sqlalchemy as sa

from models.decisions.contacts.contact_history import ANSWERS
from models.decisions.contacts.feedback_outcomes import FeedbackOutcome
from models.ingest.store.store_tables import decisions, feedback, policies
from models.workspace import load_workspace
from service.store.logs.decision_log import (
    Decision,
    LoggedContacts,
    Occasion,
    answer_that_holds,
    contacts_in_store,
    every_contact,
    log_decisions,
    new_decision_id,
    record_policy,
)
from tests.builders.logged_decisions import DAY, NOW, decision_to_log
from tests.builders.narrowing import present
from tests.builders.small_workspace import write_workspace


def log(store: sa.Engine, at: int, *decided: Decision) -> None:
    with store.begin() as connection:
        log_decisions(connection, Occasion(at, NOW - DAY, "7", "9f2c1e0a4b7d"), decided)


def read(store: sa.Engine, customers: list[str], since: int) -> LoggedContacts:
    with store.connect().execution_options(reading=True) as connection:
        return contacts_in_store(connection, customers, since)


def test_a_decision_is_logged_whole(store: sa.Engine) -> None:
    log(store, NOW, decision_to_log("C-1", "dec_1"))
    with store.connect() as connection:
        (row,) = connection.execute(sa.select(decisions)).mappings()
    assert {name: row[name] for name in ("decision_id", "customer_id", "action", "channel", "arm")} == {
        "decision_id": "dec_1",
        "customer_id": "C-1",
        "action": "call",
        "channel": "phone",
        "arm": "policy",
    }
    assert (row["decided_at"], row["as_of"], row["expires_at"]) == (NOW, NOW - DAY, NOW + 14 * DAY)
    assert (row["expected_margin"], row["assignment_probability"], row["run_id"]) == (1234, 0.93, None)
    assert row["expected_cost"] == 266
    assert json.loads(row["trace"]) == {"candidates": [0.5], "why": "é"}


def test_nothing_to_log_is_nothing_logged(store: sa.Engine) -> None:
    log(store, NOW)
    assert read(store, ["C-1"], 0).decision_ids == []


def test_contacts_are_those_of_the_customers_asked_for_after_the_instant(store: sa.Engine) -> None:
    log(store, NOW - DAY, decision_to_log("C-1", "dec_1"), decision_to_log("C-2", "dec_2", arm="holdout"))
    log(store, NOW, decision_to_log("C-1", "dec_3", action="mail"), decision_to_log("C-3", "dec_4"))
    assert read(store, ["C-1", "C-2", "C-9"], NOW - DAY - 1).decision_ids == ["dec_1", "dec_2", "dec_3"]
    assert read(store, ["C-1"], NOW - DAY).decision_ids == ["dec_3"]
    history = read(store, ["C-1", "C-2", "C-3"], 0).history({"C-1": 0, "C-3": 1})
    assert history.customer.tolist() == [0, 0, 1]
    assert history.made_by(NOW - 1).tolist() == [NOW - DAY, NOW - 1, NOW - 1]
    assert history.action.tolist() == ["call", "mail", "call"]
    assert history.answer.tolist() == [0, 0, 0]


def test_what_was_decided_or_fed_back_after_an_instant_can_be_left_out(store: sa.Engine) -> None:
    log(store, NOW, decision_to_log("C-1", "dec_1"))
    log(store, NOW + 1, decision_to_log("C-1", "dec_2"))
    told = [("f1", "accepted", NOW - 5), ("f2", "refused", NOW + 1)]
    with store.begin() as connection:
        rows = [
            {"feedback_id": one, "decision_id": "dec_1", "outcome": outcome, "at": received, "received_at": received}
            for one, outcome, received in told
        ]
        connection.execute(sa.insert(feedback), rows)
        (then,) = every_contact(connection, 0, NOW)
        assert (list(then.decision_ids), then.answer) == (["dec_1"], ["accepted"])
        assert list(every_contact(connection, 0, NOW - 1)) == []
        now = contacts_in_store(connection, ["C-1"], 0)
        assert (now.decision_ids, now.answer) == (["dec_1", "dec_2"], ["refused", "none"])


def test_of_more_customers_than_a_statement_takes_the_log_is_asked_by_id_all_the_same(store: sa.Engine) -> None:
    many = [f"C-{number}" for number in range(2500)]
    log(store, NOW, decision_to_log("C-2499", "dec_1"), decision_to_log("D-1", "dec_2"))
    log(store, NOW - 1, decision_to_log("C-0", "dec_3"))
    asked: list[str] = []
    sa.event.listen(store, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert read(store, many, 0).decision_ids == ["dec_3", "dec_1"]
    queries = [one for one in asked if "FROM decisions" in one]
    assert len(queries) == 3
    assert all("customer_id IN" in one for one in queries)


def test_the_answer_that_holds_is_the_one_fed_back(store: sa.Engine) -> None:
    log(store, NOW, decision_to_log("C-1", "dec_1"), decision_to_log("C-1", "dec_2"), decision_to_log("C-1", "dec_3"))
    told = [("f1", "dec_1", "presented", 5), ("f2", "dec_1", "refused", 3), ("f3", "dec_2", "converted", 1)]
    with store.begin() as connection:
        rows = [dict(zip(("feedback_id", "decision_id", "outcome", "at"), one, strict=True)) for one in told]
        connection.execute(sa.insert(feedback), [row | {"value": None, "received_at": NOW} for row in rows])
    found = read(store, ["C-1"], 0)
    assert found.answer == ["refused", "converted", "none"]
    assert [ANSWERS[code] for code in found.history({"C-1": 0}).answer] == found.answer


def test_the_answer_does_not_depend_on_the_order_in_which_it_was_told() -> None:
    drawn = random.Random(5)
    for _ in range(1000):
        told = [(drawn.choice(get_args(FeedbackOutcome)), drawn.randrange(3)) for _ in range(drawn.randrange(5))]
        found = {answer_that_holds(order) for order in itertools.permutations(told)}
        assert found == {by_the_rules(told)}


REFUSALS = {"refused", "unsubscribed", "complained"}
LOST = {"bounced", "undeliverable"}


def by_the_rules(told: Sequence[tuple[str, int]]) -> str:
    """Word for word: converted > the newest of accepted and the refusals (tie: refused) > clicked > the newest of
    delivered, opened and the bounces (tie: undelivered) > presented > none."""
    for outcome, _ in told:
        if outcome == "converted":
            return "converted"
    refused = max((at for outcome, at in told if outcome in REFUSALS), default=-1)
    accepted = max((at for outcome, at in told if outcome == "accepted"), default=-1)
    if max(refused, accepted) >= 0:
        return "refused" if refused >= accepted else "accepted"
    if any(outcome == "clicked" for outcome, _ in told):
        return "clicked"
    lost = max((at for outcome, at in told if outcome in LOST), default=-1)
    arrived = max((at for outcome, at in told if outcome in {"delivered", "opened"}), default=-1)
    if lost >= 0 and lost >= arrived:
        return "undelivered"
    return "presented" if told else "none"


def test_a_policy_is_kept_once_as_it_was_when_it_first_decided(store: sa.Engine, tmp_path: Path) -> None:
    workspace = load_workspace(write_workspace(tmp_path / "shop"))
    for at in (NOW, NOW + DAY):
        with store.begin() as connection:
            record_policy(connection, workspace, at)
    with store.connect() as connection:
        (row,) = connection.execute(sa.select(policies)).mappings()
    assert (row["policy_version"], row["first_used_at"]) == (workspace.policy_version, NOW)
    assert json.loads(row["content"])["audiences"]["norwegians"]["label"] == "Everyone in Norway"


def test_ids_are_unique_in_the_order_of_time_and_short_enough() -> None:
    many = [new_decision_id(NOW + 1000 * step) for step in range(1000)]
    assert many == sorted(many)
    assert len(set(many)) == 1000
    kind = decisions.c.decision_id.type
    assert isinstance(kind, sa.String)
    assert max(map(len, many)) <= present(kind.length)
