"""The funnel on single cases: what each stage says, what is logged of lots, and what a trace tells."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.decisions.candidates.proposals import STAGES, Wish
from models.decisions.choice.decisions import Decisions
from models.decisions.contacts.channel_stops import ChannelStops
from models.decisions.contacts.contact_history import ContactHistory
from models.decisions.funnel import decide
from tests.builders.decision_cases import (
    DAY,
    NOW,
    Person,
    contacts_of_people,
    scored_of,
    workspace_of,
)
from tests.builders.one_block_run import within_budget

TALK = {"channels": ["call"], "value": "purchase", "margin": 50}
CALL = {"consent": "none", "contact_cost": 2}
CERTAIN = {"holdout": 0, "exploration": 0}


def decided(policy: dict[str, Any], *people: Person, wish: Wish | None = None, **config: object) -> Decisions:
    workspace = workspace_of({"experiment": CERTAIN} | policy, **config)
    contacts = contacts_of_people(people)
    return decide(workspace, scored_of(people), contacts, NOW, wish or Wish())


def reasons(
    policy: dict[str, Any], *people: Person, wish: Wish | None = None, **config: object
) -> list[tuple[str, str]]:
    """Stage and reason of the first candidate of each customer."""
    decisions = decided(policy, *people, wish=wish, **config)
    found = [decisions.rejections(row)[0] for row in range(len(people))]
    return [(one.stage, one.reason) for one in found]


def one_action(
    action: dict[str, Any] | None = None, channel: dict[str, Any] | None = None, **rest: object
) -> dict[str, Any]:
    return {"channels": {"call": CALL | (channel or {})}, "actions": {"talk": TALK | (action or {})}} | rest


def test_eligibility_says_what_is_missing() -> None:
    unscored = Person("a", status="not_scored")
    assert reasons(one_action(), unscored) == [("eligibility", "the customer is not scored (prospect)")]
    (found,) = reasons(one_action(), Person("a", churn=None))
    assert found[1] == "what it is worth needs a prediction that this customer does not have: churn"
    (found,) = reasons(one_action({"margin": None}), Person("a", order_value=None))
    assert found[1].startswith("what a purchase brings is not known")
    (found,) = reasons(one_action(), Person("a"), wish=Wish(channels=frozenset({"email"})))
    assert found == ("eligibility", "not by call: not asked")
    ruled = one_action({"when": "region == 'north'"})
    assert reasons(ruled, Person("a")) == [("eligibility", "its rule does not hold: `region == 'north'`")]
    (found,) = reasons(one_action({"when": "mrr > 1"}), Person("a"))
    assert found[1] == "its rule `mrr > 1` asks for what this workspace does not have"


def test_consent_tells_a_refusal_from_what_is_not_recorded() -> None:
    policy = one_action(channel={"consent": "phone"})
    assert reasons(policy, Person("a", consents={"phone": 0})) == [("consent", "consent to phone is refused")]
    (found,) = reasons(policy, Person("a"), consent={"default": "denied"})
    assert found == ("consent", "no consent to phone is recorded, and [consent] default is denied")
    assert decided(policy, Person("a")).next_best_action.word(0) == "talk"


def test_a_limit_counts_what_lies_within_its_days_and_says_how_many() -> None:
    policy = one_action(
        channel={"limits": [{"at_most": 1, "days": 7}]}, contact_policy={"limits": [{"at_most": 2, "days": 30}]}
    )
    called = (NOW - 7 * DAY + 1, "other", "call", "accepted")
    long_ago = (NOW - 7 * DAY, "other", "call", "accepted")
    mailed = (NOW - 3 * DAY, "other", "letter", "accepted")
    to_come = (NOW + 1, "other", "call", "none")
    found = reasons(
        policy,
        Person("a", contacts=(called,)),
        Person("b", contacts=(long_ago, mailed)),
        Person("c", contacts=(called,)),
    )
    assert found[0] == ("contact_policy", "1 contact by call in the last 7 days, at most 1")
    assert found[1] == ("contact_policy", "2 contacts in the last 30 days, at most 2")
    assert decided(policy, Person("a", contacts=(to_come, long_ago))).next_best_action.word(0) == "talk"
    ((_, never),) = reasons(one_action(channel={"limits": [{"at_most": 0, "days": 7}]}), Person("a"))
    assert never == "no contact by call is allowed: at most 0 in 7 days"


def test_suppression_says_since_when_and_for_how_long() -> None:
    def because(*contacts: tuple[int, str, str, str], **policy: Any) -> str:
        actions = {"talk": TALK, "gift": TALK}
        ((stage, reason),) = reasons(
            one_action(actions=actions, contact_policy={"limits": []}, **policy), Person("a", contacts=contacts)
        )
        assert stage == "suppression"
        return reason

    assert because((NOW - 3 * DAY, "talk", "call", "accepted")) == "done 3 days ago, not again within 14 days"
    refused = because((NOW - 40 * DAY, "talk", "call", "refused"))
    assert refused == "refused when it was done 40 days ago, not again within 90 days"
    excluded = because((NOW - DAY, "gift", "call", "accepted"), exclusions=[{"actions": ["talk", "gift"], "days": 9}])
    assert excluded == "gift was done 1 day ago, and excludes it for 9 days"
    silent = because(*((NOW - days * DAY, "other", "call", "presented") for days in (20, 30, 40)))
    assert silent == "3 contacts within 60 days without an answer, the last 20 days ago: none within 60 days of it"


def test_an_answer_ends_silence_and_rest_ends_some_days_after_the_last_contact() -> None:
    policy = one_action(contact_policy={"limits": []})
    silence = [(NOW - days * DAY, "other", "call", "none") for days in (59, 60, 61)]
    assert decided(policy, Person("a", contacts=tuple(silence))).next_best_action.word(0) is None
    answered = (NOW - 30 * DAY, "other", "letter", "accepted")
    assert decided(policy, Person("a", contacts=(*silence, answered))).next_best_action.word(0) == "talk"
    earlier = tuple((at - 2 * DAY, action, channel, answer) for at, action, channel, answer in silence)
    assert decided(policy, Person("a", contacts=earlier)).next_best_action.word(0) == "talk"


@pytest.mark.parametrize(("answer", "ends"), [("presented", False), ("clicked", True), ("accepted", True)])
def test_a_click_is_an_answer_and_a_message_that_was_opened_is_none(answer: str, ends: bool) -> None:
    policy = one_action(suppression={"after_served_days": 0, "after_refusal_days": 0})
    contacts = [(NOW - days * DAY, "other", "letter", "presented") for days in (11, 12)]
    last = (NOW - 10 * DAY, "other", "letter", answer)
    found = decided(policy, Person("a", contacts=(*contacts, last)))
    assert (found.next_best_action.word(0) == "talk") == ends


def test_what_did_not_arrive_is_no_silence_and_counts_against_limits() -> None:
    policy = one_action(suppression={"after_served_days": 0, "after_refusal_days": 0})
    lost = tuple((NOW - days * DAY, "other", "letter", "undelivered") for days in (10, 11, 12))
    assert decided(policy, Person("a", contacts=lost)).next_best_action.word(0) == "talk"
    earlier = tuple((NOW - days * DAY, "other", "letter", "none") for days in (59, 61, 62))
    assert decided(policy, Person("a", contacts=earlier)).next_best_action.word(0) is None
    assert decided(policy, Person("a", contacts=(*earlier[1:], *lost))).next_best_action.word(0) == "talk"
    assert decided(policy, Person("a", contacts=(*earlier, *lost))).next_best_action.word(0) is None
    limited = policy | {"contact_policy": {"limits": [{"at_most": 3, "days": 20}]}}
    (left,) = decided(limited, Person("a", contacts=lost)).rejections(0)
    assert left.stage == "contact_policy"


def test_a_channel_that_is_stopped_says_what_happened_when_and_what_ends_it() -> None:
    channels = {name: {"consent": "none" if name == "till" else name} for name in ("email", "sms", "phone", "till")}
    action = {"channels": list(channels), "value": "purchase", "margin": 100}
    policy = {"channels": channels, "actions": {"talk": action}, "experiment": {"holdout": 0, "exploration": 0}}
    stops = [
        *((0, "email", NOW - 3 * DAY, "bounced"), (0, "email", NOW - 9 * DAY, "unsubscribed")),
        *((0, "sms", NOW - DAY, "complained"), (0, "phone", NOW + 5, "undeliverable")),
        *((1, "till", NOW - 2 * DAY, "unsubscribed"), (1, "fax", NOW, "bounced")),
    ]
    history = replace(ContactHistory.none(), stops=ChannelStops.of_rows(stops))
    found = decide(workspace_of(policy), scored_of([Person("a"), Person("b")]), history, NOW)
    assert [one.channel for row in (0, 1) for one in found.proposals(row)] == ["till", "email"]
    reasons = {one.channel: one.reason for row in (0, 1) for one in found.rejections(row) if one.stage == "suppression"}
    assert reasons == {
        "email": "a contact by email bounced 3 days ago: none by email until one arrives or consent to email is "
        "granted anew",
        "sms": "they complained about a contact by sms 1 day ago: none by sms until consent to sms is granted anew",
        "phone": "a contact by phone could not be delivered less than a day ago: none by phone until one arrives or "
        "consent to phone is granted anew",
        "till": "they unsubscribed from till 2 days ago: none by till",
    }


def test_audiences_of_the_suppression_are_left_in_peace() -> None:
    policy = one_action(audiences={"staff": {"when": "region == 'staff'"}}, suppression={"audiences": ["staff"]})
    (found,) = reasons(policy, Person("a", audiences=("vip", "staff")))
    assert found == ("suppression", "in the audience staff, which is never contacted")


def test_arbitration_says_what_comes_first_and_what_is_not_worth_its_cost() -> None:
    policy = one_action(actions={"talk": TALK, "rich": TALK | {"margin": 80}, "dear": TALK | {"contact_cost": 100}})
    decisions = decided(policy, Person("a", churn=500_000))
    assert decisions.next_best_action.word(0) == "rich"
    found = {one.action: one.reason for one in decisions.rejections(0)}
    assert found["talk"] == "rich by call comes first: 10.00 EUR against 5.50 EUR"
    assert found["dear"] == "it brings -94.50 EUR after its costs"
    off = decided(policy | {"levers": {"rich": 0}}, Person("a", churn=500_000))
    assert off.next_best_action.word(0) == "talk"
    assert off.rejections(0)[0].reason == "switched off: weight x lever is 0"


def test_equal_ranks_go_to_the_larger_margin_and_then_to_the_policys_order() -> None:
    actions = {"small": TALK | {"margin": 20}, "twin": TALK | {"margin": 20}, "large": TALK | {"margin": 30}}
    policy = {"channels": {"call": {"consent": "none"}}, "actions": actions}
    even = decided(policy | {"levers": {"small": 1.5, "twin": 1.5}}, Person("a", churn=500_000))
    assert even.next_best_action.word(0) == "large"
    assert decided(policy | {"levers": {"large": 0}}, Person("a", churn=500_000)).next_best_action.word(0) == "small"


def test_context_weighs_actions_and_is_logged_apart_from_their_margin() -> None:
    policy = one_action(
        actions={"talk": TALK, "rich": TALK | {"margin": 80, "weights": {"page=cart": 0.1}}},
        context={"page": {"values": ["cart"]}},
    )
    person = Person("a", churn=500_000)
    there = decided(policy, person, person, wish=Wish(context={1: {"page": "cart"}}))
    assert [there.next_best_action.word(row) for row in range(2)] == ["rich", "talk"]
    rich = there.traced_candidates(1)[1]
    assert (rich["expected_margin"]["total"], rich["weight"], rich["rank_value"]) == (10.0, 0.1, 1.0)


def test_several_actions_count_for_the_limits_and_exclusions_of_one_another() -> None:
    actions = {
        "first": TALK | {"margin": 90, "channels": ["call", "mail"]},
        "second": TALK | {"margin": 80, "channels": ["call", "mail"]},
        "third": TALK | {"margin": 70, "channels": ["mail"]},
        "fourth": TALK | {"margin": 60, "channels": ["mail"]},
    }
    channels = {"call": CALL | {"limits": [{"at_most": 1, "days": 7}]}, "mail": {"consent": "none", "contact_cost": 3}}
    policy = {"channels": channels, "actions": actions, "exclusions": [{"actions": ["second", "third"]}]}
    decisions = decided(policy, Person("a"), wish=Wish(limit=5))
    assert [(one.action, one.channel) for one in decisions.proposals(0)] == [("first", "call"), ("second", "mail")]
    found = {(one.action, one.channel): one.reason for one in decisions.rejections(0)}
    assert found["first", "mail"] == "it is proposed by call already"
    assert found["second", "call"] == "1 contact by call in the last 7 days with what is proposed here, at most 1"
    assert found["third", "mail"] == "second, which is proposed, excludes it"
    assert found["fourth", "mail"] == "2 contacts in the last 7 days with what is proposed here, at most 2"


def test_who_is_held_out_gets_a_proposal_of_that_arm_and_nothing_to_do() -> None:
    decisions = decided(one_action(experiment={"holdout": 0.5, "exploration": 0.3}), *crowd(40))
    rows = [row for row in range(40) if decisions.held_out(row)]
    assert rows
    for row in rows:
        (proposal,) = decisions.proposals(row)
        assert (proposal.arm, proposal.assignment_probability) == ("holdout", 0.5)
        assert decisions.next_best_action.word(row) is None
        assert decisions.rejections(row)[0].stage == "holdout"


def test_the_shares_of_holdout_and_exploration_are_what_the_policy_says() -> None:
    policy = one_action(
        actions=dict.fromkeys(("one", "two", "three"), TALK), experiment={"holdout": 0.1, "exploration": 0.3}
    )
    decisions = decided(policy, *crowd(8000))
    arms = np.array([decisions.arm(row) for row in range(8000)])
    assert (arms == "holdout").mean() == pytest.approx(0.1, abs=0.012)
    assert (arms[arms != "holdout"] == "exploration").mean() == pytest.approx(0.3, abs=0.02)
    drawn = [decisions.next_best_action.word(row) for row in np.flatnonzero(arms == "exploration").tolist()]
    assert [drawn.count(name) / len(drawn) for name in ("one", "two", "three")] == pytest.approx([1 / 3] * 3, abs=0.035)


def test_lots_stay_with_the_salt_and_exploration_is_drawn_anew_each_day() -> None:
    people = crowd(400)
    workspace = workspace_of(one_action(experiment={"holdout": 0.3, "exploration": 0.3}))
    scored = scored_of(people)

    def arms(now: int, salt: str = "tercet") -> list[str]:
        experiment = workspace.policy.experiment.model_copy(update={"salt": salt})
        drawn = replace(workspace, policy=workspace.policy.model_copy(update={"experiment": experiment}))
        decisions = decide(drawn, scored, ContactHistory.none(), now)
        return [decisions.arm(row) for row in range(len(people))]

    today, later, tomorrow = arms(NOW), arms(NOW + DAY // 4), arms(NOW + DAY)
    assert today == later != tomorrow
    assert [arm == "holdout" for arm in today] == [arm == "holdout" for arm in tomorrow]
    assert [arm == "holdout" for arm in today] != [arm == "holdout" for arm in arms(NOW, "another")]


def test_a_trace_tells_every_candidate_in_the_policys_order_and_is_json() -> None:
    policy = one_action(
        actions={
            "talk": TALK,
            "save": {"channels": ["call"], "value": "retention"},
            "rule": TALK | {"when": "mrr > 1"},
        },
        money={"horizon_days": 90},  # as churn
    )
    decisions = decided(policy, Person("a", churn=500_000, clv=40_000))
    trace = json.loads(json.dumps(decisions.trace(0)))
    assert trace["policy_order"] == ["talk by call", "save by call", "rule by call"]
    assert (trace["held_out"], trace["exploration"], trace["decided_at"]) == (False, False, "2026-03-10T12:00:00Z")
    talk, saving, rule = trace["candidates"]
    assert (talk["rank"], talk["stage"]) == (2, "arbitration")
    assert talk["passed"] == list(STAGES[: STAGES.index("arbitration")])
    assert (saving["rank"], saving["pick"], saving["stage"], saving["reason"]) == (1, 1, None, None)
    assert saving["effect"] == {"source": "assumed", "change": 0.15, "kappa": 0.3}
    terms = saving["expected_margin"]["terms"]
    assert terms == {"purchases": 0, "retention": 10.36, "contact_cost": -2.0, "offer_cost": 0, "optout": 0}
    assert saving["expected_margin"]["total"] == 8.36
    assert (rule["stage"], rule["passed"]) == ("eligibility", [])


def test_a_proposal_carries_message_expiry_and_the_test_that_its_effect_is_known_from() -> None:
    average = {"source": "average", "change": 0.2, "known_from": "spring test"}
    action = {"effect": average, "message": {"tone": "warm"}, "expires_after_days": 3}
    decisions = decided(one_action(action), Person("a"))
    (proposal,) = decisions.proposals(0)
    assert (proposal.message, proposal.expires_at) == ({"tone": "warm"}, NOW + 3 * DAY)
    assert (proposal.effect_source, proposal.change) == ("average", 0.2)
    assert decisions.traced_candidates(0)[0]["effect"]["known_from"] == "spring test"


def test_nobody_and_nothing_to_choose_from_are_answered_with_nothing() -> None:
    nothing = decided({}, Person("a"), wish=Wish(limit=3))
    assert (nothing.proposals(0), nothing.rejections(0), nothing.next_best_action.word(0)) == ((), (), None)
    assert nothing.trace(0)["candidates"] == []
    assert within_budget(decided({}, Person("a"))).proposals(0) == ()
    assert len(within_budget(decided(one_action()))) == 0


def crowd(number: int) -> list[Person]:
    return [Person(f"P{place}") for place in range(number)]
