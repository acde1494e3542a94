"""Column names of a feature matrix and their positions, made once for all matrices of the same features."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.errors import FeatureError, did_you_mean


class ColumnSelection(NamedTuple):
    """Some of a frame's columns. places: their positions in the frame; at: by name, positions among the selected."""

    places: NDArray[np.intp]
    at: Mapping[str, int]


class ColumnNames:
    """Unique names in their order. Safe to share between threads."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places: Mapping[str, int] = {name: place for place, name in enumerate(names)}
        self._selections: dict[tuple[str, ...], ColumnSelection] = {}
        self._joined: dict[ColumnNames, ColumnNames] = {}

    def place(self, name: str) -> int:
        """The position of a column; FeatureError, with the nearest name, if there is none of that name."""
        place = self.places.get(name)
        if place is None:
            raise FeatureError(f"there is no feature {name!r}{did_you_mean(name, self.places)}")
        return place

    def selection(self, names: Sequence[str]) -> ColumnSelection:
        """These columns; a model always selects the same ones, so that the selection is kept. FeatureError as above."""
        key = tuple(names)
        selection = self._selections.get(key)
        if selection is None:
            places = np.array([self.place(name) for name in key], dtype=np.intp)
            selection = self._selections[key] = ColumnSelection(places, {name: at for at, name in enumerate(key)})
        return selection

    def joined(self, other: "ColumnNames") -> "ColumnNames":
        """These names, then those that only the other has."""
        if other not in self._joined:
            self._joined[other] = ColumnNames(tuple(dict.fromkeys((*self.places, *other.places))))
        return self._joined[other]
