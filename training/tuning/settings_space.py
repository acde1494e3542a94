"""Settings space: the settings that tuning tries, around those that suit most shops."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.score.score_model import ScoreKind
from training.learning.recipes import Recipe

POWER = "tweedie_variance_power"


@dataclass(frozen=True, slots=True)
class Range:
    """From where to where one setting is tried; `log` where a doubling matters more than a step."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def nearest(self, value: float) -> float:
        """The value itself, or the end of the range that it lies beyond."""
        near = min(max(value, self.low), self.high)
        return round(near) if self.whole else near


EVERY_KIND = {
    "learning_rate": Range(0.03, 0.15, log=True),
    "travel": Range(2.5, 20.0, log=True),
    "max_depth": Range(3, 6, whole=True),
    "leaf_share": Range(0.0005, 0.02, log=True),
    "lambda_l2": Range(0.1, 100.0, log=True),
    "feature_fraction": Range(0.3, 1.0),
}
"""travel: trees x learning rate, how far the trees go together: with fewer, larger steps they go as far.
leaf_share: the least share of the rows that a leaf holds, so that it means the same for few snapshots and for many.
"""


def space_of(kind: ScoreKind) -> Mapping[str, Range]:
    """The ranges of one kind of score."""
    if kind == "clv":
        return EVERY_KIND | {POWER: Range(1.1, 1.7)}
    return EVERY_KIND | {"max_depth": Range(2, 4, whole=True)} if kind == "upsell" else EVERY_KIND


def place_of(recipe: Recipe, rows: int) -> dict[str, float]:
    """Where a recipe lies in the space of its kind, for a table of so many rows; the nearest point, if outside."""
    place = {
        "learning_rate": recipe.learning_rate,
        "travel": recipe.trees * recipe.learning_rate,
        "max_depth": recipe.max_depth,
        "leaf_share": recipe.least_in_leaf(rows) / rows,
        "lambda_l2": recipe.lambda_l2,
        "feature_fraction": recipe.feature_fraction,
        POWER: float(recipe.objective.get(POWER, math.nan)),
    }
    return {name: tried.nearest(place[name]) for name, tried in space_of(recipe.kind).items()}


def recipe_at(recipe: Recipe, place: Mapping[str, float]) -> Recipe:
    """The recipe with the settings of a point of the space in place of its own."""
    power = {POWER: place[POWER]} if POWER in place else {}
    return replace(
        recipe,
        objective={**recipe.objective, **power},
        trees=max(1, round(place["travel"] / place["learning_rate"])),
        max_depth=int(place["max_depth"]),
        learning_rate=place["learning_rate"],
        leaf_share=place["leaf_share"],
        lambda_l2=place["lambda_l2"],
        feature_fraction=place["feature_fraction"],
    )
