"""`tercet score`: everyone, in blocks, to files; the same scorer and so the same numbers as over HTTP."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from models.bundle import Bundle
from models.champion import read_champion
from models.champion_bundle import numeric_columns, read_champion_bundle
from models.decisions.contact_history import Contacted
from models.errors import DataError
from models.ingest import Ingested, read_history, resolve_as_of, wall_clock
from models.instants import format_instant
from models.scorer import Scorer
from models.segments.run import Run, run_of
from models.whole_files import sha256_of, write_json, write_whole
from models.workspace import Workspace, load_workspace
from service.contacts_now import contacts_now
from service.crm_columns import crm_columns
from service.csv_cells import csv_bytes_to
from service.flat_columns import flat_columns
from service.progress import progress
from service.segment_report import Versions, join_runs, keep_latest, latest_run, report_of

BLOCK = 10_000
"""Customers a part: what is held in memory at a time beside the history."""
ANOTHER = "write to another folder"


@dataclass(frozen=True)
class Asked:
    """What is asked of `tercet score`."""

    workspace: Path
    out: Path
    as_of: str | None = None
    attributes_file: Path | None = None
    file_format: Literal["parquet", "csv"] = "parquet"
    columns: Literal["full", "crm"] = "full"
    resume: bool = False


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
            "block": BLOCK,
            "inputs": [asdict(source) for source in self.tables.sources],
        }


def score_everyone(asked: Asked) -> str:
    """Write `out/scores/part-*`, `out/segments.json` and `out/manifest.json`; say in a line what was done.

    Raises DataError if the folder holds another run, or this one and `resume` was not asked for.
    """
    job = prepare(asked)
    manifest = job.manifest()
    if claim(asked, manifest):
        return f"{asked.out} is complete already"
    history, scorer = job.tables.history, Scorer(job.bundle, job.workspace)
    scorer.check(history)
    now = wall_clock()
    contacts = contacts_now(job.workspace, history, now)
    parts, runs, statuses = list[dict[str, Any]](), list[Run](), Counter[str]()
    with progress("scoring", len(history)) as bar:
        for number, start in enumerate(range(0, len(history), BLOCK)):
            stop = min(start + BLOCK, len(history))
            block = history.select(range(start, stop))
            contacted = Contacted(contacts.of_rows(start, stop), now)
            scored = scorer.score(block, job.as_of, top_reasons=4, contacted=contacted)
            runs.append(run_of(scored, block))
            statuses.update(scored.status)
            part = write_part(job, number, flat_columns(scored, *asdict(job.versions).values()))
            parts.append(part)
            bar.advance(len(block))
    finish(job, manifest, parts, statuses, join_runs(runs))
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    return f"{len(history)} customers as of {manifest['as_of']}: {counted}; in {asked.out}"


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


def claim(asked: Asked, manifest: dict[str, Any]) -> bool:
    """Make the folder this run's own; True if it holds the whole of it already."""
    path = asked.out / "manifest.json"
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        there = None
    except (OSError, ValueError) as error:
        raise DataError(
            "the folder's manifest cannot be read", where=str(path), fix="write to another folder"
        ) from error
    if there is None:
        try:
            if asked.out.exists() and any(asked.out.iterdir()):
                raise DataError("the folder is not empty", where=str(asked.out), fix="write to a new folder")
            (asked.out / "scores").mkdir(parents=True, exist_ok=True)
            write_json(path, manifest | {"complete": False})
        except OSError as error:
            what = f"cannot write there ({error.strerror})"
            raise DataError(what, where=str(asked.out), fix="choose a folder that you may write to") from error
        return False
    if any(there.get(name) != value for name, value in manifest.items()):
        raise DataError("the folder holds another run's results", where=str(path), fix=ANOTHER)
    if not asked.resume:
        raise DataError("the folder holds this run already", where=str(path), fix=f"{ANOTHER}, or --resume")
    return bool(there.get("complete"))


def write_part(job: Job, number: int, table: pa.Table) -> dict[str, Any]:
    """Write one part unless it is there already."""
    suffix = job.asked.file_format
    path = job.asked.out / "scores" / f"part-{number:05d}.{suffix}"
    if not path.exists():
        chosen = crm_columns(table) if job.asked.columns == "crm" else table
        if suffix == "csv":
            write_whole(path, lambda draft: csv_bytes_to(draft, chosen))
        else:
            write_whole(path, lambda draft: pq.write_table(chosen, draft, compression="zstd"))
    return {"file": f"scores/{path.name}", "customers": len(table), "sha256": sha256_of(path)}


def finish(job: Job, manifest: dict[str, Any], parts: list[dict[str, Any]], statuses: Counter[str], run: Run) -> None:
    """Write the segment report, then the manifest that says the run is whole."""
    everyone_now = job.asked.as_of is None and job.asked.attributes_file is None
    previous = latest_run(job.workspace.directory) if everyone_now else None
    report = report_of(job.workspace, run, job.versions, previous)
    write_json(job.asked.out / "segments.json", report)
    if everyone_now:
        keep_latest(job.workspace, run, report)
    counts = {"statuses": dict(sorted(statuses.items())), "parts": parts, "complete": True}
    write_json(job.asked.out / "manifest.json", manifest | counts)
