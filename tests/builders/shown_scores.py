"""Scores as they are shown, by hand, for tests of what is made of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.score.reference_quantiles import ReferenceQuantiles
from models.scored.fact_columns import fact_columns
from models.scored.shown_score import ShownScore
from tests.builders.categories import category_of
from tests.builders.tiny_models import tiny_churn, tiny_clv_baseline

REFERENCE = ReferenceQuantiles.of(np.arange(1001.0))
"""A population of one customer at each whole amount from 0 to 1000."""


def shown(amounts: list[float | None], kind: str = "clv", bands: Sequence[str | None] | None = None) -> ShownScore:
    """A score of these amounts (None: not eligible), of value among REFERENCE or of churn with these bands."""
    model = tiny_clv_baseline() if kind == "clv" else tiny_churn()
    known = np.array([amount is not None for amount in amounts])
    scale = 100 if kind == "clv" else 1_000_000
    units = np.array([round((amount or 0) * scale) for amount in amounts], dtype=np.int64)
    nothing = np.zeros((len(amounts), 0), dtype=np.int64)
    return ShownScore(
        model=replace(model, reference=REFERENCE) if kind == "clv" else model,
        currency="EUR",
        forms=(),
        facts=fact_columns({}, len(amounts)),
        X=np.empty((len(amounts), 0)),
        eligible=known,
        scale=scale,
        units=units,
        base_units=0,
        percentile=np.full(len(amounts), 50.0),
        bands=category_of(bands or [None] * len(amounts)),
        reasons=nothing.astype(np.intp),
        reason_units=nothing,
        other_units=units,
        groups=None,
        group_units=nothing,
        low=None,
        high=None,
    )
