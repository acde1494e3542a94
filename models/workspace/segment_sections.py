"""Segment sections of `policy.toml`, with their defaults.

A rule (`when`) is a condition over features, scores, segments and attributes, such as
`orders_all >= 5 and days_since_last_order <= 2 * order_gap_mean`; `churn_horizon_days` stands for the horizon of churn.
"""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from models.workspace.toml_section import Days, Name, Section, Text

Rule = Annotated[str, StringConstraints(min_length=1)]
Share = Annotated[float, Field(gt=0, lt=1)]


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


class SegmentRule(Section):
    """One of a list such as `[[lifecycle]]`: the first whose rule holds counts; the last has no `when`."""

    name: Name
    when: Text | None = None


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


def default_tiers() -> list[ValueTier]:
    """Five tiers, of which the upper four hold 1, 5, 10 and 25 % of the customers."""
    shares = {"platinum": 0.01, "gold": 0.05, "silver": 0.10, "bronze": 0.25}
    return [
        *(ValueTier(name=name, share=share) for name, share in shares.items()),
        ValueTier(name="standard", rest=True),
    ]


def default_lifecycle() -> list[SegmentRule]:
    """Seven stages, from who has not bought yet to who buys as usual."""
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


def default_sufficiency() -> list[SegmentRule]:
    """From "high" to "none", by purchases and length of history; without orders by the features that are known."""
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
