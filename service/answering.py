"""Decides what each customer of a request is answered: finds their rows, scores them, and puts each in its place."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.decisions.contact_history import Contacted
from models.errors import DataError, FeatureError
from models.history import History
from models.ingest import history_from_rows, wall_clock
from models.scored import NEXT_BEST_ACTION
from models.scorer import FeatureValue
from service.api.problems import problem_of
from service.serving import Serving
from service.store.contacts_now import contacts_within
from service.store.engine import reading

SENT_TABLES = ("orders", "interactions")
SentRow = Mapping[str, Any]
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One customer of a request.

    features: values to assume. orders, interactions: rows to score instead of the workspace's; None if none were sent
    at all. consent: what was sent of their consent to profiling.
    """

    customer_id: str
    features: Mapping[str, FeatureValue] | None = None
    orders: Sequence[SentRow] | None = None
    interactions: Sequence[SentRow] | None = None
    consent: bool | None = None

    @property
    def brings_rows(self) -> bool:
        """Whether rows were sent, be it an empty list."""
        return self.orders is not None or self.interactions is not None

    @property
    def supposes(self) -> bool:
        """Whether it is about someone as they might be: nobody is contacted for that."""
        return self.features is not None or self.brings_rows or self.consent is not None


@dataclass(frozen=True, slots=True)
class ScoresWanted:
    """What a request asks for everyone in it. then: `as_of` was asked for, so nothing is told of what to do now."""

    as_of: int
    scores: Sequence[str] | None = None
    top_reasons: int = 4
    groups: bool = False
    then: bool = False


def answer(serving: Serving, questions: Sequence[Question], wanted: ScoresWanted) -> list[Item]:
    """One item a question, in the order asked: scored, not_scored, unknown_customer or invalid.

    Raises StoreError if the store is away.
    """
    found = serving.live.find([unicodedata.normalize("NFC", question.customer_id) for question in questions])
    items: list[Item | None] = [None] * len(questions)
    known: dict[bool, list[tuple[int, int]]] = {False: [], True: []}
    blank = list[int]()
    takes_features_alone = "attributes" in serving.workspace.config.tables
    for place, (question, position) in enumerate(zip(questions, found.places, strict=True)):
        if question.brings_rows:
            theirs = None if position is None else found.history.select([position])
            items[place] = answer_from_rows(serving, question, theirs, wanted)
        elif position is not None:
            known[question.supposes or wanted.then].append((position, place))
        elif takes_features_alone and question.features is not None:
            blank.append(place)
        else:
            items[place] = {"customer_id": question.customer_id, "status": "unknown_customer"}
    groups = [
        (found.history.select([position for position, _ in some]), [place for _, place in some], supposed)
        for supposed, some in ((supposed, sorted(some)) for supposed, some in known.items())
        if some
    ]
    if blank:
        groups.append((serving.live.base.history.stranger("").select([0] * len(blank)), blank, True))
    for some, places, supposed in groups:
        contacted = None if supposed else contacted_by_now(serving, some)
        asked = [questions[place] for place in places]
        for place, item in zip(places, score_all(serving, some, asked, wanted, contacted), strict=True):
            items[place] = item
    return [item for item in items if item is not None]


def answer_from_rows(serving: Serving, question: Question, theirs: History | None, wanted: ScoresWanted) -> Item:
    """Score someone from the rows sent instead of their own (None: there are none); nothing of them stays."""
    base = serving.live.base.history.stranger(question.customer_id) if theirs is None else theirs
    try:
        sent = history_from_rows(
            serving.workspace.config, question.customer_id, orders=question.orders, interactions=question.interactions
        )
        check_tables(question, base)
    except DataError as error:
        return invalid(question.customer_id, error)
    tables = {**base.tables, **{name: sent.tables[name] for name in SENT_TABLES if name in base.tables}}
    profile = dict(base.profile)
    if theirs is None and "signed_up_at" in profile:
        profile["signed_up_at"] = sent.profile["signed_up_at"]
    return score_all(serving, replace(base, tables=tables, profile=profile), [question], wanted)[0]


def check_tables(question: Question, history: History) -> None:
    """Raise DataError if rows were sent for a table that this workspace does not have: they would not count."""
    for name, rows in zip(SENT_TABLES, (question.orders, question.interactions), strict=True):
        if rows and name not in history.tables:
            what = f"this workspace has no {name}, so these rows would not count"
            raise DataError(what, where="history", fix="omit them")


def contacted_by_now(serving: Serving, history: History) -> Contacted:
    """The contacts of these customers as they are known now."""
    now = wall_clock()
    with reading(serving.live.store) as connection:
        return Contacted(contacts_within(connection, serving.workspace, history, now), now)


def score_all(
    serving: Serving,
    history: History,
    questions: Sequence[Question],
    wanted: ScoresWanted,
    contacted: Contacted | None = None,
) -> list[Item]:
    """Score customer `i` of the history as question `i` asks.

    contacted: by it the next best action is told; None where something is supposed: what is sent opens none.
    """
    overrides = {row: q.features for row, q in enumerate(questions) if q.features}
    scored = serving.scorer.score(
        with_consent(history, [question.consent for question in questions]),
        wanted.as_of,
        scores=wanted.scores,
        top_reasons=wanted.top_reasons,
        groups=wanted.groups,
        overrides=overrides,
        contacted=contacted,
    )
    items = []
    for row, question in enumerate(questions):
        if row in scored.errors:
            items.append(invalid(question.customer_id, scored.errors[row]))
            continue
        item = scored.item(row, groups=wanted.groups) | {"customer_id": question.customer_id}
        if "segments" in item and contacted is None:
            item["segments"][NEXT_BEST_ACTION] = None
        items.append(item)
    return items


def invalid(customer_id: str, error: FeatureError | DataError) -> Item:
    """The item of a customer whose own part of the request is wrong."""
    return {"customer_id": customer_id, "status": "invalid", "problem": problem_of(error, with_place=True).document()}


def with_consent(history: History, sent: Sequence[bool | None]) -> History:
    """The consents that hold for this request: a refusal that is sent always, a grant only where none is recorded."""
    if all(consent is None for consent in sent):
        return history
    recorded = history.consents.get("profiling", np.full(len(history), -1, dtype=np.int8))
    now = recorded.copy()
    for row, consent in enumerate(sent):
        if consent is False or (consent and recorded[row] == -1):
            now[row] = int(consent)
    return replace(history, consents={**history.consents, "profiling": now})
