"""Actions in `policy.toml`: their target, effect, cost, channels and further properties."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from models.workspace.toml_section import Amount, Days, Factor, Name, Section, Text

Change = Annotated[float, Field(ge=-1, le=1)]


class Effect(Section):
    """`effect`: by how much an action changes a probability, and how that is known.

    assumed: `kappa` times the propensity (`[money] kappa` where it is not given). average: the same `change` of the
    probability for everyone, known from a test that `known_from` names.
    """

    source: Literal["assumed", "average"] = "assumed"
    kappa: Annotated[float, Field(gt=0, le=1)] | None = None
    change: Change | None = None
    known_from: Text | None = None

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        is_average = self.source == "average"
        if is_average and (self.change is None or self.known_from is None):
            raise ValueError('source = "average" needs `change` and `known_from` (the test that it is known from)')
        if not is_average and (self.change is not None or self.known_from is not None):
            raise ValueError('`change` and `known_from` belong to source = "average"')
        if is_average and self.kappa is not None:
            raise ValueError('`kappa` belongs to source = "assumed"')
        return self


class Action(Section):
    """`[actions.<name>]`: something to do for a customer, on one of its channels.

    value: where its worth comes from. "retention": staying instead of leaving, worth the predicted value. "offer": the
        customer takes `offer`. "purchase": a purchase within the churn horizon that would not have been.
    margin: what one taking, purchase or customer who stays brings, in the major unit; by default margin_share x average
        order value, and for retention the predicted value of a customer who stays.
    contact_cost: on top of the channel's own. offer_cost: what it costs if the customer takes it (a discount).
    weights: by "key=value" of `[context.<key>]`, what the expected margin is multiplied by when it is arbitrated.
    """

    label: Text | None = None
    channels: Annotated[list[Name], Field(min_length=1)]
    when: Text | None = None
    value: Literal["retention", "offer", "purchase"]
    offer: Name | None = None
    margin: Amount | None = None
    effect: Effect = Effect()
    contact_cost: Amount = 0.0
    offer_cost: Amount = 0.0
    expires_after_days: Days = 14
    message: dict[Name, Text] = Field(default_factory=dict)
    weights: dict[str, Factor] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_its_value(self) -> Self:
        if (self.value == "offer") != (self.offer is not None):
            raise ValueError('`offer` (one of [upsell] in tercet.toml) belongs to value = "offer", and to no other')
        if len(set(self.channels)) != len(self.channels):
            raise ValueError("`channels` names one twice")
        return self


class Exclusion(Section):
    """One of `[[exclusions]]`: of these actions a customer gets at most one within `days`.

    How soon the same one may come again is for `[suppression] after_served_days` to say.
    """

    actions: Annotated[list[Name], Field(min_length=2)]
    days: Days = 30


class Money(Section):
    """`[money]`: what turns scores into margin, in the currency's major unit.

    margin_share: of revenue (1 where [clv] value = "margin"). horizon_days: over which value counts; by default that
    of [clv]. kappa: the share of a propensity that an action is assumed to change. contact_value: what the right to
    contact a customer is worth, lost when they opt out.
    """

    margin_share: Annotated[float, Field(gt=0, le=1)] = 0.35
    horizon_days: Days | None = None
    kappa: Annotated[float, Field(gt=0, le=1)] = 0.3
    contact_value: Amount = 0.0


class ContextKey(Section):
    """`[context.<key>]`: something that the caller sends with a request, and the values that it can have."""

    values: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=100)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_value_once(self) -> Self:
        if len(set(self.values)) != len(self.values):
            raise ValueError("`values` has one twice")
        return self
