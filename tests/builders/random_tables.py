"""Small random tables full of what goes wrong: ties, returns, orders over several days, blanks, rows on every edge."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

START = datetime(2020, 1, 1)
DAYS = 600
KINDS = ("visit", "email_open", "email_click", "ticket", "complaint", "nps", "webinar")


def random_tables(seed: int, customers: int = 40) -> dict[str, Any]:
    """The tables of the data contract, of so many customers, some of whom have no row in some of them."""
    random = np.random.default_rng(seed)
    names = [f"c{i:03}" for i in range(customers)]
    return {
        "orders": [line for name in names for line in _orders(random, name)],
        "interactions": _interactions(random, names),
        "subscriptions": [row for name in names for row in _subscriptions(random, name)],
        "attributes": [row for name in names for row in _attributes(random, name)],
        "customers": [_customer(random, name) for name in names],
    }


def moment(random: np.random.Generator) -> datetime:
    """Mostly whole days, so that rows share an instant and lie on the edge of a window; some a microsecond off."""
    at = START + timedelta(days=int(random.integers(0, DAYS)))
    near: datetime = at + random.choice([0, 0, 0, 1, -1, 3_600_000_000]) * timedelta(microseconds=1)
    return near


def blank(random: np.random.Generator, share: float, value: Any) -> Any:
    """The value, or None for that share of calls."""
    return None if random.random() < share else value


def _orders(random: np.random.Generator, customer: str) -> list[Row]:
    lines: list[Any] = []
    for number in range(random.choice([0, 1, 2, 5, 25])):
        at = moment(random)
        has_margin = random.random() < 0.8
        for _ in range(random.integers(1, 5)):
            later = timedelta(days=int(random.choice([0, 0, 0, 2, 40])))
            amount = int(random.choice([-3000, -999, 0, 999, 1234, 5000, 20000]))
            lines.append(
                {
                    "customer_id": customer,
                    "order_id": f"{customer}-{number:02}",
                    "ordered_at": at + later,
                    "amount": amount / 100,
                    "line_id": str(len(lines)),
                    "margin": int(random.integers(-500, 2000)) / 100 if has_margin else None,
                    "quantity": blank(random, 0.1, float(random.integers(1, 9))),
                    "category": blank(random, 0.2, str(random.choice(["cup", "pot", "tea"]))),
                    "product_id": blank(random, 0.1, f"p{random.integers(0, 30):02}"),
                }
            )
    return lines


def _interactions(random: np.random.Generator, names: Sequence[str]) -> list[Row]:
    return [
        {
            "customer_id": str(random.choice(names[:-3])),
            "interaction_id": f"i{number:05}",
            "at": moment(random),
            "kind": str(random.choice(KINDS)),
            "value": blank(random, 0.3, float(random.integers(0, 11))),
        }
        for number in random.permutation(len(names) * 25)
    ]


def _subscriptions(random: np.random.Generator, customer: str) -> list[Row]:
    subscriptions = []
    for rank in random.permutation(4)[: random.integers(0, 4)]:
        started = moment(random)
        ended = started + timedelta(days=int(random.choice([0, 30, 90, 400])))
        subscriptions.append(
            {
                "customer_id": customer,
                "started_at": started,
                "ended_at": blank(random, 0.4, ended),
                "plan": ("free", "basic", "plus", "pro")[rank],
                "plan_rank": float(rank),
                "mrr": blank(random, 0.1, rank * 9.99),
                "seats": blank(random, 0.1, float(random.integers(1, 20))),
            }
        )
    return subscriptions


def _attributes(random: np.random.Generator, customer: str) -> list[Row]:
    days = random.choice(DAYS, size=random.integers(0, 4), replace=False)
    moments: list[datetime | None] = [START + timedelta(days=int(day)) for day in days]
    if random.random() < 0.3:
        moments.append(None)
    return [
        {
            "customer_id": customer,
            "as_of": at,
            "income": blank(random, 0.2, float(random.lognormal(10, 1))),
            "mood": blank(random, 0.2, str(random.choice(["calm", "glad", "sad"]))),
        }
        for at in moments
    ]


def _customer(random: np.random.Generator, customer: str) -> Row:
    return {
        "customer_id": customer,
        "signed_up_at": blank(random, 0.1, moment(random)),
        "birth_year": blank(random, 0.1, float(random.choice([1880, 1950, 1999, 2030]))),
        "gender": blank(random, 0.1, str(random.choice(["f", "m"]))),
        "country": blank(random, 0.1, str(random.choice(["FR", "NO"]))),
        "region": blank(random, 0.5, "north"),
        "household": blank(random, 0.1, float(random.integers(1, 6))),
        "hobby": blank(random, 0.1, str(random.choice(["chess", "golf"]))),
    }
