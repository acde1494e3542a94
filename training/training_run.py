"""Training run: all customers who may be trained on, as known at the cut-off, and one score after the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from types import MappingProxyType

import numpy as np

from models.consent.effective_consent import may_profile
from models.errors import TrainingError, did_you_mean
from models.features.catalogue import declared_features
from models.features.sensitive_columns import SensitiveColumn, sensitive_columns
from models.rows.history import History
from models.score.score_model import ScoreModel
from models.targets.targets import Target, targets_of, top_plan_rank
from models.workspace import Workspace
from training.findings.finding import Finding, blocking
from training.judging.group_figures import FairnessCheck
from training.learning.tuned_settings import Tuned
from training.score_training import ScoreTrainer
from training.trained_score import TrainedScore
from training.windows.history_before import history_before, newest_before
from training.windows.population import Population, sampled
from training.windows.too_little_data import missing_margins, missing_outcome
from training.windows.unrecorded_consents import what_applies


@dataclass(frozen=True)
class TrainingRun:
    """What one training yields: its scores, and for those that could not be trained, why.

    customers: who was learnt from; allowed: who may be profiled; everyone: the others too. consents: for how many none
    is recorded, and what then holds, in words; "" where all are. sensitive: the columns that the workspace declares so.
    seconds: how long it took.
    """

    workspace: Workspace
    cut_off: int
    customers: int
    scores: tuple[TrainedScore, ...]
    missing: tuple[Finding, ...]
    allowed: int = 0
    everyone: int = 0
    consents: str = ""
    sensitive: tuple[SensitiveColumn, ...] = ()
    seconds: float = 0.0


def train_scores(
    workspace: Workspace,
    history: History,
    cut_off: int,
    *,
    only: str | None = None,
    champion: Mapping[str, ScoreModel] | None = None,
    tuned: Mapping[str, Tuned] = MappingProxyType({}),
    on_step: Callable[[str], None] = lambda _: None,
) -> TrainingRun:
    """Train every declared score (or `only` "churn", "clv", "upsell", "upsell.<offer>") from rows before `cut_off`.

    champion: the models that serve now, by score, to be compared with on the same customers. tuned: by score, what
    tuning found. on_step: called with each of the three steps of each score as it begins. Raises TrainingError if there
    is nothing to train.
    """
    began = monotonic()
    chosen_targets(workspace, only)  # an unknown target is an error before the work
    population = population_before(workspace, history, cut_off)
    recipes = {score: found.recipe for score, found in tuned.items() if found.recipe is not None}
    sensitive = sensitive_columns(workspace.config.sensitive, population.history)
    fairness = FairnessCheck(population, sensitive, workspace.policy.bands.high)
    trainer = ScoreTrainer(population, cut_off, workspace.config.training, champion, fairness, recipes)
    scores, missing = [], []
    for target in chosen_targets(workspace, only, top_plan_rank(population.view(cut_off))):
        trained = missing_outcome(target, population.history) or trainer.train(target, on_step)
        if isinstance(trained, TrainedScore):
            found = tuned.get(target.score)
            facts = {**trained.parameters, **(found.facts if found else {})}
            told = noting(trained, missing_margins(target, population.history))
            scores.append(replace(told, parameters=facts, tuning=found))
        else:
            missing.append(trained)
    if not scores:
        raise TrainingError("\n".join(str(finding) for finding in missing))
    return TrainingRun(
        workspace,
        cut_off,
        len(population.history),
        tuple(scores),
        tuple(missing),
        allowed=population.drawn_from,
        everyone=len(history),
        consents=what_applies(workspace.config.consent.default, history),
        sensitive=sensitive,
        seconds=monotonic() - began,
    )


def population_before(workspace: Workspace, history: History, cut_off: int) -> Population:
    """Everyone who may be trained on, as known before `cut_off`. TrainingError if nobody may be.

    The features, the customers and the words of each column do not depend on later rows either.
    """
    consenting = np.flatnonzero(may_profile(history, workspace.config.consent.default))
    if not len(consenting):
        what = "nobody may be profiled: no customer has granted it" if len(history) else "there are no customers"
        fix = 'record profiling_consent, or set [consent] default = "granted" in tercet.toml if the law allows you to'
        raise TrainingError(what, fix=fix)
    known = history_before(history.select(consenting), cut_off)
    known = replace(known, newest_at=newest_before(history, cut_off))  # how far the tables reach, anyone's rows show
    features = declared_features(known, sensitive_columns(workspace.config.sensitive, known))
    training = workspace.config.training
    population = Population(sampled(known, training.most_customers, training.seed), features, drawn_from=len(known))
    if not population.features:
        what = "there is nothing to learn from: every column is sensitive, an outcome, excluded, or an id or free text"
        fix = "bring further columns, or say under [sensitive] as_features why models may read one"
        raise TrainingError(what, fix=fix)
    return population


def noting(trained: TrainedScore, finding: Finding | None) -> TrainedScore:
    """The same score with one finding more, if there is one."""
    if finding is None:
        return trained
    findings = (*trained.findings, finding)
    return replace(trained, findings=findings, model=replace(trained.model, findings=blocking(findings)))


def chosen_targets(workspace: Workspace, only: str | None, top_rank: float | None = None) -> Sequence[Target]:
    """The declared targets, or those that `only` names by score or by kind. TrainingError if there are none.

    top_rank: the highest rank of a plan, from which there is no upgrade.
    """
    targets = targets_of(workspace.config, top_plan_rank=top_rank)
    if not targets:
        fix = "add a [churn], [clv] or [upsell.<offer>] section to tercet.toml"
        raise TrainingError("tercet.toml declares nothing to train", fix=fix)
    chosen = [target for target in targets if only in {None, target.score, target.kind}]
    if not chosen:
        names = [target.score for target in targets]
        raise TrainingError(
            f"no score is called {only!r}{did_you_mean(only or '', names)}", fix=f"one of {', '.join(names)}"
        )
    return chosen
