"""Duplicate rows: rows with nothing that another row of the same customer does not contain."""

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans, Category, Rows


def twins(rows: Rows) -> Booleans:
    """Which rows equal the one before them in everything that is read of them, (rows)."""
    if not len(rows.at):
        return np.zeros(0, dtype=np.bool_)
    table = _as_numbers(rows)
    same = (table[1:] == table[:-1]).all(axis=1)
    return np.concatenate([[False], same])


def copies(rows: Rows) -> int:
    """How many rows equal another one, wherever it stands, in all but the id of the row."""
    return len(rows.at) - len(np.unique(_as_numbers(rows), axis=0))


def _as_numbers(rows: Rows) -> NDArray[np.float64]:
    """Customer, instant and columns side by side; a missing value equals a missing value."""
    customer = np.repeat(np.arange(len(rows.offsets) - 1), np.diff(rows.offsets))
    columns = [column.codes if isinstance(column, Category) else column for column in rows.columns.values()]
    table = np.column_stack([customer, rows.at.astype(np.float64), *columns])
    return np.where(np.isnan(table), -np.inf, table)
