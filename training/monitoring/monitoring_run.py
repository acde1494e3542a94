"""Monitoring run of a champion: its population, its tables, its matured outcomes, and scores written earlier."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.bundle.bundle import Bundle
from models.consent.effective_consent import may_profile
from models.errors import DataError
from models.features.language.expressions import columns_read
from models.rows.history import MICROSECONDS_PER_DAY, History
from models.rows.instants import format_instant
from models.scorer import Scorer
from models.workspace import Workspace
from training.findings.finding import Finding, accepted
from training.monitoring.maturity import matured_outcomes
from training.monitoring.outcome_findings import outcome_findings
from training.monitoring.population_drift import PopulationDrift, population_drift, score_eligible
from training.monitoring.population_findings import population_findings
from training.monitoring.score_outcomes import ScoreOutcomes
from training.monitoring.scoring_run_outcomes import ScoringRunOutcomes, judge_scoring_run
from training.monitoring.silent_tables import PATIENCE_DAYS, silence_findings
from training.windows.history_before import newest_before
from training.windows.population import Population


@dataclass(frozen=True)
class MonitoringRun:
    """What one look found.

    populations: by score, of models that keep a profile. outcomes: by score, matured or not. sent: by folder.
    accepted: the reasons for which findings were accepted, by their names.
    """

    workspace: Workspace
    bundle: Bundle
    version: str
    as_of: int
    populations: Mapping[str, PopulationDrift]
    outcomes: Mapping[str, ScoreOutcomes]
    sent: tuple[ScoringRunOutcomes, ...]
    findings: tuple[Finding, ...]
    accepted: Mapping[str, str]

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that nobody has accepted."""
        return tuple(finding for finding in self.findings if finding.name not in self.accepted)

    @property
    def errors(self) -> int:
        """How many of these are errors."""
        return sum(finding.severity == "error" for finding in self.open)


def monitor_champion(
    workspace: Workspace,
    bundle: Bundle,
    version: str,
    history: History,
    as_of: int,
    *,
    sent: Sequence[Path] = (),
    on_step: Callable[[str], None] = lambda _: None,
) -> MonitoringRun:
    """Monitor the champion as of an instant (microseconds): rows at or after it do not exist.

    sent: folders of `tercet score` to evaluate too. on_step: called with each score and folder as it begins.
    Raises BundleError where the champion and the workspace's tables do not go together, DataError on a folder, and on
    an instant that the champion has behind it.
    """
    scorer = Scorer(bundle, workspace)
    scorer.check(history)
    check_as_of(bundle, as_of)
    population = population_of(scorer, history, as_of)
    comparisons = comparisons_of(scorer)
    drifts, outcomes = dict[str, PopulationDrift](), dict[str, ScoreOutcomes]()
    for score, target in scorer.targets.items():
        on_step(score)
        model = bundle.models[score]
        seen = population.knowing(scorer.fitted_apart[score])
        now = score_eligible(model, target, seen, as_of)
        drift = population_drift(model, now, workspace.policy.bands, comparisons=comparisons)
        if drift is not None:
            drifts[score] = drift
        outcomes[score] = matured_outcomes(workspace, model, target, seen, as_of)
    judged = list[ScoringRunOutcomes]()
    for folder in sent:
        on_step(str(folder))
        judged.append(judge_scoring_run(folder, workspace, scorer.targets, population, as_of))
    findings = [
        *silence_findings(population.history, tables_read(scorer), as_of),
        *population_findings(list(drifts.values())),
        *(without_profile(score) for score in outcomes.keys() - drifts.keys()),
        *(finding for of in outcomes.values() for finding in outcome_findings(of)),
        *(told_of(finding, of) for of in judged for each in of.outcomes for finding in outcome_findings(each)),
    ]
    reasons = {finding.name: accepted(finding.name, workspace.config.accept) for finding in findings}
    return MonitoringRun(
        workspace=workspace,
        bundle=bundle,
        version=version,
        as_of=as_of,
        populations=drifts,
        outcomes=outcomes,
        sent=tuple(judged),
        findings=tuple(sorted(findings, key=lambda found: (found.severity, found.code, found.subject))),
        accepted={name: reason for name, reason in reasons.items() if reason is not None},
    )


def check_as_of(bundle: Bundle, as_of: int) -> None:
    """DataError where the champion has all that is asked about behind it."""
    if as_of < bundle.cut_off - PATIENCE_DAYS * MICROSECONDS_PER_DAY:
        cut_off, asked = format_instant(bundle.cut_off), format_instant(as_of)
        what = f"the champion knows what came before {cut_off}: there is nothing to hold against it as of {asked}"
        raise DataError(what, where="as of", fix="bring the rows since, or give a later --as-of")


def population_of(scorer: Scorer, history: History, as_of: int) -> Population:
    """Everyone who may be profiled, with the features that the champion reads (but for `Scorer.fitted_apart`)."""
    profiled = history.select(np.flatnonzero(may_profile(history, scorer.workspace.config.consent.default)))
    known = replace(profiled, newest_at=newest_before(history, as_of))
    return Population(known, tuple(scorer.declared.values()))


def comparisons_of(scorer: Scorer) -> int:
    """How many spreads one look compares: chance has as many occasions to look like a drift."""
    profiles = [scorer.bundle.models[score].profile for score in scorer.targets]
    return max(1, sum(len(profile.features) + 1 for profile in profiles if profile is not None))


def without_profile(score: str) -> Finding:
    """That there is nothing to compare a population with."""
    what = "the model was trained before profiles were kept: its population cannot be compared"
    return Finding("W707", score, what, "tercet train, and tercet promote")


def tables_read(scorer: Scorer) -> set[str]:
    """The tables that the champion's features read."""
    read = {table for feature in scorer.declared.values() for table, _ in columns_read(feature.value)}
    return {"orders" if table == "purchases" else table for table in read}


def told_of(finding: Finding, sent: ScoringRunOutcomes) -> Finding:
    """A finding about scores that were sent, saying which."""
    return replace(finding, what=f"{finding.what} (scores sent in {sent.folder.name})")
