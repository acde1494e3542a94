"""Contact policy in `policy.toml`: channels, contact limits, and who is never contacted."""

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from models.consent.purposes import ChannelConsent
from models.workspace.toml_section import Amount, Days, Name, Probability, Section, Text


class ContactLimit(Section):
    """At most so many contacts in so many days, over all actions."""

    at_most: Annotated[int, Field(ge=0, le=1000)]
    days: Days


class Channel(Section):
    """`[channels.<name>]`: a way to reach customers.

    consent: the one that it needs beside that to profiling. contact_cost: of one contact, major unit. optout: the
    probability that a contact makes the customer opt out. capacity: contacts in one run of `tercet decide`.
    """

    consent: ChannelConsent
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
    """`[suppression]`: who is not contacted although the limits would allow it.

    after_served_days: the same action again. after_refusal_days: the same action after it was refused.
    after_silence: any action; `false` switches it off. audiences: these are never contacted.
    """

    after_served_days: Annotated[int, Field(ge=0, le=3650)] = 14
    after_refusal_days: Annotated[int, Field(ge=0, le=3650)] = 90
    after_silence: Silence | None = Silence()
    audiences: list[Name] = Field(default_factory=list)

    @field_validator("after_silence", mode="before")
    @classmethod
    def _false_is_off(cls, value: Any) -> Any:
        return None if value is False else value


class Experiment(Section):
    """`[experiment]`: the share that is never contacted, and the share whose action is drawn at random.

    salt: change it to draw both anew; the same salt keeps the same customers held out.
    """

    holdout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    exploration: Annotated[float, Field(ge=0, lt=1)] = 0.02
    salt: Text = "tercet"

    @model_validator(mode="after")
    def _leave_some_to_the_policy(self) -> Self:
        if self.holdout + self.exploration >= 1:
            raise ValueError("holdout and exploration together must leave some customers to the policy (sum under 1)")
        return self


class RunLimits(Section):
    """`[run]`: of one run of `tercet decide`. budget: expected cost, major unit; without it there is no limit."""

    budget: Amount | None = None
