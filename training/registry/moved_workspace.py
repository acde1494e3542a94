"""A workspace that was moved: MLflow's database holds absolute paths to the old place and would go on writing there."""

import sqlite3
from contextlib import closing
from pathlib import Path

PATHS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Where MLflow's tables keep the place of artifacts."""


def rehome(database: Path, experiment: str, artifacts: Path) -> None:
    """Point the experiment's artifacts to the folder `artifacts`, if the database says that they lie elsewhere."""
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
