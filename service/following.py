"""Notices what has changed in a workspace and builds what is to be served next."""

import time
from dataclasses import dataclass
from pathlib import Path

from models.champion import read_champion
from models.champion_bundle import numeric_columns, read_champion_bundle
from models.errors import TercetError
from models.ingest import read_history
from models.scorer import Scorer
from models.workspace import load_workspace
from service.serving import Serving

RETRY_SECONDS = 10.0
"""While nothing can be served, how often it is tried again though no file has changed (a database may be back)."""
Stamp = tuple[int, int] | None
"""Modification time and size of a file; None where there is none."""


@dataclass(frozen=True)
class Look:
    """The files of a workspace at one moment: equal looks, nothing changed."""

    policy: Stamp
    tables: tuple[tuple[Path, Stamp], ...]
    champion: tuple[Stamp, Stamp]


class Follower:
    """Builds a new `Serving` when the champion, the definitions or a table's file has changed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._serving: Serving | None = None
        self._serving_look: Look | None = None
        self._last_look: Look | None = None
        self._tried: Look | None = None
        self._retry_at = 0.0
        self._sources: tuple[Stamp, tuple[Path, ...]] = (None, ())

    def follow(self) -> Serving | None:
        """The next `Serving`, or None if there is nothing new. Raises TercetError if what is new cannot be served.

        While something serves, a change counts once two looks in a row found the same: a file may be half written.
        """
        look = self._look()
        steady = self._serving is None or look == self._last_look
        self._last_look = look
        waits = self._serving is not None or time.monotonic() < self._retry_at
        if not steady or look == self._serving_look or (look == self._tried and waits):
            return None
        self._tried, self._retry_at = look, time.monotonic() + RETRY_SECONDS
        self._serving = self._build(look)
        self._serving_look = look
        return self._serving

    def _build(self, look: Look) -> Serving:
        """Read again only what has changed."""
        workspace = load_workspace(self._directory)
        champion = read_champion(self._directory)
        old, old_look = self._serving, self._serving_look
        same_bundle = old is not None and old.bundle.digest == champion.digest
        bundle = old.bundle if old and same_bundle else read_champion_bundle(champion)
        numeric = numeric_columns(bundle)
        same_files = old_look is not None and old_look.tables == look.tables
        same_tables = same_files and old is not None and numeric_columns(old.bundle) == numeric
        tables = old.tables if old and same_tables else read_history(workspace, numeric=numeric)
        return Serving(workspace, tables, bundle, champion.version, Scorer(bundle, workspace)).warm_up()

    def _look(self) -> Look:
        definitions = self._directory / "tercet.toml"
        tables = [definitions, *self._source_files(stamp(definitions))]
        try:
            manifest = stamp(read_champion(self._directory).directory / "manifest.json")
        except TercetError:
            manifest = None
        return Look(
            policy=stamp(self._directory / "policy.toml"),
            tables=tuple((path, stamp(path)) for path in tables),
            champion=(stamp(self._directory / "bundles" / "champion.json"), manifest),
        )

    def _source_files(self, definitions: Stamp) -> tuple[Path, ...]:
        """The files that the tables are read from, as `tercet.toml` names them."""
        if self._sources[0] != definitions:
            try:
                tables = load_workspace(self._directory).config.tables.values()
                self._sources = (definitions, tuple(self._directory / t.source for t in tables if not t.is_database))
            except TercetError:  # the build that follows says what is wrong with it
                self._sources = (definitions, ())
        return self._sources[1]


def stamp(path: Path) -> Stamp:
    """What changes when a file does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
