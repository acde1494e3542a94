"""Training's commands. Each has a module of its own, imported when it is asked for: `init` needs no LightGBM."""

import importlib
from typing import Any

MODULES = {
    "init": "training.init_command",
    "check": "training.check_command",
    "train": "training.train_command",
    "promote": "training.promote_command",
}


def __getattr__(name: str) -> Any:
    """The click command of this name."""
    if name not in MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(MODULES[name]), name)
