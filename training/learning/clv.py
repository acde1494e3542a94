"""Customer lifetime value over the horizon: a Tweedie model, made for amounts of which many are exactly zero."""

from models.workspace import TrainingSettings
from training.learning.boosting import Recipe

VARIANCE_POWER = 1.4
"""Between 1 (counts) and 2 (amounts that are never zero)."""


def clv_recipe(settings: TrainingSettings) -> Recipe:
    """Tweedie deviance with a log link, shallow trees."""
    return Recipe(
        kind="clv",
        link="exp",
        objective={"objective": "tweedie", "tweedie_variance_power": VARIANCE_POWER},
        trees=settings.trees,
        max_depth=settings.max_depth,
        learning_rate=settings.learning_rate,
        min_child=settings.min_child,
        seed=settings.seed,
        rhythm_in_trees=settings.rhythm_in_trees,
    )
