"""Engagement features: visits, e-mail, tickets, complaints and satisfaction."""

from models.features.language.expressions import DAYS_AGO, Selection, equals, rows
from models.features.language.specification import Feature


def of_kind(kind: str, days: int | None = None) -> Selection:
    """The interactions of one kind."""
    return rows("interactions", where=equals("kind", kind), days=days)


COUNTED = (
    ("visits", "visit", "Visits", 30),
    ("visits", "visit", "Visits", 90),
    ("email_opens", "email_open", "E-mails opened", 90),
    ("email_clicks", "email_click", "E-mails clicked", 90),
    ("tickets", "ticket", "Tickets", 90),
    ("complaints", "complaint", "Complaints", 365),
)
LAST = (
    ("visit", "visit", "visit"),
    ("email_open", "email_open", "opened e-mail"),
    ("email_click", "email_click", "clicked e-mail"),
    ("ticket", "ticket", "ticket"),
    ("complaint", "complaint", "complaint"),
)
KINDS = frozenset({"nps", *(kind for _, kind, *_ in (*COUNTED, *LAST))})
"""The kinds of interactions that features read."""

FEATURES = (
    Feature(
        name="interactions_90d",
        label="Interactions in the last 90 days",
        unit="interactions",
        group="engagement",
        value=rows("interactions", days=90).count(),
        missing="never: 0 without interactions",
    ),
    *(
        Feature(
            name=f"{name}_{days}d",
            label=f"{label} in the last {days} days",
            unit=name,
            group="engagement",
            value=of_kind(kind, days).count(),
            missing="never: 0 without any",
        )
        for name, kind, label, days in COUNTED
    ),
    *(
        Feature(
            name=f"days_since_last_{name}",
            label=f"Days since last {label}",
            unit="days",
            group="engagement",
            value=of_kind(kind).last(DAYS_AGO),
            missing="without any",
        )
        for name, kind, label in LAST
    ),
    Feature(
        name="email_click_rate_365d",
        label="E-mails clicked per e-mail opened in the last 365 days",
        unit="share",
        group="engagement",
        value=of_kind("email_click", 365).count() / of_kind("email_open", 365).count(),
        missing="where none was opened in the last 365 days",
    ),
    Feature(
        name="nps_last",
        label="Last answer to the recommendation question",
        unit="points",
        group="engagement",
        value=of_kind("nps").last("value"),
        missing="where it was never answered",
    ),
    Feature(
        name="nps_mean",
        label="Average answer to the recommendation question",
        unit="points",
        group="engagement",
        value=of_kind("nps").mean("value"),
        missing="where it was never answered",
    ),
)
