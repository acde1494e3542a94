"""Decides what each customer of a request is answered: finds them, scores them, and puts each in its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.decisions.contacts.contact_history import Contacted
from models.ingest import wall_clock
from service.score_requests.customer_cache import Seen
from service.score_requests.items import Item, item_of, unknown
from service.score_requests.json_writer.score_text import has_percentiles
from service.score_requests.questions import Question, ScoresWanted
from service.score_requests.served_state import Serving
from service.score_requests.what_if import suppose
from service.store.contacts.current_contacts import side_by_side

MANY = 24
"""From so many customers on, writing their items as text is quicker than building dictionaries."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One item a question, in the order asked: scored, not_scored, unknown_customer or invalid."""

    as_of: int
    items: Sequence[Item]


def answer_at_once(serving: Serving, questions: Sequence[Question], wanted: ScoresWanted) -> Answer | None:
    """The answer, if it can be made from what is remembered: without waiting for anything; else None."""
    if wanted.as_of is not None or any(question.supposes for question in questions):
        return None
    seen = serving.known.at_once([question.normal_id for question in questions])
    return None if seen is None else answer_seen(serving, questions, wanted, seen)


def answer(serving: Serving, questions: Sequence[Question], wanted: ScoresWanted) -> Answer:
    """The answer. Raises StoreError if the store is away."""
    plain = [place for place, question in enumerate(questions) if wanted.as_of is None and not question.supposes]
    others = sorted(set(range(len(questions))) - set(plain))
    items = [unknown(question.customer_id) for question in questions]
    if plain:
        asked = [questions[place] for place in plain]
        told = answer_seen(serving, asked, wanted, serving.known.find([question.normal_id for question in asked]))
        as_of = told.as_of
        for place, item in zip(plain, told.items, strict=True):
            items[place] = item
    else:
        as_of = serving.as_of() if wanted.as_of is None else wanted.as_of
    if others:
        supposed = suppose(serving, [questions[place] for place in others], wanted, as_of)
        for place, item in zip(others, supposed, strict=True):
            items[place] = item
    return Answer(as_of, items)


def answer_seen(serving: Serving, questions: Sequence[Question], wanted: ScoresWanted, seen: Seen) -> Answer:
    """The answer to plain questions, from what is known of their customers."""
    now = wall_clock()
    asked = [q.customer_id for q, one in zip(questions, seen.customers, strict=True) if one is not None]
    items = list[Item]()
    if asked:
        contacted = Contacted(side_by_side([one.contacts for one in seen.known], now), now)
        scored = wanted.scored(serving.scorer, serving.known.prepared(seen), contacted)
        if len(asked) < MANY or wanted.groups or not all(map(has_percentiles, scored.scores.values())):
            items = list(map(item_of, scored.items(groups=wanted.groups), asked))
        else:
            items = serving.text.items(scored, asked)
    if len(asked) < len(questions):
        known = iter(items)
        people = zip(questions, seen.customers, strict=True)
        items = [unknown(question.customer_id) if one is None else next(known) for question, one in people]
    return Answer(seen.as_of, items)
