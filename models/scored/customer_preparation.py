"""Preparation: from rows to customers ready to be scored: features, one matrix a model, and which scores apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import FeatureError
from models.features.catalogue import every_feature
from models.features.evaluation.feature_frame import assemble, value_of
from models.features.frame.feature_matrix import FeatureFrame
from models.features.language.expressions import rows
from models.features.language.specification import Feature
from models.rows.as_of import AsOf
from models.rows.history import Booleans, History
from models.score.score_model import ScoreModel
from models.scored.customer_status import NOT_ELIGIBLE, PROSPECT
from models.scored.fact_columns import facts_of
from models.scored.prepared_customers import Prepared
from models.scored.reasons import columns_of
from models.targets.targets import Target

FeatureValue = float | int | str | bool | None
Overrides = Mapping[int, Mapping[str, FeatureValue]]
"""Feature values to assume, by row."""


@dataclass(frozen=True)
class Preparing:
    """What is read of rows: the models by score with their targets, their features by name, and by score those whose
    numbers its own training fitted apart.
    """

    models: Mapping[str, ScoreModel]
    targets: Mapping[str, Target]
    declared: Mapping[str, Feature]
    fitted_apart: Mapping[str, Sequence[Feature]]

    def of(self, history: History, as_of: int, overrides: Overrides) -> Prepared:
        """Every customer of the history as of an instant (microseconds); a row whose values do not fit is an error."""
        view = AsOf(history, as_of)
        features = {feature.name: feature for feature in every_feature(history)} | dict(self.declared)
        frame = assemble(tuple(features.values()), view)
        errors = apply_overrides(frame, overrides)
        eligible = {score: target.eligible(view) for score, target in self.targets.items()}
        seen = {score: self._seen_by(score, frame, view, overrides) for score in self.models}
        X = {score: seen[score].matrix(columns_of(model), model.vocabularies) for score, model in self.models.items()}
        return Prepared(
            customer_ids=history.customer_ids,
            as_of=as_of,
            facts=facts_of(frame, history),
            X=X,
            eligible=eligible,
            stranger=strangers(view, eligible),
            consents=history.consents,
            errors=errors,
        )

    def _seen_by(self, score: str, frame: FeatureFrame, view: AsOf, overrides: Overrides) -> FeatureFrame:
        """The frame with the numbers of this score's own fit."""
        apart = self.fitted_apart[score]
        if not apart:
            return frame
        own = assemble(apart, view)
        apply_overrides(own, {row: {k: v for k, v in of.items() if k in own.columns} for row, of in overrides.items()})
        return frame.joined(own)


def strangers(view: AsOf, eligible: Mapping[str, Booleans]) -> NDArray[np.int8]:
    """Why each customer can have no score, a place in STATUS_REASONS; -1 for who can."""
    known = np.zeros(len(view.history), dtype=np.bool_)
    for mask in eligible.values():
        known |= mask
    # Where there are only subscriptions, one that has ended makes no prospect.
    former = value_of(view, rows("subscriptions").count()) > 0
    left = former & ("orders" not in view.history.tables)
    return np.where(known, -1, np.where(left, NOT_ELIGIBLE, PROSPECT)).astype(np.int8)


def apply_overrides(frame: FeatureFrame, overrides: Overrides) -> dict[int, FeatureError]:
    """Put assumed values in the frame; what did not fit, by row."""
    errors: dict[int, FeatureError] = {}
    for row, values in overrides.items():
        try:
            frame.override(row, values)
        except FeatureError as error:
            errors[row] = error
    return errors
