"""Consent check when files are published: leaves out customers who refused after they were scored or decided for.

A campaign file leaves out whoever refuses by then (`PublicationCheck`). Files of scores are written again with the
consents that the store has by then over those that were staged (`models.consent.consent_precedence`). Both are done
again until nothing has changed while they were being written.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from models.consent.effective_consent import ConsentDefault, holds
from models.consent.recorded_consent import NOT_RECORDED, Consenting, recorded_for


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
