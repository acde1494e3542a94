"""Words to codes: the sorted vocabulary that a model learns and keeps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.history import Category

if TYPE_CHECKING:
    from models.features.frame import FeatureFrame

Vocabularies = Mapping[str, tuple[str, ...]]


def learn_vocabularies(*frames: "FeatureFrame") -> dict[str, tuple[str, ...]]:
    """The words that each category takes in these frames, sorted; categories that hold none are there too."""
    words: dict[str, set[str]] = {}
    for frame in frames:
        for name, column in frame.columns.items():
            if isinstance(column, Category):
                used = np.unique(column.codes)
                words.setdefault(name, set()).update(column.vocabulary[code] for code in used[used >= 0].tolist())
    return {name: tuple(sorted(known)) for name, known in words.items()}


def codes_in(column: Category, vocabulary: Sequence[str]) -> NDArray[np.float64]:
    """Each row's place in `vocabulary`; its length for a word it lacks, one more for missing."""
    places = {word: place for place, word in enumerate(vocabulary)}
    unseen, missing = len(vocabulary), len(vocabulary) + 1
    by_code = [places.get(word, unseen) for word in column.vocabulary]
    return np.array([*by_code, missing], dtype=np.float64)[column.codes]
