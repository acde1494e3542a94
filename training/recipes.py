"""The recipe of each kind of score."""

from collections.abc import Callable, Mapping

from models.score_model import ScoreKind
from models.workspace import TrainingSettings
from training.boosting import Recipe
from training.churn import churn_recipe
from training.clv import clv_recipe
from training.upsell import upsell_recipe

RECIPES: Mapping[ScoreKind, Callable[[TrainingSettings], Recipe]] = {
    "churn": churn_recipe,
    "clv": clv_recipe,
    "upsell": upsell_recipe,
}
