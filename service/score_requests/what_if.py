"""Answers about customers as they might be, or as they were: with features, rows or consent that were sent."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.consent.consent_precedence import with_sent
from models.consent.purposes import PROFILING
from models.consent.recorded_consent import recorded_for
from models.errors import DataError
from models.ingest import history_from_rows
from models.rows.history import History
from models.scored.prepared_customers import Prepared, joined
from models.scored.scored_customers import NEXT_BEST_ACTION
from service.score_requests.items import Item, invalid, item_of, unknown
from service.score_requests.questions import Question, ScoresWanted
from service.score_requests.served_state import Serving

SENT_TABLES = ("orders", "interactions")


def suppose(serving: Serving, questions: Sequence[Question], wanted: ScoresWanted, as_of: int) -> list[Item]:
    """Items of customers as they might be, or as they were: nobody is contacted for that, so no action is told."""
    found = serving.live.find([question.normal_id for question in questions])
    items = [unknown(question.customer_id) for question in questions]
    alike, alone = list[tuple[int, Prepared]](), list[tuple[int, Prepared]]()
    for place, (question, position) in enumerate(zip(questions, found.places, strict=True)):
        theirs = None if position is None else found.history.select([position])
        try:
            history = supposed_history(serving, question, theirs)
        except DataError as error:
            items[place] = invalid(question.customer_id, error)
            continue
        if history is not None:
            overrides = {0: question.features} if question.features else None
            prepared = serving.scorer.prepare(with_consent(history, question.consent), as_of, overrides=overrides)
            # rows that were sent may lack columns that all others have
            (alone if question.brings_rows or question.consent is not None else alike).append((place, prepared))
    for group in ([alike] if alike else []) + [[one] for one in alone]:
        together = joined([prepared for _, prepared in group])
        told = wanted.scored(serving.scorer, together).items(groups=wanted.groups)
        for row, ((place, _), item) in enumerate(zip(group, told, strict=True)):
            asked_id, wrong = questions[place].customer_id, together.errors.get(row)
            items[place] = item_of(item, asked_id) if wrong is None else invalid(asked_id, wrong)
            if "segments" in item:
                item["segments"][NEXT_BEST_ACTION] = None
    return items


def supposed_history(serving: Serving, question: Question, theirs: History | None) -> History | None:
    """What a question supposes someone's rows to be; None if nothing is known of them. theirs: their own rows.

    Nothing of what was sent stays. Raises DataError if it cannot be read.
    """
    if question.brings_rows:
        return history_as_sent(serving, question, theirs)
    if theirs is None and question.features is not None and "attributes" in serving.workspace.config.tables:
        return serving.live.base.history.stranger("")
    return theirs


def history_as_sent(serving: Serving, question: Question, theirs: History | None) -> History:
    """Someone's rows as they were sent instead of their own (None: there are none)."""
    base = serving.live.base.history.stranger(question.customer_id) if theirs is None else theirs
    sent = history_from_rows(
        serving.workspace.config, question.customer_id, orders=question.orders, interactions=question.interactions
    )
    check_tables(question, base)
    tables = {**base.tables, **{name: sent.tables[name] for name in SENT_TABLES if name in base.tables}}
    profile = dict(base.profile)
    if theirs is None and "signed_up_at" in profile:
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
