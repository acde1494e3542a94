"""The segment report: made by `tercet score` over everyone, kept in the workspace, told by HTTP and the terminal."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.instants import format_instant, parse_instant
from models.segments.audiences import audiences_of
from models.segments.facts import category_of
from models.segments.hygiene import hygiene_report
from models.segments.run import AUDIENCES, Run
from models.whole_files import write_json, write_whole
from models.workspace import Workspace
from service.batch.versions import Versions

FOLDER = "segments"
LATEST = "latest.json"
ASSIGNMENTS = "latest.parquet"
"""Who was in which segment at the last run: what the next one's migration is compared with."""


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
        | {name: pa.array(words.words(), pa.string()) for name, words in run.segments.items()}
        | {AUDIENCES: pa.array(run.audiences.lists(), pa.list_(pa.string()))}
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
    words = [name for name in table.column_names if name not in {"customer_id", AUDIENCES}]
    segments = {name: category_of(table[name].to_pylist()) for name in words}
    return Run(as_of, table["customer_id"].to_pylist(), segments, audiences_of(table[AUDIENCES].to_pylist()), {})
