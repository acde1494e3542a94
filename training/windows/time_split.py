"""Time split: the rows that are held out of learning for evaluation."""

from dataclasses import dataclass

from models.rows.history import MICROSECONDS_PER_DAY
from models.rows.instants import format_instant
from models.targets.targets import Target
from training.findings.finding import Finding
from training.findings.training_codes import NO_OUTCOME, NO_WINDOW
from training.windows.labelled_rows import Dataset, label, stack
from training.windows.standpoint import Standpoint, Standpoints
from training.windows.too_little_data import too_little_data

FOLDS_GRADED_IF_TUNED = (3, 4)
"""Labels have no later rows to be graded on: settings are chosen on the other folds, the grade comes from these."""


@dataclass(frozen=True)
class TimeSplit:
    """Training data, and a test window that came after all of it.

    data: the training table of `standpoint`. test: everyone eligible when that was, with what came in the window.
    """

    standpoint: Standpoint
    data: Dataset
    test: Dataset


def time_split(standpoints: Standpoints, target: Target, ends: int, days: int) -> TimeSplit | Finding:
    """The data before the window of so many days that ends at an instant, and that window; or the shortage of data."""
    begins = ends - days * MICROSECONDS_PER_DAY
    standpoint, date = standpoints.at(target, begins, days), format_instant(begins)[:10]
    if standpoint is None:
        what = f"no window of {days} days had closed by {date}"
        return Finding(NO_WINDOW, target.score, what, "take a later date, or shorten horizon_days")
    data, population = standpoint.data(), standpoint.population
    burn_in, burnt_in = standpoints.settings.burn_in_days, standpoint.plan.burnt_in
    found = too_little_data(target, data, population.history, burn_in_days=burn_in, burnt_in=burnt_in)
    if found is not None:
        return found
    test = stack(population, [label(population, target, begins, days)], data.vocabularies)
    if len(test) == 0:
        what = f"on {date} there was nobody whom the definition fits"
        return Finding(NO_OUTCOME, target.score, what, "take another date")
    return TimeSplit(standpoint, data, test)
