"""The stages before arbitration for all candidates at once: eligibility to suppression, then a positive margin.

Where each candidate leaves is found in one compiled pass; the questions themselves, with their reasons in words, are
made when someone asks, in the same order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.decisions.candidates.proposals import Wish
from models.decisions.candidates.reason_texts import money
from models.decisions.candidates.stage import PASSED, Hurdle
from models.decisions.contacts.recent_contacts import NEVER, RecentContacts
from models.decisions.stages.contact_limits import ContactsMade
from models.decisions.stages.funnel_plan import FunnelPlan
from models.decisions.worth.expected_margin import Margins
from models.rows.history import Booleans, Floats, Integers
from models.scored.scored_customers import Scored
from models.segments.rules.rule_evaluation import Held


@dataclass(frozen=True)
class FirstStages:
    """What the answers follow from. weights, rank: (n, k), of the context, and expected margin x weight x lever."""

    plan: FunnelPlan
    scored: Scored
    wish: Wish
    margins: Margins
    recent: RecentContacts
    weights: Floats
    rank: Floats

    @property
    def made(self) -> ContactsMade:
        """The contacts that count for the limits."""
        return ContactsMade(self.plan.limits, self.recent.made)

    @cached_property
    def _held(self) -> Held | None:
        return self.plan.eligibility.held(self.scored)

    def left(self) -> NDArray[np.int16]:
        """The place among `hurdles` where each candidate leaves, (n, k); PASSED for who passes them all."""
        plan, scored, recent, held = self.plan, self.scored, self.recent, self._held
        lacks, purposes = plan.consent.lacks(scored)
        found: NDArray[np.int16] = first_left(
            scored.is_scored,
            plan.eligibility.not_asked(self.wish),
            self.margins.known,
            NO_FLAGS if held is None else held.held,
            lacks,
            purposes,
            recent.made,
            plan.limits.at_most,
            plan.limits.columns,
            plan.reach.stopped(recent),
            plan.suppression.left_alone(scored.audiences),
            recent.last,
            plan.suppression.is_on,
            plan.suppression.resting(recent),
            plan.suppression.excluded,
            self.margins.total,
            self.rank,
        )
        return found

    @cached_property
    def hurdles(self) -> tuple[Hurdle, ...]:
        """The questions, in their order."""
        plan, scored = self.plan, self.scored
        return (
            *plan.eligibility.hurdles(scored, self.margins, self.wish, self._held),
            plan.consent.hurdle(scored),
            *self.made.hurdles("contact_policy"),
            *plan.reach.hurdles(self.recent),
            *plan.suppression.hurdles(scored.audiences, self.recent),
            *self._worth_it(),
        )

    def _worth_it(self) -> Iterator[Hurdle]:
        def loss(row: int, column: int) -> str:
            return f"it brings {money(self.plan.workspace.config, self.margins.total[row, column])} after its costs"

        def off(row: int, column: int) -> str:
            return f"switched off: weight x lever is {self.weights[row, column] * self.plan.levers[column]:g}"

        yield Hurdle("arbitration", self.margins.total <= 0, loss)
        yield Hurdle("arbitration", ~(self.rank > 0), off)


NO_FLAGS = np.zeros((0, 0), dtype=np.bool_)
_B1, _B2 = (types.Array(types.boolean, n, "A", readonly=True) for n in (1, 2))
_I1, _I2 = (types.Array(types.int64, n, "A", readonly=True) for n in (1, 2))
_PLACES = types.Array(types.intp, 1, "A", readonly=True)
_RANK = types.Array(types.float64, 2, "A", readonly=True)


@kernel(
    types.int16[:, ::1](_B1, _B1, _B2, _B2, _B2, _PLACES, _I2, _I1, _B2, _B2, _B1, _I2, _B1, _B1, _B2, _I2, _RANK),
)
def first_left(  # noqa: C901, PLR0912 - one question after the other
    is_scored: Booleans,
    not_asked: Booleans,
    known: Booleans,
    held: Booleans,
    lacks: Booleans,
    purposes: NDArray[np.intp],
    made: Integers,
    at_most: Integers,
    limited: Booleans,
    stopped: Booleans,
    left_alone: Booleans,
    last: Integers,
    is_on: Booleans,
    resting: Booleans,
    excluded: Booleans,
    total: Integers,
    rank: Floats,
) -> NDArray[np.int16]:
    """The first test that each candidate fails, (n, k); an empty array means a test that is skipped.

    is_on: whether those served, and those refused, are asked about.
    """
    customers, candidates = total.shape
    left = np.full((customers, candidates), PASSED, np.int16)
    for row in range(customers):
        for column in range(candidates):
            place = 0
            fails = not is_scored[row]
            if not fails and len(not_asked):
                place += 1
                fails = not_asked[column]
            if not fails:
                place += 1
                fails = not known[row, column]
            if not fails and len(held):
                place += 1
                fails = not held[row, column]
            if not fails:
                place += 1
                fails = lacks[row, purposes[column]]
            for limit in range(len(at_most)):
                if not fails:
                    place += 1
                    fails = limited[limit, column] and made[row, limit] >= at_most[limit]
            if not fails and len(stopped):
                place += 1
                fails = stopped[row, column]
            if not fails and len(left_alone):
                place += 1
                fails = left_alone[row]
            for kind in range(2):
                if not fails and is_on[kind]:
                    place += 1
                    fails = last[row, kind * candidates + column] != NEVER
            if not fails and len(resting):
                place += 1
                fails = resting[row]
            for pair in range(len(excluded)):
                if not fails:
                    place += 1
                    fails = excluded[pair, column] and last[row, 2 * candidates + pair] != NEVER
            if not fails:
                place += 1
                fails = total[row, column] <= 0
            if not fails:
                place += 1
                fails = not rank[row, column] > 0
            if fails:
                left[row, column] = place
    return left
