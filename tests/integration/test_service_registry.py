"""The alias `champion` is followed by one watcher a workspace; no worker imports mlflow; what is away stops nothing."""

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from models.bundle.bundle import read_bundle
from models.workspace import load_workspace
from tests.builders.polling import wait_for
from tests.builders.running_service import ROOT, running
from tests.builders.small_workspace import make_bundle, write_workspace
from training.registry.mlflow_session import open_tracking


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A workspace with two versions in its registry, the first the champion, and the digests of their bundles."""
    shop = write_workspace(tmp_path_factory.mktemp("registered") / "shop")
    with open_tracking(load_workspace(shop)) as tracking:
        first, second = (tracking.register(make_bundle(shop, seed)) for seed in (0, 1))
        tracking.name_champion(first, {})
    return shop, first.digest, second.digest


def name_champion(workspace: Path, version: int) -> None:
    """Move the alias in MLflow's own table: to import mlflow here would take seconds."""
    with closing(sqlite3.connect(workspace / "mlflow.db")) as connection, connection:
        found = connection.execute(
            "update registered_model_aliases set version = ? where alias = 'champion'", (version,)
        )
        assert found.rowcount == 1


def watchers(workspace: Path) -> list[int]:
    """The process ids of the workspace's registry watchers."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"service.worker.champion_watcher" in words and str(workspace).encode() in words:
                found.append(int(folder.name))
    return found


def test_the_alias_is_followed_and_what_is_damaged_or_away_stops_nothing(
    registered: tuple[Path, str, str], tmp_path: Path
) -> None:
    shop, first, second = registered
    with running(shop, tmp_path, ready=False, dev="1", workers="2", registry="true") as service:
        service.wait_until(200)
        service.wait_for_version("1")
        (watcher,) = watchers(shop)

        local = shop / "bundles" / second[:16]
        shutil.rmtree(local)  # the registry has a copy
        name_champion(shop, 2)
        service.wait_for_version("2")
        assert read_bundle(local).digest == second

        os.kill(watcher, signal.SIGKILL)
        service.wait_for_log("registry watcher ended")
        service.wait_for(lambda: watchers(shop) not in ([], [watcher]))

        for copy in [*shop.glob("mlruns/**/churn/model.txt"), *shop.glob("bundles/*/scores/churn/model.txt")]:
            if read_digest(copy) == first:
                copy.write_bytes(copy.read_bytes()[:500])
        name_champion(shop, 1)
        service.wait_for_log("holds no whole bundle")
        assert service.http.get("/v1/model").json()["bundle_version"] == "2"

        (shop / "mlflow.db").rename(shop / "mlflow.away")
        assert service.items("C-005")[0]["status"] == "scored"
    wait_for(lambda: not watchers(shop), state=lambda: watchers(shop))


def read_digest(copy: Path) -> str:
    manifest = copy.parents[2] / "manifest.json"
    return hashlib.sha256(manifest.read_bytes()).hexdigest() if manifest.is_file() else ""


def test_a_registry_that_cannot_be_reached_leaves_the_last_champion(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with running(shop, tmp_path, dev="1", registry="true") as service:
        service.wait_for_log("the registry cannot be followed")
        assert service.items("C-005")[0]["status"] == "scored"


IMPORTED = """
import sys
import service.bento
heavy = {"lightgbm", "duckdb", "numba", "sqlalchemy", "models.scorer"} & set(sys.modules)
import service.assembly
print(*heavy, "| mlflow" if "mlflow" in sys.modules else "|")
"""


def test_the_supervisor_imports_nothing_heavy_and_no_worker_imports_mlflow() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.stdout == "|\n", done.stderr
