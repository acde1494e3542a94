"""What is answered. OpenAPI is made from these, and tests hold every answer to them."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Answered(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Reason(Answered):
    """One feature's part in a score."""

    feature: str
    label: str
    value: float | int | str | None
    unit: str
    group: str
    contribution: float
    """In the score's own unit: points of probability, or money."""
    direction: Literal["raises", "lowers"]
    rank: int


class GroupPart(Answered):
    """What the features of one group contribute together."""

    group: str
    contribution: float


class Explained(Answered):
    """score = base_value + the reasons' contributions + other_contribution."""

    percentile: float | None
    """Where the score stands among the customers at the bundle's cut-off: 0 to 100."""
    horizon_days: int | None
    base_value: float
    reasons: list[Reason]
    other_contribution: float
    model: Literal["baseline"] | None = None
    """Present where too little data for more left a named baseline."""
    groups: list[GroupPart] | None = None
    """Present where `groups` was asked for: base_value + all groups = score."""


class Probability(Explained):
    """How likely it is within the horizon."""

    probability: float
    band: Literal["high", "medium", "low"] | None


class Interval(Answered):
    """Where the amount lies with the probability `coverage`."""

    low: float
    high: float
    coverage: float


class Amount(Explained):
    """What the customer is predicted to be worth within the horizon."""

    amount: float
    currency: str
    interval: Interval | None


class Offer(Probability):
    """How likely the customer is to take an offer."""

    offer: str


class Upsell(Answered):
    """The offers for which the customer is eligible."""

    offers: list[Offer]


class Segments(Answered):
    """The segments of a customer, as `policy.toml` defines them."""

    value_tier: str | None
    lifecycle: str | None
    rfm: str | None
    value_risk: str | None
    audiences: list[str]
    next_best_action: str | None
    """The action that POST /v1/decisions would propose now; null where there is none, the customer is held out, or
    features, history or consent were sent."""


class ProblemDocument(Answered):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
    """The faults of a request, each with a JSON pointer."""


class CustomerScores(Answered):
    """One customer's item."""

    customer_id: str
    status: Literal["scored", "not_scored", "unknown_customer", "invalid"]
    reason: str | None = None
    """Of `not_scored`: no_profiling_consent, prospect, not_eligible or insufficient_data."""
    problem: ProblemDocument | None = None
    """Of `invalid`."""
    churn: Probability | None = None
    clv: Amount | None = None
    upsell: Upsell | None = None
    segments: Segments | None = None
    data_sufficiency: Literal["high", "medium", "low", "none"] | None = None


class ScoresAnswer(Answered):
    """Scores of one instant, one bundle and one policy."""

    as_of: AwareDatetime
    scored_at: AwareDatetime
    bundle_version: str
    policy_version: str
    results: list[CustomerScores]


class ScoreDescription(Answered):
    """One score of the bundle."""

    score: str
    label: str
    meaning: str
    """What the number says, in words."""
    model: Literal["boosted", "baseline"]
    horizon_days: int | None
    grade: Literal["A", "B", "C"]
    grade_meaning: str
    cut_off: AwareDatetime
    """The model knew only what came before."""
    bands: dict[str, str]
    """Each band in words."""
    judged_days: int | None
    """Over how many days its figures were taken: under the horizon if it was scaled; null of labels and baselines."""
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    features: int
    run_id: str


class ModelAnswer(Answered):
    """What serves, and what its numbers mean."""

    bundle_version: str
    bundle_digest: str
    policy_version: str
    workspace: str
    currency: str
    tercet_version: str
    cut_off: AwareDatetime
    as_of: AwareDatetime
    customers: int
    percentile_meaning: str
    scores: list[ScoreDescription]


class SegmentDefinition(Answered):
    """A segment and what makes a customer belong to it."""

    name: str
    label: str | None = None
    rule: str | None = None
    share: float | None = None
    """The share of customers that the policy gives it."""
    above: float | None = None
    """The predicted value from which on a customer belongs to it."""
    cadence_days: int | None = None
    channels: list[str] | None = None
    """Of an action: how it reaches a customer."""


class SegmentSize(Answered):
    """How large a segment was when it was last measured."""

    segment: str
    customers: int
    share: float
    revenue_share: float | None


class Segmentation(Answered):
    """A way to divide the customers."""

    label: str
    segments: list[SegmentDefinition] | None = None
    table: dict[str, list[str]] | None = None
    """Of `rfm`: for each fifth of recency (r5 bought last), the names by the fifth of frequency and value."""
    fifths: dict[str, list[float]] | None = None
    """Of `rfm`: where its fifths are cut, frozen in the bundle."""
    median: float | None = None
    """Of `value_risk`: the predicted value that halves the customers, frozen in the bundle."""
    sizes: list[SegmentSize] | None
    """Null where they are not measured yet."""


class Measured(Answered):
    """When and with what the sizes were measured."""

    as_of: AwareDatetime
    bundle_version: str
    policy_version: str
    customers: int
    warnings: list[str]


class SegmentsAnswer(Answered):
    """All segments, their rules, and their sizes as last measured."""

    policy_version: str
    sizes: Literal["measured", "not measured yet"]
    measured: Measured | None
    segmentations: dict[str, Segmentation]
