"""Rejections by table as shown in a run's manifest, on standard error, and in the service's log."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.ingest.columns.ingest_account import IngestAccount, RejectedRows
from models.ingest.rejection_report import PEOPLE_LEFT_OUT
from service.runtime.logbook import note
from service.runtime.progress import announce

REJECTED = "rejected"
"""The folder, in that of a run, with the rows themselves (personal data)."""


def manifest_of(account: IngestAccount) -> dict[str, Any]:
    """The manifest's account: counts, and the row number of the first of each; no ids and no values."""
    return {
        "put_aside": [_entry(one, "rows") for one in account.rejections if not one.keeps_row],
        "flaws": [_entry(one, "values") for one in account.rejections if one.keeps_row],
        "people_left_out": account.left_out.people,
        "not_as_learnt": [
            {
                "table": one.table,
                "column": one.column,
                "learnt": one.learnt,
                "now": one.now,
                "fitting": one.fitting,
                "filled": one.filled,
            }
            for one in account.kind_mismatches
        ],
    }


def _entry(one: RejectedRows, counted: str) -> dict[str, Any]:
    return {
        "table": one.table,
        "reason": one.reason,
        counted: one.count,
        "first": one.first,
        "file": f"{REJECTED}/{one.file}",
    }


def publish_rejected(written: Path, out: Path) -> None:
    """Move what was written aside into a run's folder, in the place of what an earlier try left there."""
    shutil.rmtree(out / REJECTED, ignore_errors=True)
    if written.exists():
        shutil.move(written, out / REJECTED)


def announce_kind_mismatches(account: IngestAccount) -> None:
    """Say on standard error, before anybody is scored, which columns do not hold what the models learnt, but for those
    that end the run (`models.ingest.columns.kind_mismatches.refuse_kind_mismatches`).
    """
    for mismatch in account.kind_mismatches:
        if not mismatch.is_refused:
            announce(f"{mismatch.where}: {mismatch}")


def announce_put_aside(account: IngestAccount, out: Path) -> None:
    """Report rejected rows and their file on standard error, a line each, and the people left out."""
    for line in put_aside_lines(account, out):
        announce(line)


def put_aside_lines(account: IngestAccount, out: Path) -> Iterator[str]:
    """The lines, for people."""
    for one in account.rejections:
        what = f"{_counted(one.count, 'value')} put aside, the row stays" if one.keeps_row else None
        what = what or f"{_counted(one.count, 'row')} put aside"
        yield f"{one.table}: {what}: {one.reason} ({one.example}); see {out / REJECTED / one.file}"
    left_out = account.left_out
    if left_out.people:
        more = ", …" if left_out.people > len(left_out.first) else ""
        people = "1 person is" if left_out.people == 1 else f"{left_out.people} people are"
        yield (
            f"{people} left out, of whom there are only rows that were put aside: {', '.join(left_out.first)}{more}; "
            f"see {out / REJECTED / PEOPLE_LEFT_OUT}"
        )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def note_account(account: IngestAccount) -> None:
    """Log counts of rejected rows and columns that are not as they were learnt, without ids."""
    for one in account.rejections:
        event = "values put aside" if one.keeps_row else "rows put aside"
        note(event, logging.WARNING, table=one.table, reason=one.reason, count=one.count, first=one.first)
    if account.left_out.people:
        note("people left out", logging.WARNING, people=account.left_out.people)
    for mismatch in manifest_of(account)["not_as_learnt"]:
        note("column is not as it was learnt", logging.WARNING, **mismatch)
