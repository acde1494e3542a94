"""Scores as flat columns, one row a customer: what batch files hold."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from models.history import Booleans, Category, Floats
from models.instants import format_instant
from models.scored import NEXT_BEST_ACTION, Scored
from models.shown_score import ShownScore

REASONS = pa.list_(
    pa.struct([("feature", pa.string()), ("value", pa.string()), ("contribution", pa.float64()), ("rank", pa.int32())])
)
"""A value is text, since one list holds words and numbers alike."""
SEGMENT_WORDS = ("value_tier", "lifecycle", "rfm", "value_risk")


def flat_columns(scored: Scored, bundle_version: str, policy_version: str) -> pa.Table:
    """Every column of the batch contract. Who is not scored has nulls and a status."""
    total = len(scored)
    everyone = np.ones(total, dtype=np.bool_)
    columns: dict[str, pa.Array] = {
        "customer_id": pa.array(scored.customer_ids.tolist(), pa.string()),
        "as_of": pa.array([format_instant(scored.as_of)] * total, pa.string()),
        "status": words(scored.status, everyone),
        "status_reason": words(scored.status_reason, everyone),
    }
    is_scored = scored.is_scored
    for name, score in scored.scores.items():
        there = score.eligible & is_scored
        if score.model.kind == "clv":
            columns |= amount(scored, score, there)
        else:
            columns |= probability(scored, score, there, prefix_of(name))
    for segment in SEGMENT_WORDS:
        columns[segment] = words(scored.segments[segment], is_scored)
    lists = [names if there else None for names, there in zip(scored.audiences.lists(), is_scored, strict=True)]
    columns["audiences"] = pa.array(lists, pa.list_(pa.string()))
    nothing = Category(np.full(total, -1, dtype=np.int32), ())
    columns[NEXT_BEST_ACTION] = words(scored.segments.get(NEXT_BEST_ACTION, nothing), is_scored)
    columns["data_sufficiency"] = words(scored.segments["data_sufficiency"], is_scored)
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
        f"{prefix}band": words(score.bands, there),
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


def words(values: Category, there: Booleans) -> pa.Array:
    """A column of words, null where there is none."""
    codes = pa.array(values.codes, mask=~there | (values.codes < 0))
    return pa.DictionaryArray.from_arrays(codes, pa.array(values.vocabulary, pa.string())).cast(pa.string())
