"""Feature values of customers: what models, segments and answers read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.errors import FeatureError
from models.features.specification import Feature
from models.features.vocabularies import Vocabularies, codes_in
from models.history import Category, Column, Floats
from models.nearest import nearest

LARGEST = 1e300


@dataclass(frozen=True)
class FeatureFrame:
    """One column a feature: float64 (customers) with NaN for missing, or Category."""

    features: tuple[Feature, ...]
    columns: dict[str, Column]
    customers: int

    def __len__(self) -> int:
        return self.customers

    @cached_property
    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.features}

    def feature(self, name: str) -> Feature:
        """The declaration of that name; FeatureError, with the nearest name, if there is none."""
        if name not in self._by_name:
            raise FeatureError(f"there is no feature {name!r}{nearest(name, self._by_name)}")
        return self._by_name[name]

    def facts(self, name: str) -> Column:
        """The values of that feature; FeatureError if there is none."""
        return self.columns[self.feature(name).name]

    def matrix(self, names: Sequence[str], vocabularies: Vocabularies) -> Floats:
        """The values as a model reads them, float64 (customers, names), C-contiguous.

        A category becomes its place in the model's vocabulary; the vocabulary's length stands for a word that it
        lacks, one more for missing. FeatureError if a category has become numbers since, or the other way round.
        """
        X = np.empty((self.customers, len(names)))
        for place, name in enumerate(names):
            X[:, place] = self._as_trained(name, vocabularies.get(name))
        return X

    def _as_trained(self, name: str, vocabulary: tuple[str, ...] | None) -> Floats:
        column = self.facts(name)
        if isinstance(column, Category):
            if vocabulary is not None:
                return codes_in(column, vocabulary)
            if np.any(column.codes >= 0):
                raise FeatureError(f"{name} holds text, and held numbers when the model was trained")
            return np.full(self.customers, np.nan)
        if vocabulary is None:
            return column
        if not np.isnan(column).all():
            raise FeatureError(f"{name} holds numbers, and held text when the model was trained")
        return np.full(self.customers, len(vocabulary) + 1.0)

    def override(self, row: int, values: Mapping[str, float | str | bool | None]) -> None:
        """Assume these values for one customer; None is missing, true and false are 1 and 0 of a number.

        All or nothing: FeatureError, with the nearest name, on an unknown feature, and on a value that does not fit.
        """
        fitting = {name: self._fitting(name, value) for name, value in values.items()}
        for name, value in fitting.items():
            column = self.columns[name]
            if isinstance(column, Category):
                self.columns[name] = with_word(column, row, None if value is None else str(value))
            else:
                changed = column.copy()
                changed[row] = np.nan if value is None else value
                self.columns[name] = changed

    def _fitting(self, name: str, value: object) -> float | str | None:
        is_category = isinstance(self.facts(name), Category)
        match value:
            case None:
                return None
            case bool():
                return str(value).lower() if is_category else float(value)
            case str() if is_category:
                return value
            case float() | int() if not is_category and -LARGEST < value < LARGEST:
                return float(value)
            case _:
                wanted = "a word" if is_category else "a finite number"
                raise FeatureError(f"{name} must be {wanted}")  # the value may be personal: it is never repeated


def with_word(column: Category, row: int, word: str | None) -> Category:
    """A copy of the column with another word in one row."""
    codes = column.codes.copy()
    if word is None or column.code_of(word) >= 0:
        codes[row] = -1 if word is None else column.code_of(word)
        return Category(codes, column.vocabulary)
    vocabulary = tuple(sorted((*column.vocabulary, word)))
    place = vocabulary.index(word)
    codes[codes >= place] += 1
    codes[row] = place
    return Category(codes, vocabulary)
