"""Parts of a history, joined again, are the history."""

import numpy as np
import pytest

from models.rows.history import Category, History
from models.rows.history_join import joined
from tests.builders.histories import history_of
from tests.builders.random_tables import random_tables
from tests.builders.workspace_with_store import readable


@pytest.fixture(scope="module")
def whole() -> History:
    return history_of(**random_tables(5))


@pytest.mark.parametrize("parts", [1, 2, 7, 40])
def test_joined_parts_are_the_whole(whole: History, parts: int) -> None:
    places = np.random.default_rng(parts).permutation(len(whole))
    some = [whole.select(np.sort(chosen)) for chosen in np.array_split(places, parts)]
    assert readable(joined(some)) == readable(whole)
    assert joined(some).customer_ids.tolist() == whole.customer_ids.tolist()


def test_parts_with_words_of_their_own_are_united(whole: History) -> None:
    alone = [whole.select([place]) for place in range(len(whole))]
    own = [shortened(history) if place % 3 else history for place, history in enumerate(alone)]
    again = joined(own)
    assert readable(again) == readable(whole)
    words = again.tables["orders"].columns["category"]
    assert isinstance(words, Category)
    assert words.vocabulary == ("cup", "pot", "tea")


def shortened(history: History) -> History:
    """The same with only the words that occur, and one that does not."""
    column = history.tables["orders"].columns["category"]
    assert isinstance(column, Category)
    words = column.words()
    known = sorted({word for word in words if word is not None})
    codes = np.array([-1 if word is None else known.index(word) for word in words], dtype=np.int32)
    history.tables["orders"].columns["category"] = Category(codes, tuple(known))  # type: ignore[index] # whoever reads may not change it
    return history
