"""Profile features from the table `customers`. Gender is a feature only where the workspace gives a reason."""

from models.features.language.expressions import DaysSince, Profile, YearsSince
from models.features.language.specification import Feature

FEATURES = (
    Feature(
        name="tenure_days",
        label="Days since sign-up",
        unit="days",
        group="profile",
        value=DaysSince("signed_up_at"),
        missing="where the sign-up is not known, or came later",
    ),
    Feature(
        name="age",
        label="Age",
        unit="years",
        group="profile",
        value=YearsSince("birth_year"),
        missing="where the birth year is not known, or gives an age outside 0 to 120",
    ),
    Feature(
        name="country",
        label="Country",
        unit="",
        group="profile",
        value=Profile("country"),
        missing="where it is not known",
        kind="category",
    ),
    Feature(
        name="region",
        label="Region",
        unit="",
        group="profile",
        value=Profile("region"),
        missing="where it is not known",
        kind="category",
    ),
)

GENDER = Feature(
    name="gender",
    label="Gender",
    unit="",
    group="profile",
    value=Profile("gender"),
    missing="where it is not known",
    kind="category",
)
"""Not among FEATURES: `[sensitive] as_features` of a workspace adds it, with the reason."""
