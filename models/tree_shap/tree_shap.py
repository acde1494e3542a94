"""A booster's margins and their exact explanation in one pass."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.rows.history import Floats
from models.tree_shap.contribution_tables import ContributionTables
from models.tree_shap.contributions import explain_blocks, explain_row
from models.tree_shap.stored_booster import Booster
from models.tree_shap.table_builder import tables_of
from models.tree_shap.tree_reader import BeyondTablesError, read_forest

FEW_ROWS = 15
"""Up to so many rows, one after another is faster than a block."""

MOST_ROWS_A_BLOCK, BYTES_A_BLOCK = 2048, 2**20
"""A block's totals and codes, ten bytes a feature and row, stay in the second cache."""

ROWS_A_THREAD = 512
"""Fewer are not worth a thread."""


@dataclass(frozen=True)
class TreeShap:
    """Path-dependent TreeSHAP values of a booster (Lundberg et al. 2018), equal to LightGBM's `pred_contrib`.

    tables: None where they cannot hold the booster (linear trees, leaves that depend on more than a dozen features
    at once, ...): then LightGBM explains it.
    """

    booster: Booster
    columns: int
    tables: ContributionTables | None

    @classmethod
    def from_booster(cls, booster: Booster) -> "TreeShap":
        """Read a booster of one margin a row, up to its best iteration."""
        if booster.num_model_per_iteration() != 1:
            raise ValueError(f"a booster with {booster.num_model_per_iteration()} margins a row; one is wanted")
        try:
            tables = tables_of(read_forest(booster.model_to_string()))
        except BeyondTablesError:
            tables = None
        return cls(booster, booster.num_feature(), tables)

    def contributions(self, X: Floats, threads: int = 1) -> Floats:
        """Shapley values on the margin, (n, columns + 1), the last column what the margin is without any."""
        return self.explained(X, threads)[1]

    def margins(self, X: Floats, threads: int = 1) -> Floats:
        """The margins (n,) of `explained` alone."""
        if self.tables is None:
            return np.asarray(self.booster.predict(self._checked(X), raw_score=True, num_threads=threads))
        return self.explained(X, threads)[0]

    def explained(self, X: Floats, threads: int = 1) -> tuple[Floats, Floats]:
        """Margins (n,), the bits of LightGBM's `predict(raw_score=True)`, and contributions, which add up to them.

        X: (n, columns). A row's bits do not depend on the rows beside it.
        """
        X = self._checked(X)
        if self.tables is None:
            by_lightgbm = self.booster.predict(X, pred_contrib=True, num_threads=threads)
            return self.margins(X, threads), np.asarray(by_lightgbm).reshape(len(X), self.columns + 1)
        n = len(X)
        margins, contributions = np.empty(n), np.zeros((n, self.columns + 1))
        if n <= FEW_ROWS:
            for row in range(n):
                explain_row(self.tables, X, row, margins, contributions)
            return margins, contributions
        explain = partial(explain_part, self.tables, X, margins, contributions)
        threads = min(threads, n // ROWS_A_THREAD)
        if threads <= 1:
            explain(0, n)
            return margins, contributions
        bounds = np.linspace(0, n, threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(explain, bounds[:-1], bounds[1:]))
        return margins, contributions

    def _checked(self, X: Floats) -> Floats:
        X = np.ascontiguousarray(X, dtype=np.float64)
        if X.ndim != 2 or X.shape[1] != self.columns:
            raise ValueError(f"a matrix of shape {X.shape}; the booster has {self.columns} features")
        return X


def explain_part(
    tables: ContributionTables, X: Floats, margins: Floats, contributions: Floats, begin: int, end: int
) -> None:
    """Fill the answers of the rows from `begin` to `end`."""
    fitting = BYTES_A_BLOCK // (10 * max(1, len(tables.column))) // 256 * 256
    block = min(end - begin, MOST_ROWS_A_BLOCK, max(256, fitting))
    explain_blocks(tables, X, begin, end, block, margins, contributions)
