"""Resumption: how a run goes on in the folder of an interrupted one; `BlockWriter.is_done` says which parts stay."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import DataError
from models.files.atomic_files import write_json
from models.ingest.store.delta import LogPosition
from models.rows.instants import parse_instant
from service.batch.run_folder.work_folder import HIDDEN, data_error_if_not_writable

ANOTHER = "write to another folder"


def check_free(out: Path, *, resume: bool) -> None:
    """Raises DataError if the folder has something else in it, or a run that is not to be resumed."""
    with data_error_if_not_writable(out):
        there = {path.name for path in out.iterdir()} if out.exists() else set()
    begun = {name for name in there if name == HIDDEN or name.startswith(".manifest.json.")}
    if "manifest.json" not in there and there - begun:
        raise DataError("the folder is not empty", where=str(out), fix="write to a new folder")
    if "manifest.json" in there and not resume:
        fix = f"{ANOTHER}, or --resume if it is this run"
        raise DataError("the folder holds a run already", where=str(out), fix=fix)


def claim(out: Path, manifest: dict[str, Any], beside: dict[str, Any]) -> bool:
    """Make the folder this run's own; True if it holds the whole of it already. beside: what its manifest says, too,
    but which does not identify a run.
    """
    path = out / "manifest.json"
    try:
        there = dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        with data_error_if_not_writable(out):
            write_json(path, manifest | beside | {"complete": False})
            (out / "scores").mkdir()
        return False
    except (OSError, ValueError, TypeError) as error:
        raise DataError("the folder's manifest cannot be read", where=str(path), fix=ANOTHER) from error
    there.setdefault("bom", False)  # a run of 0.1 or 0.2
    if others := [name for name, value in manifest.items() if there.get(name) != value]:
        what = f"the folder holds another run's results: other {', '.join(others)}"
        raise DataError(what, where=str(path), fix=ANOTHER)
    (out / "scores").mkdir(exist_ok=True)  # a run may have been killed just before it made it
    return bool(there.get("complete"))


class Beginning(NamedTuple):
    """The clock of a run that has begun, and how far the logs were: others would give another result every time."""

    as_of: str
    decided_at: int
    position: LogPosition


def beginning(out: Path) -> Beginning | None:
    """That of the run in the folder, if there is one."""
    try:
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        clock = str(manifest["as_of"]), parse_instant(manifest["decided_at"], "UTC")
        return Beginning(*clock, LogPosition(**manifest["log"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # `claim` says what is wrong with it
