"""The funnel over arrays against a slow and plain one, customer by customer and stage by stage."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decisions.contacts.recent_contacts import days_back
from tests.builders.decision_cases import DAY, NOW
from tests.builders.narrowing import present
from tests.builders.random_decisions import a_case, decided
from tests.oracles.decisions import decide_slowly

seeds = st.integers(0, 2**32 - 1)
SOME = settings(max_examples=present(settings.default).max_examples)


@SOME
@given(seed=seeds)
def test_every_candidate_leaves_where_the_plain_funnel_says(seed: int) -> None:
    workspace, people, asked, limit = a_case(seed)
    decisions = decided(workspace, people, asked, limit)
    for row, one in enumerate(people):
        expected = decide_slowly(workspace, one, NOW, asked, limit)
        assert decisions.held_out(row) == expected.held_out
        stages = {(found.action, found.channel): found.stage for found in decisions.rejections(row)}
        assert stages == {candidate: stage for candidate, stage in expected.stages.items() if stage != "picked"}


@SOME
@given(seed=seeds)
def test_proposals_are_those_of_the_plain_funnel_with_their_terms_and_probability(seed: int) -> None:
    workspace, people, asked, limit = a_case(seed)
    decisions = decided(workspace, people, asked, limit)
    for row, one in enumerate(people):
        expected = decide_slowly(workspace, one, NOW, asked, limit)
        proposals = decisions.proposals(row)
        assert [(found.action, found.channel) for found in proposals] == expected.picks
        assert [found.assignment_probability for found in proposals] == pytest.approx(expected.probabilities)
        for place, found in enumerate(proposals):
            terms = tuple(found.expected_margin.terms.values())
            assert terms == expected.terms[expected.picks[place]]
            assert found.expected_margin.total == sum(terms) > 0
            assert found.rank_value == expected.rank[expected.picks[place]]
            first = "exploration" if expected.explored and place == 0 else "policy"
            assert found.arm == ("holdout" if expected.held_out else first)
        acting = None if expected.held_out or not expected.picks else expected.picks[0][0]
        assert decisions.next_best_action.word(row) == acting


@SOME
@given(seed=seeds)
def test_a_customer_alone_and_among_others_in_any_order_gets_the_same(seed: int) -> None:
    workspace, people, asked, limit = a_case(seed)
    together = decided(workspace, people, asked, limit)
    order = list(range(len(people)))
    random.Random(seed).shuffle(order)
    shuffled = decided(workspace, [people[place] for place in order], asked, limit)
    for row, place in enumerate(order):
        assert shuffled.trace(row) == together.trace(place)
        assert shuffled.proposals(row) == together.proposals(place)
    alone = decided(workspace, people[:1], asked, limit)
    assert alone.trace(0) == together.trace(0)
    assert alone.proposals(0) == together.proposals(0)


@SOME
@given(seed=seeds)
def test_contacts_from_before_the_policy_looks_back_change_nothing(seed: int) -> None:
    workspace, people, asked, limit = a_case(seed)
    since = NOW - days_back(workspace.policy) * DAY
    recent = [replace(one, contacts=tuple(c for c in one.contacts if c[0] > since)) for one in people]
    whole, cut = decided(workspace, people, asked, limit), decided(workspace, recent, asked, limit)
    assert [whole.trace(row) for row in range(len(people))] == [cut.trace(row) for row in range(len(people))]


@SOME
@given(seed=seeds, lever=st.floats(1.01, 50))
def test_a_larger_lever_never_takes_an_action_from_the_first_place(seed: int, lever: float) -> None:
    workspace, people, asked, _ = a_case(seed)
    policy = workspace.policy
    before = decided(workspace, people, asked, 1)
    for name in policy.actions:
        levers = policy.levers | {name: policy.levers.get(name, 1.0) * lever}
        more = replace(workspace, policy=policy.model_copy(update={"levers": levers}))
        after = decided(more, people, asked, 1)
        for row in range(len(people)):
            first = before.proposals(row)[:1]
            if first and first[0].action == name:
                assert [found.action for found in after.proposals(row)] == [name]


@SOME
@given(seed=seeds)
def test_who_leaves_where_in_one_pass_is_what_each_question_says_by_itself(seed: int) -> None:
    decisions = decided(*a_case(seed))
    first = decisions.passage.first()
    fails = np.array([np.broadcast_to(hurdle.fails, decisions.before.shape) for hurdle in first])
    np.testing.assert_array_equal(decisions.before, ~fails.any(axis=0))
    gone = ~decisions.before
    np.testing.assert_array_equal(decisions.passage.left[gone], fails.argmax(axis=0)[gone])
