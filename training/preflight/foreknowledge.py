"""Findings about columns that cannot have been known: they tell the outcome too well, or carry no instant."""

from collections.abc import Iterator

import numpy as np
from scipy.stats import rankdata

from models.history import ALWAYS, Booleans, Category, Column, Floats
from models.ingest import Ingested
from models.ingest.encoding import last_of_each
from models.targets import Target
from models.workspace import Workspace
from training.preflight.finding import Finding
from training.preflight.outcomes import declared_targets, label_column, latest_outcome

TOO_GOOD, THE_SAME = 0.95, 0.9999
_FEWEST = 20


def foreknowledge_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """Columns without an instant beside dated outcomes, and columns that tell an outcome by themselves."""
    history, targets = ingested.history, declared_targets(workspace, ingested)
    attributes = history.tables.get("attributes")
    timeless = attributes is not None and bool((attributes.at == ALWAYS).all())
    of_customers = {f"customers.{name}": column for name, column in history.profile.items() if name != "signed_up_at"}
    of_attributes: dict[str, Column] = {}
    if attributes is not None:
        columns = attributes.columns.items()
        of_attributes = {f"attributes.{name}": last_of_each(attributes, column) for name, column in columns}
    dated = [target.score for target in targets if not target.timeless]
    if dated and timeless and of_attributes:
        what = f"{len(of_attributes)} columns carry no instant: they may be newer than what {dated[0]} is learnt from"
        fix = "map as_of (when a row became known) under [tables.attributes.columns], or exclude what came later"
        yield Finding("W403", "attributes", what, len(of_attributes), next(iter(of_attributes)), fix)
    for target in targets:
        known = not target.timeless or label_column(workspace, target) in history.labels
        if target.kind != "clv" and known:
            of_both = of_customers | (of_attributes if target.timeless or timeless else {})
            yield from _telling(ingested, target, of_both)


def _telling(ingested: Ingested, target: Target, columns: dict[str, Column]) -> Iterator[Finding]:
    eligible, outcome = latest_outcome(ingested, target)
    positive = outcome[eligible] > 0
    if min(positive.sum(), len(positive) - positive.sum()) < _FEWEST:
        return
    for name, column in columns.items():
        auc = auc_alone(column, eligible, positive)
        if auc > TOO_GOOD:
            code, means = ("E402", "is") if auc >= THE_SAME else ("E401", "all but tells")
            message = f"it {means} the outcome of {target.score}: known before, it would not be so sure"
            fix = f"exclude it, or accept {code}:{name} with the reason for which it was known before"
            yield Finding(code, name, message, int(eligible.sum()), f"AUC {auc:.3f} by itself", fix)


def auc_alone(column: Column, eligible: Booleans, positive: Booleans) -> float:
    """How well a column alone tells the outcome: the AUC of its values (of missing too), either way round.

    A word is worth the share of positives that have it in the other half of the customers, so that rare words tell
    nothing.
    """
    if isinstance(column, Category):
        values = _shares_elsewhere(column.codes[eligible] + 1, len(column.vocabulary) + 1, positive)
    else:
        values = np.nan_to_num(column[eligible], nan=-np.inf, neginf=-np.inf)
    missing = column.codes[eligible] < 0 if isinstance(column, Category) else np.isnan(column[eligible])
    return max(_auc(values, positive), _auc(missing.astype(np.float64), positive))


def _shares_elsewhere(codes: np.ndarray[tuple[int], np.dtype[np.int32]], words: int, positive: Booleans) -> Floats:
    half = np.arange(len(codes)) % 2
    values = np.empty(len(codes))
    for one in (0, 1):
        there = half != one
        count = np.bincount(codes[there], minlength=words)
        hits = np.bincount(codes[there], weights=positive[there], minlength=words)
        values[half == one] = ((hits + positive.mean()) / (count + 1))[codes[half == one]]
    return values


def _auc(values: Floats, positive: Booleans) -> float:
    ranks = rankdata(values)
    hits = int(positive.sum())
    wins = ranks[positive].sum() - hits * (hits + 1) / 2
    auc = float(wins / (hits * (len(values) - hits)))
    return max(auc, 1 - auc)
