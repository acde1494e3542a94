"""Vocabularies: the sorted words of a column and their codes, which a model learns and keeps."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from models.rows.history import Floats

Vocabularies = Mapping[str, tuple[str, ...]]


def codes_in(codes: Floats, words: tuple[str, ...], vocabulary: tuple[str, ...]) -> Floats | list[float]:
    """The place in `vocabulary` of each code's word; its length for a word it lacks, one more for missing (-1)."""
    places = places_of(vocabulary)
    unseen, missing = len(vocabulary), len(vocabulary) + 1.0
    if len(codes) < len(words):  # a few customers, of whose many possible words few are looked up
        return [missing if code < 0 else places.get(words[int(code)], unseen) for code in codes.tolist()]
    by_code = [places.get(word, unseen) for word in words]
    return np.array([*by_code, missing], dtype=np.float64)[codes.astype(np.intp)]


@lru_cache(maxsize=4096)
def places_of(vocabulary: tuple[str, ...]) -> Mapping[str, int]:
    """The code of each word: its position in the vocabulary."""
    return {word: place for place, word in enumerate(vocabulary)}
