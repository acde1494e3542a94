"""One customer's part of an answer."""

from typing import Any, NamedTuple

import orjson

from models.errors import DataError, FeatureError
from service.runtime.problems import problem_of


class Item(NamedTuple):
    """One customer's item of the HTTP contract. told: all of it, as a dictionary or as JSON."""

    status: str
    told: dict[str, Any] | orjson.Fragment


def item_of(told: dict[str, Any], customer_id: str) -> Item:
    """An item under the id by which the customer was asked for, however its letters are composed."""
    told["customer_id"] = customer_id
    return Item(told["status"], told)


def unknown(customer_id: str) -> Item:
    """The item of someone of whom there is nothing."""
    return Item("unknown_customer", {"customer_id": customer_id, "status": "unknown_customer"})


def invalid(customer_id: str, error: FeatureError | DataError) -> Item:
    """The item of a customer whose own part of the request is wrong."""
    problem = problem_of(error, with_place=True).document()
    return Item("invalid", {"customer_id": customer_id, "status": "invalid", "problem": problem})
