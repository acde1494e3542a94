"""Scores as flat columns, one row a customer: what batch files hold."""

from typing import Any

import numpy as np
import pyarrow as pa

from models.rows.history import Booleans, Category, Floats
from models.rows.instants import format_instant
from models.scored.audiences import Audiences
from models.scored.scored_customers import NEXT_BEST_ACTION, Scored
from models.scored.shown_score import ShownScore
from service.batch.columns.reason_lists import reason_lists
from service.batch.columns.run_versions import Versions

SEGMENT_WORDS = ("value_tier", "lifecycle", "rfm", "value_risk")


def flat_columns(scored: Scored, versions: Versions) -> pa.Table:
    """Every column of the batch contract. Who is not scored has nulls and a status."""
    total = len(scored)
    everyone = np.ones(total, dtype=np.bool_)
    columns: dict[str, pa.Array[Any]] = {
        "customer_id": pa.array(scored.customer_ids.tolist(), pa.string()),
        "as_of": pa.repeat(format_instant(scored.as_of), total),
        "status": words(scored.status, everyone),
        "status_reason": words(scored.status_reason, everyone),
    }
    is_scored = scored.is_scored
    for name, score in scored.scores.items():
        there = score.eligible & is_scored
        if score.model.kind == "clv":
            columns |= amount(score, there)
        else:
            columns |= probability(score, there, prefix_of(name))
    for segment in SEGMENT_WORDS:
        columns[segment] = words(scored.segments[segment], is_scored)
    columns["audiences"] = lists_of(scored.audiences, is_scored)
    nothing = Category(np.full(total, -1, dtype=np.int32), ())
    columns[NEXT_BEST_ACTION] = words(scored.segments.get(NEXT_BEST_ACTION, nothing), is_scored)
    columns["data_sufficiency"] = words(scored.segments["data_sufficiency"], is_scored)
    columns["bundle_version"] = pa.repeat(versions.bundle_version, total)
    columns["policy_version"] = pa.repeat(versions.policy_version, total)
    return pa.table(columns)


def prefix_of(score: str) -> str:
    """`churn_`, or `upsell_<offer>_`."""
    return score.replace(".", "_") + "_"


def probability(score: ShownScore, there: Booleans, prefix: str) -> dict[str, "pa.Array[Any]"]:
    """The six columns of a probability; `there` are the rows that have one."""
    return {
        f"{prefix}probability": numbers(score.units / score.scale, there),
        f"{prefix}percentile": numbers(score.percentile, there),
        f"{prefix}band": words(score.bands, there),
    } | explained(score, there, prefix)


def amount(score: ShownScore, there: Booleans) -> dict[str, "pa.Array[Any]"]:
    """The seven columns of a value."""
    nothing = np.full(len(there), np.nan)
    return {
        "predicted_clv": numbers(score.units / score.scale, there),
        "clv_low": numbers(nothing if score.low is None else score.low, there),
        "clv_high": numbers(nothing if score.high is None else score.high, there),
        "clv_percentile": numbers(score.percentile, there),
    } | explained(score, there, "clv_")


def explained(score: ShownScore, there: Booleans, prefix: str) -> dict[str, "pa.Array[Any]"]:
    """Base value, reasons and the rest."""
    return {
        f"{prefix}base_value": numbers(np.full(len(there), score.base_units / score.scale), there),
        f"{prefix}reasons": reason_lists(score, there),
        f"{prefix}other_contribution": numbers(score.other_units / score.scale, there),
    }


def numbers(values: Floats, there: Booleans) -> "pa.Array[Any]":
    """A column of numbers, null where the score is not there or not known."""
    return pa.array(values, pa.float64(), mask=~there | np.isnan(values))


def words(values: Category, there: Booleans) -> "pa.Array[Any]":
    """A column of words, null where there is none."""
    codes = pa.array(values.codes, pa.int32(), mask=~there | (values.codes < 0))
    return pa.array(values.vocabulary, pa.string()).take(codes)


def lists_of(audiences: Audiences, there: Booleans) -> "pa.Array[Any]":
    """A column of the names of audiences."""
    members = audiences.members & there[:, None]
    offsets = np.concatenate([[0], np.cumsum(members.sum(axis=1))]).astype(np.int32)
    names = pa.array(audiences.names, pa.string()).take(pa.array(np.nonzero(members)[1], pa.int64()))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), names, mask=pa.array(~there))
