"""What one worker serves: a bundle, the workspace's definitions and its live tables, as one reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from models.bundle import Bundle
from models.decisions.contact_history import Contacted
from models.ingest import wall_clock
from models.prepared import Prepared
from models.scorer import Scorer
from models.workspace import Workspace
from service.known_customers import KnownCustomers
from service.questions import Question, ScoresWanted
from service.score_text import Item, ScoreText
from service.store.live_tables import LiveTables

REMEMBERED = 20_000
"""How many customers are remembered unless a setting says otherwise."""


@dataclass(frozen=True)
class Serving:
    """All that one answer is made from. It is replaced whole, so no answer mixes versions."""

    workspace: Workspace
    live: LiveTables
    bundle: Bundle
    bundle_version: str
    scorer: Scorer
    remembered: int = REMEMBERED

    @cached_property
    def known(self) -> KnownCustomers:
        """The customers who are remembered, as this bundle and this policy see them."""
        return KnownCustomers(self.live, self.workspace, self.scorer, self.remembered)

    @cached_property
    def text(self) -> ScoreText:
        """Writes what is answered."""
        return ScoreText(self.bundle, self.workspace.config.business.currency)

    def told(
        self, prepared: Prepared, asked: Sequence[Question], wanted: ScoresWanted, contacted: Contacted | None = None
    ) -> list[Item]:
        """The items of these customers, who were asked for so. contacted: without it no next best action is told."""
        scored = self.scorer.scored(
            prepared, scores=wanted.scores, top_reasons=wanted.top_reasons, groups=wanted.groups, contacted=contacted
        )
        return self.text.items(scored, [question.customer_id for question in asked], groups=wanted.groups)

    def as_of(self) -> int:
        """The instant that answers are of by `[business] clock`, microseconds. StoreError if the store is away."""
        return self.live.as_of(wall_clock())
