"""Waiting in tests: for as long as it takes on a busy machine, and no longer than what is waited for can still come."""

import time
from collections.abc import Callable

MOST_SECONDS = 900.0
"""Longer than anything takes on a machine that does ten other things: only what never comes is given up."""


def wait_for(
    condition: Callable[[], object],
    *,
    alive: Callable[[], bool] = lambda: True,
    state: Callable[[], object] = lambda: "",
    pause: float = 0.05,
    most_seconds: float = MOST_SECONDS,
) -> None:
    """Until the condition holds. alive: whether it still can. state: what to say of it if it does not."""
    deadline = time.monotonic() + most_seconds
    while not condition():
        assert alive(), f"it ended: {state()}"
        assert time.monotonic() < deadline, f"not within {most_seconds:.0f} seconds: {state()}"
        time.sleep(pause)
