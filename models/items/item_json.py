"""Items of an answer: customers' results as dictionaries, ready for JSON, of the fields in `item_fields`.

Values are taken column by column for all customers at once, and put into copies of a form that has what all share.
"""

import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from models.items.item_fields import ScoredItem
from models.rows.history import Category
from models.scored.audiences import Audiences
from models.scored.item_parts import EachOf, From, ItemField, ListFrom, Reason, fields_of
from models.scored.reason_rows import CustomerReason, FeatureValues, GroupRows, ReasonRows, Rows
from models.scored.scored_customers import Scored
from models.scored.shown_score import ShownScore

Item = dict[str, Any]
ITEM_FIELDS = fields_of(ScoredItem)
OF_EVERYONE = [field for field in ITEM_FIELDS if field.of_everyone]
OF_SCORED = [field for field in ITEM_FIELDS if not field.of_everyone]
REASON_COLUMNS = [(field.name, field.source.column) for field in fields_of(Reason) if isinstance(field.source, From)]
"""The fields of a reason that differ between customers, with where their values come from."""


def items_of(scored: Scored) -> list[Item]:
    """Everyone's item (an invalid row's without its problem)."""
    if len(scored) == 1:
        return [item_of(scored, 0)]
    return items_of_rows(scored, np.arange(len(scored)))


def item_of(scored: Scored, row: int) -> Item:
    """One customer's item: what `items_of_rows` gives, without a list for each field; CRMs ask for one most often."""
    item = object_of_one(ONE_OF_EVERYONE, scored, row)
    if scored.is_scored[row]:
        item |= object_of_one(ONE_SCORED, scored, row)
    return item


def items_of_rows(scored: Scored, rows: Rows) -> list[Item]:
    """The items of the customers in these rows: of everyone who they are, of those who are scored all the rest."""
    items = objects_of(OF_EVERYONE, scored, rows)
    is_scored = scored.is_scored[rows]
    details = objects_of(OF_SCORED, scored, rows[is_scored])
    for place, detail in zip(is_scored.nonzero()[0].tolist(), details, strict=True):
        items[place].update(detail)
    return items


def reasons_of(score: ShownScore, row: int) -> list[Item]:
    """The reasons of one customer's score, strongest first, those that round to nothing left out."""
    return reason_objects(fields_of(Reason), ReasonRows.of(score, np.array([row])))


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


Readers = list[tuple[str, bool, Callable[[Any, int], Any]]]
"""Of each field of an object its name, whether it is optional, and one row's value by what the object is made of."""


def readers_of(fields: Sequence[ItemField]) -> Readers:
    """How one customer's object with these fields is read."""
    return [(field.name, field.optional, reader_of(field)) for field in fields]


def object_of_one(readers: Readers, source: Any, row: int) -> Item:
    """What `objects_of` gives for one row."""
    item = Item()
    for name, optional, read in readers:
        value = read(source, row)
        if value is not None or not optional:
            item[name] = value
    return item


def reader_of(field: ItemField) -> Callable[[Any, int], Any]:
    """What `values_of` gives for one row."""
    inner, declared = readers_of(field.fields), field.source

    if isinstance(declared, EachOf):
        scores = declared.scores
        return lambda source, row: [object_of_one(inner, each, row) for each in scores(source) if each.eligible[row]]
    if isinstance(declared, ListFrom) and declared.of_customer is not None:
        of_customer = declared.of_customer
        return lambda source, row: [customer_reason(reason) for reason in of_customer(source, row)]
    if not isinstance(declared, From):
        return lambda source, row: (values_of(field, source, np.array([row])) or [None])[0]
    column, nullable = declared.column, field.nullable

    def read_object(source: Any, row: int) -> Item | None:
        made_of = column(source)
        if made_of is None or (isinstance(made_of, ShownScore) and not made_of.eligible[row]):
            return None
        return object_of_one(inner, made_of, row)

    def read_value(source: Any, row: int) -> Any:
        values = column(source)
        kind = type(values)
        if kind is np.ndarray:
            value = values.item(row)
            return None if nullable and math.isnan(value) else value
        if kind is Category:
            code = values.codes.item(row)
            return None if code < 0 else values.vocabulary[code]
        return values.of(row) if kind is Audiences else values

    return read_object if inner else read_value


def customer_reason(reason: CustomerReason) -> Item:
    """What `reason_objects` gives for one reason."""
    item = dict(reason.score.forms[reason.column])
    for name, column in REASON_COLUMNS:
        value = column(reason)
        item[name] = value.vocabulary[value.codes] if type(value) is Category else value
    return item


ONE_OF_EVERYONE, ONE_SCORED = readers_of(OF_EVERYONE), readers_of(OF_SCORED)
