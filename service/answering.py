"""Decides what each customer of a request is answered: finds them, scores them, and puts each in its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.decisions.contact_history import Contacted
from models.ingest import wall_clock
from service.known_customers import Seen
from service.questions import Item, Question, ScoresWanted
from service.serving import Serving
from service.store.contacts_now import side_by_side
from service.supposing import suppose


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
    items: list[Item] = [{}] * len(questions)
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
    now, items = wall_clock(), list[Item]()
    if seen.known:
        contacted = Contacted(side_by_side([one.contacts for one in seen.known], now), now)
        items = wanted.items(serving.scorer, serving.known.prepared(seen), contacted)
    each, told = iter(items), list[Item]()
    for question, one in zip(questions, seen.customers, strict=True):
        if one is None:
            told.append({"customer_id": question.customer_id, "status": "unknown_customer"})
            continue
        item = next(each)
        item["customer_id"] = question.customer_id  # as it was sent, however its letters are composed
        told.append(item)
    return Answer(seen.as_of, told)
