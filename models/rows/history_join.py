"""Joins histories of different customers into one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.rows.history import Category, Column, History, Integers, Rows, take


def joined(histories: Sequence[History]) -> History:
    """All customers of these histories, ascending; each customer is in one of them.

    The histories are parts of one whole: the same tables and columns. Vocabularies are united. What is said of the
    whole (minor units, days, …) is the first's, but for the newest instant. One history alone is given back as it is.
    """
    first, *others = histories
    if not others:
        return first
    ids = np.concatenate([history.customer_ids for history in histories])
    order = np.argsort(ids)
    newest = [history.newest_at for history in histories if history.newest_at is not None]
    return replace(
        first,
        customer_ids=ids[order],
        tables={name: _rows([history.tables[name] for history in histories]).select(order) for name in first.tables},
        profile={name: take(_column([h.profile[name] for h in histories]), order) for name in first.profile},
        consents={name: np.concatenate([h.consents[name] for h in histories])[order] for name in first.consents},
        labels={name: take(_column([h.labels[name] for h in histories]), order) for name in first.labels},
        newest_at=max(newest, default=None),
    )


def _rows(parts: Sequence[Rows]) -> Rows:
    columns = {name: _column([part.columns[name] for part in parts]) for name in parts[0].columns}
    return Rows(_offsets(parts), np.concatenate([part.at for part in parts]), columns)


def _offsets(parts: Sequence[Rows]) -> Integers:
    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _column(parts: Sequence[Column]) -> Column:
    words = [part for part in parts if isinstance(part, Category)]
    if not words:
        return np.concatenate([np.asarray(part) for part in parts])
    vocabulary = words[0].vocabulary
    if all(part.vocabulary is vocabulary for part in words):
        return Category(np.concatenate([part.codes for part in words]), vocabulary)
    return _united(words)


def _united(parts: Sequence[Category]) -> Category:
    """By the words that occur: a whole vocabulary may have a hundred thousand, and a few customers a few."""
    shortened = [_shortened(part) for part in parts]
    vocabulary = tuple(sorted({word for part in shortened for word in part.vocabulary}))
    codes = {word: code for code, word in enumerate(vocabulary)}
    recoded = [np.array([*(codes[word] for word in part.vocabulary), -1], np.int32)[part.codes] for part in shortened]
    return Category(np.concatenate(recoded), vocabulary)  # a missing word's code, -1, is the last's place


def _shortened(part: Category) -> Category:
    if len(part.vocabulary) <= len(part):
        return part
    used, codes = np.unique(part.codes, return_inverse=True)
    missing = int(len(used) > 0 and used[0] < 0)
    return Category(
        (codes - missing).astype(np.int32), tuple(part.vocabulary[code] for code in used[missing:].tolist())
    )
