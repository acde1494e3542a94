"""Profile features from `customers`, and one for each further column of `customers` and each column of `attributes`.

Gender is a feature only where the workspace gives a reason.
"""

from collections.abc import Collection, Iterator, Mapping

from models.features.language.available_columns import CUSTOMERS
from models.features.language.expressions import DaysSince, Expression, Profile, YearsSince, rows
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


OF_PROFILE = ("signed_up_at", "birth_year", "gender", "country", "region")


def column_features(columns: Mapping[str, Mapping[str, bool]], taken: Collection[str]) -> Iterator[Feature]:
    """The features of further columns, named as the columns are. columns: by table and name, whether it holds words.

    Where that name is `taken`, the table's name goes before it: "attributes.age".
    """
    names = set(taken)
    for column, words in columns.get("attributes", {}).items():
        name = column if column not in names else f"attributes.{column}"
        names.add(name)
        yield _feature(name, column, words, rows("attributes").last(column), "attributes")
    for column, words in columns.get(CUSTOMERS, {}).items():
        if column not in OF_PROFILE:
            name = column if column not in names else f"customers.{column}"
            names.add(name)
            yield _feature(name, column, words, Profile(column), "profile")


def _feature(name: str, column: str, words: bool, value: Expression, group: str) -> Feature:
    label = column.replace("_", " ").strip()
    return Feature(
        name=name,
        label=label[:1].upper() + label[1:],
        unit="",
        group=group,
        value=value,
        missing="where the column is empty, or there is no row yet",
        kind="category" if words else "number",
    )
