"""Silent tables: tables with no new rows, whose features falsely suggest that customers have stopped."""

from collections.abc import Collection, Iterator

import numpy as np

from models.rows.history import ALWAYS, MICROSECONDS_PER_DAY, History, Integers, Rows
from models.rows.instants import format_instant
from training.findings.finding import Finding

PATIENCE_DAYS = 7
TIMES_THE_LONGEST = 3
FEWEST_ROWS = 10


def silence_findings(history: History, tables: Collection[str], as_of: int) -> Iterator[Finding]:
    """Of each of these tables whose newest row lies further back than its own rhythm explains.

    That is a week, and three times the longest gap between two of its rows (of anyone) in the year before the newest.
    """
    for table in sorted(tables):
        at = instants_before(history.tables[table], as_of) if table in history.tables else np.empty(0, np.int64)
        if len(at) < FEWEST_ROWS:
            continue
        newest = int(at[-1])
        of_year = at[at >= newest - 365 * MICROSECONDS_PER_DAY]
        longest = int(np.diff(of_year).max()) if len(of_year) > 1 else 0
        if as_of - newest > max(PATIENCE_DAYS * MICROSECONDS_PER_DAY, TIMES_THE_LONGEST * longest):
            days = (as_of - newest) / MICROSECONDS_PER_DAY
            what = f"its newest row is of {format_instant(newest)}, {days:,.0f} days before"
            if longest:
                what += f"; in the year before, no gap was longer than {longest / MICROSECONDS_PER_DAY:,.1f} days"
            fix = "bring the rows since, or monitor as of the time up to which they are there (--as-of)"
            yield Finding("E705", table, what, fix)


def instants_before(rows: Rows, as_of: int) -> Integers:
    """When something happened in a table before an instant, ascending; the end of a subscription is such a time too."""
    ended = rows.columns.get("ended_at")
    known = ended[~np.isnan(ended)].astype(np.int64) if isinstance(ended, np.ndarray) else np.empty(0, np.int64)
    at = np.concatenate([rows.at[rows.at != ALWAYS], known])
    return np.sort(at[at < as_of])
