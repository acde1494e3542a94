"""`policy.toml`: all its sections, with their defaults."""

from typing import Self

from pydantic import Field, model_validator

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
from models.workspace.support_queue import SupportPriority
from models.workspace.toml_section import Factor, Name, Section


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
