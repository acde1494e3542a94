"""Block scoring: from a block's staged rows to scores, the same in a local process and in a Spark executor.

A run is told by a `Plan` and by what was staged (`models.ingest.blocks.staged_blocks`); both can be pickled, and beside
them a worker needs the bundle's folder alone: no source, no store.

    scorer = plan.scorer()                                          # once a process
    history = read_block(staged, plan.workspace.config, number)
    scored = score_block(scorer, plan, history, staged_contacts(staged, plan, history, number))
    table = flat_columns(scored, plan.versions)                     # one row a customer, plain Arrow types

Customers may come in other groups than the blocks they were staged in: none depends on who else is in the block.
"""

from dataclasses import dataclass

from models.bundle.champion import Champion
from models.bundle.champion_bundle import read_champion_bundle
from models.decisions.contacts.contact_history import Contacted, ContactHistory
from models.ingest.blocks.staged_blocks import StagedBlocks
from models.rows.history import History
from models.scored.reasons import REASONS_SHOWN
from models.scored.scored_customers import Scored
from models.scorer import Scorer
from models.workspace import Workspace
from service.batch.blocks.logged_contacts import LOGGED, contacts_from
from service.batch.columns.flat_columns import Versions
from service.store.contacts.current_contacts import known_contacts


@dataclass(frozen=True)
class ScoringPlan:
    """What all blocks of a run have in common.

    as_of: the instant of the features. decided_at: the wall clock of the next best action; that of the
    run's beginning, however often it is resumed. Microseconds UTC. acts_now: whether there is one; of another instant
    than now there is none.
    """

    workspace: Workspace
    champion: Champion
    as_of: int
    decided_at: int
    acts_now: bool

    @property
    def versions(self) -> Versions:
        """What the scores are made with."""
        return Versions(self.champion.version, self.workspace.policy_version)

    def scorer(self) -> Scorer:
        """The champion's scorer, its bundle read and checked."""
        return Scorer(read_champion_bundle(self.champion), self.workspace)


def staged_contacts(staged: StagedBlocks, plan: ScoringPlan, history: History, number: int) -> ContactHistory | None:
    """The contacts of a block's customers, from the workspace's table and from the store's log as it was staged.

    None where no next best action is computed.
    """
    if not plan.acts_now:
        return None
    logged = contacts_from(staged.rows(LOGGED, number), history.customer_ids)
    return known_contacts(history, logged)


def score_block(scorer: Scorer, plan: ScoringPlan, history: History, contacts: ContactHistory | None) -> Scored:
    """All scores with their reasons, segments, and with contacts the next best action."""
    contacted = None if contacts is None else Contacted(contacts, plan.decided_at)
    return scorer.score(history, plan.as_of, top_reasons=REASONS_SHOWN, contacted=contacted)
