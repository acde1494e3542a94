"""Effective consent: the recorded consent, or `[consent] default` where none is recorded.

When a campaign file is published, `PublicationCheck` leaves out customers who refused after they were decided for.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, Protocol

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
    """Who may be profiled, (n,): other customers are neither scored nor trained on."""
    return granted(customers, PROFILING, default)


class ConsentTables(Consenting, Protocol):
    """Customers by id, with the consents that tables and store record of them."""

    def position(self, customer_id: str) -> int | None:
        """A customer's place; None for who is not among them."""


@dataclass(frozen=True)
class PublicationCheck:
    """What is known, as a run is published, of the consents of those whom it has decided for.

    refused: what the store has as refused, by customer and purpose. tables: everyone as read again, where the tables
    may say something else than when the run was decided; None where they were not read since. default: what holds where
    nothing is recorded.
    """

    refused: Collection[tuple[str, str]]
    tables: ConsentTables | None
    default: ConsentDefault

    def refuses(self, customer_id: str, purpose: str, stored: Callable[[str, str], bool | None]) -> bool:
        """Whether a customer refuses a purpose by now; what the store has holds over the tables.

        stored: whether the store has it as granted, None where it has nothing; asked only of whom the tables refuse.
        """
        if (customer_id, purpose) in self.refused:
            return True
        if self.tables is None or holds(_record(self.tables, customer_id, purpose), self.default):
            return False
        return stored(customer_id, purpose) is not True


def _record(tables: ConsentTables, customer_id: str, purpose: str) -> int:
    place = tables.position(customer_id)
    return NOT_RECORDED if place is None else int(recorded_for(tables, purpose)[place])
