"""Readiness for an offer: a binary model, shallower than churn's, since takers are few."""

from models.workspace import TrainingSettings
from training.learning.boosting import Recipe

MAX_DEPTH = 4


def upsell_recipe(settings: TrainingSettings) -> Recipe:
    """Log loss, very shallow trees."""
    return Recipe(
        kind="upsell",
        link="logistic",
        objective={"objective": "binary"},
        trees=settings.trees,
        max_depth=min(settings.max_depth, MAX_DEPTH),
        learning_rate=settings.learning_rate,
        min_child=settings.min_child,
        seed=settings.seed,
        rhythm_in_trees=settings.rhythm_in_trees,
    )
