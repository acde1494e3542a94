"""Which of several records holds."""

import numpy as np

from models.consent.consent_precedence import StoredConsents, stated_at, stored_over_tables


def test_what_is_said_now_counts_after_all_that_was_said_before() -> None:
    assert stated_at(None, 5, None) == 5
    assert stated_at(None, 5, 3) == 5
    assert stated_at(None, 5, 9) == 9  # by a host whose clock is ahead
    assert stated_at(2, 5, 9) == 2


def test_the_store_holds_over_the_tables_and_touches_nothing_else() -> None:
    in_tables = {"email": np.array([1, 0, -1], dtype=np.int8), "sms": np.array([1, 1, 1], dtype=np.int8)}
    said = {("a", "email"): False, ("c", "email"): True, ("b", "phone"): True, ("b", "fax"): False, ("z", "sms"): False}
    holding = stored_over_tables(in_tables, StoredConsents.of_customers(["a", "b", "c"], said), 3)
    assert {purpose: column.tolist() for purpose, column in holding.items()} == {
        "email": [0, 0, 1],
        "sms": [1, 1, 1],
        "phone": [-1, 1, -1],
    }
    assert in_tables["email"].tolist() == [1, 0, -1]


def test_of_one_customer_what_the_store_does_not_have_leaves_the_tables() -> None:
    in_tables = {"email": np.array([1], dtype=np.int8), "sms": np.array([0], dtype=np.int8)}
    stored = StoredConsents.of_one({"profiling": None, "email": 0, "sms": None, "phone": 1})
    holding = stored_over_tables(in_tables, stored, 1)
    assert {purpose: int(column[0]) for purpose, column in holding.items()} == {"email": 0, "sms": 0, "phone": 1}
