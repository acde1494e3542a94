"""Subscription features. A subscription runs from its start until its end is known to have come."""

from models.features.language.expressions import DAYS_AGO, missing, rows
from models.features.language.specification import Feature

RUNNING = rows("subscriptions", where=missing("ended_at"))

FEATURES = (
    Feature(
        name="plan",
        label="Plan",
        unit="",
        group="subscription",
        value=RUNNING.last("plan"),
        missing="without a running subscription",
        kind="category",
    ),
    Feature(
        name="plan_rank",
        label="Rank of the plan",
        unit="rank",
        group="subscription",
        value=RUNNING.last("plan_rank"),
        missing="without a running subscription",
    ),
    Feature(
        name="mrr",
        label="Monthly recurring revenue",
        unit="currency",
        group="subscription",
        value=RUNNING.sum("mrr"),
        missing="where running subscriptions carry none; 0 without one",
    ),
    Feature(
        name="mrr_change",
        label="Monthly revenue of the latest subscription over that of the first",
        unit="times",
        group="subscription",
        value=rows("subscriptions").last("mrr") / rows("subscriptions").first("mrr"),
        missing="without subscriptions, or where the first was free",
    ),
    Feature(
        name="seats",
        label="Seats",
        unit="seats",
        group="subscription",
        value=RUNNING.sum("seats"),
        missing="where running subscriptions carry none; 0 without one",
    ),
    Feature(
        name="subscriptions_running",
        label="Running subscriptions",
        unit="subscriptions",
        group="subscription",
        value=RUNNING.count(),
        missing="never: 0 without any",
    ),
    Feature(
        name="subscriptions_started_365d",
        label="Subscriptions started or changed in the last 365 days",
        unit="subscriptions",
        group="subscription",
        value=rows("subscriptions", days=365).count(),
        missing="never: 0 without any",
    ),
    Feature(
        name="days_in_plan",
        label="Days in the present plan",
        unit="days",
        group="subscription",
        value=RUNNING.last(DAYS_AGO),
        missing="without a running subscription",
    ),
    Feature(
        name="days_since_first_subscription",
        label="Days since first subscription",
        unit="days",
        group="subscription",
        value=rows("subscriptions").first(DAYS_AGO),
        missing="without subscriptions",
    ),
)
