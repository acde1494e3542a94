"""Why a score is what it is: exact contributions of the features, the strongest of them, and their sums by group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features.frame import FeatureFrame
from models.history import Floats
from models.score_model import ScoreModel
from models.score_units import UnitScores, in_score_units, row_sums, strongest


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a score is explained: its strongest reasons, and whether groups are summed."""

    top_reasons: int
    groups: bool


def explain(
    model: ScoreModel, frame: FeatureFrame, rows: NDArray[np.intp], depth: Depth
) -> tuple[UnitScores, NDArray[np.intp]]:
    """Scores of these rows with the columns of their strongest contributions; a baseline has none."""
    if model.baseline is not None:
        X = frame.matrix(model.baseline.features, model.vocabularies)[rows]
        nothing = np.empty((len(rows), 0))
        return UnitScores(model.scores(X), model.base_rate, nothing), nothing.astype(np.intp)
    X = frame.matrix(model.features, model.vocabularies)[rows]
    if len(rows) == 0 or not (depth.top_reasons or depth.groups):
        nothing = np.empty((len(rows), 0))
        scores = model.scores(X) if len(rows) else np.empty(0)
        return UnitScores(scores, model.base_value, nothing), nothing.astype(np.intp)
    contributions = model.contributions(X)[:, :-1]
    found = in_score_units(model.link, model.calibration, model.base_margin, model.margins(X), contributions)
    return found, strongest(found.contributions, depth.top_reasons)


def by_group(model: ScoreModel, contributions: Floats) -> tuple[tuple[str, ...], Floats]:
    """The groups of the model's features, and the sum of each one's contributions, (n, groups)."""
    if contributions.shape[1] == 0:
        return (), contributions
    of_feature = [feature.group for feature in model.declarations]
    groups = tuple(dict.fromkeys(of_feature))
    sums = [row_sums(contributions[:, [name == group for name in of_feature]]) for group in groups]
    return groups, np.column_stack(sums)
