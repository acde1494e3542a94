"""Whether the rows reach up to the cut-off: the stretch after the newest of them would count as nothing happening."""

from models.history import MICROSECONDS_PER_DAY
from models.instants import format_instant

STALE_SHARE = 0.1
"""The largest part of a target's horizon that may be without any row."""
LEAST_DAYS = 1
"""Rows that carry a date and no time reach a day further than their instant says."""


def is_stale(newest_at: int, cut_off: int, horizon_days: int) -> bool:
    """Whether the cut-off lies so far after the newest row of any table that outcomes would be made up."""
    return cut_off - newest_at > max(STALE_SHARE * horizon_days, LEAST_DAYS) * MICROSECONDS_PER_DAY


def empty_stretch(newest_at: int, cut_off: int) -> str:
    """What is wrong with such a cut-off, in words."""
    days = (cut_off - newest_at) / MICROSECONDS_PER_DAY
    return f"no table has a row in the {days:,.0f} days before it, which would count as a time when nothing happened"


def cut_off_at(newest_at: int) -> str:
    """The earliest `--as-of` that knows the newest row."""
    return format_instant(newest_at + 1)
