"""Churn: a binary model, never weighted by class, so that its probabilities are probabilities."""

from models.workspace import TrainingSettings
from training.learning.boosting import Recipe


def churn_recipe(settings: TrainingSettings) -> Recipe:
    """Log loss, shallow trees."""
    return Recipe(
        kind="churn",
        link="logistic",
        objective={"objective": "binary"},
        trees=settings.trees,
        max_depth=settings.max_depth,
        learning_rate=settings.learning_rate,
        min_child=settings.min_child,
        seed=settings.seed,
        rhythm_in_trees=settings.rhythm_in_trees,
    )
