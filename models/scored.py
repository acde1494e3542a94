"""Scores as they are shown: whole display units that add up, for any number of customers at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import FeatureError
from models.features.frame import FeatureFrame
from models.history import Booleans, Category, Floats, Integers
from models.score_model import ScoreModel

PROBABILITY_UNITS = 1_000_000
"""Probabilities are shown to six decimals."""


@dataclass(frozen=True)
class ShownScore:
    """One score of n customers. Only `eligible` rows mean anything.

    frame: the feature values that it was scored from.
    units, other_units: int64 (n,), whole display units of 1 / scale; score = base + reasons + other, in units.
    percentile: (n,), 0 to 100, one decimal. band: "high", "medium", "low" by code; low, high: (n,) an amount's range.
    reasons: (n, k) columns of the model's features, strongest first; reason_units: (n, k) their contributions.
    groups, group_units: every group of features and its whole contribution, (n, groups); with the base, the score.
    """

    model: ScoreModel
    frame: FeatureFrame
    eligible: Booleans
    scale: int
    units: Integers
    base_units: int
    percentile: Floats
    bands: Sequence[str | None]
    reasons: NDArray[np.intp]
    reason_units: Integers
    other_units: Integers
    groups: tuple[str, ...]
    group_units: Integers
    low: Floats | None
    high: Floats | None

    @property
    def values(self) -> Floats:
        """The scores as shown, in their own unit; NaN where not eligible."""
        return np.where(self.eligible, self.units / self.scale, np.nan)


@dataclass(frozen=True)
class Scored:
    """The answer for n customers: `status` and `reason` of each, scores by name, segments by name.

    errors: what was wrong with the single rows whose status is "invalid".
    """

    customer_ids: NDArray[np.object_]
    as_of: int
    status: Sequence[str]
    status_reason: Sequence[str | None]
    errors: Mapping[int, FeatureError]
    scores: Mapping[str, ShownScore]
    segments: Mapping[str, Sequence[Any]]
    frame: FeatureFrame
    currency: str

    def __len__(self) -> int:
        return len(self.customer_ids)

    def item(self, row: int, *, groups: bool = False) -> dict[str, Any]:
        """One customer's result, as the HTTP contract has it (an invalid row without its problem).

        groups: also tell what each group of features contributes.
        """
        answer: dict[str, Any] = {"customer_id": self.customer_ids[row], "status": self.status[row]}
        if self.status[row] != "scored":
            return answer | ({"reason": self.status_reason[row]} if self.status_reason[row] else {})
        offers = []
        for name, score in self.scores.items():
            if not score.eligible[row]:
                continue
            if score.model.kind == "churn":
                answer[name] = self._probability(score, row, groups)
            elif score.model.kind == "clv":
                answer[name] = self._amount(score, row, groups)
            else:
                offers.append({"offer": name.removeprefix("upsell.")} | self._probability(score, row, groups))
        if any(score.model.kind == "upsell" for score in self.scores.values()):
            answer["upsell"] = {"offers": offers}
        sufficiency = self.segments["data_sufficiency"][row]
        answer["segments"] = {k: v[row] for k, v in self.segments.items() if k != "data_sufficiency"}
        answer["data_sufficiency"] = sufficiency
        return answer

    def _probability(self, score: ShownScore, row: int, groups: bool) -> dict[str, Any]:
        return {
            "probability": int(score.units[row]) / score.scale,
            "percentile": float(score.percentile[row]),
            "band": score.bands[row],
            "horizon_days": score.model.horizon_days,
        } | self._explained(score, row, groups)

    def _amount(self, score: ShownScore, row: int, groups: bool) -> dict[str, Any]:
        interval = None
        if score.low is not None and score.high is not None and score.model.interval is not None:
            coverage = score.model.interval.coverage
            interval = {"low": float(score.low[row]), "high": float(score.high[row]), "coverage": coverage}
        return {
            "amount": int(score.units[row]) / score.scale,
            "currency": self.currency,
            "interval": interval,
            "percentile": float(score.percentile[row]),
            "horizon_days": score.model.horizon_days,
        } | self._explained(score, row, groups)

    def _explained(self, score: ShownScore, row: int, groups: bool) -> dict[str, Any]:
        marked: dict[str, Any] = {"model": "baseline"} if score.model.model == "baseline" else {}
        if groups:
            marked["groups"] = groups_of(score, row)
        return {
            "base_value": score.base_units / score.scale,
            "reasons": self.reasons_of(score, row),
            "other_contribution": int(score.other_units[row]) / score.scale,
        } | marked

    def reasons_of(self, score: ShownScore, row: int) -> list[dict[str, Any]]:
        """The reasons shown for one score of one customer, strongest first, those that round to nothing left out."""
        reasons: list[dict[str, Any]] = []
        columns, units = score.reasons[row].tolist(), score.reason_units[row].tolist()
        for column, amount in zip(columns, units, strict=True):
            if amount == 0:
                continue
            feature = score.frame.feature(score.model.features[column])
            reasons.append(
                {
                    "feature": feature.name,
                    "label": feature.label,
                    "value": shown_value(score.frame, feature.name, row),
                    "unit": self.currency if feature.unit == "currency" else feature.unit,
                    "group": feature.group,
                    "contribution": amount / score.scale,
                    "direction": "raises" if amount > 0 else "lowers",
                    "rank": len(reasons) + 1,
                }
            )
        return reasons


def groups_of(score: ShownScore, row: int) -> list[dict[str, Any]]:
    """What each group of features contributes to one score of one customer, strongest first."""
    amounts = dict(zip(score.groups, score.group_units[row].tolist(), strict=True))
    strongest = sorted(amounts, key=lambda group: -abs(amounts[group]))
    return [{"group": group, "contribution": amounts[group] / score.scale} for group in strongest]


def shown_value(frame: FeatureFrame, name: str, row: int) -> float | int | str | None:
    """A feature's value for people: a word, a whole number, or a number to four decimals; None where missing."""
    column = frame.columns[name]
    if isinstance(column, Category):
        code = int(column.codes[row])
        return None if code < 0 else column.vocabulary[code]
    value = float(column[row])
    if np.isnan(value):
        return None
    return int(value) if value.is_integer() else round(value, 4)
