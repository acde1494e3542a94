"""Effective consent: the recorded consent, or `[consent] default` where none is recorded."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.consent.purposes import PROFILING
from models.consent.recorded_consent import GRANTED, NOT_RECORDED, REFUSED, Consenting, recorded_for

ConsentDefault = Literal["denied", "granted"]
"""What holds for a customer whose consent is not recorded: `[consent] default` in `tercet.toml`."""


def holds(record: int, default: ConsentDefault) -> bool:
    """Whether a customer of whom this is recorded counts as having granted."""
    return record == GRANTED or (record == NOT_RECORDED and default == "granted")


def granted(customers: Consenting, purpose: str, default: ConsentDefault) -> NDArray[np.bool_]:
    """Who counts as having granted a purpose, (n,): `holds` of each."""
    recorded = recorded_for(customers, purpose)
    allowed: NDArray[np.bool_] = recorded != REFUSED if holds(NOT_RECORDED, default) else recorded == GRANTED
    return allowed


def may_profile(customers: Consenting, default: ConsentDefault) -> NDArray[np.bool_]:
    """Who may be profiled, (n,): nobody else is scored, or learnt from."""
    return granted(customers, PROFILING, default)
