"""Bundles, the folders that serving loads: contents, verification, and the champion pointer."""

from typing import NoReturn


def __getattr__(name: str) -> NoReturn:
    """Refuse what registered models of Tercet 0.1 import first, where it had this package as one file."""
    if name in {"Bundle", "read_bundle"}:
        raise ImportError(
            "this registered model was made by Tercet 0.1, which brings its own `models`: load it in a process "
            "that has not imported those of another version, or train again"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
