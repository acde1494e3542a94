"""Answers are kept for retries for a day; then they are cleared away, whether or not a new key comes."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from models.files.store_url import store_url
from models.ingest import wall_clock
from models.ingest.store.store_tables import answered_requests
from service.store.database.engine import open_store
from service.store.idempotency import FORGOTTEN_AT_ONCE, KEPT, forget_old_answers
from tests.builders.empty_store import KINDS, fresh_store
from tests.builders.in_process_service import served_in_process
from tests.builders.polling import wait_for

MINUTE = 60_000_000


def keep_answers(store: sa.Engine, now: int, count: int) -> None:
    """So many of more than a day ago, and one of just within it."""
    instants = {f"old {number}": now - KEPT - number for number in range(count)} | {"new": now - KEPT + MINUTE}
    rows = [
        {"idempotency_key": key, "fingerprint": "", "answer": "{}", "answered_at": at} for key, at in instants.items()
    ]
    with store.begin() as connection:
        connection.execute(sa.insert(answered_requests), rows)


def kept(store: sa.Engine) -> set[str]:
    with store.connect() as connection:
        return set(connection.execute(sa.select(answered_requests.c.idempotency_key)).scalars())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, FORGOTTEN_AT_ONCE, 2 * FORGOTTEN_AT_ONCE + 1])
def test_all_that_are_older_than_a_day_are_forgotten_at_once(kind: str, count: int, tmp_path: Path) -> None:
    with fresh_store(kind, tmp_path) as url:
        store, now = open_store(url), wall_clock()
        keep_answers(store, now, count)
        forget_old_answers(store, now)
        assert kept(store) == {"new"}
        store.dispose()


def test_a_worker_forgets_them_though_no_request_comes(shop: Path) -> None:
    store = open_store(store_url(shop))
    keep_answers(store, wall_clock(), 3)
    with served_in_process(shop):
        wait_for(lambda: kept(store) == {"new"}, state=lambda: kept(store), pause=0.01)
    store.dispose()
