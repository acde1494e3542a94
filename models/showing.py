"""From a model and its matrix to the score as it is shown, for any number of customers at once."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.bands import BANDS, band_places
from models.fact_columns import FactColumns
from models.history import Booleans, Category, Floats
from models.reasons import Depth, by_group, explain
from models.score_model import ScoreModel
from models.score_units import row_sums, shown
from models.shown_score import PROBABILITY_UNITS, ShownScore
from models.workspace import Bands

Number = TypeVar("Number", np.float64, np.int64, np.intp, np.int32)


def show(
    model: ScoreModel, facts: FactColumns, X: Floats, eligible: Booleans, depth: Depth, bands: Bands, minor_units: int
) -> ShownScore:
    """The score of those who are `eligible`.

    facts: of all. X: (n, features), as the model reads them. bands: the policy's. minor_units: of the currency.
    """
    rows, total = np.flatnonzero(eligible), len(X)
    found, strongest_columns = explain(model, X[rows], depth)
    parts = np.take_along_axis(found.contributions, strongest_columns, axis=1)
    rest = found.scores - found.base - row_sums(parts)
    scale = minor_units if model.kind == "clv" else PROBABILITY_UNITS
    units, base_units, part_units = shown(found.scores, found.base, np.column_stack([parts, rest]), scale)
    groups, of_group = by_group(model, found.contributions) if depth.groups else ((), np.empty((len(rows), 0)))
    low, high = money_range(model, found.scores, scale)
    return ShownScore(
        model=model,
        facts=facts,
        X=X,
        eligible=eligible,
        scale=scale,
        units=spread(units, rows, total),
        base_units=base_units,
        percentile=spread(np.round(model.reference.percentile(found.scores), 1), rows, total, np.nan),
        bands=bands_of(model, found.scores, bands, rows, total),
        reasons=spread(strongest_columns, rows, total),
        reason_units=spread(part_units[:, :-1], rows, total),
        other_units=spread(part_units[:, -1], rows, total),
        groups=groups,
        group_units=spread(
            shown(found.scores, found.base, of_group, scale)[2] if groups else of_group.astype(np.int64), rows, total
        ),
        low=None if low is None else spread(low, rows, total, np.nan),
        high=None if high is None else spread(high, rows, total, np.nan),
    )


def bands_of(model: ScoreModel, scores: Floats, shares: Bands, rows: NDArray[np.intp], total: int) -> Category:
    """The band of each score; an amount has none."""
    vocabulary = tuple(sorted(BANDS))
    if model.kind == "clv":
        return Category(np.full(total, -1, dtype=np.int32), vocabulary)
    codes = np.array([vocabulary.index(band) for band in BANDS], dtype=np.int32)
    return Category(spread(codes[band_places(scores, model.reference, shares)], rows, total, -1), vocabulary)


def money_range(model: ScoreModel, scores: Floats, scale: int) -> tuple[Floats | None, Floats | None]:
    """The interval of an amount, rounded to minor units."""
    if model.interval is None:
        return None, None
    low, high = model.interval.bounds(scores)
    return np.rint(low * scale) / scale, np.rint(high * scale) / scale


def spread(part: NDArray[Number], rows: NDArray[np.intp], total: int, fill: float = 0) -> NDArray[Number]:
    """Back to one row a customer, `fill` where there is nothing."""
    full = np.full((total, *part.shape[1:]), fill, dtype=part.dtype)
    full[rows] = part
    return full
