"""Response bodies for decisions and feedback; the OpenAPI document is made from them."""

from typing import Any, Literal

from pydantic import AwareDatetime

from models.decisions.candidates.proposals import EffectSource, Stage
from models.scored.item_parts import Reason
from service.api.schemas.response_models import Answered
from service.store.logs.feedback_log import FeedbackStatus


class MarginTerms(Answered):
    """Costs are negative."""

    purchases: float
    retention: float
    contact_cost: float
    offer_cost: float
    optout: float


class Margin(Answered):
    """What the action is expected to bring on top of doing nothing; `total` is the sum of `terms`."""

    total: float
    currency: str
    terms: MarginTerms


class ProposedAction(Answered):
    """One action to carry out."""

    action: str
    channel: str
    arm: Literal["policy", "exploration"]
    """How it was chosen: by the policy, or by lot."""
    assignment_probability: float
    """How likely the policy's lots were to give this customer this action."""
    expected_margin: Margin
    effect_source: EffectSource
    """How what it changes is known: assumed, or the average effect found in a test."""
    reasons: list[Reason]
    """The reasons of the score that its worth comes from."""
    message: dict[str, str]
    """As the policy has it: tone, incentive, creative, …"""
    expires_at: AwareDatetime
    """Not to be carried out after this."""


class DecidedAction(ProposedAction):
    """One action to carry out, as it was logged."""

    decision_id: str
    """To be sent back with feedback."""


class RejectedAction(Answered):
    """An action on a channel that is not to be carried out."""

    action: str
    channel: str
    stage: Stage
    """Where it left the funnel."""
    reason: str


class Considered(Answered):
    """One customer's item."""

    customer_id: str
    status: Literal["decided", "no_action", "held_out", "not_scored", "unknown_customer"]
    reason: str | None = None
    """Of `not_scored`."""
    rejected: list[RejectedAction]


class CustomerDecisions(Considered):
    """One customer's item; `decisions` is empty unless the status is `decided`."""

    decisions: list[DecidedAction]
    holdout_decision_ids: list[str] | None = None
    """Of `held_out`: the decisions that were logged in place of any action. Nobody is to be contacted."""


class CustomerExplained(Considered):
    """One customer's item as it would be, with all that led to it."""

    decisions: list[ProposedAction]
    candidates: list[dict[str, Any]]
    """Every action on every channel, in the policy's order: how far it came, what it would bring, and why it left."""


class DecisionsAnswer(Answered):
    """Decisions of one moment, one bundle and one policy."""

    decided_at: AwareDatetime
    as_of: AwareDatetime
    bundle_version: str
    policy_version: str
    results: list[CustomerDecisions]


class ExplainAnswer(Answered):
    """What would be decided now; nothing was logged."""

    decided_at: AwareDatetime
    as_of: AwareDatetime
    bundle_version: str
    policy_version: str
    results: list[CustomerExplained]


Note = Literal["late", "held_out", "contradicts_accepted", "contradicts_refused"]


class FeedbackResult(Answered):
    """What was done with one piece of feedback."""

    feedback_id: str | None
    """Null if none could be read."""
    status: FeedbackStatus
    reason: str | None = None
    """Why it was not recorded."""
    notes: list[Note] | None = None
    """What is odd about it although it was recorded."""


class FeedbackAnswer(Answered):
    """What was done with each piece, in its place."""

    results: list[FeedbackResult]
