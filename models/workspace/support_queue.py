"""What `policy.toml` may say of the order in which a service desk answers its customers."""

from typing import Annotated

from pydantic import Field

from models.workspace.actions import Name, Text
from models.workspace.section import Section
from models.workspace.segment_rule import SegmentRule


class SupportLevel(SegmentRule):
    """One of `[[support_priority.levels]]`: the first whose rule holds counts; the last has no `when`."""

    label: Text | None = None


def _default_levels() -> list[SupportLevel]:
    return [
        SupportLevel(name="first", label="Valuable and likely to leave", when="value_risk == 'protect'"),
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
