"""Segment report: made by `tercet score` over everyone, kept in the workspace, shown by HTTP and the terminal."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.files.atomic_files import write_json, write_whole
from models.rows.instants import format_instant
from models.segments.kinds.audiences import AUDIENCES
from models.segments.report.hygiene import report_of_tally
from models.segments.report.measured_run import Run
from models.segments.report.segment_tally import Tally
from service.batch.blocks.block_facts import BlockFacts
from service.batch.blocks.block_scoring import ScoringPlan
from service.batch.columns.arrow_columns import lists_of, words
from service.batch.run_folder.previous_segments import AS_OF, CUSTOMER_ID, EarlierRun
from service.runtime.process_liveness import is_running

FOLDER = "segments"
LATEST = "latest.json"
ASSIGNMENTS = "latest.parquet"
"""Who was in which segment at the last run: what the next one's migration is compared with."""


def report_of(plan: ScoringPlan, parts: Sequence[BlockFacts], previous: EarlierRun | None) -> dict[str, Any]:
    """The report, ready for JSON, of all parts, which are looked at one after the other."""
    policy, tally, versions = plan.workspace.policy, Tally(plan.workspace.policy), plan.versions
    ends = [*(part.first_id for part in parts[1:]), None]
    for part, end in zip(parts, ends, strict=True):
        tally.add(part.run(), previous=None if previous is None else previous.before(end))
    before = None if previous is None else previous.as_of
    head = {
        "as_of": format_instant(plan.as_of),
        "bundle_version": versions.bundle_version,
        "policy_version": versions.policy_version,
        "previous_as_of": None if before is None else format_instant(before),
    }
    return head | report_of_tally(policy, tally, plan.as_of, previous_as_of=before)


def keep_latest(plan: ScoringPlan, parts: Sequence[BlockFacts], report: dict[str, Any]) -> None:
    """Make this the workspace's last measured run."""
    folder = plan.workspace.directory / FOLDER
    folder.mkdir(exist_ok=True)
    for draft in folder.glob(".latest.*.[0-9]*"):  # of a run that was killed meanwhile: it names everyone
        if not is_running(int(draft.name.rpartition(".")[2].partition("-")[0])):
            draft.unlink(missing_ok=True)

    def write(draft: Path) -> None:
        schema = assignments(parts[0].run()).schema.with_metadata({AS_OF: format_instant(plan.as_of)})
        with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
            for part in parts:
                writer.write_table(assignments(part.run()).replace_schema_metadata(schema.metadata))

    write_whole(folder / ASSIGNMENTS, write)
    write_json(folder / LATEST, report)


def assignments(run: Run) -> pa.Table:
    """Who is in which segment, in words."""
    everyone = np.ones(len(run), dtype=np.bool_)
    return pa.table(
        {CUSTOMER_ID: pa.array(run.customer_ids, pa.string())}
        | {name: words(of, everyone) for name, of in run.segments.items()}
        | {AUDIENCES.name: lists_of(run.audiences, everyone)}
    )


def latest_report(directory: Path) -> dict[str, Any] | None:
    """The report of the workspace's last measured run; None if there is none that can be read."""
    try:
        report: dict[str, Any] = json.loads((directory / FOLDER / LATEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return report


def latest_assignments(directory: Path) -> Path:
    """Where a workspace keeps who was in which segment at its last measured run."""
    return directory / FOLDER / ASSIGNMENTS
