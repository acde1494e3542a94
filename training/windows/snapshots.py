"""Snapshots: the instants that a model learns from, each labelled by outcomes in its own window after it.

                burn-in            windows that end by the cut-off
    |------- 200 days -------|s1.......|     |
    |                        |  s2.......|   |
    |                        |    s3.......| |
    first                                    known_before

Grade, then refit: the model that is graded knows only what came before the test instant (`known_before` = cut-off less
horizon) and is judged on the window that ends at the cut-off; the model that is registered knows everything before the
cut-off.

Where no window of the whole horizon has a burn-in before it yet, a third of the history is burn-in, snapshots lie in
the second third, and their windows are a third long:

    |--- burn-in ---|s1.............|  |
    |               | s2.............| |
    |               |    s3............|
    first                              known_before

What is learnt over such windows is scaled to the horizon (`training.learning.horizon_scaling`).
"""

from dataclasses import dataclass

import numpy as np

from models.rows.history import ALWAYS, MICROSECONDS_PER_DAY, History, Integers
from models.workspace import TrainingSettings

LEVEL_AFTER_DAYS = 548
"""From 18 months of history on, the level comes from the same season, twelve months before.

That snapshot then has half a year behind it; with less, it measures how little was recorded rather than the season.
"""
SHORTEST_BURN_IN_DAYS = 30
"""Below this much history no window is worth even a baseline."""
SHORTEST_WINDOW_DAYS = 30
"""Nothing is scaled to a horizon from shorter windows."""
DESERT_DAYS = 180
FEWEST_STRAYS = 3
MOST_STRETCHED = 4
"""No horizon is longer than so many of the windows that it is scaled from."""
HISTORY_TABLES = ("orders", "subscriptions", "interactions")
"""The first of these that a workspace has says since when its history is recorded."""


@dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """The snapshots of one model (microseconds, ascending), every window of `window_days` ending by `known_before`.

    level: the snapshot that sets the level: a year before `known_before` (`same_season`), else the latest snapshot.
        It may have less burn-in than the others; the models of the folds score it, none learns from it as such.
    burnt_in: false where the history is too short for the burn-in; then there is one snapshot, for a baseline.
    """

    window_days: int
    known_before: int
    snapshots: tuple[int, ...]
    level: int
    same_season: bool
    burnt_in: bool


def recorded_since(history: History, before: int) -> int | None:
    """Since when there is a history: the instant by which one row in a thousand (before `before`) had happened.

    Not simply the oldest row: one stray date in 1970 does not make a history of two years long. Rows before a long
    desert are strays too, if they are few.
    """
    for table in HISTORY_TABLES:
        if table in history.tables:
            at = history.tables[table].at
            known = at[(at < before) & (at != ALWAYS)]
            if len(known):
                return _without_strays(known)
    return None


def _without_strays(at: Integers) -> int:
    """The first instant worth counting from: the oldest two rows in a hundred may be before a long gap."""
    few = max(FEWEST_STRAYS, len(at) // 50)
    if len(at) <= 2 * few:
        return int(at.min())
    oldest = np.sort(np.partition(at, few)[: few + 1])
    deserts = np.flatnonzero(np.diff(oldest) > DESERT_DAYS * MICROSECONDS_PER_DAY)
    after_it = int(oldest[deserts[-1] + 1]) if len(deserts) else int(oldest[0])
    return max(after_it, int(np.quantile(at, 0.001, method="lower")))


def plan_for(
    first: int, known_before: int, horizon_days: int, settings: TrainingSettings, *, scalable: bool
) -> SnapshotPlan | None:
    """The plan of what is to be predicted over `horizon_days`; None if there is nothing to learn from yet.

    scalable: whether what is learnt over shorter windows can be scaled to the horizon.
    """
    every_days, most = settings.snapshot_every_days, settings.snapshots
    plan = plan_snapshots(
        first, known_before, horizon_days, every_days=every_days, most=most, burn_in_days=settings.burn_in_days
    )
    if plan is not None and plan.burnt_in:
        return plan
    thirds = plan_thirds(first, known_before, every_days=every_days, most=most) if scalable else None
    if thirds is None or not thirds.window_days < horizon_days <= MOST_STRETCHED * thirds.window_days:
        return plan
    return thirds


def plan_thirds(first: int, known_before: int, *, every_days: int = 30, most: int = 12) -> SnapshotPlan | None:
    """Snapshots with windows of a third of the history; None if that is under SHORTEST_WINDOW_DAYS."""
    third = (known_before - first) // MICROSECONDS_PER_DAY // 3
    if third < SHORTEST_WINDOW_DAYS:
        return None
    return plan_snapshots(first, known_before, third, every_days=every_days, most=most, burn_in_days=third)


def plan_snapshots(
    first: int, known_before: int, horizon_days: int, *, every_days: int = 30, most: int = 12, burn_in_days: int = 200
) -> SnapshotPlan | None:
    """The snapshots for a model trained only on data before `known_before`; None if no window has closed."""
    horizon, every = horizon_days * MICROSECONDS_PER_DAY, every_days * MICROSECONDS_PER_DAY
    latest = known_before - horizon
    if latest < first + SHORTEST_BURN_IN_DAYS * MICROSECONDS_PER_DAY:
        return None
    earliest = first + burn_in_days * MICROSECONDS_PER_DAY
    snapshots = tuple(at for at in (latest - k * every for k in reversed(range(most))) if at >= earliest)
    a_year_before = known_before - 365 * MICROSECONDS_PER_DAY
    same_season = a_year_before <= latest and known_before - first >= LEVEL_AFTER_DAYS * MICROSECONDS_PER_DAY
    return SnapshotPlan(
        window_days=horizon_days,
        known_before=known_before,
        snapshots=snapshots or (latest,),
        level=a_year_before if same_season else latest,
        same_season=same_season,
        burnt_in=bool(snapshots),
    )
