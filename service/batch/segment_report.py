"""The segment report: made by `tercet score` over everyone, kept in the workspace, told by HTTP and the terminal."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.instants import format_instant, parse_instant
from models.segments.hygiene import hygiene_report
from models.segments.run import AUDIENCES, Run
from models.whole_files import write_json, write_whole
from models.workspace import Workspace

FOLDER = "segments"
LATEST = "latest.json"
ASSIGNMENTS = "latest.parquet"
"""Who was in which segment at the last run: what the next one's migration is compared with."""


@dataclass(frozen=True)
class Versions:
    """What a run was made with."""

    bundle_version: str
    policy_version: str


def join_runs(runs: Sequence[Run]) -> Run:
    """One run of the blocks of a scoring."""
    return Run(
        as_of=runs[0].as_of,
        customer_ids=[customer for run in runs for customer in run.customer_ids],
        segments={name: [word for run in runs for word in run.segments[name]] for name in runs[0].segments},
        facts={name: np.concatenate([run.facts[name] for run in runs]) for name in runs[0].facts},
    )


def report_of(workspace: Workspace, run: Run, versions: Versions, previous: Run | None) -> dict[str, Any]:
    """The report, ready for JSON."""
    head = {
        "as_of": format_instant(run.as_of),
        "bundle_version": versions.bundle_version,
        "policy_version": versions.policy_version,
        "previous_as_of": format_instant(previous.as_of) if previous else None,
    }
    return head | hygiene_report(workspace.policy, run, previous=previous)


def keep_latest(workspace: Workspace, run: Run, report: dict[str, Any]) -> None:
    """Make this the workspace's last measured run."""
    folder = workspace.directory / FOLDER
    folder.mkdir(exist_ok=True)
    table = pa.table(
        {"customer_id": pa.array(run.customer_ids, pa.string())}
        | {
            name: pa.array(words, pa.list_(pa.string()) if name == AUDIENCES else pa.string())
            for name, words in run.segments.items()
        }
    ).replace_schema_metadata({"as_of": format_instant(run.as_of)})
    write_whole(folder / ASSIGNMENTS, lambda path: pq.write_table(table, path))
    write_json(folder / LATEST, report)


def latest_report(directory: Path) -> dict[str, Any] | None:
    """The report of the workspace's last measured run; None if there is none that can be read."""
    try:
        report: dict[str, Any] = json.loads((directory / FOLDER / LATEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return report


def latest_run(directory: Path) -> Run | None:
    """Who was in which segment at the last measured run."""
    path = directory / FOLDER / ASSIGNMENTS
    if not path.is_file():
        return None
    table = pq.read_table(path)
    as_of = parse_instant(table.schema.metadata[b"as_of"].decode(), "UTC")
    segments = {name: table[name].to_pylist() for name in table.column_names if name != "customer_id"}
    return Run(as_of, table["customer_id"].to_pylist(), segments, {})
