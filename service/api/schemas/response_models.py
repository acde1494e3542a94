"""Response bodies; the OpenAPI document is made from them, and tests validate every answer against them."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from models.items.item_fields import ScoredItem


class Answered(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class ProblemDocument(Answered):
    """An error as a problem document (RFC 9457): what was wrong and what to do, never what was sent."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
    """The faults of a request, each with a JSON pointer."""


class CustomerScores(ScoredItem):
    """One customer's item."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    problem: ProblemDocument | None = None
    """What does not fit, for a customer whose status is `invalid`; absent for other statuses."""


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
    reach: str | None = None
    """How much better than chance it finds those whom it is about, in customers; absent of amounts and baselines."""
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
