"""Scores as flat columns, one row a customer: what batch files hold."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from models.history import Booleans, Floats
from models.instants import format_instant
from models.scored import Scored, ShownScore
from models.segments.assignment import NEXT_BEST_ACTION

REASONS = pa.list_(
    pa.struct([("feature", pa.string()), ("value", pa.string()), ("contribution", pa.float64()), ("rank", pa.int32())])
)
"""A value is text, since one list holds words and numbers alike."""
SEGMENT_WORDS = ("value_tier", "lifecycle", "rfm", "value_risk")


def flat_columns(scored: Scored, bundle_version: str, policy_version: str) -> pa.Table:
    """Every column of the batch contract. Who is not scored has nulls and a status."""
    total = len(scored)
    columns: dict[str, pa.Array] = {
        "customer_id": pa.array(scored.customer_ids.tolist(), pa.string()),
        "as_of": pa.array([format_instant(scored.as_of)] * total, pa.string()),
        "status": pa.array(list(scored.status), pa.string()),
        "status_reason": pa.array(list(scored.status_reason), pa.string()),
    }
    is_scored = np.array([status == "scored" for status in scored.status], dtype=np.bool_)
    for name, score in scored.scores.items():
        there = score.eligible & is_scored
        if score.model.kind == "clv":
            columns |= amount(scored, score, there)
        else:
            columns |= probability(scored, score, there, prefix_of(name))
    for segment in SEGMENT_WORDS:
        columns[segment] = words(scored.segments[segment], is_scored, pa.string())
    columns["audiences"] = words(scored.segments["audiences"], is_scored, pa.list_(pa.string()))
    nothing = [None] * total
    columns[NEXT_BEST_ACTION] = words(scored.segments.get(NEXT_BEST_ACTION, nothing), is_scored, pa.string())
    columns["data_sufficiency"] = words(scored.segments["data_sufficiency"], is_scored, pa.string())
    columns["bundle_version"] = pa.array([bundle_version] * total, pa.string())
    columns["policy_version"] = pa.array([policy_version] * total, pa.string())
    return pa.table(columns)


def prefix_of(score: str) -> str:
    """`churn_`, or `upsell_<offer>_`."""
    return score.replace(".", "_") + "_"


def probability(scored: Scored, score: ShownScore, there: Booleans, prefix: str) -> dict[str, pa.Array]:
    """The six columns of a probability; `there` are the rows that have one."""
    return {
        f"{prefix}probability": numbers(score.units / score.scale, there),
        f"{prefix}percentile": numbers(score.percentile, there),
        f"{prefix}band": words(score.bands, there, pa.string()),
    } | explained(scored, score, there, prefix)


def amount(scored: Scored, score: ShownScore, there: Booleans) -> dict[str, pa.Array]:
    """The seven columns of a value."""
    nothing = np.full(len(scored), np.nan)
    return {
        "predicted_clv": numbers(score.units / score.scale, there),
        "clv_low": numbers(nothing if score.low is None else score.low, there),
        "clv_high": numbers(nothing if score.high is None else score.high, there),
        "clv_percentile": numbers(score.percentile, there),
    } | explained(scored, score, there, "clv_")


def explained(scored: Scored, score: ShownScore, there: Booleans, prefix: str) -> dict[str, pa.Array]:
    """Base value, reasons and the rest."""
    reasons = [list(reason_rows(scored, score, row)) if there[row] else None for row in range(len(scored))]
    return {
        f"{prefix}base_value": numbers(np.full(len(scored), score.base_units / score.scale), there),
        f"{prefix}reasons": pa.array(reasons, REASONS),
        f"{prefix}other_contribution": numbers(score.other_units / score.scale, there),
    }


def reason_rows(scored: Scored, score: ShownScore, row: int) -> Iterator[dict[str, Any]]:
    """The reasons of one customer."""
    for reason in scored.reasons_of(score, row):
        value = reason["value"]
        yield {
            "feature": reason["feature"],
            "value": None if value is None else str(value),
            "contribution": reason["contribution"],
            "rank": reason["rank"],
        }


def numbers(values: Floats, there: Booleans) -> pa.Array:
    """A column of numbers, null where the score is not there or not known."""
    return pa.array(values, pa.float64(), mask=~there | np.isnan(values))


def words(values: Sequence[Any], there: Booleans, kind: pa.DataType) -> pa.Array:
    """A column of words, or of lists of them."""
    return pa.array([value if known else None for value, known in zip(values, there.tolist(), strict=True)], kind)
