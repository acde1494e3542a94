"""Items of an answer: customers' results as dictionaries, ready for JSON, of the fields in `item_fields`.

Many customers' values are taken column by column (`item_columns`), one customer's field by field (`single_item`).
"""

import numpy as np

from models.items.item_columns import Item, objects_of, reason_objects
from models.items.item_fields import ScoredItem
from models.items.single_item import object_of_one, readers_of
from models.scored.item_parts import Reason, fields_of
from models.scored.reason_rows import ReasonRows, Rows
from models.scored.scored_customers import Scored
from models.scored.shown_score import ShownScore

ITEM_FIELDS = fields_of(ScoredItem)
OF_EVERYONE = [field for field in ITEM_FIELDS if field.of_everyone]
OF_SCORED = [field for field in ITEM_FIELDS if not field.of_everyone]
ONE_OF_EVERYONE, ONE_SCORED = readers_of(OF_EVERYONE), readers_of(OF_SCORED)


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
