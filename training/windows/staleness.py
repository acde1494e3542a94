"""Staleness: rows that end before the cut-off, whose missing period would count as inactivity."""

from models.rows.history import MICROSECONDS_PER_DAY, History
from models.rows.instants import format_instant
from models.targets.targets import Target
from training.findings.finding import Finding
from training.findings.training_codes import STALE

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
    """The earliest `--as-of` that includes the newest row."""
    return format_instant(newest_at + 1)


def stale_findings(target: Target, history: History, cut_off: int) -> tuple[Finding, ...]:
    """The finding that a score's last window includes days that the tables do not reach; none if they do."""
    newest = history.newest_at
    if newest is None or target.horizon_days is None or not is_stale(newest, cut_off, target.horizon_days):
        return ()
    what = f"the cut-off {format_instant(cut_off)} lies beyond the data: {empty_stretch(newest, cut_off)}"
    fix = f"train with --as-of {cut_off_at(newest)}, just after the newest row, or bring the rows since"
    return (Finding(STALE, target.score, what, fix),)
