"""Frequency features: how often a customer buys."""

from models.features.language.expressions import rows
from models.features.language.specification import Feature

WINDOWS = (30, 90, 180, 365)

FEATURES = (
    *(
        Feature(
            name=f"orders_{days}d",
            label=f"Orders in the last {days} days",
            unit="orders",
            group="frequency",
            value=rows("purchases", days=days).count(),
            missing="never: 0 without purchases",
            monotone={"churn": -1, "clv": +1},
        )
        for days in WINDOWS
    ),
    Feature(
        name="orders_all",
        label="Orders so far",
        unit="orders",
        group="frequency",
        value=rows("purchases").count(),
        missing="never: 0 without purchases",
        monotone={"churn": -1, "clv": +1},
    ),
    Feature(
        name="orders_trend",
        label="Share of the last 180 days' orders that fell in the last 90",
        unit="share",
        group="frequency",
        value=rows("purchases", days=90).count() / rows("purchases", days=180).count(),
        missing="without purchases in the last 180 days",
    ),
)
