"""Job: the options of `tercet score`, and the run with staged rows that is made from them."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import numeric_columns, read_champion_bundle
from models.compute.cores import cores
from models.ingest import wall_clock
from models.ingest.blocks.block_staging import StagingFolder, stage_blocks
from models.ingest.blocks.staged_blocks import StagedBlocks, read_block
from models.ingest.clock import as_of_newest
from models.ingest.columns.kind_mismatches import refuse_kind_mismatches
from models.ingest.staged_workspace import StagingRequest
from models.ingest.store.delta import NO_CONSENTS, LogPosition, stored_delta
from models.rows.instants import format_instant
from models.scorer import Scorer
from models.workspace import load_workspace
from service.batch.blocks.block_scoring import ScoringPlan
from service.batch.blocks.logged_contacts import LOGGED, logged_contacts
from service.batch.run_folder.resumption import beginning
from service.runtime.rejection_report import announce_kind_mismatches, manifest_of

BLOCK = 10_000
LEAST_MEMORY, MEMORY_A_THREAD = 700, 200
"""What DuckDB may hold while the tables are staged, in MB; what does not fit goes to disk."""


@dataclass(frozen=True)
class BatchOptions:
    """What is asked of `tercet score`.

    block: customers a part, which is what each process holds in memory. processes: how many score at once. engine:
    whose processes: this machine's, or Spark's executors. bom: whether CSV files begin with a byte order mark.
    """

    workspace: Path
    out: Path
    as_of: str | None = None
    attributes_file: Path | None = None
    file_format: Literal["parquet", "csv"] = "parquet"
    columns: Literal["full", "crm"] = "full"
    resume: bool = False
    block: int = BLOCK
    processes: int = field(default_factory=cores)
    engine: Literal["local", "spark"] = "local"
    bom: bool = False

    @property
    def everyone_now(self) -> bool:
        """Whether it is about all customers as they are by the workspace's own clock."""
        return self.as_of is None and self.attributes_file is None


@dataclass(frozen=True)
class Job:
    """A run with everything staged: what each part is made from.

    position: how far the store's logs had been read when the run began. recorded: the consents that the store had then.
    """

    asked: BatchOptions
    plan: ScoringPlan
    staged: StagedBlocks
    position: LogPosition
    recorded: pa.Table

    def manifest(self) -> dict[str, Any]:
        """What decides the bytes of the parts, but for consents that change while the run goes on: with the same
        manifest come the same files.
        """
        plan, versions = self.plan, self.plan.versions
        return {
            "workspace": plan.workspace.name,
            "as_of": format_instant(plan.as_of),
            "decided_at": format_instant(plan.decided_at),
            "log": asdict(self.position),
            "bundle_version": versions.bundle_version,
            "bundle_digest": plan.champion.digest,
            "policy_version": versions.policy_version,
            "format": self.asked.file_format,
            "bom": self.asked.bom,
            "columns": self.asked.columns,
            "customers": self.staged.customers,
            "block": self.staged.block,
            "inputs": [asdict(source) for source in self.staged.sources],
        }

    def put_aside(self) -> dict[str, Any]:
        """The manifest's account of rejected rows. It follows from the inputs, so it
        is not compared when a run is resumed.
        """
        return manifest_of(self.staged.account)


def prepare(asked: BatchOptions, folder: Path, aside: Path) -> Job:
    """Read the workspace and its champion, and stage its tables in an empty folder. aside: the folder for what is put
    aside of them.

    Raises DataError if a column does not hold what the champion learnt it as, so that its scores would mean nothing.
    """
    workspace = load_workspace(asked.workspace)
    champion = read_champion(workspace.directory)
    bundle = read_champion_bundle(champion)
    begun = beginning(asked.out)
    now = wall_clock() if begun is None else begun.decided_at
    delta = stored_delta(workspace.directory, None if begun is None else begun.position)
    rows = StagingRequest(now, asked.attributes_file, numeric_columns(bundle), as_views=True)
    memory = f"{max(LEAST_MEMORY, MEMORY_A_THREAD * asked.processes)}MB"
    room = StagingFolder(folder, asked.block, asked.engine == "local", memory, threads=asked.processes, rejected=aside)
    staged = stage_blocks(workspace, delta, rows, room, {LOGGED: logged_contacts(workspace, now)})
    announce_kind_mismatches(staged.account)
    refuse_kind_mismatches(staged.account.kind_mismatches)
    Scorer(bundle, workspace).check(read_block(staged, workspace.config, 0))
    wanted = asked.as_of or (None if begun is None else begun.as_of)
    as_of = as_of_newest(workspace, staged.newest_at, wanted, now=now)
    plan = ScoringPlan(workspace, champion, as_of, now, acts_now=asked.as_of is None)
    if delta is None:
        return Job(asked, plan, staged, LogPosition(), NO_CONSENTS)
    return Job(asked, plan, staged, delta.position, delta.consents)
