"""What is asked of `tercet score`, and the run with everything read that it becomes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from models.bundle import Bundle
from models.champion import read_champion
from models.champion_bundle import numeric_columns, read_champion_bundle
from models.ingest import Ingested, read_history, resolve_as_of, wall_clock
from models.instants import format_instant, parse_instant
from models.workspace import Workspace, load_workspace
from service.batch.segment_report import Versions


@dataclass(frozen=True)
class ScoringAsked:
    """What is asked of `tercet score`. block: customers a part, which is what is held in memory beside the history."""

    workspace: Path
    out: Path
    as_of: str | None = None
    attributes_file: Path | None = None
    file_format: Literal["parquet", "csv"] = "parquet"
    columns: Literal["full", "crm"] = "full"
    resume: bool = False
    block: int = 10_000


@dataclass(frozen=True)
class Job:
    """A run with everything read: what each part is made from.

    as_of: the instant of the features. decided_at: the wall clock by which the next best action is told, and rows lie
    in the future; that of its beginning where a run is resumed. Both in microseconds UTC.
    """

    asked: ScoringAsked
    workspace: Workspace
    tables: Ingested
    bundle: Bundle
    versions: Versions
    as_of: int
    decided_at: int

    def manifest(self) -> dict[str, Any]:
        """What decides the bytes of the parts, beside what only the store has: the contacts logged by `decided_at`, and
        consents that change while the run goes on. With the same of those, the same manifest is the same files.
        """
        return {
            "workspace": self.workspace.name,
            "as_of": format_instant(self.as_of),
            "decided_at": format_instant(self.decided_at),
            "bundle_version": self.versions.bundle_version,
            "bundle_digest": self.bundle.digest,
            "policy_version": self.versions.policy_version,
            "format": self.asked.file_format,
            "columns": self.asked.columns,
            "customers": len(self.tables.history),
            "block": self.asked.block,
            "inputs": [asdict(source) for source in self.tables.sources],
        }


def prepare(asked: ScoringAsked) -> Job:
    """Read the workspace, its champion and its tables."""
    workspace = load_workspace(asked.workspace)
    champion = read_champion(workspace.directory)
    bundle = read_champion_bundle(champion)
    begun = beginning(asked)
    now = wall_clock() if begun is None else begun.decided_at
    tables = read_history(workspace, attributes_file=asked.attributes_file, numeric=numeric_columns(bundle), now=now)
    wanted = asked.as_of or (None if begun is None else begun.as_of)
    as_of = resolve_as_of(workspace, tables.history, wanted, now=now)
    return Job(asked, workspace, tables, bundle, Versions(champion.version, workspace.policy_version), as_of, now)


class Beginning(NamedTuple):
    """The instants of a run that has begun: another clock would give another result every time."""

    as_of: str
    decided_at: int


def beginning(asked: ScoringAsked) -> Beginning | None:
    """That of the run in the folder, if there is one."""
    try:
        found = json.loads((asked.out / "manifest.json").read_text(encoding="utf-8"))
        return Beginning(str(found["as_of"]), parse_instant(found["decided_at"], "UTC"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # `claim` says what is wrong with it
