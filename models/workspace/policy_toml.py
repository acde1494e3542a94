"""`policy.toml`: all its sections, with their defaults.

The sections of segments, actions and contacts are declared in files of their own, that of the support queue here.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from models.errors import did_you_mean
from models.workspace.actions import Action, ContextKey, Exclusion, Money
from models.workspace.contact_policy import Channel, ContactPolicy, Experiment, RunLimits, Suppression
from models.workspace.segment_sections import (
    Audience,
    Bands,
    Hygiene,
    RfmTable,
    SegmentRule,
    ValueRisk,
    ValueTier,
    default_lifecycle,
    default_sufficiency,
    default_tiers,
)
from models.workspace.toml_section import Factor, Name, Section, Text


class SupportLevel(SegmentRule):
    """One of `[[support_priority.levels]]`: the first whose rule holds counts; the last has no `when`."""

    label: Text | None = None


VALUABLE_AND_LEAVING = "clv_percentile > 80 and churn_probability > 0.5"


def _default_levels() -> list[SupportLevel]:
    return [
        SupportLevel(name="first", label="Valuable and likely to leave", when=VALUABLE_AND_LEAVING),
        SupportLevel(name="complained", label="Complained lately", when="days_since_last_complaint <= 30"),
        SupportLevel(name="at_risk", label="Likely to leave", when="churn_band == 'high'"),
        SupportLevel(name="normal", label="Everyone else"),
    ]


class SupportPriority(Section):
    """`[support_priority]`: levels by rule; within a level the margin at risk decides, then who has waited longer.

    unknown_level: of those for whom nothing may be computed (profiling refused, no purchase yet, not known); by default
    the last. There they rank as a typical customer, so that refusing to be profiled has no effect on the rank.
    up_after_hours: each time that a ticket has waited so long it moves up a level; without it, it never does.
    """

    levels: Annotated[list[SupportLevel], Field(min_length=1)] = Field(default_factory=_default_levels)
    unknown_level: Name | None = None
    up_after_hours: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | None = 24.0

    @model_validator(mode="after")
    def _levels_take_everyone(self) -> Self:
        names = [level.name for level in self.levels]
        if [level.when is None for level in self.levels] != [False] * (len(names) - 1) + [True]:
            raise ValueError("the last of `levels`, and no other, has no `when`: it takes everyone left")
        if len(set(names)) != len(names):
            raise ValueError("`levels` uses a name twice")
        if self.unknown_level is not None and self.unknown_level not in names:
            near = did_you_mean(self.unknown_level, names)
            raise ValueError(f"`unknown_level` {self.unknown_level!r} is no level{near} (levels: {', '.join(names)})")
        return self


class Policy(Section):
    """The whole of `policy.toml`."""

    bands: Bands = Bands()
    value_tiers: list[ValueTier] = Field(default_factory=default_tiers)
    rfm: RfmTable = RfmTable()
    lifecycle: list[SegmentRule] = Field(default_factory=default_lifecycle)
    data_sufficiency: list[SegmentRule] = Field(default_factory=default_sufficiency)
    """How much is known of a customer; a rule that asks for what the workspace does not have is passed over."""
    value_risk: ValueRisk = ValueRisk()
    audiences: dict[Name, Audience] = Field(default_factory=dict)
    hygiene: Hygiene = Hygiene()
    money: Money = Money()
    channels: dict[Name, Channel] = Field(default_factory=dict)
    actions: dict[Name, Action] = Field(default_factory=dict)
    exclusions: list[Exclusion] = Field(default_factory=list)
    contact_policy: ContactPolicy = ContactPolicy()
    suppression: Suppression = Suppression()
    experiment: Experiment = Experiment()
    run: RunLimits = RunLimits()
    context: dict[Name, ContextKey] = Field(default_factory=dict)
    levers: dict[Name, Factor] = Field(default_factory=dict)
    """By action: what its expected margin is multiplied by when it is arbitrated, at a marketer's will."""
    support_priority: SupportPriority = SupportPriority()

    @model_validator(mode="after")
    def _lists_end_with_the_rest(self) -> Self:
        _check_last("value_tiers", [(tier.name, tier.rest) for tier in self.value_tiers], "`rest = true`")
        _check_last("lifecycle", [(rule.name, rule.when is None) for rule in self.lifecycle], "no `when`")
        _check_rest("data_sufficiency", [rule.when is None for rule in self.data_sufficiency], "no `when`")
        if sum(tier.share or 0 for tier in self.value_tiers) >= 1:
            raise ValueError("the shares of `value_tiers` must sum to less than 1")
        return self


def _check_last(key: str, entries: list[tuple[str, bool]], mark: str) -> None:
    _check_rest(key, [takes_rest for _, takes_rest in entries], mark)
    if len({name for name, _ in entries}) != len(entries):
        raise ValueError(f"`{key}` uses a name twice")


def _check_rest(key: str, takes_rest: list[bool], mark: str) -> None:
    if not takes_rest or takes_rest != [False] * (len(takes_rest) - 1) + [True]:
        raise ValueError(f"the last of `{key}`, and no other, has {mark}: it takes everyone left")
