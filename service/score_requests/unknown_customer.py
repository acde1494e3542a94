"""Unknown customer: what is answered about someone of whom neither the tables nor the store have anything."""

from service.runtime.problems import Problem
from service.score_requests.questions import Item


def unknown_item(customer_id: str) -> Item:
    """The item of someone of whom there is nothing."""
    return {"customer_id": customer_id, "status": "unknown_customer"}


def unknown_problem() -> Problem:
    """The problem of a route that is about this one customer."""
    return Problem(404, "unknown-customer", "There is no such customer in the workspace's tables or in the store.")
