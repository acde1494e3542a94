"""Windows of days as a program has them: the widest first, so that each narrows down the one before it."""

from collections.abc import Iterable

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY


def widest_first(days: Iterable[int | None]) -> list[int | None]:
    """Windows in order; None, all rows, is the first."""
    return sorted(days, key=lambda d: -np.inf if d is None else -d)


def microseconds(days: int | None) -> int:
    """A window; -1 for all rows."""
    return -1 if days is None else days * MICROSECONDS_PER_DAY
