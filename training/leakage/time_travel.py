"""Time travel: columns without timestamps that were written after the instant they are used for.

A column of `customers` is what it is now, whichever snapshot it is put beside. A date in it that lies after the
snapshot was not known there; a number that follows a total over all rows, and clearly less the same total as known at
the snapshot, was counted later.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from models.features.evaluation.feature_frame import value_of
from models.features.language.expressions import DAYS_AGO, Expression, columns_read, rows
from models.features.language.specification import Feature
from models.rows.as_of import AsOf
from models.rows.history import ALWAYS, MICROSECONDS_PER_DAY, Booleans, Category, Column, Floats
from training.leakage.outcome_disclosure import FEWEST, rank_correlation

TOTALS: Mapping[str, tuple[str, Expression]] = {
    "the number of purchases": ("orders", rows("purchases").count()),
    "the number of order lines": ("orders", rows("orders").count()),
    "what was spent": ("orders", rows("orders").sum("amount")),
    "the last purchase": ("orders", rows("purchases").last(DAYS_AGO)),
    "the number of interactions": ("interactions", rows("interactions").count()),
    "the last interaction": ("interactions", rows("interactions").last(DAYS_AGO)),
    "the number of subscriptions": ("subscriptions", rows("subscriptions").count()),
}
FOLLOWS, CLOSER = 0.99, 0.01
"""Rank correlation with a total over all rows, and by how much it must exceed that with the total known at the snapshot
among those for whom the two differ."""
DATED_SHARE = 0.01
MUTABLE = ("customers", "attributes", "subscriptions")
KNOWN_FROM_THE_START = frozenset({("customers", "signed_up_at"), ("subscriptions", "ended_at")})
"""Instants that features read only once they have come."""


def overwritable(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """The features of columns that a source may overwrite in place: their values may be newer than the row."""
    return tuple(feature for feature in features if overwritten_columns(feature))


def overwritten_columns(feature: Feature) -> frozenset[tuple[str, str]]:
    """The (table, column) pairs among what a feature reads that may be newer than their row."""
    return frozenset(
        (table, column)
        for table, column in columns_read(feature.value)
        if table in MUTABLE and column is not None and (table, column) not in KNOWN_FROM_THE_START
    )


def is_untimed(feature: Feature, view: AsOf) -> bool:
    """Whether all that the feature reads is the same at every instant."""
    tables = {table for table, _ in columns_read(feature.value)}
    attributes = view.history.tables.get("attributes")
    timeless = attributes is not None and bool((attributes.at == ALWAYS).all())
    return tables <= ({"customers", "attributes"} if timeless else {"customers"})


def dated_after(days: Column, at: int, now: int) -> tuple[int, int]:
    """How many rows hold a date (in days since 1970) after `at` and before `now`, and how many one from `now` on.

    The first could not be known at `at`, unless they are plans; the second are plans, for they have not come yet.
    """
    if isinstance(days, Category):
        return 0, 0
    instants = days * MICROSECONDS_PER_DAY
    return int(((instants > at) & (instants < now)).sum()), int((instants >= now).sum())


def is_written_later(days: Column, at: int, now: int) -> bool:
    """Whether a hundredth of the rows hold a date that has come since `at`, and next to none a date still to come."""
    since, planned = dated_after(days, at, now)
    return since >= max(FEWEST, DATED_SHARE * len(days)) and planned < DATED_SHARE * since


class WholeHistory:
    """What was known of customers at a snapshot, and what all rows say of them."""

    def __init__(self, then: AsOf, now: AsOf) -> None:
        """then, now: the same history at the snapshot and at the cut-off."""
        days_between = (now.as_of - then.as_of) / MICROSECONDS_PER_DAY
        self.totals: dict[str, tuple[Floats, Floats, Booleans]] = {}
        for name, (table, total) in TOTALS.items():
            if table in then.history.tables:
                before, after = value_of(then, total), value_of(now, total)
                standing = before + days_between if name.startswith("the last") else before
                changed = ~np.isclose(standing, after, equal_nan=True)
                self.totals[name] = before, after, changed

    def followed_by(self, column: Column) -> str | None:
        """The total over all rows that a column (of the same customers) follows as it could not at the snapshot."""
        for name, (before, after, changed) in self.totals.items():
            if (
                changed.sum() >= FEWEST
                and not isinstance(column, Category)
                and rank_correlation(column, after) >= FOLLOWS
            ):
                told = rank_correlation(column[changed], after[changed])
                if told - rank_correlation(column[changed], before[changed]) >= CLOSER:
                    return name
        return None
