"""What a worker does before it says that it is ready: all that the first requests would otherwise wait for."""

from service.decision_requests.decision_request import DecisionsAsked, explain_decisions
from service.score_requests.questions import Question, ScoresWanted
from service.score_requests.score_request import answer, answer_at_once
from service.score_requests.served_state import Serving
from service.score_requests.what_if import suppose

CUSTOMERS = 3


def warm_up(serving: Serving) -> Serving:
    """Check that bundle, policy and tables fit, then answer as requests will be answered; nothing is logged.

    Kernels are loaded, the store is asked, and one customer, several, what is supposed and decisions have been through.
    Raises BundleError or WorkspaceError if they do not fit, StoreError if the store is away.
    """
    base = serving.live.base
    serving.scorer.check(base.history)
    some = base.history.customer_ids[:CUSTOMERS].tolist()
    questions = [Question(customer_id) for customer_id in some]
    for asked in (questions, questions[:1]):
        answer(serving, asked, ScoresWanted(groups=True))
        answer_at_once(serving, asked, ScoresWanted())
    explain_decisions(serving, DecisionsAsked([(customer_id, {}) for customer_id in some]))
    suppose(serving, [Question("", features={})], ScoresWanted(), base.as_of)
    serving.scorer.score(base.history.stranger(""), base.as_of)
    return serving
