"""Feedback outcomes: the words for what became of a decision, and what each of them says."""

from typing import Literal

FeedbackOutcome = Literal[
    "presented",
    "delivered",
    "opened",
    "clicked",
    "accepted",
    "refused",
    "converted",
    "bounced",
    "undeliverable",
    "unsubscribed",
    "complained",
]
BOUNCES: tuple[FeedbackOutcome, ...] = ("bounced", "undeliverable")
"""It cannot be delivered, to this address and for good: no refusal, and no use in trying again."""
WITHDRAWALS: tuple[FeedbackOutcome, ...] = ("unsubscribed", "complained")
"""They refuse the channel: the consent that it needs is withdrawn. Of the action it counts as a refusal, too."""
STOPS: tuple[FeedbackOutcome, ...] = (*BOUNCES, *WITHDRAWALS)
"""What stops the channel for the customer."""
ARRIVED: tuple[FeedbackOutcome, ...] = ("delivered", "opened")
"""It arrived, and no answer is known: mail programs open messages by themselves."""
REACHES: tuple[FeedbackOutcome, ...] = (*ARRIVED, "clicked", "accepted")
"""What shows that the channel reaches the customer, and ends a bounce that was before it."""
ACCEPTANCES: tuple[FeedbackOutcome, ...] = ("accepted", "converted")
REFUSALS: tuple[FeedbackOutcome, ...] = ("refused", *WITHDRAWALS)
