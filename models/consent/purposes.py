"""Consent purposes: profiling, and contact by email, text message or phone."""

from typing import Literal

PROFILING = "profiling"
PURPOSES = (PROFILING, "email", "sms", "phone")
"""Every purpose, in the order of columns and answers. What a store has of any other purpose counts for nothing."""
ChannelConsent = Literal["email", "sms", "phone", "none"]
"""The consent that a channel needs beside that to profiling."""
NONE_NEEDED = "none"
"""Of a channel that needs no consent but that to profiling."""


def consent_column(purpose: str) -> str:
    """The column of the table `customers`, and the field of requests and answers, that holds a consent."""
    return f"{purpose}_consent"


CONSENT_COLUMNS = tuple(consent_column(purpose) for purpose in PURPOSES)


def purposes_of_contact(channel_consent: str) -> tuple[str, ...]:
    """All that a customer must have consented to, to be contacted on a channel that needs `channel_consent`.

    >>> purposes_of_contact("sms"), purposes_of_contact("none")
    (('profiling', 'sms'), ('profiling',))
    """
    return (PROFILING,) if channel_consent == NONE_NEEDED else (PROFILING, channel_consent)
