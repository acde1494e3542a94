"""Contacts as the workspace's own table tells them."""

from typing import Any

from models.decisions.contacts.contact_history import ANSWERS, contacts_of
from tests.builders.histories import history_of, instant

AT = "2026-01-01T10:00:00"


def contact(customer: str, number: int, **columns: object) -> dict[str, Any]:
    row = {"decision_id": f"d{number}", "customer_id": customer, "at": AT, "action": "talk", "channel": "call"}
    return row | {"arm": None, "outcome": None} | columns


def test_outcomes_become_answers_and_the_control_arm_was_not_contacted() -> None:
    rows = [
        contact("b", 1, outcome=1.0, arm="treated"),
        contact("a", 2, outcome=0.0),
        contact("b", 3, arm="control", outcome=1.0),
        contact("b", 4, action="gift", channel=None),
    ]
    found = contacts_of(history_of(contacts=rows))
    told = zip(
        found.customer.tolist(),
        found.action.tolist(),
        found.channel.tolist(),
        [ANSWERS[code] for code in found.answer],
        strict=True,
    )
    assert sorted(told) == [
        (0, "talk", "call", "presented"),
        (1, "gift", "", "none"),
        (1, "talk", "call", "converted"),
    ]
    assert set(found.at.tolist()) == {instant(AT)}


def test_a_table_with_the_needed_columns_alone_tells_contacts_without_an_answer() -> None:
    bare = [{"decision_id": "d1", "customer_id": "a", "at": AT, "action": "talk"}]
    found = contacts_of(history_of(contacts=bare))
    assert (found.action.tolist(), found.channel.tolist()) == (["talk"], [""])
    assert [ANSWERS[code] for code in found.answer] == ["none"]


def test_without_the_table_nobody_was_contacted() -> None:
    assert len(contacts_of(history_of(orders=[], customers=[{"customer_id": "a"}])).at) == 0
