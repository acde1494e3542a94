"""Output folder of `tercet score`: its owner, and its parts, each written whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import DataError
from models.files.atomic_files import sha256_of, write_json, write_whole
from service.batch.columns.csv_cells import csv_bytes_to
from service.batch.columns.flat_columns import crm_columns
from service.batch.run_folder.batch_job import BatchOptions
from service.batch.run_folder.work_folder import HIDDEN, data_error_if_not_writable

ANOTHER = "write to another folder"


def check_free(asked: BatchOptions) -> None:
    """Raises DataError if the folder has something else in it, or a run that is not to be resumed."""
    with data_error_if_not_writable(asked.out):
        there = {path.name for path in asked.out.iterdir()} if asked.out.exists() else set()
    begun = {name for name in there if name == HIDDEN or name.startswith(".manifest.json.")}
    if "manifest.json" not in there and there - begun:
        raise DataError("the folder is not empty", where=str(asked.out), fix="write to a new folder")
    if "manifest.json" in there and not asked.resume:
        fix = f"{ANOTHER}, or --resume if it is this run"
        raise DataError("the folder holds a run already", where=str(asked.out), fix=fix)


def claim(asked: BatchOptions, manifest: dict[str, Any], beside: dict[str, Any]) -> bool:
    """Make the folder this run's own; True if it holds the whole of it already. beside: what its manifest says, too,
    but which does not identify a run.
    """
    path = asked.out / "manifest.json"
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        with data_error_if_not_writable(asked.out):
            write_json(path, manifest | beside | {"complete": False})
            (asked.out / "scores").mkdir()
        return False
    except (OSError, ValueError) as error:
        raise DataError("the folder's manifest cannot be read", where=str(path), fix=ANOTHER) from error
    if others := [name for name, value in manifest.items() if there.get(name) != value]:
        what = f"the folder holds another run's results: other {', '.join(others)}"
        raise DataError(what, where=str(path), fix=ANOTHER)
    (asked.out / "scores").mkdir(exist_ok=True)  # a run may have been killed just before it made it
    return bool(there.get("complete"))


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
        write_whole(path, lambda draft: csv_bytes_to(draft, chosen))
    else:
        write_whole(path, lambda draft: pq.write_table(chosen, draft, compression="zstd", compression_level=1))


def entry_of(asked: BatchOptions, number: int, customers: int) -> dict[str, Any]:
    """What the manifest says of a part."""
    path = part_path(asked, number)
    return {"file": f"scores/{path.name}", "customers": customers, "sha256": sha256_of(path)}
