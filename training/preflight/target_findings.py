"""Findings about targets: what each score lacks for a model of its own, asked before training."""

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from models.consent.effective_consent import may_profile
from models.errors import TrainingError
from models.features.sensitive_columns import unknown_columns
from models.ingest import Ingested
from models.rows.as_of import AsOf
from models.rows.history import MICROSECONDS_PER_DAY, Booleans, Floats, History
from models.rows.instants import format_instant
from models.targets.outcomes import Label
from models.targets.targets import Target, targets_of, top_plan_rank
from models.workspace import Consent, Sensitive, Workspace
from models.workspace.remedy import setting
from training.findings.finding import Finding
from training.findings.training_codes import NO_LABEL, NO_OUTCOME, NO_WINDOW, SHORT_HISTORY
from training.preflight.toml_fixes import accepting
from training.training_run import population_before
from training.windows.snapshots import SHORTEST_BURN_IN_DAYS, SHORTEST_WINDOW_DAYS, recorded_since
from training.windows.staleness import cut_off_at, empty_stretch, is_stale
from training.windows.standpoint import Standpoints
from training.windows.too_little_data import missing_margins, missing_outcome, words_of
from training.windows.training_basis import TrainingBasis, training_basis

LEAST_BURN_IN_DAYS = 90
"""A shorter burn-in is not proposed: features look back a quarter of a year and more."""


def target_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """The shortages of data for each score, by the test that training uses (`training.windows.training_basis`)."""
    history, as_of = ingested.history, ingested.as_of
    if not declared_targets(workspace, ingested):
        return
    try:
        population = population_before(*_without_other_errors(workspace, history), as_of)
    except TrainingError as error:
        yield _no_features(workspace, history, error)
        return
    standpoints = Standpoints(population, recorded_since(population.history, as_of), workspace.config.training)
    for target in targets_of(workspace.config, top_plan_rank=top_plan_rank(population.view(as_of))):
        lacking = missing_outcome(target, population.history)
        if found := lacking or missing_margins(target, population.history):
            yield _not_recorded(ingested, target, found)
        if lacking is not None:
            continue
        if not target.timeless:
            yield from _stale(history, target, as_of)
        basis = training_basis(standpoints, target, as_of)
        if basis.found is not None:
            yield _too_little_data(workspace, target, population.history, standpoints.first, as_of, basis, basis.found)
        elif basis.standpoint is not None and basis.standpoint.is_scaled:
            yield _shorter(workspace, target, standpoints.first, as_of, basis.standpoint.plan.window_days)


def declared_targets(workspace: Workspace, ingested: Ingested) -> tuple[Target, ...]:
    """The workspace's targets, with the plans in its history."""
    return targets_of(workspace.config, top_plan_rank=top_plan_rank(AsOf(ingested.history, ingested.as_of)))


def latest_outcome(ingested: Ingested, target: Target) -> tuple[Booleans, Floats]:
    """Who was eligible at the start of the window that ends now, and what came: bool and float64 (customers)."""
    at = ingested.as_of - (target.horizon_days or 0) * MICROSECONDS_PER_DAY
    outcome = target.outcome(ingested.history, at)
    return target.eligible(AsOf(ingested.history, at)) & ~np.isnan(outcome), outcome


def label_column(target: Target) -> str:
    """The column of `attributes` with a ready-made label; "" for other targets."""
    return target.definition.column if isinstance(target.definition, Label) else ""


def _without_other_errors(workspace: Workspace, history: History) -> tuple[Workspace, History]:
    """As if nobody had refused where nobody may be profiled, and no sensitive column were misspelt: findings of their
    own, beside which the rest is told all the same.
    """
    config = workspace.config
    misspelt = {name for name, _ in unknown_columns(config.sensitive, history)}
    columns = [column for column in config.sensitive.columns if column not in misspelt]
    reasons = {column: why for column, why in config.sensitive.as_features.items() if column not in misspelt}
    config = config.model_copy(update={"sensitive": Sensitive(columns=columns, as_features=reasons)})
    if not may_profile(history, config.consent.default).any():
        config = config.model_copy(update={"consent": Consent(default="granted")})
        history = replace(history, consents={})
    return replace(workspace, config=config), history


def _no_features(workspace: Workspace, history: History, error: TrainingError) -> Finding:
    sensitive = workspace.config.sensitive
    silenced = [column for column in sensitive.columns if column not in sensitive.as_features]
    fix, change = "bring columns that differ between customers", ""
    if silenced:
        fix = "bring further columns, or write why models may read a sensitive one"
        reasons = {**sensitive.as_features, silenced[0]: "it tells what is predicted, and was judged to be fair"}
        change = setting("sensitive", {"as_features": reasons})
    example = silenced[0] if silenced else "no column"
    return Finding("E309", "features", error.what, fix, count=len(history), example=example, change=change)


def _not_recorded(ingested: Ingested, target: Target, found: Finding) -> Finding:
    example, change = f"'{label_column(target) or 'orders.margin'}'", ""
    if found.code == NO_LABEL:
        own = {column.casefold(): column for column in ingested.own_columns.get("attributes", ())}
        near = get_close_matches(label_column(target).casefold(), own, n=1)
        change = setting(target.score, {"column": own[near[0]]}) if near else ""
    else:
        change = setting("clv", {"value": "revenue"})
    return Finding(found.code, target.score, found.what, found.fix, count=1, example=example, change=change)


def _too_little_data(
    workspace: Workspace,
    target: Target,
    history: History,
    first: int | None,
    as_of: int,
    basis: TrainingBasis,
    found: Finding,
) -> Finding:
    count, example = _counted(basis)
    what, fix = found.what, found.fix
    if found.code in {NO_WINDOW, SHORT_HISTORY}:
        days = _recorded_days(first, as_of)
        count, example = days, f"{days} days are recorded" if first is not None else "no row"
        fix, change = _for_short_history(workspace, target, days)
        if found.code == NO_WINDOW and first is None:
            fix = "check the tables' sources: no history is recorded"
    elif found.code == NO_OUTCOME and (word := _likeliest_word(target, history)) is not None:
        fix, change = "write `positive` as the column does", setting(target.score, {"positive": word})
    else:
        change = accepting(f"{found.code}:{target.score}", "known, and to be so until there is more")
    return Finding(found.code, target.score, what, fix, count=count, example=example, change=change)


def _shorter(workspace: Workspace, target: Target, first: int | None, as_of: int, window_days: int) -> Finding:
    days, horizon = _recorded_days(first, as_of), target.horizon_days
    what = (
        f"{days} days are recorded, too few for {workspace.config.training.burn_in_days} days before a window of "
        f"{horizon}: a model is learnt from windows of {window_days} days, and scaled to {horizon} by BG/NBD"
    )
    fix = "bring older rows, or, if that will do until there are more, accept it"
    change = accepting(f"{SHORT_HISTORY}:{target.score}", f"scaled from windows of {window_days} days until then")
    return Finding(
        SHORT_HISTORY, target.score, what, fix, count=days, example=f"{days} days are recorded", change=change
    )


def _for_short_history(workspace: Workspace, target: Target, days: int) -> tuple[str, str]:
    """A burn-in or a horizon that the recorded days have room for."""
    burn_in, horizon = workspace.config.training.burn_in_days, target.horizon_days or 0
    if LEAST_BURN_IN_DAYS <= days - horizon < burn_in:
        change = setting("training", {"burn_in_days": days - horizon})
        return "bring older rows, or be content with fewer days before the first window", change
    room = max(days - burn_in, days - SHORTEST_BURN_IN_DAYS if days < burn_in + SHORTEST_WINDOW_DAYS else 0)
    if 0 < room < horizon:
        return "bring older rows, or predict over fewer days", setting(target.score, {"horizon_days": room})
    return "bring older rows", ""


def _likeliest_word(target: Target, history: History) -> str | float | None:
    """The value of a label's column that `positive` seems to mean, where the column does not hold it itself."""
    if not isinstance(target.definition, Label):
        return None
    held = words_of(history.labels[target.definition.column])
    spelt = {str(word).casefold(): word for word in held}
    near = get_close_matches(str(target.definition.positive).casefold(), spelt, n=1)
    return spelt[near[0]] if near and len(held) > 1 else None


def _counted(basis: TrainingBasis) -> tuple[int, str]:
    """How many customers have the outcome, and that of how many."""
    if basis.outcomes is None or not len(basis.outcomes.y):
        return 0, "nobody"
    customers, y = basis.outcomes.customers, basis.outcomes.y
    positive = len(np.unique(customers[y > 0]))
    return positive, f"{positive:,} of {len(np.unique(customers)):,} customers"


def _recorded_days(first: int | None, as_of: int) -> int:
    return 0 if first is None else (as_of - first) // MICROSECONDS_PER_DAY


def _stale(history: History, target: Target, as_of: int) -> Iterator[Finding]:
    newest, horizon = history.newest_at, target.horizon_days or 0
    if newest is not None and is_stale(newest, as_of, horizon):
        what = f"now is {format_instant(as_of)}: {empty_stretch(newest, as_of)}"
        fix = f"bring the rows since, or train with --as-of {cut_off_at(newest)}, or write"
        change = setting("business", {"clock": "data"})
        days = (as_of - newest) // MICROSECONDS_PER_DAY
        example = f"the newest row, of {format_instant(newest)}"
        yield Finding("W306", target.score, what, fix, count=days, example=example, change=change)
