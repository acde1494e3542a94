"""Prepared customers: all inputs to scoring that depend on a customer's rows alone, without the rows.

Small enough to be kept a customer at a time for as long as no row of theirs changes: a few kilobytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.consent.recorded_consent import Consents
from models.errors import FeatureError
from models.rows.history import Booleans, Category, Floats
from models.scored.customer_status import status_and_reason
from models.scored.fact_columns import FactColumns, stacked


@dataclass(frozen=True, slots=True)
class Prepared:
    """n customers as of an instant (microseconds).

    facts: features and profile. X: by score, the matrix (n, features) that its model reads. eligible: by score, bool
    (n,). stranger: int8 (n,), why nobody can be scored whatever they consent to, a position in STATUS_REASONS, -1 for
    those who can. consents: by purpose, int8 (n,), as in `History`. errors: by row, why what was assumed of it does not
    fit.
    """

    customer_ids: NDArray[np.object_]
    as_of: int
    facts: FactColumns
    X: Mapping[str, Floats]
    eligible: Mapping[str, Booleans]
    stranger: NDArray[np.int8]
    consents: Consents
    errors: Mapping[int, FeatureError]

    def __len__(self) -> int:
        return len(self.customer_ids)

    def take(self, rows: NDArray[np.intp]) -> "Prepared":
        """These customers alone, in this order, without a reference to the others."""
        return Prepared(
            customer_ids=self.customer_ids[rows],
            as_of=self.as_of,
            facts=self.facts.take(rows),
            X={score: X[rows] for score, X in self.X.items()},
            eligible={score: mask[rows] for score, mask in self.eligible.items()},
            stranger=self.stranger[rows],
            consents={purpose: said[rows] for purpose, said in self.consents.items()},
            errors={place: self.errors[row] for place, row in enumerate(rows.tolist()) if row in self.errors},
        )

    def statuses(self, allowed: Booleans) -> tuple[Category, Category]:
        """Status and its reason, where `allowed` (n,) says who may be profiled."""
        return status_and_reason(self.stranger, allowed, self.errors)


def joined(parts: Sequence[Prepared]) -> Prepared:
    """All of these customers, in this order; ValueError if they are of different instants or tables."""
    first = parts[0]
    if len(parts) == 1:
        return first
    if any(part.as_of != first.as_of for part in parts):
        raise ValueError("these customers were prepared as of different instants")
    return Prepared(
        customer_ids=np.concatenate([part.customer_ids for part in parts]),
        as_of=first.as_of,
        facts=stacked([part.facts for part in parts]),
        X={score: np.concatenate([part.X[score] for part in parts]) for score in first.X},
        eligible={score: np.concatenate([part.eligible[score] for part in parts]) for score in first.eligible},
        stranger=np.concatenate([part.stranger for part in parts]),
        consents={purpose: np.concatenate([part.consents[purpose] for part in parts]) for purpose in first.consents},
        errors=_errors(parts),
    )


def _errors(parts: Sequence[Prepared]) -> dict[int, FeatureError]:
    if not any(part.errors for part in parts):
        return {}
    found, start = dict[int, FeatureError](), 0
    for part in parts:
        found |= {start + row: error for row, error in part.errors.items()}
        start += len(part)
    return found
