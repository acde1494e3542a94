"""A served workspace with something to decide, on a store of its own, and who has not been decided for yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from models.ingest.store.store_tables import decisions, metadata
from service.store.database.engine import open_store
from tests.builders.decision_policy import write_policy
from tests.builders.empty_store import fresh_store
from tests.builders.running_service import RunningService, running
from tests.builders.small_workspace import CUSTOMERS, with_champion, write_workspace

EVERYONE = [f"C-{number:03}" for number in range(CUSTOMERS)]


@dataclass
class Deciding:
    """A served workspace, its store, and customers nobody has used yet."""

    service: RunningService
    store: sa.Engine
    fresh: Iterator[str]

    def ask(
        self, *customers: str, path: str = "", headers: dict[str, str] | None = None, **rest: Any
    ) -> httpx.Response:
        body = {"customers": [{"customer_id": customer} for customer in customers]} | rest
        return self.service.http.post(f"/v1/decisions{path}", json=body, headers=headers or {})

    def items(self, *customers: str, **rest: Any) -> list[dict[str, Any]]:
        answer = self.ask(*customers, **rest)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def someone(self, status: str = "decided") -> str:
        """A customer for whom this would be decided now, and whom no other test uses."""
        for customer in self.fresh:
            if self.items(customer, path="/explain")[0]["status"] == status:
                return customer
        raise AssertionError(f"nobody is left who would be {status}")

    def logged(self, customer: str) -> list[sa.RowMapping]:
        query = sa.select(decisions).where(decisions.c.customer_id == customer).order_by(decisions.c.decision_id)
        with self.store.connect().execution_options(reading=True) as connection:
            return list(connection.execute(query).mappings())

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is in the store."""
        with self.store.connect().execution_options(reading=True) as connection:
            return {
                name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
                for name, table in metadata.tables.items()
            }


@contextmanager
def deciding_service(kind: str, folder: Path) -> Iterator[Deciding]:
    """Two workers on a store of this kind."""
    workspace = write_policy(write_workspace(folder / "shop"))
    with_champion(workspace)
    with fresh_store(kind, folder) as url:
        store = open_store(url)
        with running(workspace, folder, dev="1", workers="2", database_url=url) as service:
            yield Deciding(service, store, iter(EVERYONE[2:]))
        store.dispose()
