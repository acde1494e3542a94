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
        return score.reasons_in(slice(row, row + 1), self.currency)[0]

    def item(self, row: int, *, groups: bool = False) -> dict[str, Any]:
        """One customer's result, as `items` has it."""
        return self._items(slice(row, row + 1), groups=groups)[0]

    def items(self, *, groups: bool = False) -> list[dict[str, Any]]:
        """Everyone's result, as the HTTP contract has it (an invalid row without its problem).

        groups: also tell what each group of features contributes.
        """
        return self._items(slice(0, len(self)), groups=groups)

    def _items(self, rows: slice, *, groups: bool) -> list[dict[str, Any]]:
        found = list[dict[str, Any]]()
        scores = {name: score.told(rows, self.currency, groups=groups) for name, score in self.scores.items()}
        offers = {name.removeprefix("upsell."): scores.pop(name) for name in [*scores] if name.startswith("upsell.")}
        segments, sufficiency = self._segments(rows), self._words("data_sufficiency", rows)
        status, reason = self.status.codes[rows].tolist(), self.status_reason.codes[rows].tolist()
        for place, customer_id in enumerate(self.customer_ids[rows].tolist()):
            item: dict[str, Any] = {"customer_id": customer_id, "status": self.status.vocabulary[status[place]]}
            found.append(item)
            if status[place] != SCORED:
                if reason[place] >= 0:
                    item["reason"] = self.status_reason.vocabulary[reason[place]]
                continue
            for name, told in scores.items():
                if told[place] is not None:
                    item[name] = told[place]
            if offers:
                item["upsell"] = {
                    "offers": [{"offer": name, **one} for name, told in offers.items() if (one := told[place])]
                }
            item["segments"] = segments[place]
            item["data_sufficiency"] = sufficiency[place]
        return found

    def _segments(self, rows: slice) -> list[dict[str, Any]]:
        columns: dict[str, list[Any]] = {name: self._words(name, rows) for name in TOLD_SEGMENTS}
        columns["audiences"] = self.audiences.lists(rows)
        if NEXT_BEST_ACTION in self.segments:
            columns[NEXT_BEST_ACTION] = self._words(NEXT_BEST_ACTION, rows)
        names = tuple(columns)
        return [dict(zip(names, words, strict=True)) for words in zip(*columns.values(), strict=True)]

    def _words(self, name: str, rows: slice) -> list[str | None]:
        words = self.segments[name]
        return [None if code < 0 else words.vocabulary[code] for code in words.codes[rows].tolist()]
