"""What was known at the training's cut-off: later rows, and customers who came later, are taken away before all else.

Features and outcomes would not see them anyhow. This makes sure that nothing else does: which features are declared,
how often a word is seen, who is in which fold.
"""

from dataclasses import replace

import numpy as np

from models.history import ALWAYS, History, Rows, take


def known_before(history: History, cut_off: int) -> History:
    """The same history without rows at or after `cut_off` and without customers of whom nothing was known before."""
    tables = {name: rows_before(rows, cut_off) for name, rows in history.tables.items()}
    known = np.zeros(len(history), dtype=np.bool_)
    for rows in tables.values():
        known |= np.diff(rows.offsets) > 0
    signed_up = history.profile.get("signed_up_at")
    if isinstance(signed_up, np.ndarray):
        known |= ~(signed_up >= cut_off)
    elif not history.tables:
        known[:] = True
    newest = [int(rows.at.max()) for rows in tables.values() if len(rows.at)]
    cut = replace(history, tables=tables, newest_at=max((at for at in newest if at != ALWAYS), default=None))
    return cut.select(np.flatnonzero(known))


def rows_before(rows: Rows, cut_off: int) -> Rows:
    """One table's rows before `cut_off`, customer by customer."""
    chosen = np.flatnonzero(rows.at < cut_off)
    if len(chosen) == len(rows.at):
        return rows
    offsets = np.searchsorted(chosen, rows.offsets).astype(np.int64)
    return Rows(offsets, rows.at[chosen], {name: take(column, chosen) for name, column in rows.columns.items()})
