"""Single item: one customer's objects, each field read by itself, by readers that are made once.

CRMs ask for one customer most often: a list for each field would take longer than the values.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.items.item_columns import Item, values_of
from models.rows.history import Category
from models.scored.audiences import Audiences
from models.scored.item_parts import EachOf, From, ItemField, ListFrom, Reason, fields_of
from models.scored.reason_rows import CustomerReason
from models.scored.shown_score import ShownScore

REASON_COLUMNS = [(field.name, field.source.column) for field in fields_of(Reason) if isinstance(field.source, From)]
"""The fields of a reason that differ between customers, with where their values come from."""
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
