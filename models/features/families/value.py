"""Value features: revenue is net of returns, the value of an order is the total of its lines."""

from models.features.language.expressions import rows
from models.features.language.specification import Feature

WINDOWS = (30, 90, 180, 365)

FEATURES = (
    *(
        Feature(
            name=f"spend_{days}d",
            label=f"Spend in the last {days} days, net of returns",
            unit="currency",
            group="value",
            value=rows("orders", days=days).sum("amount"),
            missing="never: 0 without orders",
            monotone={"churn": -1, "clv": +1},
        )
        for days in WINDOWS
    ),
    Feature(
        name="spend_all",
        label="Spend so far, net of returns",
        unit="currency",
        group="value",
        value=rows("orders").sum("amount"),
        missing="never: 0 without orders",
        monotone={"churn": -1, "clv": +1},
    ),
    Feature(
        name="spend_trend",
        label="Share of the last 365 days' order value that fell in the last 90",
        unit="share",
        group="value",
        value=rows("purchases", days=90).sum("amount") / rows("purchases", days=365).sum("amount"),
        missing="without purchases in the last 365 days",
    ),
    Feature(
        name="average_order_value",
        label="Average order value",
        unit="currency",
        group="value",
        value=rows("purchases").mean("amount"),
        missing="without purchases",
        monotone={"clv": +1},
    ),
    Feature(
        name="average_order_value_365d",
        label="Average order value in the last 365 days",
        unit="currency",
        group="value",
        value=rows("purchases", days=365).mean("amount"),
        missing="without purchases in the last 365 days",
        monotone={"clv": +1},
    ),
    Feature(
        name="largest_order",
        label="Largest order",
        unit="currency",
        group="value",
        value=rows("purchases").max("amount"),
        missing="without purchases",
        monotone={"clv": +1},
    ),
    Feature(
        name="margin_365d",
        label="Margin in the last 365 days, net of returns",
        unit="currency",
        group="value",
        value=rows("orders", days=365).sum("margin"),
        missing="where orders of the last 365 days carry no margin; 0 without orders",
        monotone={"clv": +1},
    ),
    Feature(
        name="margin_rate_365d",
        label="Margin per order value in the last 365 days",
        unit="share",
        group="value",
        value=rows("purchases", days=365).sum("margin") / rows("purchases", days=365).sum("amount"),
        missing="without purchases in the last 365 days, or where they carry no margin",
    ),
)
