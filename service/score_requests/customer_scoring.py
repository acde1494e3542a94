"""Customer scoring: from customers who were looked up to their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.decisions.contacts.contact_history import Contacted
from models.rows.history_join import joined as histories_joined
from models.scored.prepared_customers import Prepared, joined
from models.scored.scored_customers import Scored
from models.scorer import Scorer
from service.score_requests.customer_cache import CachedCustomer, CustomerLookup
from service.score_requests.questions import ScoreOptions
from service.score_requests.served_state import Serving


def prepare_customers(serving: Serving, customers: CustomerLookup) -> Prepared:
    """Those who are known, in their order, ready to be scored; what is computed for it stays with the customer."""
    known, as_of = customers.known, customers.as_of
    if not known:
        return serving.scorer.prepare(serving.live.base.history.select([]), as_of)
    ready, waiting = dict[str, Prepared](), dict[str, CachedCustomer]()
    for customer in known:
        prepared = customer.prepared  # read once: another thread may replace it by that of another instant
        if prepared is not None and prepared.as_of == as_of:
            ready[customer.customer_id] = prepared
        else:
            waiting[customer.customer_id] = customer
    if waiting:
        ready |= prepare_together(serving.scorer, waiting, as_of)
    return joined([ready[customer.customer_id] for customer in known])


def prepare_together(scorer: Scorer, waiting: Mapping[str, CachedCustomer], as_of: int) -> dict[str, Prepared]:
    """Make these customers ready, by id: all at once, which costs a fraction of one after the other."""
    ids = sorted(waiting)
    together = scorer.prepare(histories_joined([waiting[customer_id].history for customer_id in ids]), as_of)
    ready = {}
    for row, customer_id in enumerate(ids):
        alone = together if len(ids) == 1 else together.take(np.array([row]))
        waiting[customer_id].prepared = ready[customer_id] = alone
    return ready


def score_customers(
    scorer: Scorer, prepared: Prepared, options: ScoreOptions, contacted: Contacted | None = None
) -> Scored:
    """Score these customers as the request has it. contacted: without it there is no next best action."""
    return scorer.scored(
        prepared, scores=options.scores, top_reasons=options.top_reasons, groups=options.groups, contacted=contacted
    )


def under_ids(scored: Scored, customer_ids: Sequence[str]) -> Scored:
    """The same customers under the ids that the request has for them, however their letters are composed."""
    ids = np.empty(len(customer_ids), dtype=object)
    ids[:] = customer_ids
    return replace(scored, customer_ids=ids)
