"""A bundle as an MLflow model: what `mlflow.pyfunc.load_model` and `spark_udf` run.

MLflow keeps this file with the registered model and runs it when the model is loaded; the bundle and the code of
`models` lie beside it. Input: one row a customer, a column a feature (float64, or words for categories; a column that
is not there is missing), and `customer_id` if wanted. Output: the score columns of `tercet score`.
"""

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.bands import BANDS, band_places
from models.bundle import Bundle, read_bundle
from models.features.frame import FeatureFrame
from models.history import Category, Column
from models.reasons import Depth, explain
from models.score_model import ScoreModel
from models.score_units import row_sums, shown
from models.scored import PROBABILITY_UNITS, shown_value
from models.workspace import Bands

TOP_REASONS = 4


class BundleModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc] # mlflow has no types
    """Scores feature rows with every model of a bundle."""

    bundle: Bundle
    config: dict[str, Any]

    def load_context(self, context: Any) -> None:
        """Read the bundle that lies beside the model, checked as everywhere."""
        self.bundle = read_bundle(Path(context.artifacts["bundle"]))
        self.config = dict(context.model_config)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Scores, bands, percentiles and reasons, a row for each row."""
        columns: dict[str, Any] = {}
        if "customer_id" in model_input:
            columns["customer_id"] = model_input["customer_id"].astype(str)
        for model in self.bundle.models.values():
            columns |= flat_columns(model, model_input, self.config)
        return pd.DataFrame(columns, index=model_input.index)


def flat_columns(model: ScoreModel, rows: pd.DataFrame, config: dict[str, Any]) -> dict[str, Any]:
    """The columns of one score."""
    frame, total = frame_of(model, rows), len(rows)
    found, chosen = explain(model, frame, np.arange(total), Depth(TOP_REASONS, groups=False))
    parts = np.take_along_axis(found.contributions, chosen, axis=1)
    rest = found.scores - found.base - row_sums(parts)
    scale = config["minor_units"] if model.kind == "clv" else PROBABILITY_UNITS
    units, base, part_units = shown(found.scores, found.base, np.column_stack([parts, rest]), scale)
    prefix = model.score.replace(".", "_")
    columns: dict[str, Any] = {}
    if model.kind == "clv":
        columns["predicted_clv"] = units / scale
        if model.interval is not None:
            low, high = model.interval.bounds(found.scores)
            columns |= {"clv_low": np.rint(low * scale) / scale, "clv_high": np.rint(high * scale) / scale}
    else:
        columns[f"{prefix}_probability"] = units / scale
        shares = Bands(high=config["high"], medium=config["medium"])
        columns[f"{prefix}_band"] = [BANDS[place] for place in band_places(found.scores, model.reference, shares)]
    reasons = [reasons_of(model, frame, row, chosen[row], part_units[row], scale) for row in range(total)]
    return columns | {
        f"{prefix}_percentile": np.round(model.reference.percentile(found.scores), 1),
        f"{prefix}_base_value": np.full(total, base / scale),
        f"{prefix}_reasons": reasons,
        f"{prefix}_other_contribution": part_units[:, -1] / scale,
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
    return FeatureFrame(model.declarations, columns, len(rows))


def words(column: pd.Series | None, rows: int) -> Category:
    """A column of text as codes."""
    if column is None:
        return Category(np.full(rows, -1, dtype=np.int32), ())
    codes, known = pd.factorize(column.astype("str").where(column.notna()), sort=True)
    return Category(codes.astype(np.int32), tuple(known))


def reasons_of(
    model: ScoreModel, frame: FeatureFrame, row: int, columns: NDArray[np.intp], units: NDArray[np.int64], scale: int
) -> list[dict[str, Any]]:
    """One customer's reasons, strongest first; those that round to nothing are left out."""
    found: list[dict[str, Any]] = []
    for column, amount in zip(columns.tolist(), units.tolist()[:-1], strict=True):
        if amount:
            name = model.features[column]
            value = shown_value(frame, name, row)
            known = None if value is None else str(value)
            found.append({"feature": name, "value": known, "contribution": amount / scale, "rank": len(found) + 1})
    return found


mlflow.models.set_model(BundleModel())
