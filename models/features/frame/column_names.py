"""The names of a frame's columns, and where they stand; made once for all frames of the same features."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.errors import FeatureError, did_you_mean


class Asked(NamedTuple):
    """Some of a frame's columns: their places in it, and by name their places among those asked for."""

    places: NDArray[np.intp]
    at: Mapping[str, int]


class ColumnNames:
    """Unique names in their order. Safe to share between threads."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places: Mapping[str, int] = {name: place for place, name in enumerate(names)}
        self._asked: dict[tuple[str, ...], Asked] = {}
        self._joined: dict[ColumnNames, ColumnNames] = {}

    def place(self, name: str) -> int:
        """Where a column stands; FeatureError, with the nearest name, if there is none of that name."""
        place = self.places.get(name)
        if place is None:
            raise FeatureError(f"there is no feature {name!r}{did_you_mean(name, self.places)}")
        return place

    def asked(self, names: Sequence[str]) -> "Asked":
        """Where these stand, and which is which; a model always asks for the same ones, so that the answer is kept."""
        wanted = tuple(names)
        found = self._asked.get(wanted)
        if found is None:
            places = np.array([self.place(name) for name in wanted], dtype=np.intp)
            found = self._asked[wanted] = Asked(places, {name: at for at, name in enumerate(wanted)})
        return found

    def joined(self, other: "ColumnNames") -> "ColumnNames":
        """These names, then those that only the other has."""
        if other not in self._joined:
            self._joined[other] = ColumnNames(tuple(dict.fromkeys((*self.places, *other.places))))
        return self._joined[other]
