"""Campaign file, written from the log of decisions without expired ones and customers who refused since."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from models.consent.effective_consent import PublicationCheck
from models.consent.purposes import purposes_of_contact
from models.consent.recorded_consent import REFUSED
from models.files.atomic_files import sha256_of, write_whole
from models.ingest import wall_clock
from models.ingest.store.newest_consents import newest_consents_query
from models.ingest.store.store_tables import consents, decisions
from models.rows.history import History
from models.rows.instants import format_instant
from models.workspace import Workspace
from service.batch.columns.csv_cells import cell, encoding_of
from service.campaign.campaign_folder import CampaignFolder
from service.store.database.engine import reading
from service.store.logs.channel_consents import consents_needed
from service.store.logs.channel_stops import stops_of_run
from service.store.logs.consent_log import given_by

ROWS = 20_000
"""Rows a group of the Parquet file."""
COLUMNS: list[tuple[str, pa.DataType]] = [
    ("decision_id", pa.string()),
    ("customer_id", pa.string()),
    ("action", pa.string()),
    ("channel", pa.string()),
    ("arm", pa.string()),
    ("assignment_probability", pa.float64()),
    ("expected_margin", pa.float64()),
    ("currency", pa.string()),
    ("expected_cost", pa.float64()),
    ("effect_source", pa.string()),
    ("expires_at", pa.string()),
    ("message", pa.string()),
    ("bundle_version", pa.string()),
    ("policy_version", pa.string()),
    ("run_id", pa.string()),
]
SCHEMA = pa.schema(COLUMNS)
"""Amounts in the currency's major unit; `message` is JSON. Customers of arm "holdout" are not to be contacted."""


@dataclass
class CampaignTotals:
    """The totals of the file. now: the clock, by which decisions have expired. refused, stopped, expired: rows left
    out. margin, cost: of the decisions to be carried out, minor units.
    """

    now: int
    rows: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    refused: int = 0
    stopped: int = 0
    expired: int = 0
    margin: int = 0
    cost: int = 0

    def count(self, row: Any) -> None:
        """Counts one row of the file."""
        self.rows[row.action, row.channel, row.arm] += 1
        if row.arm != "holdout":
            self.margin += row.expected_margin
            self.cost += row.expected_cost


@dataclass(frozen=True)
class RowCheck:
    """What a row of the file is checked against. stopped: by customer and channel, what feedback has stopped by now."""

    consent: PublicationCheck
    stopped: frozenset[tuple[str, str]]


def publish(store: sa.Engine, workspace: Workspace, folder: CampaignFolder, tables: History | None) -> str:
    """Write the file and the manifest that says it is whole; return its totals in lines for people.

    tables: everyone as the workspace's tables have them now, if those were read after some of the run was decided. The
    file is written again until nobody of the run has refused, and no channel was stopped for them, while it was
    written.
    """
    refused, stopped = refusals(store, folder), stops(store, folder)
    while True:
        totals = CampaignTotals(wall_clock())
        check = PublicationCheck(refused, tables, workspace.config.consent.default)
        write(store, workspace, folder, RowCheck(check, stopped), totals)
        looked_at = refused, stopped
        refused, stopped = refusals(store, folder), stops(store, folder)
        if refused <= looked_at[0] and stopped <= looked_at[1]:
            break
    scale = workspace.config.minor_units
    counts = [
        {"action": action, "channel": channel, "arm": arm, "rows": number}
        for (action, channel, arm), number in sorted(totals.rows.items())
    ]
    done = {
        "rows": totals.rows.total(),
        "left_out_refused_since": totals.refused,
        "left_out_expired": totals.expired,
        **({"left_out_stopped_since": totals.stopped} if totals.stopped else {}),
        "counts": counts,
        "expected_margin": totals.margin / scale,
        "expected_cost": totals.cost / scale,
        "budget": workspace.policy.run.budget,
        "file": {"file": folder.file.name, "sha256": sha256_of(folder.file)},
        "complete": True,
    }
    return in_words(workspace, folder.written(done))


def refusals(store: sa.Engine, folder: CampaignFolder) -> frozenset[tuple[str, str]]:
    """By customer of the run and purpose, what the store has as refused by now."""
    theirs = sa.select(decisions.c.customer_id).where(decisions.c.run_id == folder.run_id)
    newest = newest_consents_query(consents.c.customer_id.in_(theirs)).subquery()
    query = sa.select(newest.c.customer_id, newest.c.purpose).where(newest.c.granted == REFUSED)
    with reading(store) as connection:
        return frozenset((customer_id, purpose) for customer_id, purpose in connection.execute(query))


def stops(store: sa.Engine, folder: CampaignFolder) -> frozenset[tuple[str, str]]:
    """By customer of the run and channel, what feedback has stopped by now."""
    with reading(store) as connection:
        needed = consents_needed(connection, versions_of(folder.run_id))
        purposes = {channel: purpose for (_, channel), purpose in needed.items()}
        return stops_of_run(connection, purposes, folder.run_id)


def write(
    store: sa.Engine, workspace: Workspace, folder: CampaignFolder, check: RowCheck, totals: CampaignTotals
) -> None:
    """Write the file from the log."""
    writer = partial(write_csv, bom=folder.bom) if folder.file_format == "csv" else write_parquet
    with reading(store) as connection:
        rows = rows_of(connection, folder.run_id, workspace, check, totals)
        write_whole(folder.file, lambda draft: writer(draft, rows))


def rows_of(
    connection: sa.Connection, run_id: str, workspace: Workspace, check: RowCheck, totals: CampaignTotals
) -> Iterator[dict[str, Any]]:
    """The run's rows as the file has them, by customer, without those who have refused since, whose channel has been
    stopped since, and what has expired.
    """
    scale, currency = workspace.config.minor_units, workspace.config.business.currency
    stored = partial(granted_in_store, connection)
    needed = consents_needed(connection, versions_of(run_id))
    query = sa.select(decisions).where(decisions.c.run_id == run_id)
    ordered = query.order_by(decisions.c.customer_id, decisions.c.decision_id)
    for row in connection.execution_options(yield_per=ROWS).execute(ordered):
        purposes = purposes_of_contact(needed[row.policy_version, row.channel])
        if any(check.consent.refuses(row.customer_id, purpose, stored) for purpose in purposes):
            totals.refused += 1
            continue
        if (row.customer_id, row.channel) in check.stopped:
            totals.stopped += 1
            continue
        if row.expires_at <= totals.now:
            totals.expired += 1
            continue
        totals.count(row)
        yield {
            "decision_id": row.decision_id,
            "customer_id": row.customer_id,
            "action": row.action,
            "channel": row.channel,
            "arm": row.arm,
            "assignment_probability": row.assignment_probability,
            "expected_margin": row.expected_margin / scale,
            "currency": currency,
            "expected_cost": row.expected_cost / scale,
            "effect_source": row.effect_source,
            "expires_at": format_instant(row.expires_at),
            "message": orjson.dumps(orjson.loads(row.trace)["chosen"]["message"]).decode(),
            "bundle_version": row.bundle_version,
            "policy_version": row.policy_version,
            "run_id": row.run_id,
        }


def granted_in_store(connection: sa.Connection, customer_id: str, purpose: str) -> bool | None:
    """Whether the store has a purpose as granted or refused by a customer; None for neither."""
    last = given_by(connection, customer_id).get(purpose)
    return None if last is None else last.granted


def versions_of(run_id: str) -> sa.Select[Any]:
    """The versions of the policy that a run was decided by."""
    return sa.select(decisions.c.policy_version).where(decisions.c.run_id == run_id)


def write_parquet(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    """The rows as Parquet, a group at a time."""
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for some in in_groups(rows):
            writer.write_table(pa.Table.from_pylist(some, schema=SCHEMA))


def write_csv(path: Path, rows: Iterator[dict[str, Any]], *, bom: bool = False) -> None:
    """The rows as CSV, with cells that no spreadsheet takes for formulas."""
    with path.open("w", encoding=encoding_of(bom=bom), newline="") as file:
        writer = csv.writer(file)
        writer.writerow(SCHEMA.names)
        writer.writerows([cell(value) for value in row.values()] for row in rows)


def in_groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows of the file, a batch at a time."""
    while some := [row for _, row in zip(range(ROWS), rows, strict=False)]:
        yield some


def in_words(workspace: Workspace, folder: CampaignFolder) -> str:
    """What was done, in lines."""
    manifest, currency = folder.manifest, workspace.config.business.currency
    lines = [f"{manifest['rows']} decisions in {folder.file} ({manifest['run_id']})"]
    lines += [f"  {row['rows']:>8} {row['action']} by {row['channel']}, {row['arm']}" for row in manifest["counts"]]
    budget = "" if manifest["budget"] is None else f" of a budget of {manifest['budget']:,.2f}"
    margin, cost = f"{manifest['expected_margin']:,.2f} {currency}", f"{manifest['expected_cost']:,.2f} {currency}"
    lines.append(f"expected margin {margin}, cost {cost}{budget}")
    if manifest["left_out_refused_since"]:
        lines.append(f"{manifest['left_out_refused_since']} left out: refused since they were decided for")
    if manifest.get("left_out_stopped_since"):
        lines.append(f"{manifest['left_out_stopped_since']} left out: the channel was stopped since")
    if manifest["left_out_expired"]:
        lines.append(f"{manifest['left_out_expired']} left out: expired before the file was written")
    return "\n".join(lines)
