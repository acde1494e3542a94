"""Each condition and aggregation on rows made by hand, through the one way that evaluates them."""

import numpy as np
import pytest

from models.errors import FeatureError
from models.features.evaluation.feature_frame import value_of
from models.features.language.expressions import (
    DAYS_AGO,
    Expression,
    Profile,
    Selection,
    Where,
    above,
    below,
    equals,
    missing,
    rows,
)
from models.rows.as_of import AsOf
from models.rows.history import Category, History, Rows
from tests.builders.histories import history_of, instant

HISTORY = history_of(
    contacts=[
        {"customer_id": "a", "decision_id": str(n), "at": f"2021-01-0{n + 1}", "action": action, "value": value}
        for n, (action, value) in enumerate([("call", 3.0), ("mail", None), (None, 0.5), ("mail", -2.0), ("mail", 3.0)])
    ]
    + [{"customer_id": "b", "decision_id": "9", "at": "2021-02-01", "action": None, "value": None}],
    customers=[{"customer_id": "c", "score": 2.0, "word": "x"}],
)


def of_a(expression: Expression, as_of: str = "2021-01-06") -> float | None:
    value = float(value_of(AsOf(HISTORY, instant(as_of)), expression)[0])
    return None if np.isnan(value) else value


def contacts(where: Where | None = None, days: int | None = None) -> Selection:
    return rows("contacts", where=where, days=days)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (contacts().count(), 5),
        (contacts(equals("action", "mail")).count(), 3),
        (contacts(equals("action", "fax")).count(), 0),
        (contacts(missing("action")).count(), 1),
        (contacts(missing("value")).count(), 1),
        (contacts(above("value", 0.5)).count(), 2),
        (contacts(below("value", 0.5)).count(), 1),
        (contacts(equals("value", 3)).count(), 2),
        (contacts(equals("action", "mail"), days=2).count(), 2),
        (contacts().sum("value"), 4.5),
        (contacts(missing("value")).sum("value"), None),
        (contacts(equals("action", "fax")).sum("value"), 0),
        (contacts().mean("value"), 1.125),
        (contacts().min("value"), -2),
        (contacts().max("value"), 3),
        (contacts().sd("value"), np.std([3, 0.5, -2, 3], ddof=1)),
        (contacts().first("value"), 3),
        (contacts(days=2).first("value"), -2),
        (contacts().last("value"), 3),
        (contacts().nunique("action"), 2),
        (contacts().top_share("action"), 0.75),
        (contacts(missing("action")).top_share("action"), None),
        (contacts(equals("action", "mail")).last("gap_days"), 1),
        (contacts(equals("action", "mail")).max("gap_days"), 2),
        (contacts().last(DAYS_AGO), 1),
        (contacts().sum("value") / contacts().count(), 0.9),
        (contacts().count() / contacts(equals("action", "fax")).count(), None),
        (contacts().count() - contacts(days=2).count(), 3),
        (-contacts().min("value"), 2),
    ],
)
def test_an_expression_gives(expression: Expression, wanted: float | str | None) -> None:
    assert of_a(expression) == (None if wanted is None else pytest.approx(wanted))


def test_negation_has_no_negative_zero() -> None:
    assert not np.signbit(value_of(AsOf(HISTORY, 0), -contacts().count())).any()


def test_text_and_numbers_are_not_taken_for_each_other() -> None:
    for expression in (
        contacts().sum("action"),
        contacts().nunique("value"),
        contacts(above("action", 3)).count(),
        contacts(equals("value", "mail")).count(),
        Profile("word"),
    ):
        with pytest.raises(FeatureError, match=r"holds (text|numbers)"):
            of_a(expression)


def test_words_are_counted_by_what_they_are_however_many_there_could_be() -> None:
    words = tuple(f"{n:06}" for n in range(5000))
    codes = np.array([4999, -1, 7, 4999, 7 + 4096, 7 + 2048], dtype=np.int32)
    table = Rows(np.array([0, 6]), np.arange(6), {"word": Category(codes, words)})
    view = AsOf(History(np.array(["a"], dtype=object), {"attributes": table}), 6)
    assert value_of(view, rows("attributes").nunique("word")).tolist() == [4]
    assert value_of(view, rows("attributes").top_share("word")).tolist() == [0.4]
