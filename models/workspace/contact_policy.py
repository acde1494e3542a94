"""What `policy.toml` may say of contacts: channels, how often a customer may be contacted, and who is left in peace."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from models.workspace.actions import Amount, Days, Name, Probability
from models.workspace.toml_section import Section


class ContactLimit(Section):
    """At most so many contacts in so many days, over all actions."""

    at_most: Annotated[int, Field(ge=0, le=1000)]
    days: Days


class Channel(Section):
    """`[channels.<name>]`: a way to reach customers.

    consent: the one that it needs beside that to profiling. contact_cost: of one contact, major unit. optout: the
    probability that a contact makes the customer opt out. capacity: contacts in one run of `tercet decide`.
    """

    consent: Literal["email", "sms", "phone", "none"]
    contact_cost: Amount = 0.0
    optout: Probability = 0.0
    capacity: Annotated[int, Field(ge=0)] | None = None
    limits: list[ContactLimit] = Field(default_factory=list)


class ContactPolicy(Section):
    """`[contact_policy]`: limits over all channels together, beside those of each channel."""

    limits: list[ContactLimit] = Field(default_factory=lambda: [ContactLimit(at_most=2, days=7)])


class Silence(Section):
    """After so many contacts within `days` that brought no answer, none for `rest_days`."""

    contacts: Annotated[int, Field(ge=1, le=1000)] = 3
    days: Days = 60
    rest_days: Days = 60


class Suppression(Section):
    """`[suppression]`: who is left in peace although the limits would allow a contact.

    after_served_days: the same action again. after_refusal_days: the same action after it was refused.
    after_silence: any action; `false` switches it off. audiences: these are never contacted.
    """

    after_served_days: Annotated[int, Field(ge=0, le=3650)] = 14
    after_refusal_days: Annotated[int, Field(ge=0, le=3650)] = 90
    after_silence: Silence | None = Silence()
    audiences: list[Name] = Field(default_factory=list)

    @field_validator("after_silence", mode="before")
    @classmethod
    def _false_is_off(cls, told: Any) -> Any:
        return None if told is False else told
