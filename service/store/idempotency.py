"""Idempotency keys: a repeated request with the same key and body gets the first answer again.

After the IETF's draft "The Idempotency-Key HTTP Header Field". The claim on a key, the decisions and the answer are one
transaction: a request that fails leaves no claim, and of several at once the others wait for the first one's answer.
"""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from models.errors import TercetError
from models.ingest.store.store_tables import answered_requests
from service.store.database.concurrent_writes import first_insert
from service.store.database.engine import writing

KEPT = 24 * 3600 * 1_000_000
"""For how long an answer is given again, in microseconds."""
FORGOTTEN_AT_ONCE = 200
"""How many answers of earlier days a new key, or a transaction of `forget_old_answers`, clears away."""


class KeyReusedError(TercetError):
    """The key has come with another body."""


@dataclass(frozen=True, slots=True)
class Retryable:
    """A request that carries a key. key: the caller and what they sent. fingerprint: the SHA-256 of the body."""

    key: str
    fingerprint: str

    @classmethod
    def of(cls, caller: str, key: str, body: bytes) -> "Retryable":
        """A caller's request with its key; each caller has keys of its own."""
        return cls(f"{caller} {key}", hashlib.sha256(body).hexdigest())


def answer_given(connection: sa.Connection, request: Retryable, now: int) -> str | None:
    """The answer that this request was given before, None if it was not. KeyReusedError if it was another request."""
    query = sa.select(answered_requests.c.fingerprint, answered_requests.c.answer)
    mine = answered_requests.c.idempotency_key == request.key
    found = connection.execute(query.where(mine, answered_requests.c.answered_at > now - KEPT)).first()
    if found is None:
        return None
    if found.fingerprint != request.fingerprint:
        what = "this Idempotency-Key came with another body within the last 24 hours"
        raise KeyReusedError(what, fix="send a new key with a new request")
    return str(found.answer)


def claim(connection: sa.Connection, request: Retryable, now: int) -> str | None:
    """Claim the key for this transaction: None, or the answer that it has been given already.

    A request that comes while another with the same key is being answered waits here.
    """
    keys, answered_at = answered_requests.c.idempotency_key, answered_requests.c.answered_at
    connection.execute(sa.delete(answered_requests).where(keys == request.key, answered_at <= now - KEPT))
    _forget_some(connection, now)
    row = {"idempotency_key": request.key, "fingerprint": request.fingerprint, "answer": "", "answered_at": now}
    claiming = first_insert(connection, answered_requests).values(row).returning(answered_requests.c.idempotency_key)
    claimed = connection.execute(claiming).first() is not None
    return None if claimed else answer_given(connection, request, now)


def keep(connection: sa.Connection, request: Retryable, answer: str) -> None:
    """Keep the answer under the claim."""
    mine = answered_requests.c.idempotency_key == request.key
    connection.execute(sa.update(answered_requests).where(mine).values(answer=answer))


def forget_old_answers(store: sa.Engine, now: int) -> None:
    """Clear away all answers that are older than a day, whether or not another key comes. StoreError if it is away."""
    while True:
        with writing(store) as connection:
            if _forget_some(connection, now) < FORGOTTEN_AT_ONCE:
                return


def _forget_some(connection: sa.Connection, now: int) -> int:
    """Deletes some answers older than a day that no other worker is deleting; returns how many."""
    keys, old = answered_requests.c.idempotency_key, answered_requests.c.answered_at <= now - KEPT
    some = sa.select(keys).where(old).limit(FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
    return connection.execute(sa.delete(answered_requests).where(keys.in_(some))).rowcount
