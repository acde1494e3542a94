"""Rhythm features: the gaps between one purchase and the next."""

from models.features.language.expressions import DAYS_AGO, GAP_DAYS, rows
from models.features.language.specification import Feature

FEATURES = (
    Feature(
        name="order_gap_mean",
        label="Average days between orders",
        unit="days",
        group="rhythm",
        value=rows("purchases").mean(GAP_DAYS),
        missing="with fewer than two purchases",
    ),
    Feature(
        name="order_gap_sd",
        label="Spread of the days between orders",
        unit="days",
        group="rhythm",
        value=rows("purchases").sd(GAP_DAYS),
        missing="with fewer than three purchases",
    ),
    Feature(
        name="last_gap_over_mean",
        label="Last gap between orders over the average gap",
        unit="times",
        group="rhythm",
        value=rows("purchases").last(GAP_DAYS) / rows("purchases").mean(GAP_DAYS),
        missing="with fewer than two purchases, or all at one instant",
    ),
    Feature(
        name="silence_over_mean_gap",
        label="Days since last order over the average gap",
        unit="times",
        group="rhythm",
        value=rows("purchases").last(DAYS_AGO) / rows("purchases").mean(GAP_DAYS),
        missing="with fewer than two purchases, or all at one instant",
    ),
    Feature(
        name="longest_gap_90d",
        label="Longest gap between orders that ended in the last 90 days",
        unit="days",
        group="rhythm",
        value=rows("purchases", days=90).max(GAP_DAYS),
        missing="where no gap ended in the last 90 days",
    ),
)
