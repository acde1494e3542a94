"""`tercet decide`: decides for everyone by HTTP's funnel within the policy's budget, logs, then writes a file.

Scored in blocks, so that memory does not grow with the customers. Where the policy sets a budget or a capacity, all
blocks are gone through twice: first for what there is to choose from, of which little is kept, then, the choice made
once over all, to log it. Each block is logged in a transaction of its own in which consents and contacts are read again
and everything is checked again: who has refused, or was contacted, since the choice gets nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import numeric_columns, read_champion_bundle
from models.decisions.budget.run_budget import Offers, allocate, still_open, with_allocation
from models.decisions.candidates.proposals import Wish
from models.errors import DataError
from models.files.store_url import store_url
from models.ingest import read_history, resolve_as_of, wall_clock
from models.ingest.columns.ingest_account import IngestAccount
from models.ingest.columns.kind_mismatches import refuse_kind_mismatches
from models.rows.history import History
from models.rows.instants import format_instant
from models.scored.reasons import REASONS_SHOWN
from models.scored.scored_customers import Scored
from models.scorer import Scorer
from models.workspace import Workspace, load_workspace
from service.campaign.campaign_file import publish
from service.campaign.campaign_folder import CampaignFolder, open_folder
from service.campaign.spent_budget import Spent, decided_in, remaining, spent_by
from service.decision_requests.decide_and_log import consider, decide_and_log
from service.runtime.progress import progress
from service.runtime.rejection_report import (
    REJECTED,
    announce_kind_mismatches,
    announce_put_aside,
    manifest_of,
    publish_rejected,
)
from service.store.database.concurrent_writes import lock_customers
from service.store.database.engine import open_store, reading, writing

BLOCK = 5_000
"""Customers a transaction: other writers wait while it lasts."""


@dataclass(frozen=True)
class CampaignAsked:
    """The options of `tercet decide`.

    There is no instant among them: contacts of today are decided by today's data.
    """

    workspace: Path
    out: Path
    file_format: Literal["parquet", "csv"] = "parquet"
    resume: bool = False
    bom: bool = False


@dataclass(frozen=True)
class CampaignRun:
    """A run with everything read. begun_at: microseconds; its day's random draws hold for all of the run, while each
    block is decided for, and logged, by the clock as it is then. spent: what a part that was interrupted has logged
    already. account: rejected rows and values of the tables.
    """

    workspace: Workspace
    store: sa.Engine
    history: History
    scorer: Scorer
    bundle_version: str
    run_id: str
    as_of: int
    begun_at: int
    spent: Spent
    account: IngestAccount

    def blocks(self) -> Iterator[tuple[int, History]]:
        """Those who are not decided for yet, a block at a time, each with the place of its first customer."""
        for start in range(0, len(self.to_do), BLOCK):
            yield start, self.history.select(self.to_do[start : start + BLOCK])

    @cached_property
    def to_do(self) -> NDArray[np.intp]:
        """The places of those who are to be decided for."""
        ids = self.history.customer_ids.tolist()
        return np.array(
            [place for place, customer_id in enumerate(ids) if customer_id not in self.spent.customers], dtype=np.intp
        )

    @property
    def wish(self) -> Wish:
        """One action each, with the random draws of the run's start."""
        return Wish(lots_at=self.begun_at)


def decide_for_everyone(asked: CampaignAsked) -> str:
    """Log a decision for everyone who gets one, write the campaign file and its manifest; return lines on what was
    done.

    Raises DataError if the folder holds another run, or this one and `resume` was not asked for.
    """
    workspace = load_workspace(asked.workspace)
    store = open_store(store_url(workspace.directory))
    try:
        folder = open_folder(asked.out, asked.file_format, resume=asked.resume, bom=asked.bom)
        if folder.is_complete:
            return f"{asked.out} is complete already"
        begun_before = bool(folder.manifest)
        if folder.is_logged:
            tables = read_history(workspace).history
        else:
            with TemporaryDirectory(prefix="tercet-") as aside:
                run, folder = prepare(workspace, store, folder, Path(aside) / REJECTED)
            tables = run.history
            folder = folder.now_logged(dropped=log_everyone(run))
            announce_put_aside(run.account, asked.out)
        return publish(store, workspace, folder, tables if begun_before else None)
    finally:
        store.dispose()


def prepare(
    workspace: Workspace, store: sa.Engine, folder: CampaignFolder, aside: Path
) -> tuple[CampaignRun, CampaignFolder]:
    """Read the champion and the tables, and make the folder this run's own. aside: the folder for rejected rows of
    the tables until then.
    """
    champion = read_champion(workspace.directory)
    bundle = read_champion_bundle(champion)
    ingested = read_history(workspace, rejected=aside, numeric=numeric_columns(bundle))
    announce_kind_mismatches(ingested.account)
    refuse_kind_mismatches(ingested.kind_mismatches)
    history = ingested.history
    as_of = resolve_as_of(workspace, history, None)
    scorer = Scorer(bundle, workspace)
    scorer.check(history)
    facts: dict[str, Any] = {
        "workspace": workspace.name,
        "as_of": format_instant(as_of),
        "bundle_version": champion.version,
        "bundle_digest": bundle.digest,
        "policy_version": workspace.policy_version,
    }
    claimed = folder.claimed(facts, wall_clock()).written(manifest_of(ingested.account))
    publish_rejected(aside, folder.directory)
    spent = spent_by(store, claimed.run_id)
    began = claimed.run_id, as_of, wall_clock()
    return CampaignRun(workspace, store, history, scorer, champion.version, *began, spent, ingested.account), claimed


def log_everyone(run: CampaignRun) -> int:
    """Choose, then log block by block; how many lost their action in between, by refusing or being contacted."""
    chosen = choose(run)
    dropped = 0
    with progress("deciding", len(run.to_do)) as bar:
        for start, block in run.blocks():
            here = None if chosen is None else chosen[start : start + len(block)]
            dropped += log_block(run, block, here)
            bar.advance(len(block))
    return dropped


def choose(run: CampaignRun) -> NDArray[np.intp] | None:
    """The candidate of each customer within the run's budget and capacities; None where the policy sets none."""
    policy = run.workspace.policy
    if policy.run.budget is None and all(channel.capacity is None for channel in policy.channels.values()):
        return None
    offers = list[Offers]()
    with progress("choosing", len(run.to_do)) as bar:
        for start, block in run.blocks():
            scored = run.scorer.score(block, run.as_of, top_reasons=0)
            with reading(run.store) as connection:
                decisions = consider(connection, run.workspace, scored, block, wall_clock(), run.wish)
            offers.append(Offers.of(decisions, start))
            bar.advance(len(block))
    if not offers:
        return np.empty(0, dtype=np.intp)
    return allocate(remaining(run.workspace, run.spent), Offers.together(offers), len(run.to_do))


def log_block(run: CampaignRun, block: History, chosen: NDArray[np.intp] | None) -> int:
    """Decide for a block under its customers' locks and log it; returns how many chosen actions are no longer open.

    Customers for whom another process of the same run has decided since are left out; the rest is scored again, with
    nobody locked meanwhile. Raises DataError then if the run has a budget, of which that process has spent some.
    """
    scored = run.scorer.score(block, run.as_of, top_reasons=REASONS_SHOWN)
    customer_ids = block.customer_ids.tolist()
    with writing(run.store) as connection:
        lock_customers(connection, customer_ids)
        decided = decided_in(connection, run.run_id, customer_ids)
        if not decided:
            return log_locked(connection, run, scored, block, chosen)
    if chosen is not None:
        what = "another process decides for this run within the same budget"
        raise DataError(what, where=run.run_id, fix="wait until it has ended, then --resume")
    left = [place for place, customer_id in enumerate(customer_ids) if customer_id not in decided]
    return log_block(run, block.select(left), None) if left else 0


def log_locked(
    connection: sa.Connection, run: CampaignRun, scored: Scored, block: History, chosen: NDArray[np.intp] | None
) -> int:
    """Decide for a block and log it, within the transaction that holds its customers."""
    now = wall_clock()  # not before they are locked: what others decided meanwhile lies before it
    decisions = consider(connection, run.workspace, scored, block, now, run.wish)
    dropped = 0
    if chosen is not None:
        open_still = still_open(decisions, chosen)
        dropped = int((open_still != chosen).sum())
        decisions = with_allocation(decisions, open_still)
    decide_and_log(connection, run.workspace, decisions, (run.bundle_version, run.run_id))
    return dropped
