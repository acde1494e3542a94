"""What one worker serves: a bundle, the workspace's definitions and its tables, as one immutable reference."""

from dataclasses import dataclass

from models.bundle import Bundle, read_bundle
from models.champion import Champion
from models.errors import BundleError
from models.features.expressions import columns_read
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


def numeric_columns(bundle: Bundle) -> dict[str, bool]:
    """Which columns of `attributes` the models learnt as numbers, by name; the others they learnt as words."""
    return {
        column: feature.kind == "number"
        for model in bundle.models.values()
        for feature in model.declarations
        for table, column in columns_read(feature.value)
        if table == "attributes" and column is not None
    }


def read_champion_bundle(champion: Champion) -> Bundle:
    """The champion's bundle, its hashes and structure checked; BundleError if it is not the one that was promoted."""
    bundle = read_bundle(champion.directory)
    if bundle.digest != champion.digest:
        raise BundleError(
            "the bundle is not the one that was promoted", where=str(champion.directory), fix="tercet promote"
        )
    return bundle
