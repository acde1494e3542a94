"""`tercet segments members`: writes who is in a segment to a file, for an audience of an email or advertising tool."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.consent.effective_consent import may_profile
from models.errors import DataError
from models.files.atomic_files import write_whole
from models.ingest import read_history
from models.rows.instants import parse_instant
from models.segments.kinds.audiences import AUDIENCES
from models.workspace import Workspace, load_workspace
from service.batch.columns.csv_cells import csv_bytes_to
from service.batch.run_folder.previous_segments import AS_OF, CUSTOMER_ID, run_in
from service.batch.run_folder.work_folder import data_error_if_not_writable
from service.batch.segment_report import latest_assignments, latest_report
from service.commands.file_format_options import FileFormat, file_format_options
from service.commands.workspace_option import workspace_option

MEASURE = "tercet score --out DIR"


@dataclass(frozen=True)
class SegmentMembers:
    """Who was in a segment when it was last measured, and may still be profiled.

    table: a row each, `customer_id`. as_of: when that was, ISO 8601. left_out: how many have refused since, or are not
    in the tables any more.
    """

    table: pa.Table
    as_of: str
    left_out: int


@click.command()
@workspace_option
@click.argument("segmentation")
@click.argument("segment")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@file_format_options(default="csv")
def members(workspace: Path, segmentation: str, segment: str, out: Path, file_format: FileFormat, bom: bool) -> None:
    """Write the ids of the customers of SEGMENT, as `tercet score` last measured SEGMENTATION.

    Customers who have refused profiling since then, or are no longer in the tables, are left out.
    """
    found = members_of(load_workspace(workspace), segmentation, segment)
    with data_error_if_not_writable(out.parent):
        if file_format == "csv":
            write_whole(out, lambda draft: csv_bytes_to(draft, found.table, bom=bom))
        else:
            write_whole(out, lambda draft: pq.write_table(found.table, draft, compression="zstd"))
    click.echo(f"{found.table.num_rows} customers of {segmentation} {segment} as of {found.as_of} in {out}")
    if found.left_out:
        click.echo(f"{found.left_out} left out: they refuse profiling by now, or are not in the tables", err=True)


def members_of(workspace: Workspace, segmentation: str, segment: str) -> SegmentMembers:
    """The members of a segment. DataError if nothing was measured yet, or there is no such segment."""
    report, path = latest_report(workspace.directory), latest_assignments(workspace.directory)
    if report is None or not path.is_file():
        raise DataError("the segments have not been measured yet", fix=MEASURE)
    check_names(report["segmentations"], segmentation, segment)
    rows = pq.read_table(path)
    as_of = str(rows.schema.metadata[AS_OF.encode()].decode())
    run = run_in(rows, parse_instant(as_of, "UTC"))
    if segmentation == AUDIENCES.name:
        inside = run.audiences.member(segment) if segment in run.audiences.names else np.zeros(len(run), np.bool_)
    else:
        of_run = run.segments[segmentation]
        inside = of_run.codes == of_run.code_of(segment)
    history = read_history(workspace).history
    allowed = may_profile(history, workspace.config.consent.default)
    still = set(history.customer_ids[allowed].tolist())
    ids = [run.customer_ids[row] for row in np.flatnonzero(inside).tolist()]
    kept = [customer_id for customer_id in ids if customer_id in still]
    return SegmentMembers(pa.table({CUSTOMER_ID: pa.array(kept, pa.string())}), as_of, len(ids) - len(kept))


def check_names(segmentations: dict[str, Any], segmentation: str, segment: str) -> None:
    """Raise DataError, with the names that there are, for one that there is not."""
    if segmentation not in segmentations:
        raise DataError(f"no segmentation {segmentation!r} was measured", fix=f"one of {', '.join(segmentations)}")
    names = [row["segment"] for row in segmentations[segmentation]]
    if segment not in names:
        fix = f"one of {', '.join(names)}" if names else "[audiences] in policy.toml"
        raise DataError(f"{segmentation} has no segment {segment!r}", fix=fix)
