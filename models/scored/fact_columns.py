"""Fact columns: features and profile of n customers before they are scored, in two matrices."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.features.frame.feature_matrix import FeatureFrame
from models.rows.history import Category, Column, Floats, History

FEATURES_PRESENT = "features_present"
Vocabulary = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Places:
    """The position of each column of numbers and of words; shared by histories with the same columns (`places_of`)."""

    numbers: Mapping[str, int]
    words: Mapping[str, int]

    def __reduce__(self) -> tuple[Callable[[Vocabulary, Vocabulary], "Places"], tuple[Vocabulary, Vocabulary]]:
        return places_of, (tuple(self.numbers), tuple(self.words))


@dataclass(frozen=True, slots=True)
class FactColumns:
    """Columns by name.

    numbers: (n, len(places.numbers)) float64, NaN for missing. codes: (n, len(places.words)) int32, places in the
    vocabulary of their column, -1 for missing. Of one customer a vocabulary holds the one word alone.
    """

    places: Places
    numbers: Floats
    codes: NDArray[np.int32]
    vocabularies: tuple[Vocabulary, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[str]:
        yield from self.places.numbers
        yield from self.places.words

    def get(self, name: str) -> Column | None:
        """The column of that name; None if there is none."""
        place = self.places.numbers.get(name)
        if place is not None:
            return self.numbers[:, place]
        place = self.places.words.get(name)
        return None if place is None else Category(self.codes[:, place], self.vocabularies[place])

    def take(self, rows: NDArray[np.intp]) -> "FactColumns":
        """These customers' columns alone."""
        codes, vocabularies = self.codes[rows], self.vocabularies
        if len(rows) == 1:
            vocabularies = own_words(codes, vocabularies)
        return FactColumns(self.places, self.numbers[rows], codes, vocabularies)

    def beside(self, other: "FactColumns") -> "FactColumns":
        """With other columns of the same customers."""
        return FactColumns(
            places_of(
                (*self.places.numbers, *other.places.numbers),
                (*self.places.words, *other.places.words),
            ),
            np.concatenate([self.numbers, other.numbers], axis=1),
            np.concatenate([self.codes, other.codes], axis=1),
            self.vocabularies + other.vocabularies,
        )

    def word(self, row: int, name: str) -> str | None:
        """One customer's word; None where it is missing, or the column holds numbers."""
        place = self.places.words.get(name)
        if place is None:
            return None
        code = self.codes.item(row, place)
        return None if code < 0 else self.vocabularies[place][code]


def facts_of(frame: FeatureFrame, history: History) -> FactColumns:
    """The features, and of the profile what no feature is named after; without orders, how many features are known."""
    names = frame.names.places
    parted = _parted(tuple(names), tuple(frame.vocabularies))
    features = _columns(
        parted.of,
        frame.values.take(parted.numbers, axis=1),
        frame.values.take(parted.words, axis=1).astype(np.int32),
        [frame.vocabularies[name] for name in parted.of.words],
    )
    rest = {name: column for name, column in history.profile.items() if name not in names}
    if "orders" not in history.tables and names and FEATURES_PRESENT not in names:
        rest[FEATURES_PRESENT] = features_present(features)
    return features.beside(fact_columns(rest, len(frame))) if rest else features


def fact_columns(columns: Mapping[str, Column], customers: int) -> FactColumns:
    """Columns of so many customers side by side."""
    texts = {name: column for name, column in columns.items() if isinstance(column, Category)}
    numeric = {name: column for name, column in columns.items() if not isinstance(column, Category)}
    numbers, codes = np.empty((customers, len(numeric))), np.empty((customers, len(texts)), dtype=np.int32)
    for place, values in enumerate(numeric.values()):
        numbers[:, place] = values
    for place, words in enumerate(texts.values()):
        codes[:, place] = words.codes
    places = places_of(tuple(numeric), tuple(texts))
    return _columns(places, numbers, codes, [words.vocabulary for words in texts.values()])


def _columns(
    places: Places, numbers: Floats, codes: NDArray[np.int32], vocabularies: Sequence[Vocabulary]
) -> FactColumns:
    own = own_words(codes, vocabularies) if len(numbers) == 1 else tuple(vocabularies)
    return FactColumns(places, numbers, codes, own)


def own_words(codes: NDArray[np.int32], vocabularies: Sequence[Vocabulary]) -> tuple[Vocabulary, ...]:
    """The vocabularies of one customer, without the words of others, since one is kept for long; the codes follow."""
    there = zip(vocabularies, codes[0].tolist(), strict=True)
    own = tuple([() if code < 0 else (words[code],) for words, code in there])
    np.minimum(codes, 0, out=codes)
    return own


class _Parted(NamedTuple):
    """A frame's columns of numbers and of words, (…,) each, and their positions in the fact columns."""

    numbers: NDArray[np.intp]
    words: NDArray[np.intp]
    of: Places


@lru_cache(maxsize=64)
def _parted(names: Vocabulary, words: Vocabulary) -> _Parted:
    texts = frozenset(words)
    numeric, text = (
        [place for place, name in enumerate(names) if (name in texts) == wanted] for wanted in (False, True)
    )
    of = places_of(tuple(names[place] for place in numeric), tuple(names[place] for place in text))
    return _Parted(np.array(numeric, dtype=np.intp), np.array(text, dtype=np.intp), of)


@cache
def places_of(numbers: Vocabulary, words: Vocabulary) -> Places:
    """The places of these columns; the same object for the same columns."""
    return Places(
        {name: place for place, name in enumerate(numbers)}, {name: place for place, name in enumerate(words)}
    )


def features_present(features: FactColumns) -> Floats:
    """The share of features that are known, (n,)."""
    known = (~np.isnan(features.numbers)).sum(axis=1) + (features.codes >= 0).sum(axis=1)
    share: Floats = known / (features.numbers.shape[1] + features.codes.shape[1])
    return share


def stacked(parts: Sequence[FactColumns]) -> FactColumns:
    """The columns of all of these customers, in this order. ValueError if their tables have different columns."""
    places = parts[0].places
    if any(part.places is not places for part in parts):
        raise ValueError("these customers are from tables with different columns")
    numbers = np.concatenate([part.numbers for part in parts])
    codes = np.concatenate([part.codes for part in parts])
    united = list[Vocabulary]()
    alone = all(len(part.numbers) == 1 for part in parts)
    for place, theirs in enumerate(zip(*[part.vocabularies for part in parts], strict=True)):
        first, every = theirs[0], set(theirs)
        if len(every) == 1:
            united.append(first)
            continue
        united.append(tuple(sorted({word for words in every for word in words})))
        if alone:  # each one's vocabulary is the word that they have
            code_of = {(word,): code for code, word in enumerate(united[-1])} | {(): -1}
            codes[:, place] = [code_of[word] for word in theirs]
        else:
            codes[:, place] = _recoded(parts, place, {word: code for code, word in enumerate(united[-1])})
    return FactColumns(places, numbers, codes, tuple(united))


def _recoded(parts: Sequence[FactColumns], place: int, codes: Mapping[str, int]) -> NDArray[np.int32]:
    tables = [np.array([*(codes[word] for word in part.vocabularies[place]), -1], np.int32) for part in parts]
    return np.concatenate([table[part.codes[:, place]] for table, part in zip(tables, parts, strict=True)])
