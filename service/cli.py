"""The service's commands, each in a module of its own that is imported when it is asked for: `serve` cannot wait."""

import importlib
from typing import Any

MODULES = {
    "serve": "service.serve_command",
    "score": "service.score_command",
    "segments": "service.segments_command",
    "keys": "service.key_commands",
}


def __getattr__(name: str) -> Any:
    """The click command of this name."""
    if name not in MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(MODULES[name]), name)
