"""The experiment that is always on: who is never contacted, and whose action is drawn by lot, by a salted hash.

The same salt holds the same customers out, in every process and for ever; the lots of exploration are drawn anew every
day (UTC), and hold for all of it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from models.history import Booleans, Floats
from models.workspace.experiment import Experiment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lots:
    """held_out: (n,). exploring: (n,), never of those held out. draw: (n,) in [0, 1), which action is drawn."""

    held_out: Booleans
    exploring: Booleans
    draw: Floats


def draw_lots(experiment: Experiment, customer_ids: Sequence[str], now: int) -> Lots:
    """The lots of these customers at `now` (microseconds)."""
    day = (_EPOCH + timedelta(microseconds=now)).date().isoformat()
    held_out = np.zeros(len(customer_ids), dtype=np.bool_)
    exploring, draw = held_out.copy(), np.zeros(len(customer_ids))
    for row, customer_id in enumerate(customer_ids):
        held_out[row] = fractions(f"{experiment.salt}|holdout|{customer_id}")[0] < experiment.holdout
        if experiment.exploration and not held_out[row]:
            lot, draw[row] = fractions(f"{experiment.salt}|exploration|{customer_id}|{day}")
            exploring[row] = lot < experiment.exploration
    return Lots(held_out, exploring, draw)


def fractions(text: str) -> tuple[float, float]:
    """Two independent numbers in [0, 1), to 53 bits, from the SHA-256 of a text."""
    digest = hashlib.sha256(text.encode()).digest()
    return (int.from_bytes(digest[:8]) >> 11) / 2**53, (int.from_bytes(digest[8:16]) >> 11) / 2**53
