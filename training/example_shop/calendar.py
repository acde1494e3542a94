"""Calendar of the example shop: four years of days that end at a fixed instant, and the season."""

from datetime import UTC, datetime

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY, Floats, Integers

END = datetime(2026, 9, 30, tzinfo=UTC)
"""The instant at which the data end; no (clean) row is at or after it."""

DAYS = 4 * 365 + 1
END_AT = int(END.timestamp()) * 1_000_000
START_AT = END_AT - DAYS * MICROSECONDS_PER_DAY
"""The first recorded instant (microseconds); day `d` is [START_AT + d days, START_AT + (d + 1) days)."""


def season(day: Integers) -> Floats:
    """How much busier than usual a day is: twice before Christmas, quiet in January and in high summer."""
    of_year = (np.asarray(day) - 93) % 365.25  # day 93 is the first of January
    to_christmas = np.minimum(np.abs(of_year - 344), 365.25 - np.abs(of_year - 344))
    peak: Floats = 1.05 * np.exp(-0.5 * (to_christmas / 16) ** 2)
    return (
        0.95
        + peak
        - 0.2 * np.exp(-0.5 * ((of_year - 25) / 18) ** 2)
        - 0.12 * np.exp(-0.5 * ((of_year - 215) / 20) ** 2)
    )


def instants(day: Integers, rng: np.random.Generator) -> Integers:
    """Microseconds since 1970 of something on each of these days, mostly in waking hours, whole seconds."""
    second = np.clip(rng.normal(50_000, 13_000, len(day)), 0, 86_399).astype(np.int64)
    return START_AT + np.asarray(day, dtype=np.int64) * MICROSECONDS_PER_DAY + second * 1_000_000
