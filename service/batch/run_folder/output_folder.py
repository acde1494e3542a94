"""Output folder of `tercet score`: its owner, and its parts, each written whole or not at all."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.files.atomic_files import sha256_of, write_whole
from service.batch.columns.csv_cells import csv_bytes_to
from service.batch.columns.flat_columns import crm_columns
from service.batch.run_folder.batch_job import BatchOptions


def part_path(asked: BatchOptions, number: int) -> Path:
    """The path of the file of a part."""
    return asked.out / "scores" / f"part-{number:05d}.{asked.file_format}"


def remove_drafts(asked: BatchOptions) -> None:
    """Remove what a run that was killed had not finished writing."""
    for folder in (asked.out, asked.out / "scores"):
        for draft in folder.glob(".*.[0-9]*"):
            draft.unlink(missing_ok=True)


def write_part(asked: BatchOptions, number: int, table: pa.Table) -> None:
    """Write one part in the format and with the requested columns."""
    chosen = crm_columns(table) if asked.columns == "crm" else table
    path = part_path(asked, number)
    if asked.file_format == "csv":
        write_whole(path, lambda draft: csv_bytes_to(draft, chosen, bom=asked.bom))
    else:
        write_whole(path, lambda draft: pq.write_table(chosen, draft, compression="zstd", compression_level=1))


def entry_of(asked: BatchOptions, number: int, customers: int) -> dict[str, Any]:
    """What the manifest says of a part."""
    path = part_path(asked, number)
    return {"file": f"scores/{path.name}", "customers": customers, "sha256": sha256_of(path)}
