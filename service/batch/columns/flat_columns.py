"""Flat columns: scores with one row a customer, as batch files hold them, in full or as a CRM imports them.

Which columns, of what and in which order, is declared with the fields of an item (`models.scored.item_parts`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.items.item_fields import ScoredItem
from models.rows.history import Booleans
from models.rows.instants import format_instant
from models.scored.item_parts import EachOf, From, ItemField, ListFrom, OfFeature, fields_of
from models.scored.scored_customers import Scored
from models.scored.shown_score import ShownScore
from service.batch.columns.arrow_columns import arrow_column, lists

NamedColumn = tuple[str, "pa.Array[Any]"]


@dataclass(frozen=True)
class Versions:
    """What a run was made with: the bundle, as it is registered, and the policy."""

    bundle_version: str
    policy_version: str


def flat_columns(scored: Scored, versions: Versions) -> pa.Table:
    """Every column of the batch contract. Who is not scored has nulls and a status."""
    total = len(scored)
    customer_id, *rest = item_columns(scored)
    as_of = "as_of", pa.repeat(format_instant(scored.as_of), total)
    with_what = [
        ("bundle_version", pa.repeat(versions.bundle_version, total)),
        ("policy_version", pa.repeat(versions.policy_version, total)),
    ]
    return pa.table(dict([customer_id, as_of, *rest, *with_what]))


def item_columns(scored: Scored) -> Iterator[NamedColumn]:
    """The columns of the fields of an item, in order."""
    everyone, is_scored = np.ones(len(scored), dtype=np.bool_), scored.is_scored
    for field in fields_of(ScoredItem):
        yield from columns_of(field, scored, everyone if field.of_everyone else is_scored)


def columns_of(field: ItemField, source: Any, there: Booleans) -> Iterator[NamedColumn]:
    """The columns that a field becomes, of what its object is made of; null for who is not `there`, (n,)."""
    match field.source:
        case From(column) if field.fields:
            yield from nested_columns(field, source, column(source), there)
        case From(column, flat) if flat is not None:
            yield named(flat, source), arrow_column(column(source), there, field.kinds)
        case OfFeature(_, flat) if flat is not None:
            texts = pa.array([form[field.name] for form in source.score.forms], pa.string())
            yield flat, texts.take(pa.array(source.columns, pa.int64()))
        case ListFrom(entries, flat) if flat is not None:
            listed = entries(source, there.nonzero()[0])
            every = np.ones(listed.counts.sum(), dtype=np.bool_)
            columns = [column for inner in field.fields for column in columns_of(inner, listed, every)]
            yield named(flat, source), lists(columns, listed.counts, there)
        case EachOf(scores):
            for score in scores(source):
                yield from nested_columns(field, source, score, there)


def nested_columns(field: ItemField, source: Any, inner: Any, there: Booleans) -> Iterator[NamedColumn]:
    """The columns of the fields of an object that is made of `inner`; null for who is not eligible for it."""
    if inner is None:
        if not isinstance(source, ShownScore):  # a score that the bundle does not have has no columns
            return
        inner, there = source, np.zeros(len(there), dtype=np.bool_)
    elif isinstance(inner, ShownScore):
        there = there & inner.eligible
    for inside in field.fields:
        yield from columns_of(inside, inner, there)


def named(flat: str, source: Any) -> str:
    """The name of a column, with `{score}` replaced by the score's name."""
    return flat.format(score=source.model.score.replace(".", "_")) if isinstance(source, ShownScore) else flat


LEADING_REASONS = 3


def crm_columns(table: pa.Table) -> pa.Table:
    """The columns that a CRM imports, one plain value each: scores, bands, segments, leading reasons as short texts."""
    chosen: dict[str, Any] = {}
    for name in table.column_names:
        if name.endswith("_reasons"):
            chosen |= leading_reasons(name, cast("pa.ListArray[Any]", table[name].combine_chunks()))
        elif name == "audiences":
            chosen[name] = pc.binary_join(table[name], "|")
        elif not name.endswith(("_base_value", "_other_contribution")):
            chosen[name] = table[name]
    return pa.table(chosen)


def leading_reasons(name: str, lists: "pa.ListArray[Any]") -> dict[str, "pa.Array[Any]"]:
    """`churn_reason_1` and so on, of `churn_reasons`."""
    reasons, customer = cast(pa.StructArray, lists.flatten()), pc.list_parent_indices(lists)
    texts, rank = reason_texts(reasons), reasons.field("rank").to_numpy()
    columns = {}
    for place in range(LEADING_REASONS):
        of_place = np.flatnonzero(rank == place + 1)
        where = np.full(len(lists), -1)
        where[customer.to_numpy()[of_place]] = of_place
        columns[f"{name.removesuffix('s')}_{place + 1}"] = texts.take(pa.array(where, mask=where < 0))
    return columns


def reason_texts(reasons: pa.StructArray) -> "pa.Array[Any]":
    """`days_since_last_order 74 raises`."""
    value = pc.fill_null(reasons.field("value"), pa.scalar("missing"))
    direction = pc.if_else(pc.greater(reasons.field("contribution"), pa.scalar(0.0)), "raises", "lowers")
    texts: pa.Array[Any] = pc.binary_join_element_wise(reasons.field("feature"), value, direction, " ")
    return texts
