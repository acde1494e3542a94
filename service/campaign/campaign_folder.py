"""Campaign folder: the folder of one run of `tercet decide`, with a manifest of its owner and progress."""

import json
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.errors import DataError
from models.files.atomic_files import write_json
from models.rows.instants import format_instant

ANOTHER = "write to another folder"
DECIDING = ("workspace", "bundle_digest", "policy_version")
"""What must not have changed where a run goes on deciding."""


@dataclass(frozen=True)
class CampaignFolder:
    """A folder and its manifest; an empty manifest is of a run that has not begun. bom: whether a CSV file gets one."""

    directory: Path
    file_format: str
    manifest: dict[str, Any]
    bom: bool = False

    @property
    def run_id(self) -> str:
        """The run's id in the log."""
        return str(self.manifest["run_id"])

    @property
    def is_logged(self) -> bool:
        """Whether everyone is decided for."""
        return bool(self.manifest.get("logged"))

    @property
    def is_complete(self) -> bool:
        """Whether the file is there."""
        return bool(self.manifest.get("complete"))

    @property
    def file(self) -> Path:
        """Where the campaign file goes."""
        return self.directory / f"campaign.{self.file_format}"

    def claimed(self, facts: dict[str, Any], now: int) -> "CampaignFolder":
        """The folder as this run's own. Raises DataError if it is another's, or what decides has changed since.

        Its `as_of` is the last that was decided by; the log has that of each decision.
        """
        if self.manifest:
            changed = [name for name in DECIDING if self.manifest.get(name) != facts[name]]
            if changed:
                what = f"the folder holds another run's decisions: {', '.join(changed)} differs"
                raise DataError(what, where=str(self.directory), fix=ANOTHER)
            return self.written({"as_of": facts["as_of"]})
        begun = {"run_id": f"run_{uuid.uuid4().hex}", "started_at": format_instant(now)}
        self._take()
        return self.written(begun | facts | {"format": self.file_format, "logged": False, "complete": False})

    def _take(self) -> None:
        """Make the manifest, empty. Raises DataError if there is one: of two that begin at once one gets the folder."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._manifest_file.touch(exist_ok=False)
        except FileExistsError as error:
            what = "another run has taken the folder just now"
            raise DataError(what, where=str(self.directory), fix=ANOTHER) from error
        except OSError as error:
            raise self._unwritable(error) from error

    def now_logged(self, *, dropped: int) -> "CampaignFolder":
        """The folder of a run whose decisions are all in the log."""
        return self.written({"logged": True, "dropped_while_logging": dropped})

    def written(self, changes: dict[str, Any]) -> "CampaignFolder":
        """The folder with more in its manifest, whole on disk."""
        manifest = self.manifest | changes
        try:
            write_json(self._manifest_file, manifest)
        except OSError as error:
            raise self._unwritable(error) from error
        return replace(self, manifest=manifest)

    @property
    def _manifest_file(self) -> Path:
        return self.directory / "manifest.json"

    def _unwritable(self, error: OSError) -> DataError:
        what = f"cannot write there ({error.strerror})"
        return DataError(what, where=str(self.directory), fix="choose a folder that you may write to")


def open_folder(directory: Path, file_format: str, *, resume: bool, bom: bool = False) -> CampaignFolder:
    """The folder, empty or with the run that is to be resumed. Raises DataError if it holds anything else."""
    path = directory / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        run_id = manifest["run_id"]
    except FileNotFoundError:
        if directory.exists() and any(directory.iterdir()):
            raise DataError("the folder is not empty", where=str(directory), fix="write to a new folder") from None
        return CampaignFolder(directory, file_format, {}, bom)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("the folder's manifest is not one of `tercet decide`", where=str(path), fix=ANOTHER) from error
    if not resume:
        raise DataError(f"the folder holds {run_id} already", where=str(path), fix=f"{ANOTHER}, or --resume")
    if manifest.get("format") != file_format:
        fix = f"--format {manifest.get('format')}"
        raise DataError("the folder holds a run in another format", where=str(path), fix=fix)
    return CampaignFolder(directory, file_format, manifest, bom)
