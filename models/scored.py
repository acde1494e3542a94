"""Scores, segments and all that decisions go by, of any number of customers at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import FeatureError
from models.fact_columns import FactColumns
from models.history import Booleans, Category
from models.prepared import SCORED
from models.segments.audiences import Audiences
from models.shown_score import ShownScore

NEXT_BEST_ACTION = "next_best_action"
"""The last segment, which `models.decisions` tells: what would be done for the customer now."""
TOLD_SEGMENTS = ("value_tier", "rfm", "value_risk", "lifecycle")


@dataclass(frozen=True)
class Scored:
    """The answer for n customers.

    status: "scored", "not_scored" or "invalid"; status_reason: why not. errors: what was wrong with the single rows
    that are "invalid". scores by name. segments: value_tier, rfm, value_risk, data_sufficiency, lifecycle, and
    next_best_action where contacts were known. facts: features and profile. consents: by purpose, as in `History`.
    """

    customer_ids: NDArray[np.object_]
    as_of: int
    status: Category
    status_reason: Category
    errors: Mapping[int, FeatureError]
    scores: Mapping[str, ShownScore]
    segments: Mapping[str, Category]
    audiences: Audiences
    facts: FactColumns
    consents: Mapping[str, NDArray[np.int8]]
    currency: str

    def __len__(self) -> int:
        return len(self.customer_ids)

    @property
    def is_scored(self) -> Booleans:
        """Whose status is "scored", (n,)."""
        found: Booleans = self.status.codes == SCORED
        return found

    def reasons_of(self, score: ShownScore, row: int) -> list[dict[str, Any]]:
        """The reasons shown for one score of one customer, strongest first, those that round to nothing left out."""
        return score.reasons_of(row, self.currency)

    def items(self, *, groups: bool = False) -> list[dict[str, Any]]:
        """Everyone's result, as `item` gives it."""
        return [self.item(row, groups=groups) for row in range(len(self))]

    def item(self, row: int, *, groups: bool = False) -> dict[str, Any]:
        """One customer's result, as the HTTP contract has it (an invalid row without its problem).

        groups: also tell what each group of features contributes.
        """
        answer: dict[str, Any] = {"customer_id": self.customer_ids[row], "status": self.status.word(row)}
        if answer["status"] != "scored":
            reason = self.status_reason.word(row)
            return answer | ({"reason": reason} if reason else {})
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
        answer["segments"] = self.segments_of(row)
        answer["data_sufficiency"] = self.segments["data_sufficiency"].word(row)
        return answer

    def segments_of(self, row: int) -> dict[str, Any]:
        """One customer's segments, as answers have them."""
        segments: dict[str, Any] = {name: self.segments[name].word(row) for name in TOLD_SEGMENTS}
        segments["audiences"] = self.audiences.of(row)
        if NEXT_BEST_ACTION in self.segments:
            segments[NEXT_BEST_ACTION] = self.segments[NEXT_BEST_ACTION].word(row)
        return segments

    def _probability(self, score: ShownScore, row: int, groups: bool) -> dict[str, Any]:
        return {
            "probability": int(score.units[row]) / score.scale,
            "percentile": float(score.percentile[row]),
            "band": score.bands.word(row),
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
            marked["groups"] = score.groups_of(row)
        return {
            "base_value": score.base_units / score.scale,
            "reasons": self.reasons_of(score, row),
            "other_contribution": int(score.other_units[row]) / score.scale,
        } | marked
