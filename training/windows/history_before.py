"""History before the cut-off: later rows, and customers who came later, are removed first.

Features and outcomes would not see them anyhow. This makes sure that nothing else does: which features are declared,
how often a word is seen, who is in which fold.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from models.rows.history import ALWAYS, Category, Column, History, Rows, take


def history_before(history: History, cut_off: int) -> History:
    """The same history without rows at or after `cut_off` and without customers of whom nothing was known before."""
    tables = {name: rows_before(rows, cut_off) for name, rows in history.tables.items()}
    known = np.zeros(len(history), dtype=np.bool_)
    for rows in tables.values():
        known |= np.diff(rows.offsets) > 0
    signed_up = history.profile.get("signed_up_at")
    if isinstance(signed_up, np.ndarray) and not (history.tables and np.isnan(signed_up).all()):
        known |= ~(signed_up >= cut_off)
    elif not history.tables:
        known[:] = True
    labels = labels_before(history, tables)
    cut = replace(history, tables=tables, labels=labels, newest_at=newest_before(history, cut_off))
    return cut.select(np.flatnonzero(known))


def newest_before(history: History, cut_off: int) -> int | None:
    """The newest instant of a row before `cut_off`, a subscription's end too; None if there is none."""
    instants = [rows.at[rows.at != ALWAYS] for rows in history.tables.values()]
    ended = history.tables["subscriptions"].columns.get("ended_at") if "subscriptions" in history.tables else None
    if isinstance(ended, np.ndarray):
        instants.append(ended[~np.isnan(ended)].astype(np.int64))
    known = [at[at < cut_off] for at in instants]
    return max((int(at.max()) for at in known if len(at)), default=None)


def labels_before(history: History, tables: Mapping[str, Rows]) -> Mapping[str, Column]:
    """Labels, missing for those whose newest row of `attributes`, which holds the label, is no longer in `tables`."""
    if "attributes" not in tables:
        return history.labels
    gone = np.diff(history.tables["attributes"].offsets) > np.diff(tables["attributes"].offsets)
    return {
        name: Category(np.where(gone, np.int32(-1), column.codes), column.vocabulary)
        if isinstance(column, Category)
        else np.where(gone, np.nan, column)
        for name, column in history.labels.items()
    }


def rows_before(rows: Rows, cut_off: int) -> Rows:
    """One table's rows before `cut_off`, customer by customer."""
    chosen = np.flatnonzero(rows.at < cut_off)
    if len(chosen) == len(rows.at):
        return rows
    offsets = np.searchsorted(chosen, rows.offsets).astype(np.int64)
    return Rows(offsets, rows.at[chosen], {name: take(column, chosen) for name, column in rows.columns.items()})
