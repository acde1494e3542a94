"""Columns of words and audiences, from what each customer has."""

from collections.abc import Sequence

import numpy as np

from models.rows.history import Category
from models.scored.audiences import Audiences


def category_of(words: Sequence[str | None]) -> Category:
    """A text column of these words."""
    vocabulary = tuple(sorted({word for word in words if word is not None}))
    codes = {word: code for code, word in enumerate(vocabulary)}
    return Category(np.array([-1 if word is None else codes[word] for word in words], dtype=np.int32), vocabulary)


def audiences_of(lists: Sequence[Sequence[str]]) -> Audiences:
    """The audiences of customers of whom each one's are listed."""
    names = tuple(dict.fromkeys(name for listed in lists for name in listed))
    places = {name: place for place, name in enumerate(names)}
    members = np.zeros((len(lists), len(names)), dtype=np.bool_)
    for row, listed in enumerate(lists):
        for name in listed:
            members[row, places[name]] = True
    return Audiences(names, members)
