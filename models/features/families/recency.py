"""Recency features: how long ago a customer bought."""

from models.features.language.expressions import DAYS_AGO, rows
from models.features.language.specification import Feature

FEATURES = (
    Feature(
        name="days_since_last_order",
        label="Days since last order",
        unit="days",
        group="recency",
        value=rows("purchases").last(DAYS_AGO),
        missing="without purchases",
        monotone={"churn": +1, "clv": -1},
    ),
    Feature(
        name="days_since_first_order",
        label="Days since first order",
        unit="days",
        group="recency",
        value=rows("purchases").first(DAYS_AGO),
        missing="without purchases",
    ),
)
