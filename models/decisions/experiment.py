"""The experiment that is always on: who is never contacted, and whose action is drawn by lot, by a salted hash.

The same salt holds the same customers out, in every process and for ever; the lots of exploration are drawn anew every
day (UTC), and hold for all of it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from models.history import MICROSECONDS_PER_DAY, Booleans, Floats
from models.workspace.experiment import Experiment

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Lots:
    """held_out: (n,). exploring: (n,), never of those held out. draw: (n,) in [0, 1), which action is drawn."""

    held_out: Booleans
    exploring: Booleans
    draw: Floats


def draw_lots(experiment: Experiment, customer_ids: Sequence[str], now: int) -> Lots:
    """The lots of these customers at `now` (microseconds)."""
    day = _day(now // MICROSECONDS_PER_DAY)
    salt, number = experiment.salt, len(customer_ids)
    texts = [f"{salt}|holdout|{customer_id}" for customer_id in customer_ids]
    texts += [f"{salt}|exploration|{customer_id}|{day}" for customer_id in customer_ids]
    drawn = _fractions(texts)
    held_out = drawn[:number, 0] < experiment.holdout
    return Lots(held_out, (drawn[number:, 0] < experiment.exploration) & ~held_out, drawn[number:, 1])


@lru_cache(maxsize=8)
def _day(number: int) -> str:
    """The date so many days after 1970-01-01."""
    return (_EPOCH + timedelta(days=number)).isoformat()


def _fractions(texts: Sequence[str]) -> Floats:
    """Two independent numbers in [0, 1) of each text, to 53 bits, from its SHA-256: (n, 2)."""
    digests = b"".join([hashlib.sha256(text.encode()).digest()[:16] for text in texts])
    return (np.frombuffer(digests, dtype=">u8").reshape(-1, 2) >> np.uint64(11)) / 2**53
