"""Monitoring summary for a terminal, in words and columns."""

from collections.abc import Iterator

from models.rows.instants import format_instant
from models.score.score_model import ScoreModel
from training.judging.evaluation import main_figure
from training.monitoring.monitoring_run import MonitoringRun
from training.monitoring.population_drift import PopulationDrift
from training.monitoring.population_findings import MUCH_DRIFT, SOME_DRIFT
from training.monitoring.score_outcomes import ScoreOutcomes
from training.monitoring.stability_index import Stability

FEATURES_SHOWN = 5
WHY_NOT = {
    "not matured": "nothing to judge yet: the first outcomes that it had not learnt from are whole on {until}",
    "in sample": "not judged: the model had learnt from outcomes after that time",
    "no clock": "not judged: a ready-made label has no time at which it is known",
    "stale": "not judged: the tables fall silent before the window ends on {until}",
    "too few": "not judged: {customers} customers are too few",
    "redefined": "not judged: tercet.toml has redefined it since",
}


def monitoring_summary(found: MonitoringRun) -> Iterator[str]:
    """Everything that a person should see, the findings last."""
    yield f"version {found.version} of {found.workspace.name}, as of {format_instant(found.as_of)}"
    for score, outcomes in found.outcomes.items():
        yield ""
        yield from population_lines(found.bundle.models[score], found.populations.get(score))
        yield from outcome_lines(outcomes)
    for sent in found.sent:
        yield ""
        gone = f", {sent.gone:,} of them gone" if sent.gone else ""
        yield f"sent in {sent.folder}: version {sent.bundle_version}, {sent.customers:,} customers{gone}"
        for outcomes in sent.outcomes:
            yield f"  {outcomes.score}"
            yield from outcome_lines(outcomes)
    yield ""
    for finding in found.findings:
        reason = found.accepted.get(finding.name)
        yield str(finding) if reason is None else f"{finding.name} is accepted: {reason}"
    warnings = len(found.open) - found.errors
    yield f"{found.errors} errors, {warnings} warnings" if found.open else "nothing to complain about"


def population_lines(model: ScoreModel, drift: PopulationDrift | None) -> Iterator[str]:
    """How far the customers of today are from those at the cut-off, and in which features most."""
    since = f"{model.score}, since its cut-off {day(model.cut_off)}"
    if drift is None:
        yield f"{since}: no profile of its population"
        return
    then, now = drift.customers
    yield f"{since}: {now:,} customers ({then:,} then)"
    yield f"  {'its scores':<32} PSI {drift.scores.value:5.2f}  {in_words(drift.scores)}"
    if drift.bands:
        shares = ", ".join(f"{share:.0%} {band}" for band, share in drift.bands.items())
        yield f"  {'its bands now':<32} {shares}"
    moved = sorted(drift.features, key=lambda of: -of.psi.value)
    for of in moved[:FEATURES_SHOWN]:
        if of.psi.value > of.psi.chance:
            note = ", and grows with time" if of.grows_with_time else ""
            words = f"{in_words(of.psi)}, {of.weight:.0%} of the model{note}"
            yield f"  {of.feature.name:<32} PSI {of.psi.value:5.2f}  {words}"


def in_words(psi: Stability) -> str:
    """A population stability index in words."""
    if psi.value <= psi.chance:
        return "as chance has it"
    return "much" if psi.moved(MUCH_DRIFT) else "some" if psi.moved(SOME_DRIFT) else "little"


def outcome_lines(outcomes: ScoreOutcomes) -> Iterator[str]:
    """What was expected and what came."""
    if outcomes.standing != "judged" or outcomes.predicted_at is None or outcomes.matures_at is None:
        until = "" if outcomes.matures_at is None else day(outcomes.matures_at)
        yield f"  what came: {WHY_NOT[outcomes.standing].format(until=until, customers=outcomes.customers)}"
        return
    window = f"{day(outcomes.predicted_at)} to {day(outcomes.matures_at)}"
    yield f"  what came from {window}, {outcomes.customers:,} customers"
    if outcomes.bands:
        yield f"    {'band':<8}{'customers':>10}{'expected':>10}{'came':>9}   95 % interval"
    for band in outcomes.bands:
        figures = f"{band.customers:>10,}{band.expected:>10.1%}{band.realised:>9.1%}"
        yield f"    {band.band:<8}{figures}   {band.low:.1%} to {band.high:.1%}"
    if not outcomes.bands:
        yield f"    {'tenth':<8}{'customers':>10}{'expected':>12}{'came':>12}   a customer, from the lowest"
        for place, row in enumerate(outcomes.deciles, 1):
            yield f"    {place:<8}{row.rows:>10,}{row.predicted:>12,.2f}{row.actual:>12,.2f}"
        expected, came = outcomes.totals
        yield f"    {'total':<8}{outcomes.customers:>10,}{expected:>12,.0f}{came:>12,.0f}"
    yield f"    {', '.join(figures_in_words(outcomes))}"


def figures_in_words(outcomes: ScoreOutcomes) -> Iterator[str]:
    """The order of customers beside what was promised, and how many intervals held."""
    name = main_figure(outcomes.kind)
    promised = f" (promised {outcomes.promised[name].value:.3f})" if name in outcomes.promised else ""
    yield f"{'Gini' if name == 'gini' else 'AUC'} {outcomes.figures[name].value:.3f}{promised}"
    if outcomes.coverage is not None:
        held, top = (outcomes.figures[figure].value for figure in ("coverage", "coverage_top"))
        yield f"{outcomes.coverage:.0%} intervals held {held:.0%} of all, {top:.0%} of the highest tenth"


def day(at: int) -> str:
    """The day of an instant, in UTC."""
    return format_instant(at)[:10]
