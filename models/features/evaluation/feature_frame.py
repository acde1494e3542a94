"""Computes features from declarations and a history, for one customer and for all; nothing else computes them."""

from collections.abc import Sequence
from functools import lru_cache

from models.errors import FeatureError
from models.features.evaluation.evaluation_plan import EvaluationPlan
from models.features.frame.column_names import ColumnNames
from models.features.frame.feature_matrix import FeatureFrame
from models.features.language.available_columns import CUSTOMERS
from models.features.language.expressions import Aggregate, Expression, Profile
from models.features.language.specification import Feature
from models.rows.as_of import AsOf
from models.rows.history import Category, Floats, History

MOST_PLANS = 64


def assemble(features: Sequence[Feature], view: AsOf, threads: int = 1) -> FeatureFrame:
    """The value of every feature for every customer of the view.

    A table or a column that the history lacks is taken to hold nothing: who needs it there checks before.
    Raises FeatureError where a declaration does not fit the data (the mean of a text column).
    """
    plan = _PLAN_OF.get(id(features))
    if plan is None or plan.features is not features:
        plan = plan_of(tuple(features))
    return plan.frame(view, threads)


def value_of(view: AsOf, expression: Expression) -> Floats:
    """The value of an expression for each customer of the view, float64 (customers), NaN where missing."""
    if expression not in view.values:
        view.values[expression] = _plan_of(expression).values(view)[:, 0]
    return view.values[expression]


class FeaturePlan:
    """How some features are computed. It holds them, so that no other feature can come to have an id of theirs."""

    def __init__(self, features: tuple[Feature, ...]) -> None:
        self.features = features
        self._names = ColumnNames([feature.name for feature in features])
        self._plan = EvaluationPlan([(feature.value, feature.kind == "category") for feature in features])
        self._words = {feature.name: column_of_words(feature) for feature in features if feature.kind == "category"}

    def frame(self, view: AsOf, threads: int) -> FeatureFrame:
        """The values of these features."""
        values = self._plan.values(view, threads)
        words = {name: vocabulary_of(view.history, *column) for name, column in self._words.items()}
        return FeatureFrame(self.features, self._names, values, words)


def column_of_words(feature: Feature) -> tuple[str, str]:
    """Where the words of a category come from."""
    match feature.value:
        case Aggregate(selection, "last", str(column)):
            return selection.table, column
        case Profile(column):
            return CUSTOMERS, column
        case _:
            raise FeatureError(f"{feature.name}: a category is a column of `customers` or the last word of a table's")


def vocabulary_of(history: History, table: str, name: str) -> tuple[str, ...]:
    """The words that a column may hold; none where the history lacks the column."""
    rows = history.tables.get(table)
    columns = history.profile if table == CUSTOMERS else rows.columns if rows is not None else {}
    column = columns.get(name)
    return column.vocabulary if isinstance(column, Category) else ()


@lru_cache(maxsize=1024)
def _plan_of(expression: Expression) -> EvaluationPlan:
    return EvaluationPlan([(expression, False)])


def plan_of(features: tuple[Feature, ...]) -> FeaturePlan:
    """The plan of these features, made once."""
    key = tuple(map(id, features))
    plan = _PLANS.get(key)
    if plan is None:
        if len(_PLANS) >= MOST_PLANS:
            _PLANS.clear()
            _PLAN_OF.clear()
        plan = _PLANS[key] = _PLAN_OF[id(features)] = FeaturePlan(features)
    return plan


_PLANS: dict[tuple[int, ...], FeaturePlan] = {}
"""By the ids of the features: hashing whole declarations would take longer than evaluating them for one customer."""
_PLAN_OF: dict[int, FeaturePlan] = {}
"""By the id of the tuple that they came in; it is that of another tuple unless the plan has the very same."""
