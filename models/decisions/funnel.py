"""The funnel: from every action on every channel to what is done for a customer now.

Eligibility, consent, contact policy, suppression, holdout, arbitration: a candidate leaves at the first stage that it
does not pass. The one path of HTTP, batch files, `next_best_action` and the terminal; the same bits for one customer as
for a million, since nothing is ever computed across customers.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.decisions.arbitration import Arbitration, drawn_by_lot
from models.decisions.candidates import Candidate, candidates_of, siblings
from models.decisions.channel_consent import channel_consent
from models.decisions.contact_history import ContactHistory
from models.decisions.contact_limits import ContactLimits
from models.decisions.decided import Decisions
from models.decisions.eligibility import eligibility
from models.decisions.expected_margin import Margins, expected_margins
from models.decisions.experiment import draw_lots
from models.decisions.hurdle import Hurdle, Passage
from models.decisions.proposal import Wish
from models.decisions.recent_contacts import RecentContacts
from models.decisions.runner_up import unpicked
from models.decisions.suppression import suppression
from models.decisions.wording import money
from models.history import Booleans, Floats
from models.scored import Scored
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
    policy, candidates = workspace.policy, candidates_of(workspace.policy)
    margins = expected_margins(workspace, scored, candidates)
    recent = RecentContacts(contacts, len(scored), now)
    limits = ContactLimits.of_policy(policy, candidates, recent)
    passage = Passage.of(len(scored), len(candidates))
    passage.through(eligibility(workspace, scored, candidates, margins, wish))
    passage.through(channel_consent(scored, workspace.config.consent.default, candidates))
    passage.through(limits.hurdles("contact_policy"))
    passage.through(suppression(policy, scored, candidates, recent))
    weights = _weights(candidates, len(scored), wish.context)
    levers = np.array([policy.levers.get(candidate.action, 1.0) for candidate in candidates], dtype=np.float64)
    rank = margins.total * weights * levers
    passage.through(_worth_it(workspace, margins, weights * levers, rank))
    lots = draw_lots(policy.experiment, scored.customer_ids.tolist(), now if wish.lots_at is None else wish.lots_at)
    arbitration = Arbitration(candidates, rank, margins.total, _conflicts(workspace, candidates), limits)
    before = passage.open
    drawn = drawn_by_lot(before, lots.exploring, lots.draw)
    picks = arbitration.pick(passage, drawn, wish.limit)
    decisions = Decisions(
        workspace=workspace,
        scored=scored,
        now=now,
        wish=wish,
        candidates=candidates,
        margins=margins,
        weights=weights,
        levers=levers,
        lots=lots,
        arbitration=arbitration,
        passage=passage,
        before=before,
        drawn=drawn,
        picks=picks,
    )
    passage.through([unpicked(decisions)])
    return decisions


def _worth_it(workspace: Workspace, margins: Margins, factor: Floats, rank: Floats) -> Iterator[Hurdle]:
    def loss(row: int, column: int) -> str:
        return f"it brings {money(workspace.config, margins.total[row, column])} after its costs"

    def off(row: int, column: int) -> str:
        return f"switched off: weight x lever is {factor[row, column]:g}"

    yield Hurdle("arbitration", margins.total <= 0, loss)
    yield Hurdle("arbitration", ~(rank > 0), off)


def _weights(candidates: Sequence[Candidate], customers: int, context: Mapping[int, Mapping[str, str]]) -> Floats:
    """What each candidate's margin is multiplied by in its customer's context, (n, k)."""
    weights = np.ones((customers, len(candidates)))
    for row, told in context.items():
        pairs = [f"{key}={value}" for key, value in told.items()]
        for column, candidate in enumerate(candidates):
            for pair in pairs:
                weights[row, column] *= candidate.terms.weights.get(pair, 1.0)
    return weights


def _conflicts(workspace: Workspace, candidates: Sequence[Candidate]) -> Booleans:
    excluded = siblings(workspace.policy, candidates)
    return np.array(
        [
            [one.action == other.action or other.action in excluded[one.action] for other in candidates]
            for one in candidates
        ],
        dtype=np.bool_,
    ).reshape(len(candidates), len(candidates))
