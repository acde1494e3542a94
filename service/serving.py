"""What one worker serves: a bundle, the workspace's definitions and its tables, as one immutable reference."""

from dataclasses import dataclass

from models.bundle import Bundle
from models.ingest import Ingested, wall_clock
from models.scorer import Scorer
from models.workspace import Workspace

WARM_UP_ROWS = 3


@dataclass(frozen=True)
class Serving:
    """All that one answer is made from. It is replaced whole, so no answer mixes versions."""

    workspace: Workspace
    tables: Ingested
    bundle: Bundle
    bundle_version: str
    scorer: Scorer

    def as_of(self) -> int:
        """The instant that answers are of by `[business] clock`, microseconds."""
        return wall_clock() if self.workspace.config.business.clock == "wall" else self.tables.as_of

    def warm_up(self) -> "Serving":
        """Check that bundle and tables fit, then score a few, so that the first request finds everything compiled.

        Raises BundleError if the models read what these tables do not have.
        """
        self.scorer.check(self.tables.history)
        some = self.tables.history.select(range(min(WARM_UP_ROWS, len(self.tables.history))))
        self.scorer.score(some, self.as_of())
        return self
