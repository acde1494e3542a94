"""Why a score is what it is: exact contributions of the features, the strongest of them, and their sums by group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.history import Floats
from models.score_model import ScoreModel
from models.score_units import UnitScores, in_score_units, row_sums, strongest


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a score is explained: its strongest reasons, and whether groups are summed."""

    top_reasons: int
    groups: bool


def columns_of(model: ScoreModel) -> tuple[str, ...]:
    """The features of the matrix that the model, or its baseline, reads, in order."""
    return model.features if model.baseline is None else model.baseline.features


def explain(model: ScoreModel, X: Floats, depth: Depth) -> tuple[UnitScores, NDArray[np.intp]]:
    """Scores of the rows of X with the columns of their strongest contributions; a baseline has none."""
    if model.baseline is not None or len(X) == 0 or not (depth.top_reasons or depth.groups):
        nothing = np.empty((len(X), 0))
        scores = model.scores(X) if len(X) else np.empty(0)
        return UnitScores(scores, model.base_value, nothing), nothing.astype(np.intp)
    margins, contributions = model.explained(X)
    found = in_score_units(model.link, model.calibration, model.base_margin, margins, contributions[:, :-1])
    return found, strongest(found.contributions, depth.top_reasons)


def by_group(model: ScoreModel, contributions: Floats) -> tuple[tuple[str, ...], Floats]:
    """The groups of the model's features, and the sum of each one's contributions, (n, groups)."""
    if contributions.shape[1] == 0:
        return (), contributions
    of_feature = [feature.group for feature in model.declarations]
    groups = tuple(dict.fromkeys(of_feature))
    sums = [row_sums(contributions[:, [name == group for name in of_feature]]) for group in groups]
    return groups, np.column_stack(sums)
