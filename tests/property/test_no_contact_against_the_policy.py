"""What must hold of every proposal, whatever the policy, the customer and the way it came about."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.decisions.candidates.proposals import Proposal
from models.decisions.choice.decisions import Decisions
from models.workspace import Workspace
from tests.builders.decision_cases import DAY, NOW, Person
from tests.builders.narrowing import present
from tests.builders.one_block_run import within_budget
from tests.builders.random_decisions import a_case, decided

seeds = st.integers(0, 2**32 - 1)
SOME = settings(max_examples=present(settings.default).max_examples)


@SOME
@given(seed=seeds)
def test_no_proposal_breaks_a_limit_a_consent_a_rest_or_an_exclusion(seed: int) -> None:
    workspace, people, asked, limit = a_case(seed)
    check(workspace, people, decided(workspace, people, asked, limit), asked)
    check(workspace, people, within_budget(decided(workspace, people, asked, 1)), asked)


def check(workspace: Workspace, people: list[Person], decisions: Decisions, asked: frozenset[str] | None) -> None:
    for row, one in enumerate(people):
        proposals = decisions.proposals(row)
        assert one.status == "scored" or not proposals
        assert not set(one.audiences) & set(workspace.policy.suppression.audiences) or not proposals
        for proposal in proposals:
            assert asked is None or proposal.channel in asked
            assert proposal.expected_margin.total == sum(proposal.expected_margin.terms.values()) > 0
            assert 0 < proposal.assignment_probability <= 1
            assert (proposal.arm == "holdout") == decisions.held_out(row)
            assert may_contact(workspace, one, proposal)
            assert left_in_peace_long_enough(workspace, one, proposal)
        keeps_limits(workspace, one, proposals)
        excludes_nothing(workspace, one, proposals)
        if decisions.held_out(row):
            assert decisions.next_best_action.word(row) is None


def may_contact(workspace: Workspace, one: Person, proposal: Proposal) -> bool:
    purpose = workspace.policy.channels[proposal.channel].consent
    recorded = {1: "granted", 0: "denied", -1: workspace.config.consent.default}[one.consents.get(purpose, -1)]
    return purpose == "none" or recorded == "granted"


def left_in_peace_long_enough(workspace: Workspace, one: Person, proposal: Proposal) -> bool:
    rules = workspace.policy.suppression
    ages = [(NOW - at, answer) for at, action, _, answer in one.contacts if action == proposal.action and at <= NOW]
    served = all(age >= rules.after_served_days * DAY for age, _ in ages)
    return served and all(age >= rules.after_refusal_days * DAY for age, answer in ages if answer == "refused")


def keeps_limits(workspace: Workspace, one: Person, proposals: tuple[Proposal, ...]) -> None:
    """Whoever had too many contacts before may have them still; nothing is added to them."""
    policy = workspace.policy
    channels = {proposal.channel for proposal in proposals}
    limits = [(name, limit) for name in channels for limit in policy.channels[name].limits]
    for name, limit in [*limits, *((None, limit) for limit in policy.contact_policy.limits if proposals)]:
        made = sum(NOW - limit.days * DAY < at <= NOW and name in {None, by} for at, _, by, _ in one.contacts)
        assert made + sum(name in {None, proposal.channel} for proposal in proposals) <= limit.at_most


def excludes_nothing(workspace: Workspace, one: Person, proposals: tuple[Proposal, ...]) -> None:
    names = [proposal.action for proposal in proposals]
    assert len(set(names)) == len(names)
    for exclusion in workspace.policy.exclusions:
        assert not any({a, b} <= set(exclusion.actions) for a, b in combinations(names, 2))
        recent = {action for at, action, _, _ in one.contacts if NOW - exclusion.days * DAY < at <= NOW}
        for name in set(names) & set(exclusion.actions):
            assert not (recent & set(exclusion.actions)) - {name}
