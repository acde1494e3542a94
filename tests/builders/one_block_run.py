"""A run of one block, from the steps of which `tercet decide` makes one of many."""

from models.decisions.budget.run_budget import Offers, allocate, with_allocation
from models.decisions.choice.decisions import Decisions


def within_budget(decisions: Decisions) -> Decisions:
    """The decisions of a run of one block, within the policy's budget and capacities."""
    return with_allocation(decisions, allocate(decisions.workspace, Offers.of(decisions), len(decisions)))
