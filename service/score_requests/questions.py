"""What a request asks about customers, without its HTTP clothes."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.decisions.contacts.contact_history import Contacted
from models.scored.preparation import FeatureValue
from models.scored.prepared_customers import Prepared
from models.scored.scored_customers import Scored
from models.scorer import Scorer

SentRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One customer of a request.

    features: values to assume. orders, interactions: rows to score instead of the workspace's; None if none were sent
    at all. consent: what was sent of their consent to profiling.
    """

    customer_id: str
    features: Mapping[str, FeatureValue] | None = None
    orders: Sequence[SentRow] | None = None
    interactions: Sequence[SentRow] | None = None
    consent: bool | None = None

    @property
    def normal_id(self) -> str:
        """The id as tables and store have it."""
        return unicodedata.normalize("NFC", self.customer_id)

    @property
    def brings_rows(self) -> bool:
        """Whether rows were sent, be it an empty list."""
        return self.orders is not None or self.interactions is not None

    @property
    def supposes(self) -> bool:
        """Whether it is about someone as they might be: nobody is contacted for that."""
        return self.features is not None or self.brings_rows or self.consent is not None


@dataclass(frozen=True, slots=True)
class ScoresWanted:
    """What a request asks for everyone in it. as_of: None for the workspace's own clock; of any other instant nothing
    is told of what to do now.
    """

    as_of: int | None = None
    scores: Sequence[str] | None = None
    top_reasons: int = 4
    groups: bool = False

    def scored(self, scorer: Scorer, prepared: Prepared, contacted: Contacted | None = None) -> Scored:
        """Score these customers. contacted: without it no next best action is told."""
        return scorer.scored(
            prepared, scores=self.scores, top_reasons=self.top_reasons, groups=self.groups, contacted=contacted
        )
