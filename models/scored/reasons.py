"""Reasons of a score: exact feature contributions, the strongest of them, and their sums by group."""

from dataclasses import dataclass

import numpy as np

from models.rows.history import Floats
from models.score.score_calibration import Calibration
from models.score.score_model import ScoreModel
from models.scored.score_units import Explained, explained_units, row_sums

PLAIN = Calibration()
REASONS_SHOWN = 4
"""How many reasons a score has where no other number is asked for."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a score is explained: its strongest reasons, and whether groups are summed."""

    top_reasons: int
    groups: bool


def columns_of(model: ScoreModel) -> tuple[str, ...]:
    """The features of the matrix that the model, or its baseline, reads, in order."""
    return model.features if model.baseline is None else model.baseline.features


def explain(model: ScoreModel, X: Floats, depth: Depth, scale: int) -> tuple[Explained, Floats]:
    """What is shown of the rows of X, and the contributions on the margin (n, features); a baseline has none."""
    if model.baseline is not None:
        scores = model.scores(X) if len(X) else np.empty(0)
        nothing = np.empty((len(X), 0))
        return explained_units("identity", PLAIN, model.base_rate, scores, nothing, count=0, scale=scale), nothing
    if len(X) and (depth.top_reasons or depth.groups):
        margins, contributions = model.explained(X)
        contributions = contributions[:, :-1]
    else:
        margins, contributions = model.margins(X) if len(X) else np.empty(0), np.empty((len(X), 0))
    found = explained_units(
        model.link, model.calibration, model.base_margin, margins, contributions, count=depth.top_reasons, scale=scale
    )
    return found, contributions


def by_group(model: ScoreModel, contributions: Floats) -> tuple[tuple[str, ...], Floats]:
    """The groups of the model's features, and the sum of each one's contributions, (n, groups)."""
    if contributions.shape[1] == 0:
        return (), contributions
    of_feature = [feature.group for feature in model.declarations]
    groups = tuple(dict.fromkeys(of_feature))
    sums = [row_sums(contributions[:, [name == group for name in of_feature]]) for group in groups]
    return groups, np.column_stack(sums)
