"""Champion and challenger compared: both score the same customers as of one instant; known outcomes decide.

    |---- known to the graded challenger ----|---- the window that ends at the cut-off ----|
                                             test instant
    |-- known to the champion --|                          its cut-off before the instant: fair
    |-- known to the champion ------------------|          after it: it knew part of the window

The challenger as registered has learnt from the window, so the model that was graded stands for it. The champion's
features are computed by its own declarations from what was known at the instant, as it would have scored then.
"""

from dataclasses import dataclass, replace

import numpy as np

from models.errors import FeatureError
from models.features.catalogue import lacking
from models.features.evaluation.feature_frame import assemble
from models.rows.history import Floats
from models.score.champion_comparison import ChampionComparison
from models.score.score_model import ScoreModel
from models.targets.targets import Target
from training.findings.finding import Finding
from training.findings.training_codes import NOT_COMPARED
from training.judging.evaluation import Evaluation
from training.judging.grading import CHAMPION, INFORMED_CHAMPION, miscalibration
from training.windows.population import Population


@dataclass(frozen=True, slots=True)
class ChampionScores:
    """The champion's scores of everyone at the test instant.

    name: its name among the baselines, which says whether it was trained on part of the window. scores: (customers).
    """

    name: str
    run_id: str
    scores: Floats


def champion_scores_of(
    champion: ScoreModel | None, target: Target, population: Population, at: int
) -> tuple[ChampionScores | None, tuple[Finding, ...]]:
    """The champion as of an instant; None where there is none of this target, or where it is a mere baseline.

    Where the tables no longer hold what it reads there is none either, and a finding says so.
    """
    if champion is None or champion.model != "boosted" or not champion.predicts(target):
        return None, ()
    try:
        scores = scores_at(champion, population, at)
    except FeatureError as error:
        what = f"the champion was not compared with on the same customers: {error}"
        fix = "nothing, if that was changed on purpose; else put it back and train again"
        return None, (Finding(NOT_COMPARED, target.score, what, fix),)
    return ChampionScores(CHAMPION if champion.cut_off <= at else INFORMED_CHAMPION, champion.run_id, scores), ()


def scores_at(champion: ScoreModel, population: Population, at: int) -> Floats:
    """The champion's scores of everyone from what was known at an instant; FeatureError if a column is gone."""
    gone = {f"{table}.{name}" for f in champion.declarations for table, name in lacking(population.history, f)}
    if gone:
        raise FeatureError(f"the tables no longer have {', '.join(sorted(gone))}")
    same = champion.declarations == population.features
    frame = population.frame(at) if same else assemble(champion.declarations, population.view(at))
    return champion.scores(frame.matrix(champion.features, champion.vocabularies))


def beside_champion(evaluation: Evaluation, champion_scores: ChampionScores | None) -> ChampionComparison | None:
    """How the score did beside the champion; None where they were not compared."""
    lead = None if champion_scores is None else evaluation.leads.get(champion_scores.name)
    if champion_scores is None or lead is None or not np.isfinite(lead.low):
        return None
    theirs = miscalibration(replace(evaluation, figures=evaluation.baselines[champion_scores.name]))
    return ChampionComparison(
        champion=champion_scores.run_id,
        rows=evaluation.rows,
        lead=lead.value,
        low=lead.low,
        high=lead.high,
        fair=champion_scores.name == CHAMPION,
        only_ours="" if theirs else "; ".join(miscalibration(evaluation)),
    )
