"""Audiences of scored customers: any number per customer, which may overlap."""

from dataclasses import dataclass

import numpy as np

from models.rows.history import Booleans


@dataclass(frozen=True, slots=True)
class Audiences:
    """Who of n customers is in which of k audiences: names in the policy's order, members bool (n, k)."""

    names: tuple[str, ...]
    members: Booleans

    @classmethod
    def none(cls, customers: int) -> "Audiences":
        """The policy has no audience."""
        return cls((), np.zeros((customers, 0), dtype=np.bool_))

    def of(self, row: int) -> list[str]:
        """The audiences of one customer."""
        return [name for name, is_in in zip(self.names, self.members[row].tolist(), strict=True) if is_in]

    def lists(self) -> list[list[str]]:
        """The audiences of every customer."""
        return [self.of(row) for row in range(len(self.members))]

    def member(self, name: str) -> Booleans:
        """Who is in the audience, (n,)."""
        here: Booleans = self.members[:, self.names.index(name)]
        return here
