"""Measured run: everyone's segments at one instant, with the facts that key figures are computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY, Booleans, Category, Floats, History
from models.rows.tables import CONTROL
from models.scored.audiences import Audiences
from models.scored.scored_customers import Scored
from models.segments.kinds.all_kinds import SEGMENTATIONS
from models.segments.kinds.audiences import AUDIENCES

FROM_FEATURES = (
    "orders_90d",
    "orders_365d",
    "spend_365d",
    "margin_365d",
    "return_share",
    "tickets_90d",
    "complaints_365d",
    "nps_last",
    "mrr",
)


@dataclass(frozen=True)
class Run:
    """One run's segments: of a scoring just made, or read back from its file.

    customer_ids: (n,). segments: by name, a word for each, None where not assigned. audiences: theirs.
    facts: by name, float64 (n,), NaN where not known; a run that is only compared with needs none.
    """

    as_of: int
    customer_ids: Sequence[str]
    segments: Mapping[str, Category]
    audiences: Audiences
    facts: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.customer_ids)

    def members(self, segmentation: str, names: Sequence[str]) -> dict[str, Booleans]:
        """Who is in each of these segments or audiences, bool (n,) each."""
        if segmentation == AUDIENCES.name:
            nobody = np.zeros(len(self), dtype=np.bool_)
            return {name: self.audiences.member(name) if name in self.audiences.names else nobody for name in names}
        words = self.segments[segmentation]
        return {name: words.codes == words.code_of(name) for name in names}

    @property
    def segmentations(self) -> tuple[str, ...]:
        """The names of all that the run has, audiences among them, in the order of SEGMENTATIONS."""
        names = [segmentation.name for segmentation in SEGMENTATIONS]
        return tuple(name for name in names if name == AUDIENCES.name or name in self.segments)


def run_of(scored: Scored, history: History) -> Run:
    """The run of a scoring: of everyone who was scored, the segments and facts from features, scores and contacts."""
    rows = np.flatnonzero(scored.is_scored)
    facts: dict[str, Floats] = {}
    for name in FROM_FEATURES:
        column = scored.facts.get(name)
        if column is not None and not isinstance(column, Category):
            facts[name] = column[rows]
    for score, name in (("churn", "churn_probability"), ("clv", "predicted_clv")):
        if score in scored.scores:
            facts[name] = scored.scores[score].values[rows]
    facts |= {name: counts[rows] for name, counts in contact_facts(history, scored.as_of).items()}
    return Run(
        as_of=scored.as_of,
        customer_ids=scored.customer_ids[rows].tolist(),
        segments={name: words.take(rows) for name, words in scored.segments.items()},
        audiences=Audiences(scored.audiences.names, scored.audiences.members[rows]),
        facts=facts,
    )


def contact_facts(history: History, as_of: int) -> dict[str, Floats]:
    """Contacts made in the 365 days before `as_of` whose outcome is known, and those that converted, by customer."""
    contacts = history.tables.get("contacts")
    if contacts is None or "outcome" not in contacts.columns:
        return {}
    outcome, arm = contacts.columns["outcome"], contacts.columns.get("arm")
    if isinstance(outcome, Category):
        return {}
    counts = (contacts.at < as_of) & (contacts.at >= as_of - 365 * MICROSECONDS_PER_DAY) & ~np.isnan(outcome)
    if isinstance(arm, Category):
        counts &= arm.codes != arm.code_of(CONTROL)
    customer = np.repeat(np.arange(len(history)), np.diff(contacts.offsets))[counts]
    contacted = np.bincount(customer, minlength=len(history)).astype(np.float64)
    converted = np.bincount(customer, weights=outcome[counts], minlength=len(history)).astype(np.float64)
    return {"contacts_365d": contacted, "conversions_365d": converted}
