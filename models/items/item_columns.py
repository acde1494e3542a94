"""Item columns: the objects of many customers, their values taken column by column and put into copies of a form.

The form has what all customers share.
"""

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from models.rows.history import Category
from models.scored.audiences import Audiences
from models.scored.item_parts import EachOf, From, ItemField, ListFrom
from models.scored.reason_rows import FeatureValues, GroupRows, ReasonRows, Rows
from models.scored.shown_score import ShownScore

Item = dict[str, Any]


def objects_of(fields: Sequence[ItemField], source: Any, rows: Rows) -> list[Item]:
    """An object with these fields for each of these rows of what it is made of."""
    form, columns = Item(), list[tuple[ItemField, list[Any]]]()
    for field in fields:
        values = values_of(field, source, rows)
        if type(values) is list:
            columns.append((field, values))
            form[field.name] = None
        elif values is not None or not field.optional:
            form[field.name] = values
    objects = [form.copy() for _ in range(len(rows))]
    for field, values in columns:
        fill(objects, field, values)
    return objects


def reason_objects(fields: Sequence[ItemField], reasons: ReasonRows) -> list[Item]:
    """An object for each reason: the form of its feature, filled in."""
    forms = reasons.score.forms
    objects = [dict(forms[column]) for column in reasons.columns.tolist()]
    for field in fields:
        if isinstance(field.source, From):
            fill(objects, field, plain_values(field, field.source.column(reasons)))
    return objects


def fill(objects: Sequence[Item], field: ItemField, values: Sequence[Any]) -> None:
    """Put a field's values into objects that have a place for it; where there is none, an optional field goes."""
    name = field.name
    for item, value in zip(objects, values, strict=True):
        item[name] = value
    if field.optional and None in values:
        for item in objects:
            if item[name] is None:
                del item[name]


def values_of(field: ItemField, source: Any, rows: Rows) -> Any:
    """A field's values in these rows, a list; or what is no list if it is the same for all."""
    declared = field.source
    if isinstance(declared, From):
        values = declared.column(source)
        return objects_in(field, source, values, rows) if field.fields else plain_values(field, values, rows)
    if isinstance(declared, ListFrom):
        return lists_in(field, declared.entries(source, rows))
    lists: list[list[Item]] = [[] for _ in range(len(rows))]
    for score in declared.scores(source) if isinstance(declared, EachOf) else ():
        for offers, offer in zip(lists, objects_in(field, source, score, rows), strict=True):
            if offer is not None:
                offers.append(offer)
    return lists


def lists_in(field: ItemField, listed: ReasonRows | GroupRows | None) -> list[list[Item]] | None:
    """The lists of objects in a field, of everyone the next so many."""
    if listed is None:
        return None
    if isinstance(listed, ReasonRows):
        objects = reason_objects(field.fields, listed)
    else:
        objects = objects_of(field.fields, listed, np.arange(len(listed.units)))
    following = iter(objects)
    return [list(islice(following, count)) for count in listed.counts.tolist()]


def objects_in(field: ItemField, source: Any, inner: Any, rows: Rows) -> Any:
    """The objects in a field, which are made of `inner`; None for who is not eligible for that score."""
    if inner is None:
        return None
    if inner is source or not isinstance(inner, ShownScore):
        return objects_of(field.fields, inner, rows)
    eligible = inner.eligible[rows]
    if eligible.all():
        return objects_of(field.fields, inner, rows)
    objects = iter(objects_of(field.fields, inner, rows[eligible]))
    return [next(objects) if is_eligible else None for is_eligible in eligible.tolist()]


def plain_values(field: ItemField, values: Any, rows: Rows | None = None) -> Any:
    """A column's values in these rows, by default all, None for NaN where it may be null; what all share as it is."""
    if isinstance(values, np.ndarray):
        shown: list[Any] = (values if rows is None else values[rows]).tolist()
        return [None if math.isnan(value) else value for value in shown] if field.nullable else shown
    if isinstance(values, Category):
        codes, vocabulary = values.codes if rows is None else values.codes[rows], values.vocabulary
        return [None if code < 0 else vocabulary[code] for code in codes.tolist()]
    if isinstance(values, FeatureValues):
        return values.shown()
    if isinstance(values, Audiences) and rows is not None:
        return [values.of(row) for row in rows.tolist()]
    return values
