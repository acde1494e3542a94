"""What is asked of `tercet score`, and the run with everything read that it becomes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from models.bundle import Bundle
from models.champion import read_champion
from models.champion_bundle import numeric_columns, read_champion_bundle
from models.ingest import Ingested, read_history, resolve_as_of
from models.instants import format_instant
from models.workspace import Workspace, load_workspace
from service.batch.segment_report import Versions


@dataclass(frozen=True)
class Asked:
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
    """A run with everything read: what each part is made from."""

    asked: Asked
    workspace: Workspace
    tables: Ingested
    bundle: Bundle
    versions: Versions
    as_of: int

    def manifest(self) -> dict[str, Any]:
        """What decides every byte of the parts: the same manifest, the same files."""
        return {
            "workspace": self.workspace.name,
            "as_of": format_instant(self.as_of),
            "bundle_version": self.versions.bundle_version,
            "bundle_digest": self.bundle.digest,
            "policy_version": self.versions.policy_version,
            "format": self.asked.file_format,
            "columns": self.asked.columns,
            "customers": len(self.tables.history),
            "block": self.asked.block,
            "inputs": [asdict(source) for source in self.tables.sources],
        }


def prepare(asked: Asked) -> Job:
    """Read the workspace, its champion and its tables."""
    workspace = load_workspace(asked.workspace)
    champion = read_champion(workspace.directory)
    bundle = read_champion_bundle(champion)
    file = asked.attributes_file
    tables = read_history(workspace, attributes_file=file, numeric=numeric_columns(bundle))
    as_of = resolve_as_of(workspace, tables.history, asked.as_of or resumed_as_of(asked))
    return Job(asked, workspace, tables, bundle, Versions(champion.version, workspace.policy_version), as_of)


def resumed_as_of(asked: Asked) -> str | None:
    """The instant of the run that is resumed: tables without instants would give another one every time."""
    path = asked.out / "manifest.json"
    if not asked.resume or not path.is_file():
        return None
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["as_of"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # `claim` says what is wrong with it
