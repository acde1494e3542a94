"""Support queue in `policy.toml`: the order in which a service desk answers its customers."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from models.errors import did_you_mean
from models.workspace.segment_sections import SegmentRule
from models.workspace.toml_section import Name, Section, Text


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
    the last. There they stand where a typical customer would, so that refusing to be profiled costs nobody their turn.
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
