"""Findings about what is to be predicted: enough history, enough customers, enough of both outcomes."""

from collections.abc import Iterator

import numpy as np

from models.as_of import AsOf
from models.consent import may_profile
from models.history import MICROSECONDS_PER_DAY, Booleans, Category, Floats, History
from models.ingest import Ingested
from models.instants import format_instant
from models.targets import Target, targets_of, top_plan_rank
from models.workspace import Workspace
from training.preflight.finding import Finding
from training.purchase_rhythm import fit_rhythm
from training.snapshots import plan_for, recorded_since
from training.staleness import cut_off_at, empty_stretch, is_stale
from training.standpoint import scales
from training.wanting import (
    LEAST_CUSTOMERS,
    LEAST_POSITIVES,
    NOBODY_TO_LEARN_FROM,
    is_uniform,
    same_for_all,
    some_unrecorded,
    to_have_one,
    to_part_them,
    unrecorded,
)


def outcome_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """What keeps a score from being learnt, score by score."""
    history = ingested.history
    allowed = may_profile(history, workspace.config.consent.default)
    for target in declared_targets(workspace, ingested):
        found = unrecorded(target, history) or some_unrecorded(target, history)
        if found is not None:
            example = label_column(workspace, target) or "orders.margin"
            yield Finding(found.code, target.score, found.what, 1, f"'{example}'", found.fix)
        if unrecorded(target, history) is not None:
            continue
        if not target.timeless:
            first = recorded_since(history, ingested.as_of)
            if first is None:
                yield Finding("E301", target.score, "no history is recorded", 0, "no row", "check the tables' sources")
                continue
            yield from _stale(history, target, ingested.as_of)
            too_short = list(_history_length(workspace, history, target, first, ingested.as_of))
            yield from too_short
            if any(finding.severity == "error" for finding in too_short):
                continue
        eligible, outcome = latest_outcome(ingested, target)
        yield from _counts(history, target, eligible & (allowed if allowed.any() else True), outcome)


def declared_targets(workspace: Workspace, ingested: Ingested) -> tuple[Target, ...]:
    """The workspace's targets, with the plans that its history knows."""
    return targets_of(workspace.config, top_plan_rank=top_plan_rank(AsOf(ingested.history, ingested.as_of)))


def latest_outcome(ingested: Ingested, target: Target) -> tuple[Booleans, Floats]:
    """Who was eligible at the start of the window that ends now, and what came: bool and float64 (customers)."""
    at = ingested.as_of - (target.horizon_days or 0) * MICROSECONDS_PER_DAY
    outcome = target.outcome(ingested.history, at)
    return target.eligible(AsOf(ingested.history, at)) & ~np.isnan(outcome), outcome


def label_column(workspace: Workspace, target: Target) -> str:
    """The column of `attributes` that a ready-made label stands in; "" for other targets."""
    config = workspace.config
    section = config.churn if target.kind == "churn" else config.upsell.get(target.score.removeprefix("upsell."))
    return (section.column if section else None) or ""


def _history_length(
    workspace: Workspace, history: History, target: Target, first: int, as_of: int
) -> Iterator[Finding]:
    training, horizon = workspace.config.training, target.horizon_days or 0
    plan = plan_for(first, as_of, horizon, training, scalable=False)
    if (plan is None or not plan.burnt_in) and scales(target) and fit_rhythm(history, as_of) is not None:
        plan = plan_for(first, as_of, horizon, training, scalable=True)
    days = (as_of - first) // MICROSECONDS_PER_DAY
    known = f"{days} days are recorded"
    if plan is None:
        message = f"{known}: too few for a window of {horizon} days"
        yield Finding("E301", target.score, message, int(days), known, "shorten horizon_days, or bring older rows")
    elif plan.window_days < horizon:
        message = f"{known}: too few for {training.burn_in_days} days before a window of {horizon}"
        fix = f"nothing: windows of {plan.window_days} days are learnt from, and scaled to {horizon} by BG/NBD"
        yield Finding("W302", target.score, message, int(days), known, fix)
    elif not plan.burnt_in:
        message = f"{known}: too few for {training.burn_in_days} days before a window of {horizon}"
        fix = "shorten horizon_days or [training] burn_in_days, or bring older rows; until then a baseline serves"
        yield Finding("W302", target.score, message, int(days), known, fix)


def _stale(history: History, target: Target, as_of: int) -> Iterator[Finding]:
    newest, horizon = history.newest_at, target.horizon_days or 0
    if newest is not None and is_stale(newest, as_of, horizon):
        message = f"now is {format_instant(as_of)}: {empty_stretch(newest, as_of)}"
        fix = f'bring the rows since, set clock = "data" in [business], or train with --as-of {cut_off_at(newest)}'
        days = (as_of - newest) // MICROSECONDS_PER_DAY
        yield Finding("W306", target.score, message, days, f"the newest row, of {format_instant(newest)}", fix)


def _counts(history: History, target: Target, eligible: Booleans, outcome: Floats) -> Iterator[Finding]:
    customers, positive = int(eligible.sum()), int((outcome[eligible] > 0).sum())
    rarer = positive if target.kind == "clv" else min(positive, customers - positive)
    shown = f"{positive:,} of {customers:,} customers"
    if not customers:
        yield Finding("E303", target.score, NOBODY_TO_LEARN_FROM, 0, "nobody", to_have_one(target))
    elif positive == 0 or (positive == customers and target.kind != "clv"):
        message = same_for_all(target, history, everyone=positive > 0)
        yield Finding("E303", target.score, message, positive, shown, to_part_them(target))
    elif target.timeless and nothing_differs(history):
        what = "no column tells one customer from another: all are blank, or the same for everyone"
        fix = "bring columns that differ between customers; until then everyone gets the mean"
        yield Finding("W307", target.score, what, customers, shown, fix)
    elif customers < LEAST_CUSTOMERS or rarer < LEAST_POSITIVES:
        of_each = "with some" if target.kind == "clv" else "of each outcome"
        wanted = f"{LEAST_CUSTOMERS} customers and {LEAST_POSITIVES} {of_each}"
        message = f"{shown} have the outcome: too few to learn from ({wanted})"
        fix = "nothing but more customers or a longer horizon; until then a baseline serves"
        yield Finding("W304", target.score, message, positive, shown, fix)


def nothing_differs(history: History) -> bool:
    """Whether no column of `attributes` or `customers` holds two different values."""
    of_attributes = history.tables["attributes"].columns if "attributes" in history.tables else {}
    columns = [*of_attributes.values(), *history.profile.values()]
    values = (column.codes if isinstance(column, Category) else column for column in columns)
    return is_uniform([part.astype(np.float64) for part in values])
