"""Scored customers: scores, segments and the inputs to decisions, for any number of customers at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.consent.recorded_consent import Consents
from models.errors import FeatureError
from models.rows.history import Booleans, Category
from models.scored.audiences import Audiences
from models.scored.customer_status import SCORED
from models.scored.fact_columns import FactColumns
from models.scored.shown_score import ShownScore


@dataclass(frozen=True)
class Scored:
    """The answer for n customers.

    status: "scored", "not_scored" or "invalid"; status_reason: why not. errors: what was wrong with the single rows
    that are "invalid". scores by name. segments by segmentation (`models.segments.kinds.all_kinds`), without audiences;
    the next best action where contacts were known. facts: features and profile. consents: by purpose, as in `History`.
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

    @property
    def offers(self) -> tuple[ShownScore, ...]:
        """The scores of offers, in order."""
        return tuple(score for score in self.scores.values() if score.model.kind == "upsell")
