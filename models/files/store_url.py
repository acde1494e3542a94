"""The store's URL: a database in the workspace, unless the environment names another."""

import os
from pathlib import Path

VARIABLE = "TERCET_DATABASE_URL"
FILE = "tercet.db"


def store_url(directory: Path, database_url: str | None = None) -> str:
    """The store's SQLAlchemy URL: `database_url`, else what the environment says, else SQLite in the workspace."""
    return database_url or os.environ.get(VARIABLE) or f"sqlite:///{directory.resolve() / FILE}"
