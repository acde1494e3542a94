"""What `policy.toml` may say, with the defaults that hold where it says nothing: bands, segments, audiences, hygiene.

A rule (`when`) is a condition over features, scores, segments and attributes, such as
`orders_all >= 5 and days_since_last_order <= 2 * order_gap_mean`; `churn_horizon_days` stands for the horizon of churn.
"""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from models.workspace.actions import Action, Exclusion, Factor, Money, Name
from models.workspace.contact_policy import Channel, ContactPolicy, Suppression
from models.workspace.experiment import ContextKey, Experiment, RunLimits
from models.workspace.segment_rule import SegmentRule
from models.workspace.support_queue import SupportPriority
from models.workspace.toml_section import Section

Rule = Annotated[str, StringConstraints(min_length=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Days = Annotated[int, Field(ge=1, le=3650)]


class Bands(Section):
    """`[bands]`: from the highest probability down, the share that is high, then the share that is medium."""

    high: Share = 0.10
    medium: Share = 0.20

    @model_validator(mode="after")
    def _leave_a_rest(self) -> Self:
        if self.high + self.medium >= 1:
            raise ValueError("high and medium together must leave some customers low (their sum be under 1)")
        return self


class ValueTier(Section):
    """One of `[[value_tiers]]`, from the highest predicted value down: a share of the customers, or the rest."""

    name: Name
    share: Share | None = None
    rest: bool = False

    @model_validator(mode="after")
    def _share_or_rest(self) -> Self:
        if (self.share is None) != self.rest:
            raise ValueError("a tier has either `share` or `rest = true`")
        return self


FiveNames = Annotated[list[Name], Field(min_length=5, max_length=5)]


class RfmTable(Section):
    """`[rfm]`: the segment by quintile of recency (r5 bought last) and of frequency and monetary value (1 to 5)."""

    r5: FiveNames = Field(default=["new", "potential_loyalist", "potential_loyalist", "champions", "champions"])
    r4: FiveNames = Field(default=["promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"])
    r3: FiveNames = Field(default=["about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"])
    r2: FiveNames = Field(default=["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"])
    r1: FiveNames = Field(default=["lost", "lost", "at_risk", "at_risk", "cannot_lose"])


class ValueRisk(Section):
    """`[value_risk]`: predicted value above the median or not, and churn in the high band (at risk) or not."""

    high_value_at_risk: Name = "protect"
    high_value: Name = "grow"
    low_value: Name = "maintain"
    low_value_at_risk: Name = "let_go"


class Audience(Section):
    """`[audiences.<name>]`: everyone for whom the rule holds. cadence_days: how often it should be looked at again."""

    when: Rule
    label: str | None = None
    cadence_days: Days | None = None


class Hygiene(Section):
    """`[hygiene]`: from when on segments are too many, too small, too large, overlap too much, or are stale."""

    max_segments: Annotated[int, Field(ge=1)] = 15
    min_share: Share = 0.01
    max_share: Share = 0.80
    max_overlap: Share = 0.80
    stale_after_days: Days = 30


def _default_tiers() -> list[ValueTier]:
    shares = {"platinum": 0.01, "gold": 0.05, "silver": 0.10, "bronze": 0.25}
    return [
        *(ValueTier(name=name, share=share) for name, share in shares.items()),
        ValueTier(name="standard", rest=True),
    ]


def _default_lifecycle() -> list[SegmentRule]:
    rules = {
        "prospect": "orders_all == 0",
        "lapsed": "days_since_last_order > churn_horizon_days",
        "won_back": "longest_gap_90d > churn_horizon_days",
        "new": "days_since_first_order <= 90",
        "at_risk": "days_since_last_order > 2 * order_gap_mean",
        "loyal": "orders_all >= 5",
        "active": None,
    }
    return [SegmentRule(name=name, when=when) for name, when in rules.items()]


def _default_sufficiency() -> list[SegmentRule]:
    rules = (
        ("high", "orders_all >= 3 and days_since_first_order >= 180"),
        ("medium", "orders_all >= 2 or days_since_first_order >= 90"),
        ("low", "orders_all >= 1"),
        # tables without orders: the share of features that are known
        ("high", "features_present >= 0.9"),
        ("medium", "features_present >= 0.6"),
        ("low", "features_present > 0"),
        ("none", None),
    )
    return [SegmentRule(name=name, when=when) for name, when in rules]


class Policy(Section):
    """The whole of `policy.toml`."""

    bands: Bands = Bands()
    value_tiers: list[ValueTier] = Field(default_factory=_default_tiers)
    rfm: RfmTable = RfmTable()
    lifecycle: list[SegmentRule] = Field(default_factory=_default_lifecycle)
    data_sufficiency: list[SegmentRule] = Field(default_factory=_default_sufficiency)
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
