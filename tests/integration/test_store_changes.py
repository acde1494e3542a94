"""A token vouches for what was read: with writers in other processes, equal tokens mean equal rows, on either store."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.ingest import wall_clock
from models.ingest.store.store_tables import consents
from service.store.database.change_token import StoreChanges, Token
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from tests.builders.empty_store import KINDS, fresh_store
from tests.builders.running_service import ROOT

WRITERS, SECONDS = 2, 1.2
WRITER = """
import sys, time
import sqlalchemy as sa
url, customer, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
store, until, number = sa.create_engine(url), time.monotonic() + seconds, 0
add = sa.text("INSERT INTO consents (customer_id, purpose, granted, at, received_at) VALUES (:who, 'email', 1, :at, 1)")
while time.monotonic() < until:
    number += 1
    with store.begin() as connection:
        connection.execute(add, {"who": customer, "at": 2 * number})
        connection.execute(add, {"who": customer, "at": 2 * number + 1})
    time.sleep(0.003 if number % 4 else 0.03)
store.dispose()
"""
COUNTED = sa.select(consents.c.customer_id, sa.func.count()).group_by(consents.c.customer_id).order_by("customer_id")
NEWEST = sa.select(sa.func.max(consents.c.sequence))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    with fresh_store(request.param, tmp_path) as url:
        opened = open_store(url)
        yield opened
        opened.dispose()


def read(changes: StoreChanges) -> tuple[Token | None, object]:
    """What the store holds, read in two statements, and the token of it."""
    with changes.reading() as (connection, token):
        newest = connection.execute(NEWEST).scalar_one()
        return token, (newest, connection.execute(COUNTED).all())


def test_equal_tokens_mean_equal_rows_while_others_write(store: sa.Engine) -> None:
    changes = StoreChanges(store)
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WRITER, url]
    writers = [subprocess.Popen([*command, f"c{number}", str(SECONDS)], cwd=ROOT) for number in range(WRITERS)]
    held: dict[Token, object] = {}
    relied_on = 0
    while None in [writer.poll() for writer in writers]:
        token, rows = read(changes)
        assert token is not None
        time.sleep(0.001)
        if token == changes.token():
            relied_on += token in held
            assert held.setdefault(token, rows) == rows
    assert [writer.wait() for writer in writers] == [0, 0]
    assert relied_on > 20
    assert len(held) > 20


def test_what_was_committed_before_the_token_was_asked_for_is_seen_in_it(store: sa.Engine) -> None:
    changes = StoreChanges(store)
    seen = [changes.token()]
    for number in range(20):
        record_consent(store, "c", {"email": number % 2 == 0}, None, None, wall_clock())
        seen.append(changes.token())
        assert changes.token() == seen[-1]
    assert len(set(seen)) == 21
    assert None not in seen


def test_a_write_that_is_not_committed_moves_nothing_until_it_is(store: sa.Engine) -> None:
    changes = StoreChanges(store)
    token, rows = read(changes)
    with store.connect() as writer, writer.begin():
        insert = sa.insert(consents).values(customer_id="c", purpose="email", granted=1, at=1, received_at=1)
        writer.execute(insert)
        during, same = read(changes)
        assert same == rows
    after, new = read(changes)
    assert new != rows
    assert after not in {token, during}


def test_a_connection_that_breaks_vouches_for_nothing_that_was_read_before(store: sa.Engine) -> None:
    changes = StoreChanges(store)
    before = changes.token()
    assert changes._asking is not None
    changes._asking.close()
    assert changes.token() is None
    record_consent(store, "c", {"email": True}, None, None, wall_clock())
    assert changes.token() not in {before, None}
