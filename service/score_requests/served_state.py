"""Served state of a worker: bundle, workspace definitions and live tables, as one reference."""

from dataclasses import dataclass
from functools import cached_property

from models.bundle.bundle import Bundle
from models.ingest import wall_clock
from models.scorer import Scorer
from models.workspace import Workspace
from service.score_requests.customer_cache import CustomerCache
from service.store.states.customer_lookup import LiveTables

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
    def customers(self) -> CustomerCache:
        """How customers are looked up, with those who are remembered as this bundle and this policy see them."""
        return CustomerCache(self.live, self.workspace, self.remembered)

    def as_of(self) -> int:
        """The instant that answers are of by `[business] clock`, microseconds. StoreError if the store is away."""
        return self.live.as_of(wall_clock())
