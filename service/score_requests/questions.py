"""Questions of a score request, independent of HTTP: its customers, and what is computed for them."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.scored.customer_preparation import FeatureValue
from models.scored.reasons import REASONS_SHOWN

SentRow = Mapping[str, Any]
Item = dict[str, Any]
"""A customer's part of the answer (`models.items.item_fields`)."""


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
    def is_what_if(self) -> bool:
        """Whether it is a what-if: then there is no next best action."""
        return self.features is not None or self.brings_rows or self.consent is not None


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """What is computed for every customer of a request.

    as_of: the instant to score as of, in microseconds; None for the workspace's own clock. Of any other instant there
    is no next best action. scores: which kinds, None for all. groups: whether groups of features are summed.
    """

    as_of: int | None = None
    scores: Sequence[str] | None = None
    top_reasons: int = REASONS_SHOWN
    groups: bool = False

    def is_what_if(self, question: Question) -> bool:
        """Whether a question is about a customer as they might be, or as they were."""
        return self.as_of is not None or question.is_what_if


def invalid_item(customer_id: str) -> Item:
    """The item of someone of whom something was sent that cannot be."""
    return {"customer_id": customer_id, "status": "invalid"}
