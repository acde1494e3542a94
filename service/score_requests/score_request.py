"""Score request: looks up and scores its customers, and returns an item at each position."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from models.decisions.contacts.contact_history import Contacted
from models.errors import DataError, FeatureError
from models.ingest import wall_clock
from models.items.item_json import items_of
from service.score_requests.customer_cache import CustomerLookup, LookUp
from service.score_requests.customer_scoring import prepare_customers, score_customers, under_ids
from service.score_requests.questions import Item, Question, ScoreOptions, invalid_item
from service.score_requests.served_state import Serving
from service.score_requests.unknown_customer import unknown_item
from service.score_requests.what_if import ItemOrError, what_if_items
from service.store.contacts.current_contacts import side_by_side

MOST_AT_ONCE = 8
"""How many customers are answered where the request came in; more would keep others waiting, and go to a thread."""
MOST_ROWS_AT_ONCE = 5_000
"""More take milliseconds to make features of, for which an event loop is not held up."""
Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class ScoreItems:
    """One item a question, in their order: scored, not_scored, unknown_customer or invalid.

    as_of: the instant that they are of, microseconds. errors: by place, what is wrong with what was sent of a customer
    whose item is "invalid".
    """

    as_of: int
    items: Sequence[Item]
    errors: Mapping[int, FeatureError | DataError]


async def answer_request(
    serving: Serving,
    questions: Sequence[Question],
    options: ScoreOptions,
    in_thread: Callable[[Callable[[], Body]], Awaitable[Body]],
    body_of: Callable[[ScoreItems], Body],
) -> Body:
    """The body of the answer, made where the request came in if nothing must be waited for, else in a thread.

    Raises StoreError if the store is away.
    """
    look_up: LookUp = serving.customers.look_up
    is_small = len(questions) <= MOST_AT_ONCE and not any(options.is_what_if(question) for question in questions)
    if is_small and serving.live.changes.told_at_once:
        customers = serving.customers.remembered([question.normal_id for question in questions])
        if customers is None:
            look_up = serving.customers.read
        elif customers.rows_to_prepare <= MOST_ROWS_AT_ONCE:
            items = plain_items(serving, questions, options, customers)
            return body_of(ScoreItems(customers.as_of, items, {}))
    return await in_thread(lambda: body_of(answer(serving, questions, options, look_up)))


def answer(
    serving: Serving, questions: Sequence[Question], options: ScoreOptions, look_up: LookUp | None = None
) -> ScoreItems:
    """The items of all questions. look_up: how customers are found, by default wherever they are known.

    Raises StoreError if the store is away.
    """
    places: dict[bool, list[int]] = {False: [], True: []}
    for place, question in enumerate(questions):
        places[options.is_what_if(question)].append(place)
    plain, what_if = ([questions[place] for place in places[kind]] for kind in (False, True))
    items = list[ItemOrError]()
    if plain:
        customers = (look_up or serving.customers.look_up)([question.normal_id for question in plain])
        as_of = customers.as_of
        items += plain_items(serving, plain, options, customers)
    else:
        as_of = serving.as_of() if options.as_of is None else options.as_of
    if what_if:
        items += what_if_items(serving, what_if, options, as_of)
    in_place, errors = dict[int, Item](), dict[int, FeatureError | DataError]()
    for place, item in zip([*places[False], *places[True]], items, strict=True):
        if isinstance(item, FeatureError | DataError):
            errors[place], in_place[place] = item, invalid_item(questions[place].customer_id)
        else:
            in_place[place] = item
    return ScoreItems(as_of, [in_place[place] for place in range(len(questions))], errors)


def plain_items(
    serving: Serving, questions: Sequence[Question], options: ScoreOptions, customers: CustomerLookup
) -> list[Item]:
    """The items of customers as they are now, who were looked up in the order of the questions."""
    ids = [question.customer_id for question in questions]
    rows = customers.rows
    known_ids = [customer_id for customer_id, row in zip(ids, rows, strict=True) if row is not None]
    if not known_ids:
        return list(map(unknown_item, ids))
    now = wall_clock()
    contacted = Contacted(side_by_side([customer.contacts for customer in customers.known]), now)
    scored = score_customers(serving.scorer, prepare_customers(serving, customers), options, contacted)
    items = items_of(under_ids(scored, known_ids))
    return [unknown_item(ids[place]) if row is None else items[row] for place, row in enumerate(rows)]
