"""MLflow session of a command: tracking server or file, verbosity, and a workspace that was moved."""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import mlflow
from mlflow.environment_variables import MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR

from models.workspace import Workspace
from training.registry.mlflow_tracking import Tracking

PATHS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Where MLflow's tables keep the place of artifacts."""


@contextmanager
def open_tracking(workspace: Workspace) -> Iterator[Tracking]:
    """MLflow as its own variables say, else in the workspace's `mlflow.db` and `mlruns`; quiet while it lasts."""
    directory = workspace.directory.resolve()
    given = os.environ.get("MLFLOW_TRACKING_URI")
    with quiet():
        if not given:
            rehome(directory / "mlflow.db", f"tercet/{workspace.name}", directory / "mlruns")
            mlflow.set_tracking_uri(f"sqlite:///{directory / 'mlflow.db'}")
        try:
            yield Tracking(workspace, None if given else (directory / "mlruns").as_uri())
        finally:
            if not given:
                mlflow.set_tracking_uri(None)  # type: ignore[arg-type] # None takes back what was set


@contextmanager
def quiet() -> Iterator[None]:
    """Keep MLflow's progress bars and notes off the terminal; warnings and errors stay."""
    bars = MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.get_raw()
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(False)
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if bars is None:
            MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.unset()
        else:
            MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(bars)


def rehome(database: Path, experiment: str, artifacts: Path) -> None:
    """Point the experiment's artifacts to the folder `artifacts`, if the database says that they lie elsewhere.

    Of a workspace that was moved MLflow's database holds absolute paths to the old place, and would go on to write
    there.
    """
    if not database.is_file():
        return
    with closing(sqlite3.connect(database)) as connection, connection:
        known = connection.execute("select 1 from sqlite_master where name = 'experiments'").fetchone()
        found = (
            known
            and connection.execute("select artifact_location from experiments where name = ?", (experiment,)).fetchone()
        )
        old, new = found[0] if found else artifacts.as_uri(), artifacts.as_uri()
        if old == new:
            return
        for table, column in PATHS:
            connection.execute(
                f"update {table} set {column} = ? || substr({column}, ?) where {column} = ? or {column} like ? || '/%'",  # noqa: S608 - names of PATHS
                (new, len(old) + 1, old, old),
            )
