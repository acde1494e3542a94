"""Champion watcher: a process that follows the registry's alias `champion` and publishes verified bundles.

Only here is mlflow imported in the service: it takes seconds and 200 MB that no worker should spend. What it writes is
`bundles/champion.json`, atomically and only for a bundle that reproduced its golden rows in a child process; when the
registry is away, or a new bundle is damaged, it writes nothing and the last good bundle goes on serving.
"""

import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow import MlflowClient, artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode

from models.bundle.bundle import read_manifest
from models.bundle.bundle_verification import verify_bundle
from models.bundle.champion import Champion, read_champion, write_champion
from models.errors import BundleError, NoChampionError, TercetError
from models.workspace import load_workspace
from service.runtime.logbook import note, write_log

ALIAS = "champion"
DIGEST_TAG = "bundle_digest"
RETRY_DAMAGED_SECONDS = 60.0


def tracking_uri(workspace: Path) -> str | None:
    """MLflow's own variable, or the workspace's file; None while there is no such file: asking would create it."""
    if given := os.environ.get("MLFLOW_TRACKING_URI"):
        return given
    file = workspace / "mlflow.db"
    return f"sqlite:///{file}" if file.is_file() else None


@dataclass
class ChampionWatcher:
    """Brings `bundles/champion.json` in line with the registry."""

    workspace: Path
    client: MlflowClient | None = None
    damaged: tuple[str, float] = ("", 0.0)

    def follow(self) -> Champion | None:
        """The new champion if there is one. Raises what went wrong; nothing has changed then."""
        version = self._registered()
        if version is None:
            return None
        digest = version.tags.get(DIGEST_TAG, "")
        is_known_damage = self.damaged[0] == digest and time.monotonic() < self.damaged[1]
        if is_known_damage or self._is_served(version.version, digest):
            return None
        try:
            champion = Champion(str(version.version), digest, self._obtain(version, digest))
        except BundleError:
            self.damaged = (digest, time.monotonic() + RETRY_DAMAGED_SECONDS)
            raise
        write_champion(self.workspace, champion)
        return champion

    def _registered(self) -> ModelVersion | None:
        """The version that the alias names, or None."""
        uri = tracking_uri(self.workspace)
        if uri is None:
            return None
        if self.client is None:
            mlflow.set_tracking_uri(uri)  # downloads use it, whatever their arguments
            self.client = MlflowClient()
        try:
            return self.client.get_model_version_by_alias(f"tercet-{load_workspace(self.workspace).name}", ALIAS)
        except MlflowException as error:
            if error.error_code == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST) or f"alias {ALIAS} not found" in str(error):
                return None
            raise

    def _is_served(self, version: str, digest: str) -> bool:
        """Whether the pointer names this version and its bundle is whole."""
        try:
            champion = read_champion(self.workspace)
            return (champion.version, champion.digest) == (str(version), digest) and is_whole(
                champion.directory, digest
            )
        except (NoChampionError, BundleError):
            return False

    def _obtain(self, version: ModelVersion, digest: str) -> Path:
        """The verified bundle in the workspace's folder: what lies there already, or the registry's copy."""
        place = self.workspace / "bundles" / digest[:16]
        if not is_whole(place, digest):
            self._download(version, digest, place)
        verify_bundle(place)
        return place

    def _download(self, version: ModelVersion, digest: str, place: Path) -> None:
        place.parent.mkdir(exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".download-", dir=place.parent))
        try:
            artifacts.download_artifacts(
                artifact_uri=f"models:/{version.name}/{version.version}",
                dst_path=str(draft),
            )
            found = next((path.parent for path in draft.rglob("manifest.json") if is_whole(path.parent, digest)), None)
            if found is None:
                raise BundleError(
                    f"version {version.version} holds no whole bundle {digest[:16]}", fix="train and promote again"
                )
            if place.exists():
                shutil.rmtree(place)
            found.rename(place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def is_whole(directory: Path, digest: str) -> bool:
    """Whether the bundle in this folder has this digest, and every file the hash that its manifest promises."""
    try:
        return read_manifest(directory)[0] == digest
    except BundleError:
        return False


def end_with_parent() -> None:
    """End this process when its standard input closes: then its worker has gone."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def main(workspace: str, seconds: str, log_format: str) -> None:
    """Follows the alias `champion` until the process ends."""
    write_log(log_format)
    for chatty in ("mlflow", "alembic"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    end_with_parent()
    watcher, last = ChampionWatcher(Path(workspace)), ""
    while True:
        try:
            if champion := watcher.follow():
                note("champion followed", bundle_version=champion.version, bundle=champion.digest[:16])
            last = ""
        except Exception as error:  # noqa: BLE001 - the registry may be away in any way; the bundle on disk goes on
            said = str(error) if isinstance(error, TercetError) else type(error).__name__
            if said != last:
                note("the registry cannot be followed", 30, error=error, reason=said)
            last = said
        time.sleep(float(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
