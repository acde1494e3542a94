"""Leakage findings: signs of information from the future, in a trained model and in the columns it learnt from.

From the model: an AUC too good to be true, one feature that does all the work. From its columns, of those that a source
may overwrite: one that tells the outcome by itself, one that tells it at other times than at the latest, one that was
written after its snapshot.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.features.evaluation.feature_frame import assemble
from models.features.language.specification import Feature
from models.rows.as_of import AsOf
from models.rows.history import MICROSECONDS_PER_DAY, Booleans, Column, take
from models.targets.targets import Target
from training.findings.finding import Finding
from training.findings.training_codes import FADING, ONE_FEATURE, TIME_TRAVEL, TOO_GOOD, TWIN
from training.judging.bootstrap import Figure
from training.leakage.outcome_disclosure import FEWEST, certain_value, disclosure, rank_correlation
from training.leakage.outcome_disclosure import TOO_GOOD as AUC_TOO_GOOD
from training.leakage.recently_active import recently_active
from training.leakage.time_travel import WholeHistory, is_untimed, is_written_later, overwritable, overwritten_columns
from training.windows.labelled_rows import Dataset
from training.windows.population import Population

GAIN_TOO_MUCH = 0.70
FADES, STANDARD_ERRORS = 0.10, 4
"""By how much, and by how many standard errors, a column's AUC must differ between earlier snapshots and the latest."""
MOST_ROWS, EARLIER = 20_000, 3
"""How many customers, and how many of the earlier snapshots, are looked at."""


def model_findings(
    score: str, figures: Mapping[str, Figure], gain_by_feature: Mapping[str, float]
) -> Iterator[Finding]:
    """A near-perfect AUC, with the features that drive it most; one feature that does all the work."""
    total = sum(gain_by_feature.values())
    shares = {name: gain / total for name, gain in gain_by_feature.items() if total > 0}
    auc = figures.get("auc")
    if auc is not None and auc.value > AUC_TOO_GOOD:
        strongest = sorted(shares, key=lambda name: -shares[name])[:3]
        drivers = ", ".join(f"{name} ({shares[name]:.0%} of the gain)" for name in strongest)
        what = (
            f"an AUC of {auc.value:.3f} is too good to be true: a feature may know the outcome; look at {drivers} first"
        )
        fix = (
            "check when each of these columns is written, and exclude what comes after the outcome; "
            f"if all were known before, accept {TOO_GOOD}:{score} with a reason"
        )
        yield Finding(TOO_GOOD, score, what, fix)
    for name, share in shares.items():
        if share > GAIN_TOO_MUCH:
            what = f"{name} alone holds {share:.0%} of the gain: it may know the outcome"
            fix = f"check when {name} is written; exclude it, or accept {ONE_FEATURE}:{score} with a reason"
            yield Finding(ONE_FEATURE, score, what, fix)


def column_findings(population: Population, target: Target, data: Dataset, cut_off: int) -> Iterator[Finding]:
    """Columns that a source may have overwritten, and that hold more than was known at the snapshots of `data`."""
    suspects = overwritable(population.features)
    if not suspects:
        return
    now, earlier = _Snapshot(population, target, data, int(data.at.max())), _earlier(population, target, data)
    whole = None if target.timeless else WholeHistory(now.view, AsOf(now.view.history, cut_off))
    for feature in suspects:
        column = now.column(feature)
        found = (
            _travels(feature, column, whole, now, cut_off)
            or _tells(column, target, now)
            or _fades(feature, now, earlier)
        )
        if found is not None:
            code, what = found
            yield Finding(code, target.score, f"{feature.name} {what}", _fix(code, target, feature), feature.name)


class _Snapshot:
    """Some of the customers of one snapshot, what was known of them, and what came."""

    def __init__(self, population: Population, target: Target, data: Dataset, at: int) -> None:
        rows = np.flatnonzero(data.at == at)
        if len(rows) > MOST_ROWS:
            rows = np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False)
        rows = rows[np.argsort(data.customers[rows])]
        self.y, self.positive = data.y[rows], data.y[rows] > 0
        self.view = AsOf(population.history.select(data.customers[rows]), at)
        self.frame = assemble(overwritable(population.features), self.view)
        self.horizon_days = target.horizon_days

    @cached_property
    def lately_active(self) -> NDArray[np.intp]:
        """The rows of those who did something within a horizon before."""
        return np.flatnonzero(recently_active(self.view, self.horizon_days))

    def column(self, feature: Feature) -> Column:
        return self.frame.columns[feature.name]


def _travels(
    feature: Feature, column: Column, whole: WholeHistory | None, now: _Snapshot, cut_off: int
) -> tuple[str, str] | None:
    if whole is None:
        return None
    if overwritten_columns(feature) & now.view.history.days and is_written_later(column, now.view.as_of, cut_off):
        return TIME_TRAVEL, "holds dates later than the snapshots that it is put beside: it was written afterwards"
    total = whole.followed_by(column) if is_untimed(feature, now.view) else None
    if total is None:
        return None
    return TIME_TRAVEL, f"follows {total} up to now, not up to the snapshots that it is put beside"


def _tells(column: Column, target: Target, now: _Snapshot) -> tuple[str, str] | None:
    told = disclosure(column, now.positive)
    if told.is_the_outcome:
        return TWIN, f"is the outcome in other words ({told.in_words})"
    if told.nearly_the_outcome:
        return TWIN, f"all but tells the outcome ({told.in_words})"
    if target.kind == "clv":
        paying = now.positive
        closely = rank_correlation(take(column, np.flatnonzero(paying)), now.y[paying])
        return (TWIN, f"all but tells the amounts (rank correlation {closely:.3f})") if closely > AUC_TOO_GOOD else None
    of_late = now.lately_active
    sure = certain_value(take(column, of_late), now.positive[of_late]) if len(of_late) >= FEWEST else None
    if sure is None:
        return None
    word, count = sure
    return TWIN, f"leaves no doubt where it holds {word}: all {count:,} such customers had the same outcome"


def _earlier(population: Population, target: Target, data: Dataset) -> Sequence["_Snapshot"]:
    """Up to `EARLIER` snapshots whose windows had ended by the latest; none where there are not two."""
    if target.horizon_days is None:
        return ()
    ended = np.unique(data.at[data.at <= data.at.max() - target.horizon_days * MICROSECONDS_PER_DAY])
    if len(ended) < 2:
        return ()
    chosen = np.unique(np.linspace(0, len(ended) - 1, EARLIER).astype(np.intp))
    return [_Snapshot(population, target, data, at) for at in ended[chosen].tolist()]


def _fades(feature: Feature, now: _Snapshot, before: Sequence[_Snapshot]) -> tuple[str, str] | None:
    """Whether the column predicts much better at earlier snapshots, or much worse though its values are unchanged."""
    if not before:
        return None
    told = [disclosure(snapshot.column(feature), snapshot.positive).auc for snapshot in before]
    latest, median = disclosure(now.column(feature), now.positive).auc, float(np.median(told))
    error = np.hypot(_standard_error(now.positive), max(_standard_error(snapshot.positive) for snapshot in before))
    changed = abs(median - latest) > max(FADES, STANDARD_ERRORS * error)
    if changed and min(told) > latest:
        when = "it was written afterwards, or is no longer filled"
        return FADING, f"told much at the earlier snapshots (AUC {median:.3f}) and {latest:.3f} at the latest: {when}"
    if changed and max(told) < latest and is_untimed(feature, now.view):
        when = "it carries no instant and is newer than the snapshots"
        return (
            FADING,
            f"tells the latest outcomes (AUC {latest:.3f}) far better than earlier ones ({median:.3f}): {when}",
        )
    return None


def _standard_error(positive: Booleans) -> float:
    """Of an AUC of a half, which is the largest it can be (Mann-Whitney's variance)."""
    hits = int(positive.sum())
    misses = len(positive) - hits
    return float(np.sqrt((hits + misses + 1) / (12 * hits * misses))) if hits and misses else float("inf")


def _fix(code: str, target: Target, feature: Feature) -> str:
    accept = f"accept {code}:{target.score}:{feature.name} with the reason"
    tables = sorted({table for table, _ in overwritten_columns(feature)})
    if code == TWIN:
        return f"exclude it under [tables.{tables[0]}], or {accept} for which it was known before the outcome"
    if "attributes" in tables:
        return f"map as_of (when a row became known) under [tables.attributes.columns], exclude it, or {accept}"
    return f"exclude it under [tables.{tables[0]}], bring it as dated rows of attributes, or {accept}"
