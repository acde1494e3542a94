"""Recipes: objective, link and tree settings for each kind of score.

churn    log loss, never weighted by class, so that its probabilities are probabilities
clv      Tweedie deviance with a log link, made for amounts of which many are exactly zero
upsell   log loss, with shallower trees than churn's, since takers are few
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.features.language.specification import Feature, is_fitted
from models.score.link_function import Link
from models.score.score_model import ScoreKind
from models.workspace import TrainingSettings

VARIANCE_POWER = 1.4
"""Of CLV's Tweedie deviance: between 1 (counts) and 2 (amounts that are never zero)."""
MAX_DEPTH_OF_UPSELL = 4


@dataclass(frozen=True)
class Recipe:
    """How one kind of score is grown: its objective, its link, and the shape of its trees.

    rhythm_in_trees: whether trees may split on what BG/NBD expects. They gain nothing by it (docs/decisions/0013).
    leaf_share: the least share of the rows that a leaf holds; without it, `min_child` rows or fewer when there are few.
    """

    kind: ScoreKind
    link: Link
    objective: Mapping[str, str | float]
    trees: int
    max_depth: int
    learning_rate: float
    min_child: int
    seed: int
    rhythm_in_trees: bool = False
    leaf_share: float | None = None
    lambda_l2: float = 1.0
    feature_fraction: float = 0.5

    def least_in_leaf(self, rows: int) -> int:
        """How many rows a leaf holds at least, of a table of so many."""
        if self.leaf_share is not None:
            return max(5, round(self.leaf_share * rows))
        return min(self.min_child, max(5, rows // 200))

    def parameters(self, rows: int, features: Sequence[Feature]) -> dict[str, Any]:
        """LightGBM's parameters for a table of so many rows."""
        min_child = self.least_in_leaf(rows)
        return {
            **self.objective,
            "max_depth": self.max_depth,
            "num_leaves": max(2, 2**self.max_depth - 1),
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": min_child,
            "min_data_per_group": min_child,
            "lambda_l2": self.lambda_l2,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "monotone_constraints": [feature.monotone.get(self.kind, 0) for feature in features],
            "feature_contri": [0.0 if is_fitted(f) and not self.rhythm_in_trees else 1.0 for f in features],
            "monotone_constraints_method": "intermediate",
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,  # models are grown side by side instead: threads within one wait for each other
            "verbosity": -1,
        }


def recipe_of(kind: ScoreKind, settings: TrainingSettings) -> Recipe:
    """The recipe of a kind of score with a workspace's settings."""
    link: Link = "exp" if kind == "clv" else "logistic"
    tweedie: dict[str, str | float] = {"objective": "tweedie", "tweedie_variance_power": VARIANCE_POWER}
    return Recipe(
        kind=kind,
        link=link,
        objective=tweedie if kind == "clv" else {"objective": "binary"},
        trees=settings.trees,
        max_depth=min(settings.max_depth, MAX_DEPTH_OF_UPSELL) if kind == "upsell" else settings.max_depth,
        learning_rate=settings.learning_rate,
        min_child=settings.min_child,
        seed=settings.seed,
        rhythm_in_trees=settings.rhythm_in_trees,
    )
