"""Bearer keys: created, listed, revoked and recognised. Only hashes are stored; a secret is shown once."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update

from models.errors import TercetError
from models.ingest.store.store_tables import keys
from service.store.database.engine import reading

SCOPES = ("score", "explain", "decide", "events", "admin")
"""What a key may be for; `admin` may do everything."""


class KeyNotFoundError(TercetError):
    """There is no key with this id."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. Instants in microseconds UTC, None for never."""

    key_id: str
    name: str
    scopes: frozenset[str]
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    secret_sha256: str

    def holds(self, now: int) -> bool:
        """Whether the key opens anything at this instant."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def allows(self, scope: str) -> bool:
        """Whether the key was made for this."""
        return scope in self.scopes or "admin" in self.scopes


def create_key(store: Engine, name: str, scopes: frozenset[str], now: int, expires_at: int | None = None) -> str:
    """Store a new key and return it in full, `tercet_<id>_<secret>`: the only time that it can be seen."""
    key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
    row = {
        "key_id": key_id,
        "name": name,
        "secret_sha256": sha256(secret),
        "scopes": " ".join(scope for scope in SCOPES if scope in scopes),
        "created_at": now,
        "expires_at": expires_at,
    }
    with store.begin() as connection:
        connection.execute(insert(keys).values(row))
    return f"tercet_{key_id}_{secret}"


def list_keys(store: Engine) -> list[Key]:
    """All keys, oldest first. StoreError if the store is away."""
    with reading(store) as connection:
        rows = connection.execute(select(keys).order_by(keys.c.created_at, keys.c.key_id)).mappings().all()
    return [Key(**(dict(row) | {"scopes": frozenset(row["scopes"].split())})) for row in rows]


def revoke_key(store: Engine, key_id: str, now: int) -> None:
    """Close a key for good; KeyNotFoundError if there is none of this id."""
    with store.begin() as connection:
        found = connection.execute(
            update(keys).where(keys.c.key_id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=now)
        )
        if (
            found.rowcount == 0
            and connection.execute(select(keys.c.key_id).where(keys.c.key_id == key_id)).first() is None
        ):
            raise KeyNotFoundError(f"there is no key {key_id}", fix="tercet keys list")


class Keyring:
    """The store's keys in memory, to recognise a token in microseconds. Reload it to see what has changed."""

    def __init__(self, found: list[Key]) -> None:
        self._keys = {key.key_id: key for key in found}

    def recognise(self, token: str, now: int) -> Key | None:
        """The key of this token, if it holds now."""
        parts = token.split("_")
        if len(parts) != 3 or parts[0] != "tercet":
            return None
        key = self._keys.get(parts[1])
        if key is None or not hmac.compare_digest(key.secret_sha256, sha256(parts[2])):
            return None
        return key if key.holds(now) else None


def sha256(secret: str) -> str:
    """A secret of 256 random bits needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
