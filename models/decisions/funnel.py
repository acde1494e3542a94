"""The funnel: from every action on every channel to what is done for a customer now.

Eligibility, consent, contact policy, suppression, holdout, arbitration: a candidate leaves at the first stage that it
does not pass. The one path of HTTP, batch files, `next_best_action` and the terminal; the same bits for one customer as
for a million, since nothing is ever computed across customers.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from models.decisions.candidates.candidates import Candidate
from models.decisions.candidates.proposals import Wish
from models.decisions.candidates.stage import Passage
from models.decisions.choice.arbitration import Arbitration, drawn_by_lot
from models.decisions.choice.decisions import Decisions
from models.decisions.choice.runner_up_reasons import unpicked
from models.decisions.contacts.contact_history import ContactHistory
from models.decisions.stages.funnel_plan import plan_of
from models.decisions.stages.holdout import draw_lots
from models.decisions.stages.stages_before_arbitration import FirstStages
from models.rows.history import Floats
from models.scored.scored_customers import Scored
from models.workspace import Workspace

EVERYONE = Wish()


def decide(
    workspace: Workspace,
    scored: Scored,
    contacts: ContactHistory,
    now: int,
    wish: Wish = EVERYONE,
) -> Decisions:
    """Decide for every customer of `scored`.

    workspace: its policy checked. scored: with every score of the workspace (`Scorer.score(..., scores=None)`); what is
    not there counts as not predicted. contacts: of the same customers, at least of as many days back as the policy
    looks. now: the wall clock, microseconds. wish: its context holds keys and values that the policy has.
    """
    plan = plan_of(workspace)
    margins, weights = plan.margins.of(scored), _weights(plan.candidates, len(scored), wish.context)
    rank = margins.total * weights * plan.levers
    recent = plan.contacts.of(contacts, len(scored), now)
    stages = FirstStages(plan, scored, wish, margins, recent, weights, rank)
    passage = Passage(stages.left(), lambda: stages.hurdles)
    lots_at = now if wish.lots_at is None else wish.lots_at
    lots = draw_lots(workspace.policy.experiment, scored.customer_ids.tolist(), lots_at)
    arbitration = Arbitration(plan.candidates, rank, margins.total, plan.conflicts, stages.made)
    before = passage.open
    drawn = drawn_by_lot(before, lots.exploring, lots.draw)
    decisions = Decisions(
        plan=plan,
        scored=scored,
        now=now,
        wish=wish,
        margins=margins,
        weights=weights,
        lots=lots,
        arbitration=arbitration,
        passage=passage,
        before=before,
        drawn=drawn,
        picks=arbitration.pick(passage, drawn, wish.limit),
    )
    passage.through([unpicked(decisions)])
    return decisions


def _weights(candidates: Sequence[Candidate], customers: int, context: Mapping[int, Mapping[str, str]]) -> Floats:
    """What each candidate's margin is multiplied by in its customer's context, (n, k)."""
    weights = np.ones((customers, len(candidates)))
    for row, told in context.items():
        pairs = [f"{key}={value}" for key, value in told.items()]
        for column, candidate in enumerate(candidates):
            for pair in pairs:
                weights[row, column] *= candidate.terms.weights.get(pair, 1.0)
    return weights
