"""What-if scores: customers with features, rows or consent that were sent, now or as of an earlier instant."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.consent.consent_precedence import with_sent
from models.consent.purposes import PROFILING
from models.consent.recorded_consent import recorded_for
from models.errors import DataError, FeatureError
from models.ingest import history_from_rows
from models.items.item_json import items_of
from models.rows.history import History
from models.scored.prepared_customers import Prepared, joined
from service.score_requests.customer_scoring import score_customers, under_ids
from service.score_requests.questions import Item, Question, ScoreOptions
from service.score_requests.served_state import Serving
from service.score_requests.unknown_customer import unknown_item

SENT_TABLES = ("orders", "interactions")
ItemOrError = Item | FeatureError | DataError
PlaceAndRows = tuple[int, Prepared]
"""A question's place, and its customer ready to be scored."""


def what_if_items(
    serving: Serving, questions: Sequence[Question], options: ScoreOptions, as_of: int
) -> list[ItemOrError]:
    """An item a question, or the fault in its data; without a next best action, since nobody is contacted
    for what might be.
    """
    known = serving.live.find([question.normal_id for question in questions])
    items: list[ItemOrError] = [unknown_item(question.customer_id) for question in questions]
    alike, alone = list[PlaceAndRows](), list[PlaceAndRows]()
    for place, (question, position) in enumerate(zip(questions, known.places, strict=True)):
        own = None if position is None else known.history.select([position])
        try:
            history = what_if_history(serving, question, own)
        except DataError as error:
            items[place] = error
            continue
        if history is not None:
            overrides = {0: question.features} if question.features else None
            prepared = serving.scorer.prepare(with_consent(history, question.consent), as_of, overrides=overrides)
            # rows that were sent may lack columns that all others have
            (alone if question.brings_rows or question.consent is not None else alike).append((place, prepared))
    for group in ([alike] if alike else []) + [[place_and_rows] for place_and_rows in alone]:
        scored = score_customers(serving.scorer, joined([prepared for _, prepared in group]), options)
        ids = [questions[place].customer_id for place, _ in group]
        for row, ((place, _), item) in enumerate(zip(group, items_of(under_ids(scored, ids)), strict=True)):
            items[place] = scored.errors.get(row, item)
    return items


def what_if_history(serving: Serving, question: Question, own: History | None) -> History | None:
    """The rows that a question is about; None if nothing is known of the customer. own: the customer's own rows.

    Nothing of what was sent stays. Raises DataError if it cannot be read.
    """
    if question.brings_rows:
        return history_as_sent(serving, question, own)
    if own is None and question.features is not None and "attributes" in serving.workspace.config.tables:
        return serving.live.base.history.stranger("")
    return own


def history_as_sent(serving: Serving, question: Question, own: History | None) -> History:
    """Someone's rows as they were sent instead of their own (None: there are none)."""
    base = serving.live.base.history.stranger(question.customer_id) if own is None else own
    sent = history_from_rows(
        serving.workspace.config, question.customer_id, orders=question.orders, interactions=question.interactions
    )
    check_tables(question, base)
    tables = {**base.tables, **{name: sent.tables[name] for name in SENT_TABLES if name in base.tables}}
    profile = dict(base.profile)
    if own is None and "signed_up_at" in profile:
        profile["signed_up_at"] = sent.profile["signed_up_at"]
    return replace(base, tables=tables, profile=profile)


def check_tables(question: Question, history: History) -> None:
    """Raise DataError if rows were sent for a table that this workspace does not have: they would not count."""
    for name, rows in zip(SENT_TABLES, (question.orders, question.interactions), strict=True):
        if rows and name not in history.tables:
            what = f"this workspace has no {name}, so these rows would not count"
            raise DataError(what, where="history", fix="omit them")


def with_consent(history: History, sent: bool | None) -> History:
    """One customer's history with the consent to profiling that holds for a request which sends this."""
    record = int(recorded_for(history, PROFILING)[0])
    holding = with_sent(record, sent)
    if holding == record:
        return history
    return replace(history, consents={**history.consents, PROFILING: np.array([holding], dtype=np.int8)})
