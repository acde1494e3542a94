"""Feedback rule by rule; SQLite, and PostgreSQL where there is one."""

from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import pytest
import sqlalchemy as sa

from models.decisions.contacts.feedback_outcomes import FeedbackOutcome
from models.ingest.store.store_tables import feedback
from service.store.logs.decision_log import Occasion, contacts_in_store, log_decisions
from service.store.logs.event_checks import SKEW
from service.store.logs.feedback_log import Feedback, FeedbackReceipt, record_feedback
from tests.builders.logged_decisions import DAY, NOW, decision_to_log

LATER = NOW + DAY


@pytest.fixture(autouse=True)
def decided(store: sa.Engine) -> None:
    """dec_1 is to be carried out, dec_2 is held out; both decided NOW, open for 14 days."""
    with store.begin() as connection:
        both = [decision_to_log("C-1", "dec_1"), decision_to_log("C-2", "dec_2", arm="holdout")]
        log_decisions(connection, Occasion(NOW, NOW, "7", "9f2c1e0a4b7d"), both)


def tell(store: sa.Engine, *told: Feedback, now: int = NOW + 100 * DAY) -> list[FeedbackReceipt]:
    return record_feedback(store, told, now)


def status(store: sa.Engine, told: Feedback, now: int = NOW + 100 * DAY) -> tuple[str, tuple[str, ...]]:
    (result,) = tell(store, told, now=now)
    return result.status, result.notes


def kept(store: sa.Engine) -> int:
    with store.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(feedback)).scalar_one()


def test_feedback_is_recorded_once(store: sa.Engine) -> None:
    one = Feedback("f1", "dec_1", "converted", LATER, 4999)
    assert status(store, one) == ("recorded", ())
    assert status(store, one) == ("unchanged", ())
    assert kept(store) == 1


@pytest.mark.parametrize(
    "other",
    [
        Feedback("f1", "dec_1", "refused", LATER, 4999),
        Feedback("f1", "dec_1", "converted", LATER + 1, 4999),
        Feedback("f1", "dec_1", "converted", LATER, 5000),
        Feedback("f1", "dec_1", "converted", LATER),
        Feedback("f1", "dec_2", "converted", LATER, 4999),
    ],
)
def test_other_content_under_a_known_id_is_a_conflict_and_the_first_stays(store: sa.Engine, other: Feedback) -> None:
    first = Feedback("f1", "dec_1", "converted", LATER, 4999)
    assert status(store, first) == ("recorded", ())
    assert status(store, other)[0] == "conflict"
    assert status(store, first) == ("unchanged", ())
    assert kept(store) == 1


def test_an_id_told_twice_in_one_request_is_treated_as_two_requests_would_be(store: sa.Engine) -> None:
    one, other = Feedback("f1", "dec_1", "presented", LATER), Feedback("f1", "dec_1", "accepted", LATER)
    found = tell(store, one, one, other)
    assert [result.status for result in found] == ["recorded", "unchanged", "conflict"]


def test_feedback_on_a_decision_that_is_not_known_is_not_kept(store: sa.Engine) -> None:
    assert status(store, Feedback("f1", "dec_9", "presented", LATER))[0] == "unknown_decision"
    assert kept(store) == 0


def test_clocks_may_be_five_minutes_off_and_no_more(store: sa.Engine) -> None:
    at = [NOW - SKEW - 1, NOW - SKEW, NOW + SKEW, NOW + SKEW + 1]
    found = tell(store, *(Feedback(f"f{i}", "dec_1", "presented", instant) for i, instant in enumerate(at)), now=NOW)
    assert [result.status for result in found] == ["refused", "recorded", "recorded", "refused"]
    assert "before the decision" in str(found[0].reason)
    assert "future" in str(found[3].reason)


def test_one_bad_piece_does_not_fail_the_others(store: sa.Engine) -> None:
    pieces = [Feedback("f1", "dec_9", "presented", LATER), Feedback("f2", "dec_1", "presented", LATER)]
    assert [result.status for result in tell(store, *pieces)] == ["unknown_decision", "recorded"]


def test_late_feedback_is_recorded_and_noted(store: sa.Engine) -> None:
    assert status(store, Feedback("f1", "dec_1", "accepted", NOW + 14 * DAY)) == ("recorded", ())
    assert status(store, Feedback("f2", "dec_1", "accepted", NOW + 14 * DAY + 1)) == ("recorded", ("late",))


@pytest.mark.parametrize("outcome", [one for one in get_args(FeedbackOutcome) if one != "converted"])
def test_who_was_held_out_should_not_have_been_contacted(store: sa.Engine, outcome: FeedbackOutcome) -> None:
    assert status(store, Feedback("f1", "dec_2", outcome, LATER)) == ("recorded", ("held_out",))


def test_who_was_held_out_may_convert_by_themselves(store: sa.Engine) -> None:
    assert status(store, Feedback("f1", "dec_2", "converted", LATER)) == ("recorded", ())


@pytest.mark.parametrize(
    ("first", "second", "note"),
    [
        ("accepted", "refused", "contradicts_accepted"),
        ("converted", "refused", "contradicts_accepted"),
        ("refused", "accepted", "contradicts_refused"),
        ("refused", "converted", "contradicts_refused"),
        ("clicked", "unsubscribed", None),
        ("accepted", "unsubscribed", "contradicts_accepted"),
        ("complained", "accepted", "contradicts_refused"),
    ],
)
def test_what_contradicts_is_kept_and_noted(
    store: sa.Engine, first: FeedbackOutcome, second: FeedbackOutcome, note: str | None
) -> None:
    assert status(store, Feedback("f1", "dec_1", first, LATER)) == ("recorded", ())
    assert status(store, Feedback("f2", "dec_1", second, LATER + 1)) == ("recorded", (note,) if note else ())
    assert kept(store) == 2


def test_of_accepted_and_refused_the_newest_holds(store: sa.Engine) -> None:
    tell(store, Feedback("f1", "dec_1", "refused", LATER + 5), Feedback("f2", "dec_1", "accepted", LATER))
    with store.connect() as connection:
        assert contacts_in_store(connection, ["C-1"], 0).answer == ["refused"]


def test_what_goes_together_is_not_noted(store: sa.Engine) -> None:
    outcomes: tuple[FeedbackOutcome, ...] = (
        *("presented", "delivered", "opened", "clicked", "accepted", "converted", "presented"),
    )
    for place, outcome in enumerate(outcomes):
        assert status(store, Feedback(f"f{place}", "dec_1", outcome, LATER + place)) == ("recorded", ())


def test_eight_callers_with_one_id_record_it_once(store: sa.Engine) -> None:
    pieces = [Feedback(f"f{place}", "dec_1", "presented", LATER) for place in range(20)]
    with ThreadPoolExecutor(8) as threads:
        orders = [pieces if caller % 2 else pieces[::-1] for caller in range(8)]
        found = list(threads.map(lambda order: tell(store, *order), orders))
    statuses = [result.status for results in found for result in results]
    assert statuses.count("recorded") == 20
    assert statuses.count("unchanged") == 140
    assert kept(store) == 20
