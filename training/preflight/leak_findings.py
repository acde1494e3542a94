"""Findings about leaking columns: those that predict the outcome too well, or were written after it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.ingest import Ingested
from models.ingest.encoding.history_encoding import last_of_each
from models.rows.as_of import AsOf
from models.rows.history import ALWAYS, MICROSECONDS_PER_DAY, Booleans, Column, take
from models.targets.targets import Target
from models.workspace import Workspace
from training.findings.finding import Finding
from training.leakage.outcome_disclosure import FEWEST, certain_value, disclosure
from training.leakage.recently_active import recently_active
from training.leakage.time_travel import WholeHistory, dated_after, is_written_later
from training.preflight.target_findings import declared_targets, label_column, latest_outcome
from training.preflight.toml_fixes import WorkspaceTables, accepting

MOST_ROWS = 50_000
"""So many customers are looked at."""


def leak_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """Columns without an instant beside dated outcomes, columns written later, and columns that disclose an outcome."""
    history, targets = ingested.history, declared_targets(workspace, ingested)
    attributes = history.tables.get("attributes")
    timeless = attributes is not None and bool((attributes.at == ALWAYS).all())
    of_customers = {f"customers.{name}": column for name, column in history.profile.items() if name != "signed_up_at"}
    of_attributes: dict[str, Column] = {}
    if attributes is not None:
        columns = attributes.columns.items()
        of_attributes = {f"attributes.{name}": last_of_each(attributes, column) for name, column in columns}
    dated = [target for target in targets if not target.timeless]
    if dated and timeless and of_attributes:
        score = dated[0].score
        what = f"{len(of_attributes)} columns carry no instant: they may be newer than what {score} is learnt from"
        fix = "map as_of (when a row became known) under [tables.attributes.columns] and exclude what came later; "
        fix += "if all of it was known before, accept it"
        change = accepting("W403:attributes", "all of it was known before")
        yield Finding(
            "W403", "attributes", what, fix, count=len(of_attributes), example=next(iter(of_attributes)), change=change
        )
    untimed = of_customers | (of_attributes if timeless else {})
    later = list(_written_later(_latest_window(ingested, dated[0]), untimed, ingested.as_of)) if dated else []
    own = WorkspaceTables(workspace, ingested)
    yield from (_left_out(own, finding) for finding in later)
    untimed = {name: column for name, column in untimed.items() if name not in {finding.subject for finding in later}}
    for target in targets:
        known = not target.timeless or label_column(target) in history.labels
        if target.kind != "clv" and known:
            of_both = untimed | (of_attributes if target.timeless else {})
            yield from (_left_out(own, found) for found in _telling(_latest_window(ingested, target), of_both))


@dataclass(frozen=True)
class _Window:
    """The window of a target that ends now: some of those who were eligible at its start, and what came of them.

    customers: positions in the whole history. then: what was known of them at the start. positive: (customers).
    """

    target: Target
    customers: NDArray[np.intp]
    then: AsOf
    positive: Booleans

    def of(self, column: Column) -> Column:
        return take(column, self.customers)


def _latest_window(ingested: Ingested, target: Target) -> _Window:
    eligible, outcome = latest_outcome(ingested, target)
    customers = np.flatnonzero(eligible)
    if len(customers) > MOST_ROWS:
        customers = np.sort(np.random.default_rng(0).choice(customers, MOST_ROWS, replace=False))
    at = ingested.as_of - (target.horizon_days or 0) * MICROSECONDS_PER_DAY
    return _Window(target, customers, AsOf(ingested.history.select(customers), at), outcome[customers] > 0)


def _written_later(window: _Window, columns: Mapping[str, Column], now: int) -> Iterator[Finding]:
    """Columns without a clock that hold what came after the start of the latest window."""
    fix, then = "leave it out, or bring it as dated rows of attributes (with as_of)", window.then
    whole = WholeHistory(then, AsOf(then.history, now))
    ago = f"{window.target.horizon_days} days ago"
    for name, column in columns.items():
        values = window.of(column)
        total = whole.followed_by(values)
        if tuple(name.split(".", 1)) in then.history.days and is_written_later(values, then.as_of, now):
            since, _ = dated_after(values, then.as_of, now)
            what = f"it holds dates that had not come {ago}: it would be learnt from as if they had been known then"
            yield Finding(
                "E404", name, what, fix, count=since, example=f"{since:,} of {len(window.customers):,} customers"
            )
        elif total is not None:
            what = (
                f"it follows {total} up to now, not up to {ago}: it would be learnt from as if it had been known then"
            )
            yield Finding("E405", name, what, fix, count=len(window.customers), example=total)


def _telling(window: _Window, columns: Mapping[str, Column]) -> Iterator[Finding]:
    positive, target = window.positive, window.target
    if min(positive.sum(), (~positive).sum()) < FEWEST:
        return
    of_late = np.flatnonzero(recently_active(window.then, target.horizon_days))
    for name, column in columns.items():
        values, customers = window.of(column), len(positive)
        told = disclosure(values, positive)
        if told.is_the_outcome or told.nearly_the_outcome:
            code, means = ("E402", "is") if told.is_the_outcome else ("E401", "all but tells")
            what = f"it {means} the outcome of {target.score}: known before, it would not be so sure"
            yield Finding(code, name, what, _fix(code, name), count=customers, example=told.in_words)
        elif len(of_late) >= FEWEST and (sure := certain_value(take(values, of_late), positive[of_late])) is not None:
            word, count = sure
            what = f"it leaves no doubt about {target.score} where it holds {word}: was that known before?"
            yield Finding(
                "E406",
                name,
                what,
                _fix("E406", name),
                count=count,
                example=f"{count:,} customers, all with one outcome",
            )


def _left_out(own: WorkspaceTables, finding: Finding) -> Finding:
    """The finding with the line that leaves its column out."""
    table, column = finding.subject.split(".", 1)
    return replace(finding, change=own.without("customers" if table == "customers" else "attributes", column))


def _fix(code: str, name: str) -> str:
    return f"leave it out, or accept {code}:{name} with the reason for which it was known before"
