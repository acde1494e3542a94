"""Feature matrix: feature values of customers, read by models, segments and answers."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.errors import FeatureError
from models.features.frame.column_names import ColumnNames
from models.features.frame.vocabularies import Vocabularies, codes_in
from models.features.language.specification import Feature
from models.rows.history import Category, Column, Floats

LARGEST = 1e300


class FeatureFrame:
    """One column a feature, all in one matrix.

    features: the declarations. names: of the columns, in their order.
    values: float64 (customers, columns), the frame's own: NaN is a missing number, and a category holds its word's
        place in the column's vocabulary, -1 for missing.
    vocabularies: the words of each column that is a category, sorted.
    """

    __slots__ = ("features", "names", "values", "vocabularies")

    def __init__(
        self, features: tuple[Feature, ...], names: ColumnNames, values: Floats, vocabularies: Vocabularies
    ) -> None:
        self.features, self.names, self.values = features, names, values
        self.vocabularies = dict(vocabularies)

    @classmethod
    def of_columns(cls, features: tuple[Feature, ...], columns: Mapping[str, Column], customers: int) -> "FeatureFrame":
        """The frame of single columns."""
        values = np.empty((customers, len(columns)))
        for place, column in enumerate(columns.values()):
            values[:, place] = column.codes if isinstance(column, Category) else column
        words = {name: column.vocabulary for name, column in columns.items() if isinstance(column, Category)}
        return cls(features, ColumnNames(tuple(columns)), values, words)

    def __len__(self) -> int:
        return len(self.values)

    def feature(self, name: str) -> Feature:
        """The declaration of that name; FeatureError, with the nearest name, if there is none."""
        return self.features[self.names.place(name)]

    @property
    def columns(self) -> "FrameColumns":
        """Every column by name: float64 (customers) with NaN for missing, or Category."""
        return FrameColumns(self)

    def facts(self, name: str) -> Column:
        """The values of that feature; FeatureError if there is none."""
        column = self.values[:, self.names.place(name)]
        words = self.vocabularies.get(name)
        return column if words is None else Category(column.astype(np.int32), words)

    def matrix(self, names: Sequence[str], vocabularies: Vocabularies) -> Floats:
        """The values as a model reads them, float64 (customers, names), C-contiguous.

        A category becomes its place in the model's vocabulary; the vocabulary's length stands for a word that it
        lacks, one more for missing. FeatureError if a category has become numbers since, or the other way round.
        """
        selected = self.names.selection(names)
        X = self.values.take(selected.places, axis=1)
        for name, words in self.vocabularies.items():
            at = selected.at.get(name)
            if at is not None:
                X[:, at] = _as_trained(name, X[:, at], words, vocabularies.get(name))
        for name, trained in vocabularies.items():
            if name in selected.at and name not in self.vocabularies:
                X[:, selected.at[name]] = _without_words(name, X[:, selected.at[name]], trained)
        return X

    def joined(self, other: "FeatureFrame") -> "FeatureFrame":
        """A frame of the same customers with the other's columns, too, which replace its own of the same name."""
        names = self.names.joined(other.names)
        values = np.empty((len(self), len(names.places)))
        values[:, : self.values.shape[1]] = self.values
        values[:, names.selection(tuple(other.names.places)).places] = other.values
        words = {name: known for name, known in self.vocabularies.items() if name not in other.names.places}
        features = {feature.name: feature for feature in (*self.features, *other.features)}
        return FeatureFrame(tuple(features.values()), names, values, words | other.vocabularies)

    def override(self, row: int, values: Mapping[str, float | str | bool | None]) -> None:
        """Assume these values for one customer; None is missing, true and false are 1 and 0 of a number.

        All or nothing: FeatureError, with the nearest name, on an unknown feature, and on a value that does not fit.
        """
        fitting = {name: self._fitting(name, value) for name, value in values.items()}
        for name, value in fitting.items():
            place = self.names.places[name]
            if name in self.vocabularies:
                self.values[row, place] = -1 if value is None else self._code(name, str(value))
            else:
                self.values[row, place] = np.nan if value is None else value

    def _code(self, name: str, word: str) -> int:
        """The code of a word, which the column's vocabulary comes to hold."""
        known = self.vocabularies[name]
        if word not in known:
            self.vocabularies[name] = tuple(sorted((*known, word)))
            codes = self.values[:, self.names.places[name]]
            codes[codes >= self.vocabularies[name].index(word)] += 1
        return self.vocabularies[name].index(word)

    def _fitting(self, name: str, value: object) -> float | str | None:
        self.names.place(name)
        is_category = name in self.vocabularies
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
                kind = "a word" if is_category else "a finite number"
                raise FeatureError(f"{name} must be {kind}")  # the value may be personal: it is never repeated


def _as_trained(
    name: str, codes: Floats, words: tuple[str, ...], trained: tuple[str, ...] | None
) -> Floats | list[float] | float:
    """The codes of a category in the model's vocabulary."""
    if trained is not None:
        return codes_in(codes, words, trained)
    if np.any(codes >= 0):
        raise FeatureError(f"{name} holds text, and held numbers when the model was trained")
    return np.nan


def _without_words(name: str, values: Floats, trained: tuple[str, ...]) -> float:
    """The code for missing, for a column of numbers where the model learnt words."""
    if not np.isnan(values).all():
        raise FeatureError(f"{name} holds numbers, and held text when the model was trained")
    return len(trained) + 1.0


class FrameColumns(Mapping[str, Column]):
    """The columns of a frame, each made when it is read."""

    def __init__(self, frame: FeatureFrame) -> None:
        self._frame = frame

    def __getitem__(self, name: str) -> Column:
        if name not in self._frame.names.places:
            raise KeyError(name)
        return self._frame.facts(name)

    def __contains__(self, name: object) -> bool:
        return name in self._frame.names.places

    def __iter__(self) -> Iterator[str]:
        return iter(self._frame.names.places)

    def __len__(self) -> int:
        return len(self._frame.names.places)


def learn_vocabularies(*frames: FeatureFrame) -> dict[str, tuple[str, ...]]:
    """The words that each category takes in these frames, sorted; categories that hold none are there too."""
    words: dict[str, set[str]] = {}
    for frame in frames:
        for name, vocabulary in frame.vocabularies.items():
            used = np.unique(frame.values[:, frame.names.places[name]].astype(np.intp))
            words.setdefault(name, set()).update(vocabulary[code] for code in used[used >= 0].tolist())
    return {name: tuple(sorted(known)) for name, known in words.items()}
