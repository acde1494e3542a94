"""Reload: detects changes in a workspace and builds the next served state."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import numeric_columns, read_champion_bundle
from models.errors import DataError, TercetError
from models.ingest import read_history
from models.ingest.sources.source_files import source_files
from models.rows.tables import TableName
from models.scorer import Scorer
from models.workspace import TableSource, Workspace, load_workspace, without_policy
from service.decision_requests.decision_request import DecisionsAsked, explain_decisions
from service.runtime.rejection_report import note_account
from service.score_requests.questions import Question, ScoreOptions
from service.score_requests.score_request import answer
from service.score_requests.served_state import Serving
from service.score_requests.what_if import what_if_items
from service.store.states.customer_lookup import LiveTables

RETRY_SECONDS = 10.0
"""While nothing can be served, how often it is tried again though no file has changed (a database may be back)."""
Stamp = tuple[int, int, int, int] | None
"""What changes when a file does, or another takes its place: the times of its content and of its entry, its size, and
its inode. None where there is no file."""

CUSTOMERS_AT_WARM_UP = 3

TableStamp = tuple[Path, Stamp]
Numeric = Mapping[TableName, Mapping[str, bool]]


@dataclass(frozen=True)
class WorkspaceStamps:
    """The files of a workspace at one moment: equal looks, nothing changed."""

    policy: Stamp
    tables: tuple[TableStamp, ...]
    champion: tuple[Stamp, Stamp]


class Reloader:
    """Builds a new `Serving` when the champion, the definitions or a table's file has changed."""

    def __init__(self, directory: Path, remembered: int) -> None:
        self._directory = directory
        self._remembered = remembered
        self.live: LiveTables | None = None
        """The tables as last read; there may be some before anything can be served."""
        self._read: tuple[tuple[TableStamp, ...], Numeric] | None = None
        self._serving: Serving | None = None
        self._last_stamps: WorkspaceStamps | None = None
        self._tried: WorkspaceStamps | None = None
        self._retry_at = 0.0
        self._sources: tuple[Stamp, Mapping[TableName, TableSource]] = (None, {})

    def follow(self, store: sa.Engine) -> Serving | None:
        """The next `Serving`, or None if there is nothing new. Raises TercetError if what is new cannot be served.

        While something serves, a change counts once two looks in a row found the same: a file may be half written.
        What could not be served and is as it was before is served anew, so that it is known to be over.
        """
        stamps = self._stamps()
        steady = self._serving is None or stamps == self._last_stamps
        self._last_stamps = stamps
        waits = self._serving is not None or time.monotonic() < self._retry_at
        if not steady or (stamps == self._tried and waits):
            return None
        self._tried, self._retry_at = stamps, time.monotonic() + RETRY_SECONDS
        self._serving = self._build(stamps, store)
        return self._serving

    def _build(self, stamps: WorkspaceStamps, store: sa.Engine) -> Serving:
        """Read again only what has changed."""
        workspace = load_workspace(self._directory)
        try:
            champion = read_champion(self._directory)
            old = self._serving
            bundle = old.bundle if old and old.bundle.digest == champion.digest else read_champion_bundle(champion)
        except TercetError:
            if self.live is None:  # what is received can be stored before anything is scored
                self.live = self._read_tables(workspace, stamps, {}, store)
            raise
        live = self.live = self._read_tables(workspace, stamps, numeric_columns(bundle), store)
        scorer = Scorer(bundle, workspace)
        return warm_up(Serving(workspace, live, bundle, champion.version, scorer, self._remembered))

    def _read_tables(
        self, workspace: Workspace, stamps: WorkspaceStamps, numeric: Numeric, store: sa.Engine
    ) -> LiveTables:
        """The tables, read only if their files have changed or what is a number in them."""
        if self.live is None or self._read != (stamps.tables, numeric):
            base = read_history(workspace, numeric=numeric, with_delta=False)
            note_account(base.account)
            self._read = (stamps.tables, numeric)
            return LiveTables(base, workspace, store)
        return self.live

    def _stamps(self) -> WorkspaceStamps:
        definitions = self._directory / "tercet.toml"
        tables = [definitions, *self._table_files(stamp(definitions))]
        try:
            manifest = stamp(read_champion(self._directory).directory / "manifest.json")
        except TercetError:
            manifest = None
        return WorkspaceStamps(
            policy=stamp(self._directory / "policy.toml"),
            tables=tuple((path, stamp(path)) for path in tables),
            champion=(stamp(self._directory / "bundles" / "champion.json"), manifest),
        )

    def _table_files(self, definitions: Stamp) -> list[Path]:
        """The files that the tables are read from: as `tercet.toml` names them, and as they are there at this look."""
        if self._sources[0] != definitions:
            try:
                self._sources = (definitions, without_policy(self._directory).config.tables)
            except TercetError:  # the build that follows says what is wrong with it
                self._sources = (definitions, {})
        found: list[Path] = []
        for table, settings in self._sources[1].items():
            try:
                found += source_files(table, settings, self._directory)
            except DataError:  # a variable is not there: reading the table says which
                continue
        return found


def stamp(path: Path) -> Stamp:
    """The file's, wherever links lead."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def warm_up(serving: Serving) -> Serving:
    """Check that bundle, policy and tables fit, then answer as requests will be answered; nothing is logged.

    Kernels are loaded, the store is asked, and one customer, several, what is supposed and decisions have been through.
    Raises BundleError or WorkspaceError if they do not fit, StoreError if the store is away.
    """
    base = serving.live.base
    serving.scorer.check(base.history)
    some = base.history.customer_ids[:CUSTOMERS_AT_WARM_UP].tolist()
    questions = [Question(customer_id) for customer_id in some]
    for asked in (questions, questions[:1]):
        answer(serving, asked, ScoreOptions(groups=True))
        answer(serving, asked, ScoreOptions())
    explain_decisions(serving, DecisionsAsked([(customer_id, {}) for customer_id in some]))
    what_if_items(serving, [Question("", features={})], ScoreOptions(), base.as_of)
    serving.scorer.score(base.history.stranger(""), base.as_of)
    return serving
