"""The names of a frame's columns, and where they stand; made once for all frames of the same features."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.errors import FeatureError
from models.nearest import nearest


class ColumnNames:
    """Unique names in their order. Safe to share between threads."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places: Mapping[str, int] = {name: place for place, name in enumerate(names)}
        self._looked_up: dict[tuple[str, ...], NDArray[np.intp]] = {}
        self._joined: dict[ColumnNames, ColumnNames] = {}

    def place(self, name: str) -> int:
        """Where a column stands; FeatureError, with the nearest name, if there is none of that name."""
        place = self.places.get(name)
        if place is None:
            raise FeatureError(f"there is no feature {name!r}{nearest(name, self.places)}")
        return place

    def of(self, names: Sequence[str]) -> NDArray[np.intp]:
        """Where these stand, (names,); a model always asks for the same ones, so that the answer is kept."""
        asked = tuple(names)
        found = self._looked_up.get(asked)
        if found is None:
            found = self._looked_up[asked] = np.array([self.place(name) for name in asked], dtype=np.intp)
        return found

    def joined(self, other: "ColumnNames") -> "ColumnNames":
        """These names, then those that only the other has."""
        if other not in self._joined:
            self._joined[other] = ColumnNames(tuple(dict.fromkeys((*self.places, *other.places))))
        return self._joined[other]
