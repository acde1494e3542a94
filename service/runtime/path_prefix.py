"""Path prefix: what a proxy puts before our paths, as `TERCET_ROOT_PATH` or a trusted proxy says.

A proxy may take the prefix off before it hands on, or leave it: both reach the same route.
"""

import re
from collections.abc import MutableMapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

Networks = Sequence[IPv4Network | IPv6Network]
PREFIX = re.compile(r"(/[\w.~-]+)*", re.ASCII)
"""A prefix, without a slash at its end; nothing is none."""


def networks_of(text: str) -> Networks:
    """Addresses and networks, parted by commas. ValueError for one that is none."""
    return [ip_network(word.strip()) for word in text.split(",") if word.strip()]


def unprefixed(scope: MutableMapping[str, Any], root_path: str, trusted: Networks) -> MutableMapping[str, Any]:
    """The scope of a request with its path as routes have it, and the prefix as its `root_path`."""
    prefix = (forwarded_prefix(scope) if trusted and is_trusted(scope, trusted) else None) or root_path
    if not prefix:
        return scope
    changed = {**scope, "root_path": prefix, "path": without(scope["path"], prefix)}
    if scope.get("raw_path"):
        changed["raw_path"] = without(scope["raw_path"].decode("latin-1"), prefix).encode("latin-1")
    return changed


def without(path: str, prefix: str) -> str:
    """A path without the prefix that it may have."""
    return path[len(prefix) :] or "/" if path == prefix or path.startswith(f"{prefix}/") else path


def is_trusted(scope: MutableMapping[str, Any], trusted: Networks) -> bool:
    """Whether the request came from one of these addresses."""
    try:
        address = ip_address((scope.get("client") or ("",))[0])
    except ValueError:
        return False
    return any(address in network for network in trusted)


def forwarded_prefix(scope: MutableMapping[str, Any]) -> str | None:
    """What the header X-Forwarded-Prefix says; None where it says nothing that could be a prefix."""
    told = next((value for name, value in scope["headers"] if name == b"x-forwarded-prefix"), b"")
    prefix = str(told.decode("latin-1")).rstrip("/")
    return prefix if prefix and PREFIX.fullmatch(prefix) else None
