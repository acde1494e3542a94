"""Contacts from the workspace's own `contacts` table."""

import numpy as np
from numpy.typing import NDArray

from models.decisions.contacts.contact_history import ANSWERS, ContactHistory
from models.rows.history import Category, Column, History
from models.rows.tables import CONTROL


def contacts_of(history: History) -> ContactHistory:
    """The contacts made with the customers of `history`; whoever was drawn into arm "control" was not contacted.

    Their answer: "converted" where the outcome is 1, "presented" (no answer) where it is 0, "none" where it is not
    known. A contact whose action or channel is not told counts all the same, against the limits over all channels.
    """
    rows = history.tables.get("contacts")
    if rows is None:
        return ContactHistory.none()
    customer = np.repeat(np.arange(len(history), dtype=np.intp), np.diff(rows.offsets))
    arm = rows.columns.get("arm")
    made = arm.codes != arm.code_of(CONTROL) if isinstance(arm, Category) else np.ones(len(customer), dtype=np.bool_)
    return ContactHistory(
        customer=customer[made],
        at=rows.at[made],
        action=_words(rows.columns.get("action"), len(customer))[made],
        channel=_words(rows.columns.get("channel"), len(customer))[made],
        answer=_answers(rows.columns.get("outcome"), len(customer))[made],
    )


def _words(column: Column | None, rows: int) -> NDArray[np.object_]:
    words = np.full(rows, "", dtype=object)
    if isinstance(column, Category) and column.vocabulary:
        known = column.codes >= 0
        words[known] = np.array(column.vocabulary, dtype=object)[column.codes[known]]
    return words


def _answers(outcome: Column | None, rows: int) -> NDArray[np.int8]:
    answers = np.full(rows, ANSWERS.index("none"), dtype=np.int8)
    if outcome is not None and not isinstance(outcome, Category):
        answers[outcome == 0] = ANSWERS.index("presented")
        answers[outcome > 0] = ANSWERS.index("converted")
    return answers
