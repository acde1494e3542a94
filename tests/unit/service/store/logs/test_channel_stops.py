"""Channels that feedback stops, and what ends it; SQLite, and PostgreSQL where there is one."""

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.consent.purposes import PURPOSES
from models.decisions.contacts.feedback_outcomes import BOUNCES, STOPS, WITHDRAWALS, FeedbackOutcome
from models.ingest.store.store_tables import consents
from models.workspace import load_workspace
from service.store.logs.channel_stops import every_stop, stops_in_store, stops_of_run
from service.store.logs.consent_log import consent_state, record_consent
from service.store.logs.decision_log import Occasion, log_decisions, record_policy
from service.store.logs.feedback_log import Feedback, record_feedback
from service.store.states.state_updates import rebuild_states
from tests.builders.decision_policy import write_policy
from tests.builders.logged_decisions import DAY, NOW, decision_to_log
from tests.builders.small_workspace import write_workspace

LATER = NOW + 100 * DAY
BY_PHONE = {"email": "email", "phone": "phone"}
FREELY = {"phone": "none"}


@pytest.fixture(autouse=True)
def decided(store: sa.Engine, tmp_path: Path) -> None:
    """Two decisions for C-1 and one for C-2, all by phone and by a policy whose phone needs consent to phone."""
    workspace = load_workspace(write_policy(write_workspace(tmp_path / "shop")))
    assert workspace.policy.channels["phone"].consent == "phone"
    with store.begin() as connection:
        made = [decision_to_log("C-1", "dec_1"), decision_to_log("C-1", "dec_2"), decision_to_log("C-2", "dec_3")]
        log_decisions(connection, Occasion(NOW, NOW, "7", workspace.policy_version, "run_1"), made)
        record_policy(connection, workspace, NOW)


def tell(store: sa.Engine, outcome: FeedbackOutcome, day: int, decision_id: str = "dec_1", now: int = LATER) -> str:
    told = Feedback(f"{outcome} {day} {decision_id}", decision_id, outcome, NOW + day * DAY)
    (found,) = record_feedback(store, [told], now)
    return found.status


def stopped(store: sa.Engine, purposes: dict[str, str] | None = None) -> list[tuple[str, str, int, str]]:
    with store.connect().execution_options(reading=True) as connection:
        needed = BY_PHONE if purposes is None else purposes
        found = stops_in_store(connection, needed, ["C-1", "C-2", "C-9"])
        assert [one for some in every_stop(connection, needed, LATER) for one in some] == found
        assert stops_of_run(connection, needed, "run_1") == {(one.customer_id, one.channel) for one in found}
        assert not stops_of_run(connection, needed, "run_2")
    return [(one.customer_id, one.channel, (one.at - NOW) // DAY, one.outcome) for one in found]


def grant(store: sa.Engine, day: int, purpose: str = "phone") -> None:
    record_consent(store, "C-1", {purpose: True}, NOW + day * DAY, "form", LATER)


@pytest.mark.parametrize("outcome", BOUNCES)
def test_a_bounce_stops_the_channel_for_the_customer_and_refuses_nothing(
    store: sa.Engine, outcome: FeedbackOutcome
) -> None:
    assert tell(store, outcome, 3) == "recorded"
    assert stopped(store) == [("C-1", "phone", 3, outcome)]
    assert consent_state(store, "C-1") == {}


@pytest.mark.parametrize("newer", ["delivered", "opened", "clicked", "accepted"])
def test_a_bounce_ends_with_what_arrives_later_by_the_channel_whichever_is_told_first(
    store: sa.Engine, newer: FeedbackOutcome
) -> None:
    tell(store, newer, 5, "dec_2")
    tell(store, "bounced", 5)
    assert stopped(store) == [("C-1", "phone", 5, "bounced")]
    tell(store, newer, 6, "dec_3")
    assert stopped(store) == [("C-1", "phone", 5, "bounced")]
    tell(store, newer, 6, "dec_2")
    assert stopped(store) == []


@pytest.mark.parametrize("same", ["presented", "refused", "converted"])
def test_what_does_not_show_that_a_message_arrived_does_not_end_a_bounce(
    store: sa.Engine, same: FeedbackOutcome
) -> None:
    tell(store, "bounced", 5)
    tell(store, same, 6)
    assert len(stopped(store)) == 1


@pytest.mark.parametrize("outcome", STOPS)
def test_a_newer_grant_of_the_consent_that_the_channel_needs_ends_it(
    store: sa.Engine, outcome: FeedbackOutcome
) -> None:
    tell(store, outcome, 3)
    grant(store, 3)
    grant(store, 4, "email")
    assert len(stopped(store)) == 1
    grant(store, 4)
    assert stopped(store) == []
    assert len(stopped(store, FREELY)) == 1
    tell(store, "bounced", 5, "dec_2")
    assert stopped(store) == [("C-1", "phone", 5, "bounced")]


@pytest.mark.parametrize("outcome", WITHDRAWALS)
def test_who_unsubscribes_or_complains_withdraws_the_consent_of_the_channel_as_of_then_and_once(
    store: sa.Engine, outcome: FeedbackOutcome
) -> None:
    grant(store, 2)
    told = Feedback("f1", "dec_1", outcome, NOW + 3 * DAY)
    found = record_feedback(store, [told, told, Feedback("f1", "dec_1", outcome, NOW)], LATER)
    assert [one.status for one in found] == ["recorded", "unchanged", "conflict"]
    assert record_feedback(store, [told], LATER)[0].status == "unchanged"
    with store.connect() as connection:
        rows = connection.execute(sa.select(consents).where(consents.c.granted == 0)).all()
    assert [(row.customer_id, row.purpose, row.at, row.source, row.received_at) for row in rows] == [
        ("C-1", "phone", NOW + 3 * DAY, f"feedback: {outcome}", LATER)
    ]
    assert not consent_state(store, "C-1")["phone"].granted
    before = states(store)
    rebuild_states(store)
    assert states(store) == before
    tell(store, "delivered", 9)
    assert len(stopped(store)) == 1
    grant(store, 10)
    assert consent_state(store, "C-1")["phone"].granted
    assert stopped(store) == []


def states(store: sa.Engine) -> list[tuple[str, int, int | None]]:
    with store.connect() as connection:
        query = "SELECT customer_id, version, phone_consent FROM customer_states WHERE version > 0 ORDER BY 1"
        return [(row[0], row[1], row[2]) for row in connection.execute(sa.text(query))]


def test_eight_callers_withdraw_a_consent_once(store: sa.Engine) -> None:
    words: list[FeedbackOutcome] = ["unsubscribed", "complained"]
    pieces = [Feedback(f"f{place}", f"dec_{place % 3 + 1}", words[place % 2], NOW + place) for place in range(12)]
    with ThreadPoolExecutor(8) as threads:
        orders = [pieces if caller % 2 else pieces[::-1] for caller in range(8)]
        found = list(threads.map(lambda order: record_feedback(store, order, LATER), orders))
    assert [one.status for results in found for one in results].count("recorded") == 12
    with store.connect() as connection:
        rows = connection.execute(sa.select(consents.c.customer_id, consents.c.at)).all()
    assert sorted(at - NOW for _, at in rows) == list(range(12))
    assert states(store) == [("C-1", 8, 0), ("C-2", 4, 0)]


def test_an_older_withdrawal_that_arrives_late_loses_to_a_newer_grant(store: sa.Engine) -> None:
    grant(store, 5)
    assert tell(store, "unsubscribed", 3) == "recorded"
    assert consent_state(store, "C-1")["phone"].granted
    assert stopped(store) == []


def test_a_clock_that_is_ahead_does_not_outlast_a_grant_that_comes_after(store: sa.Engine) -> None:
    minute = 60_000_000
    record_feedback(store, [Feedback("f1", "dec_1", "unsubscribed", NOW + 4 * minute)], NOW)
    assert consent_state(store, "C-1")["phone"].at == NOW
    record_consent(store, "C-1", {"phone": True}, NOW + minute, "form", NOW + minute)
    assert consent_state(store, "C-1")["phone"].granted
    assert stopped(store) == []


def test_on_a_channel_that_needs_no_consent_they_are_left_alone_all_the_same(store: sa.Engine) -> None:
    with store.begin() as connection:
        connection.execute(sa.text("""UPDATE policies SET content = '{"channels": {"phone": {"consent": "none"}}}'"""))
    assert tell(store, "unsubscribed", 3) == "recorded"
    assert consent_state(store, "C-1") == {}
    grant(store, 4)
    tell(store, "delivered", 5)
    assert stopped(store, FREELY) == [("C-1", "phone", 3, "unsubscribed")]


def test_in_whatever_order_it_is_told_the_same_is_stopped(store: sa.Engine) -> None:
    lots = random.Random(3)
    words: list[FeedbackOutcome] = ["bounced", "unsubscribed", "delivered", "opened", "presented", "undeliverable"]
    told = [(lots.choice(words), day, lots.choice(["dec_1", "dec_2"])) for day in (1, 2, 2, 3)]
    found = set()
    for order in itertools.permutations(told):
        with store.begin() as connection:
            for table in ("feedback", "consents"):
                connection.execute(sa.text(f"DELETE FROM {table}"))
        for one in order:
            tell(store, *one)
        found.add(tuple(sorted(stopped(store))))
    assert len(found) == 1


def test_every_purpose_that_a_channel_may_need_can_end_a_stop(store: sa.Engine) -> None:
    for place, purpose in enumerate(PURPOSES[1:]):
        tell(store, "bounced", 2 * place)
        assert stopped(store, {"phone": purpose})
        grant(store, 2 * place + 1, purpose)
        assert stopped(store, {"phone": purpose}) == []
