"""The instant of computation: the one requested, or the clock of `[business]`."""

import time

from models.errors import DataError
from models.rows.history import History
from models.rows.instants import parse_instant
from models.workspace import Workspace


def wall_clock() -> int:
    """Now, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def resolve_as_of(workspace: Workspace, history: History, text: str | None, *, now: int | None = None) -> int:
    """The instant that `text` means, or else just after the newest row (clock "data") or now (clock "wall").

    A history without any instant is as of now. Raises DataError if the text is no time.
    """
    return as_of_newest(workspace, history.newest_at, text, now=now)


def as_of_newest(workspace: Workspace, newest_at: int | None, text: str | None, *, now: int | None = None) -> int:
    """The same, where the newest row's instant is all that is known of the history."""
    business = workspace.config.business
    if text is not None:
        try:
            return parse_instant(text, business.timezone)
        except ValueError as error:
            fix = "write it as 2026-11-21 or 2026-11-21T10:00:00Z"
            raise DataError(f"{text!r} is no time", where="as of", fix=fix) from error
    if business.clock == "wall" or newest_at is None:
        return wall_clock() if now is None else now
    return newest_at + 1
