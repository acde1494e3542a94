"""The recipe of each kind of score."""

from collections.abc import Callable, Mapping

from models.score.score_model import ScoreKind
from models.workspace import TrainingSettings
from training.learning.boosting import Recipe
from training.learning.churn import churn_recipe
from training.learning.clv import clv_recipe
from training.learning.upsell import upsell_recipe

RECIPES: Mapping[ScoreKind, Callable[[TrainingSettings], Recipe]] = {
    "churn": churn_recipe,
    "clv": clv_recipe,
    "upsell": upsell_recipe,
}
