"""Access control: bearer keys with scopes, or in development any caller on this machine and no other."""

import ipaddress
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.types import Scope

from service.runtime.problems import Problem
from service.store.keys import Keyring, list_keys

FORWARDING = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip", b"via"}
)
LOOK_AT_MOST_EVERY = 0.02
"""Seconds between two looks into the store for a key that is not known here: it may have been made just now."""


class Access(Protocol):
    """Access control: the scopes that a request's key opens."""

    def admit(self, request: Scope) -> None:
        """Raise a 403 problem for a request that may not even knock."""

    def check(self, request: Scope, scope: str) -> str:
        """Who calls: the id of the key. Raises a 401 or 403 problem if they may not use what needs this scope."""


class DevelopmentAccess:
    """TERCET_DEV=1: no keys, but only from this machine, to a local name, and not through a proxy.

    The check of the Host header keeps web pages from reaching the service through a name of theirs that resolves to
    127.0.0.1; the check for forwarding keeps a proxy on this machine from letting the world in.
    """

    def admit(self, request: Scope) -> None:
        """Raise 403 for anything that is not plainly local."""
        headers = dict(reversed(request["headers"]))  # of a header that comes twice the first
        if not FORWARDING.isdisjoint(headers):
            raise refused("it was forwarded by a proxy")
        if not all(is_loopback(end[0]) for end in (request.get("client"), request.get("server")) if end):
            raise refused("it came from another machine")
        if not is_local_name(headers.get(b"host", b"").decode("latin-1")):
            raise refused("its Host header is not a local name")

    def check(self, request: Scope, scope: str) -> str:  # noqa: ARG002 - as with keys
        """Every scope is granted."""
        return "development"


class KeyAccess:
    """Bearer keys from the store, remembered here; `reload` sees what was created and revoked."""

    def __init__(self, store: Engine, wall_clock: Callable[[], int]) -> None:
        self._store = store
        self._wall_clock = wall_clock
        self._looked = 0.0
        self.reload()

    def reload(self) -> None:
        """Reads the keys from the store again."""
        self._keyring = Keyring(list_keys(self._store))

    def admit(self, request: Scope) -> None:
        """Needs nothing: requests without a key are allowed."""

    def check(self, request: Scope, scope: str) -> str:
        """401 without a key that holds, 403 with one that was made for other things."""
        kind, _, token = Headers(scope=request).get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise unauthorized("Send a key as `Authorization: Bearer tercet_…`.", "")
        now = self._wall_clock()
        key = self._keyring.recognise(token.strip(), now)
        if key is None and time.monotonic() - self._looked > LOOK_AT_MOST_EVERY:
            self._looked = time.monotonic()
            self.reload()
            key = self._keyring.recognise(token.strip(), now)
        if key is None:
            raise unauthorized("The key is unknown, revoked or expired.", ', error="invalid_token"')
        if not key.allows(scope):
            challenge = f'Bearer realm="tercet", error="insufficient_scope", scope="{scope}"'
            detail = f"The key does not have the scope `{scope}`."
            raise Problem(403, "insufficient-scope", detail, headers={"www-authenticate": challenge})
        return key.key_id


def unauthorized(detail: str, challenge: str) -> Problem:
    """A 401 with its challenge."""
    return Problem(401, "unauthorized", detail, headers={"www-authenticate": f'Bearer realm="tercet"{challenge}'})


def refused(reason: str) -> Problem:
    """The 403 of development mode."""
    return Problem(403, "local-only", f"The service runs with TERCET_DEV=1 and refused the request: {reason}.")


@lru_cache(maxsize=256)
def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=256)
def is_local_name(host: str) -> bool:
    """Whether a Host header names this machine: localhost or a loopback address, with or without a port."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    name = name.strip("[]").lower()
    return name == "localhost" or is_loopback(name)
