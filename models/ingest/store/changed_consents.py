"""Which consents the store has by now that it did not have when it was read."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from models.ingest.sql.duckdb_session import open_engine
from models.ingest.store.delta import recorded_consents


def changed_consents(directory: Path, recorded: pa.Table) -> tuple[pa.Table, Mapping[tuple[str, str], bool]]:
    """The consents that hold now, and of these what is not in `recorded`: by customer and purpose, whether granted.

    recorded: as `models.ingest.store.delta` read them. All are compared: what was committed late may have an early
    number.
    """
    now = recorded_consents(directory)
    with open_engine() as connection:
        connection.register("now", now)
        connection.register("recorded", recorded)
        found = connection.execute("select * from now except select * from recorded").fetchall()
    return now, {(customer_id, purpose): bool(granted) for customer_id, purpose, granted in found}
