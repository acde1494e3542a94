"""Scores, segments and all that decisions go by, of any number of customers at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.consent.recorded_consent import Consents
from models.errors import FeatureError
from models.rows.history import Booleans, Category
from models.scored.audiences import Audiences
from models.scored.fact_columns import FactColumns
from models.scored.prepared_customers import SCORED
from models.scored.shown_score import ShownScore

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
    consents: Consents

    def __len__(self) -> int:
        return len(self.customer_ids)

    @property
    def is_scored(self) -> Booleans:
        """Whose status is "scored", (n,)."""
        found: Booleans = self.status.codes == SCORED
        return found

    def items(self, *, groups: bool = False) -> list[dict[str, Any]]:
        """Everyone's result, as `item` has it."""
        return [self.item(row, groups=groups) for row in range(len(self))]

    def item(self, row: int, *, groups: bool = False) -> dict[str, Any]:
        """One customer's result, as the HTTP contract has it (an invalid row without its problem).

        groups: also tell what each group of features contributes.
        """
        item: dict[str, Any] = {"customer_id": self.customer_ids[row], "status": self.status.word(row)}
        if self.status.codes[row] != SCORED:
            reason = self.status_reason.word(row)
            return item | {"reason": reason} if reason else item
        offers = list[dict[str, Any]]()
        for name, score in self.scores.items():
            if score.eligible[row]:
                told = score.told(row, groups=groups)
                if score.model.kind == "upsell":
                    offers.append({"offer": name.removeprefix("upsell."), **told})
                else:
                    item[name] = told
        if any(score.model.kind == "upsell" for score in self.scores.values()):
            item["upsell"] = {"offers": offers}
        segments = self.segments
        told_segments: dict[str, Any] = {name: segments[name].word(row) for name in TOLD_SEGMENTS}
        told_segments["audiences"] = self.audiences.of(row)
        if NEXT_BEST_ACTION in segments:
            told_segments[NEXT_BEST_ACTION] = segments[NEXT_BEST_ACTION].word(row)
        item["segments"], item["data_sufficiency"] = told_segments, segments["data_sufficiency"].word(row)
        return item
