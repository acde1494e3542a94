"""A run's budget and capacities: against the linear programme's bound, and what must hold of every allocation."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from models.decisions.budget.run_budget import Offers, allocate, still_open, with_allocation
from models.decisions.candidates.proposals import Wish
from models.decisions.choice.decisions import Decisions
from models.decisions.funnel import decide
from models.workspace import Workspace
from models.workspace.contact_policy import RunLimits
from tests.builders.decision_cases import (
    NOW,
    Person,
    contacts_of_people,
    scored_of,
    workspace_of,
)
from tests.builders.narrowing import present
from tests.builders.one_block_run import within_budget
from tests.builders.random_decisions import random_person, random_policy

seeds = st.integers(0, 2**32 - 1)
SOME = settings(max_examples=present(settings.default).max_examples * 3 // 5)
CHANNELS = ("letter", "mail", "call")


def a_run(seed: int, people: int = 30) -> tuple[Workspace, list[Person], Decisions]:
    lots = random.Random(seed)
    workspace = workspace_of(random_policy(lots))
    persons = [random_person(lots, number) for number in range(people)]
    return workspace, persons, decided(workspace, persons)


def decided(workspace: Workspace, people: list[Person]) -> Decisions:
    return decide(workspace, scored_of(people), contacts_of_people(people), NOW)


def an_instance(
    seed: int, customers: int, *, budget_of_dearest: float | None, capacities: bool
) -> tuple[Workspace, Offers]:
    """Random offers of 1 to 6 candidates, values and costs in cents; some are free, many share a value or a cost."""
    lots = np.random.default_rng(seed)
    customer = np.repeat(np.arange(customers), lots.integers(0, 7, customers))
    place = np.concatenate([np.arange(number) for number in np.bincount(customer, minlength=customers)])
    free = lots.random(len(customer)) < 0.1
    cost = np.where(free, 0, np.rint(lots.gamma(1.0, 200, len(customer)))).astype(np.int64)
    value = np.rint(lots.gamma(1.0, 400, len(customer)) + cost * lots.uniform(0, 3, len(customer))) + 1.0
    channels: dict[str, dict[str, str | int]] = {name: {"consent": "none"} for name in CHANNELS}
    if capacities:
        for name in CHANNELS[1:]:
            channels[name]["capacity"] = int(lots.integers(1, customers // 3))
    run = {} if budget_of_dearest is None else {"budget": float(cost.max() * budget_of_dearest) / 100}
    actions = {f"action_{number}": {"channels": [lots.choice(CHANNELS)], "value": "purchase"} for number in range(6)}
    workspace = workspace_of({"channels": channels, "actions": actions, "run": run})
    nothing = np.zeros(len(customer), dtype=np.bool_)
    return workspace, Offers(customer, place, value, cost, _best(customer, value, customers), nothing)


def _best(customer: np.ndarray, value: np.ndarray, customers: int) -> np.ndarray:
    best = np.zeros(len(customer), dtype=np.bool_)
    for one in range(customers):
        mine = np.flatnonzero(customer == one)
        if len(mine):
            best[mine[np.argmax(value[mine])]] = True
    return best


def of_linear_programme(workspace: Workspace, offers: Offers, customers: int) -> float:
    """The most value that fractions of offers could bring: no allocation brings more."""
    policy, number = workspace.policy, len(offers.value)
    columns = np.arange(number)
    rows = [csr_array((np.ones(number), (offers.customer, columns)), shape=(customers, number))]
    most = [np.ones(customers)]
    if policy.run.budget is not None:
        rows.append(csr_array(offers.cost[None, :].astype(float)))
        most.append(np.array([policy.run.budget * 100]))
    channel = np.array([action.channels[0] for action in policy.actions.values()])[offers.candidate]
    for name, terms in policy.channels.items():
        if terms.capacity is not None:
            rows.append(csr_array((channel == name)[None, :].astype(float)))
            most.append(np.array([float(terms.capacity)]))
    found = linprog(
        -offers.value,
        A_ub=vstack(rows),  # type: ignore[call-overload]  # it takes sparse rows, which its types leave out
        b_ub=np.concatenate(most),
        bounds=(0, 1),
        method="highs",
    )
    assert found.status == 0
    return float(-found.fun)


def share_of_bound(seed: int, customers: int, *, budget_of_dearest: float | None, capacities: bool) -> float:
    workspace, offers = an_instance(seed, customers, budget_of_dearest=budget_of_dearest, capacities=capacities)
    chosen = allocate(workspace, offers, customers)
    brought = offers.value[chosen[offers.customer] == offers.candidate].sum()
    return float(brought) / of_linear_programme(workspace, offers, customers)


def test_a_budget_of_many_actions_is_spent_to_within_a_hundredth_of_the_best() -> None:
    shares = [share_of_bound(seed, 300, budget_of_dearest=20, capacities=False) for seed in range(25)]
    assert max(shares) <= 1 + 1e-9
    assert min(shares) >= 0.99


def test_a_budget_and_capacities_together_are_spent_to_within_a_twentieth_of_the_best() -> None:
    for budget in (20.0, None):
        shares = [share_of_bound(seed, 300, budget_of_dearest=budget, capacities=True) for seed in range(25)]
        assert max(shares) <= 1 + 1e-9
        assert min(shares) >= 0.95


def test_a_small_budget_is_spent_to_within_a_tenth_of_the_best() -> None:
    shares = [share_of_bound(seed, 30, budget_of_dearest=2, capacities=True) for seed in range(25)]
    assert min(shares) >= 0.9


def test_prices_from_a_sample_of_very_many_customers_lose_next_to_nothing() -> None:
    assert share_of_bound(1, 7000, budget_of_dearest=60, capacities=True) >= 0.99


@SOME
@given(seed=seeds)
def test_no_allocation_goes_over_the_budget_or_a_capacity_and_only_the_pick_differs(seed: int) -> None:
    workspace, _, decisions = a_run(seed)
    within, policy = within_budget(decisions), workspace.policy
    picked = [(row, column) for row in range(len(within)) for column in within.picked(row)]
    if policy.run.budget is not None:
        assert sum(int(within.margins.cost[place]) for place in picked) <= policy.run.budget * 100
    used = Counter(within.candidates[column].channel for _, column in picked)
    for name, channel in policy.channels.items():
        assert channel.capacity is None or used[name] <= channel.capacity
    for row in range(len(within)):
        before = {(r.action, r.channel): r.stage for r in decisions.rejections(row)}
        after = {(r.action, r.channel): r.stage for r in within.rejections(row)}
        early = ("eligibility", "consent", "contact_policy", "suppression")
        assert {c for c, stage in before.items() if stage in early} == {c for c, s in after.items() if s in early}
        assert len(within.picked(row)) <= 1
        if decisions.arm(row) == "exploration":
            assert within.picked(row) in ([], decisions.picked(row))


@SOME
@given(seed=seeds)
def test_without_budget_and_capacities_everyone_gets_what_they_would_get_alone(seed: int) -> None:
    workspace, people, _ = a_run(seed)
    policy = workspace.policy
    channels = {name: channel.model_copy(update={"capacity": None}) for name, channel in policy.channels.items()}
    free = workspace_of(policy.model_copy(update={"channels": channels, "run": RunLimits()}))
    decisions = decided(free, people)
    within = within_budget(decisions)
    for row in range(len(people)):
        assert within.proposals(row) == decisions.proposals(row)
        assert within.rejections(row) == decisions.rejections(row)


@SOME
@given(seed=seeds)
def test_a_run_in_blocks_gives_what_it_gives_at_once(seed: int) -> None:
    workspace, people, decisions = a_run(seed)
    blocks = [decided(workspace, people[:7]), decided(workspace, people[7:])]
    offers = Offers.together([Offers.of(blocks[0]), Offers.of(blocks[1], first_customer=7)])
    chosen = allocate(workspace, offers, len(people))
    first, second = with_allocation(blocks[0], chosen[:7]), with_allocation(blocks[1], chosen[7:])
    whole = within_budget(decisions)
    traces = [first.trace(row) for row in range(7)] + [second.trace(row) for row in range(len(people) - 7)]
    assert traces == [whole.trace(row) for row in range(len(people))]


def test_what_was_chosen_before_is_given_only_if_it_is_open_and_the_lot_has_not_fallen_on_another() -> None:
    kept = dropped = unlotted = 0
    for seed in range(30):
        _, people, decisions = a_run(seed)
        drawn = random.Random(seed)
        chosen = np.array([drawn.randrange(-1, len(decisions.candidates)) for _ in people])
        given = with_allocation(decisions, still_open(decisions, chosen))
        for row, before in enumerate(chosen.tolist()):
            lot, pick = int(decisions.drawn[row]), [*given.picked(row), -1][0]
            if before >= 0 and decisions.before[row, before] and lot in {-1, before}:
                assert pick == before
                kept += 1
            else:
                assert pick == -1
                assert not given.proposals(row)
                dropped += before >= 0
                unlotted += bool(before >= 0 and decisions.before[row, before])
    assert min(kept, dropped, unlotted) > 5


def test_whoever_is_left_out_is_told_what_it_would_have_brought_for_what() -> None:
    workspace = workspace_of(
        {
            "channels": {"call": {"consent": "none", "contact_cost": 2}},
            "actions": {"talk": {"channels": ["call"], "value": "purchase", "margin": 50}},
            "experiment": {"holdout": 0, "exploration": 0},
            "run": {"budget": 3},
        }
    )
    within = within_budget(decided(workspace, [Person("a", churn=500_000), Person("b", churn=200_000)]))
    assert [within.next_best_action.word(row) for row in range(2)] == [None, "talk"]
    assert within.rejections(0)[0].stage == "budget"
    assert within.rejections(0)[0].reason.startswith("5.50 EUR for 2.00 EUR: ")


def test_more_than_one_action_a_customer_is_refused() -> None:
    workspace, people, _ = a_run(1)
    several = decide(workspace, scored_of(people), contacts_of_people(people), NOW, Wish(limit=2))
    with pytest.raises(ValueError, match="one action"):
        within_budget(several)
