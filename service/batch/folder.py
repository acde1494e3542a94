"""The folder of a run of `tercet score`: whose it is, and its parts, each there whole or not at all."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import DataError
from models.whole_files import sha256_of, write_json, write_whole
from service.batch.crm_columns import crm_columns
from service.batch.csv_cells import csv_bytes_to
from service.batch.job import ScoringAsked

ANOTHER = "write to another folder"


def claim(asked: ScoringAsked, manifest: dict[str, Any]) -> bool:
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


def write_part(asked: ScoringAsked, number: int, table: pa.Table, *, again: bool) -> dict[str, Any]:
    """Write one part unless it is there already; again: even then."""
    suffix = asked.file_format
    path = asked.out / "scores" / f"part-{number:05d}.{suffix}"
    if again or not path.exists():
        chosen = crm_columns(table) if asked.columns == "crm" else table
        if suffix == "csv":
            write_whole(path, lambda draft: csv_bytes_to(draft, chosen))
        else:
            write_whole(path, lambda draft: pq.write_table(chosen, draft, compression="zstd"))
    return {"file": f"scores/{path.name}", "customers": len(table), "sha256": sha256_of(path)}
