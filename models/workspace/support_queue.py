"""What `policy.toml` may say of the order in which a service desk answers its customers."""

from typing import Annotated

from pydantic import Field

from models.workspace.actions import Name, Text
from models.workspace.section import Section


class SupportLevel(Section):
    """One of `[[support_priority.levels]]`: the first whose rule holds counts; the last has no `when`."""

    name: Name
    when: Text | None = None
    label: Text | None = None


def _default_levels() -> list[SupportLevel]:
    return [
        SupportLevel(name="first", label="Valuable and likely to leave", when="value_risk == 'protect'"),
        SupportLevel(
            name="next",
            label="Complained lately, or likely to leave",
            when="complaints_90d >= 1 or churn_band == 'high'",
        ),
        SupportLevel(name="normal"),
    ]


class SupportPriority(Section):
    """`[support_priority]`: levels by rule, and within a level by the margin at risk.

    unknown_level: for whom nothing may be computed (no consent to profiling, no purchase yet, unknown): they are
    answered in this level, by waiting time, and never last for having refused.
    """

    levels: Annotated[list[SupportLevel], Field(min_length=1)] = Field(default_factory=_default_levels)
    unknown_level: Name | None = None
