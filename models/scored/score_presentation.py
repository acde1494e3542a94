"""Score presentation: from a model and its matrix to the score as shown, for any number of customers at once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans, Category, Floats
from models.score.percentile_and_band import BAND_WORDS, Standing
from models.score.score_model import ScoreModel
from models.scored.fact_columns import FactColumns
from models.scored.item_parts import reason_form
from models.scored.reasons import Depth, by_group, explain
from models.scored.score_units import units_of_parts
from models.scored.shown_score import PROBABILITY_UNITS, ShownScore
from models.workspace import Bands

Number = TypeVar("Number", np.float64, np.int64, np.intp)


@dataclass(frozen=True)
class Showing:
    """How a model's scores are shown. bands: the policy's shares. currency: of amounts, with its minor units."""

    model: ScoreModel
    bands: Bands
    minor_units: int
    currency: str

    @cached_property
    def scale(self) -> int:
        """Display units in one unit of the score."""
        return self.minor_units if self.model.kind == "clv" else PROBABILITY_UNITS

    @cached_property
    def base_units(self) -> int:
        """What reasons start from, in display units."""
        return int(np.rint(self.model.base_value * self.scale))

    @cached_property
    def standing(self) -> Standing:
        """The reference population that scores are compared with."""
        return Standing.among(self.model.reference, self.bands)

    @cached_property
    def forms(self) -> tuple[dict[str, Any], ...]:
        """Of each feature a reason without what differs between customers."""
        return tuple(reason_form(feature, self.currency) for feature in self.model.declarations)

    def show(self, facts: FactColumns, X: Floats, eligible: Booleans, depth: Depth) -> ShownScore:
        """The score of those who are `eligible`, (n,). facts: of all. X: (n, features), as the model reads them."""
        model, scale, total = self.model, self.scale, len(X)
        rows = eligible.nonzero()[0]
        found, contributions = explain(model, X if len(rows) == total else X[rows], depth, scale)
        percentile, bands = self.standing.of(found.scores, rows, total)
        groups: tuple[str, ...] | None = None
        group_units = np.empty((total, 0), dtype=np.int64)
        if depth.groups:
            groups, parts = by_group(model, contributions * found.rates[:, None])
            group_units = spread(units_of_parts(found.scores, model.base_value, parts, scale), rows, total)
        low = high = None
        if model.interval is not None:
            low, high = model.interval.shown(found.scores, rows, total, scale)
        return ShownScore(
            model=model,
            currency=self.currency,
            forms=self.forms,
            facts=facts,
            X=X,
            eligible=eligible,
            scale=scale,
            units=spread(found.units, rows, total),
            base_units=self.base_units,
            percentile=percentile,
            bands=no_bands(total) if model.kind == "clv" else bands,
            reasons=spread(found.reasons, rows, total),
            reason_units=spread(found.reason_units, rows, total),
            other_units=spread(found.other_units, rows, total),
            groups=groups,
            group_units=group_units,
            low=low,
            high=high,
        )


def no_bands(customers: int) -> Category:
    """An amount has no band."""
    return Category(np.full(customers, -1, dtype=np.int32), BAND_WORDS)


def spread(part: NDArray[Number], rows: NDArray[np.intp], total: int) -> NDArray[Number]:
    """Back to one row a customer, 0 where there is nothing."""
    if len(rows) == total:
        return part
    full = np.zeros((total, *part.shape[1:]), dtype=part.dtype)
    full[rows] = part
    return full
