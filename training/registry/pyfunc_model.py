"""Pyfunc model: a bundle as `mlflow.pyfunc.load_model` and `spark_udf` run it.

MLflow keeps this file with the registered model and runs it when the model is loaded; the bundle and the code of
`models` lie beside it. Input: one row a customer, a column a feature (float64, or words for categories; a column that
is not there is missing), and `customer_id` if wanted. Output: the score columns of `tercet score`.
"""

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc.model import PythonModel

from models.bundle.bundle import Bundle, read_bundle
from models.features.frame.feature_matrix import FeatureFrame
from models.items import item_json as items
from models.rows.history import Category, Column
from models.score.score_model import ScoreModel
from models.scored.fact_columns import fact_columns
from models.scored.reasons import REASONS_SHOWN, Depth, columns_of
from models.scored.score_presentation import Showing
from models.scored.shown_score import ShownScore
from models.workspace import Bands


class BundleModel(PythonModel):
    """Scores feature rows with every model of a bundle."""

    bundle: Bundle
    config: dict[str, Any]

    def load_context(self, context: Any) -> None:
        """Read the bundle that lies beside the model, checked as everywhere."""
        self.bundle = read_bundle(Path(context.artifacts["bundle"]))
        self.config = dict(context.model_config)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002 - MLflow's
        """Scores, bands, percentiles and reasons, a row for each row."""
        columns: dict[str, Any] = {}
        if "customer_id" in model_input:
            columns["customer_id"] = model_input["customer_id"].astype(str)
        for model in self.bundle.models.values():
            columns |= flat_columns(model, model_input, self.config)
        return pd.DataFrame(columns, index=model_input.index)


def flat_columns(model: ScoreModel, rows: pd.DataFrame, config: dict[str, Any]) -> dict[str, Any]:
    """The columns of one score."""
    frame, everyone = frame_of(model, rows), np.ones(len(rows), dtype=np.bool_)
    X = frame.matrix(columns_of(model), model.vocabularies)
    shares = Bands(high=config["high"], medium=config["medium"])
    facts, depth = fact_columns(frame.columns, len(rows)), Depth(REASONS_SHOWN, groups=False)
    score = Showing(model, shares, config["minor_units"], "").show(facts, X, everyone, depth)
    prefix = model.score.replace(".", "_")
    columns: dict[str, Any] = {}
    if model.kind == "clv":
        columns["predicted_clv"] = score.values
        if score.low is not None and score.high is not None:
            columns |= {"clv_low": score.low, "clv_high": score.high}
    else:
        columns[f"{prefix}_probability"] = score.values
        columns[f"{prefix}_band"] = score.bands.words()
    return columns | {
        f"{prefix}_percentile": score.percentile,
        f"{prefix}_base_value": np.full(len(rows), score.base_units / score.scale),
        f"{prefix}_reasons": [reasons_of(score, row) for row in range(len(rows))],
        f"{prefix}_other_contribution": score.other_units / score.scale,
    }


def frame_of(model: ScoreModel, rows: pd.DataFrame) -> FeatureFrame:
    """The columns that the model was trained with; what is not there is missing."""
    columns: dict[str, Column] = {}
    for feature in model.declarations:
        given = rows.get(feature.name)
        if feature.kind == "category":
            columns[feature.name] = words(given, len(rows))
        else:
            missing = np.full(len(rows), np.nan)
            columns[feature.name] = missing if given is None else given.to_numpy(dtype=np.float64, na_value=np.nan)
    return FeatureFrame.of_columns(model.declarations, columns, len(rows))


def words(column: pd.Series | None, rows: int) -> Category:
    """A column of text as codes."""
    if column is None:
        return Category(np.full(rows, -1, dtype=np.int32), ())
    codes, known = pd.factorize(column.astype("str").where(column.notna()), sort=True)
    return Category(codes.astype(np.int32), tuple(known))


def reasons_of(score: ShownScore, row: int) -> list[dict[str, Any]]:
    """One customer's reasons, strongest first; those that round to nothing are left out. A value is text."""
    return [
        {
            "feature": reason["feature"],
            "value": None if reason["value"] is None else str(reason["value"]),
            "contribution": reason["contribution"],
            "rank": reason["rank"],
        }
        for reason in items.reasons_of(score, row)
    ]


mlflow.models.set_model(BundleModel())
