"""Holdout stage: control group and random exploration, each assigned by a salted hash.

The same salt holds the same customers out, in every process and for ever; the lots of exploration are drawn anew every
day (UTC), and hold for all of it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.decisions.candidates.stage import Hurdle
from models.rows.history import MICROSECONDS_PER_DAY, Booleans, Floats
from models.workspace.contact_policy import Experiment

_EPOCH = date(1970, 1, 1)
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)


@dataclass(frozen=True, slots=True)
class Lots:
    """held_out: (n,). exploring: (n,), never of those held out. draw: (n,) in [0, 1), which action is drawn."""

    held_out: Booleans
    exploring: Booleans
    draw: Floats


def draw_lots(experiment: Experiment, customer_ids: Sequence[str], now: int) -> Lots:
    """The holdout and exploration draws of these customers at `now` (microseconds)."""
    day = _day(now // MICROSECONDS_PER_DAY)
    salt = experiment.salt
    texts = [f"{salt}|holdout|{customer_id}" for customer_id in customer_ids]
    texts += [f"{salt}|exploration|{customer_id}|{day}" for customer_id in customer_ids]
    digests = np.frombuffer(b"".join([hashlib.sha256(text.encode()).digest()[:16] for text in texts]), dtype=np.uint8)
    return Lots(*_lots(digests, experiment.holdout, experiment.exploration))


def holdout(experiment: Experiment, lots: Lots) -> Hurdle:
    """The question of this stage: is the customer among those who are never contacted?"""
    share = f"{100 * experiment.holdout:g} %"
    words = f"held out: one of the {share} who are never contacted, so that what contacts bring can be measured"
    return Hurdle("holdout", lots.held_out[:, None], lambda _, __: words)


@lru_cache(maxsize=8)
def _day(number: int) -> str:
    """The date so many days after 1970-01-01."""
    return (_EPOCH + timedelta(days=number)).isoformat()


@kernel(types.float64(_BYTES, types.intp))
def _fraction(digests: NDArray[np.uint8], start: int) -> float:
    """The number in [0, 1), to 53 bits, that the eight bytes from there on say."""
    number = np.uint64(0)
    for place in range(8):
        number = (number << np.uint64(8)) | np.uint64(digests[start + place])
    return np.float64(number >> np.uint64(11)) / 2.0**53


@kernel(
    types.Tuple((types.boolean[::1], types.boolean[::1], types.float64[::1]))(_BYTES, types.float64, types.float64),
)
def _lots(digests: NDArray[np.uint8], holdout: float, exploration: float) -> tuple[Booleans, Booleans, Floats]:
    """From two independent numbers of each text: 16 bytes a customer for the holdout, then as many for exploration."""
    customers = len(digests) // 32
    held_out, exploring = np.empty(customers, np.bool_), np.empty(customers, np.bool_)
    draw = np.empty(customers)
    for i in range(customers):
        explores = 16 * (customers + i)
        held_out[i] = _fraction(digests, 16 * i) < holdout
        exploring[i] = _fraction(digests, explores) < exploration and not held_out[i]
        draw[i] = _fraction(digests, explores + 8)
    return held_out, exploring, draw
