"""Who refuses as a file is published."""

import numpy as np

from models.consent.effective_consent import PublicationCheck
from models.rows.history import History


def nothing_stored(_: str, __: str) -> bool | None:
    return None


def tables(record: int) -> History:
    return History(np.array(["a"], dtype=object), {}, consents={"email": np.array([record], dtype=np.int8)})


def test_tables_that_were_not_read_again_refuse_nobody() -> None:
    check = PublicationCheck({("a", "email")}, None, "denied")
    assert check.refuses("a", "email", nothing_stored)
    assert not check.refuses("a", "sms", nothing_stored)
    assert not check.refuses("b", "email", nothing_stored)


def test_whoever_the_tables_refuse_is_kept_by_a_grant_in_the_store() -> None:
    for record in (0, -1):
        check = PublicationCheck(frozenset(), tables(record), "denied")
        assert check.refuses("a", "email", nothing_stored)
        assert check.refuses("a", "email", lambda _, __: False)
        assert not check.refuses("a", "email", lambda _, __: True)


def test_the_default_holds_where_neither_records_anything() -> None:
    assert not PublicationCheck(frozenset(), tables(-1), "granted").refuses("a", "email", nothing_stored)
    assert not PublicationCheck(frozenset(), tables(-1), "granted").refuses("b", "email", nothing_stored)
    assert PublicationCheck(frozenset(), tables(0), "granted").refuses("a", "email", nothing_stored)


def test_the_store_is_not_asked_about_whom_the_tables_let_through() -> None:
    asked = list[str]()

    def stored(customer_id: str, _: str) -> bool | None:
        asked.append(customer_id)
        return None

    assert not PublicationCheck(frozenset(), tables(1), "denied").refuses("a", "email", stored)
    assert asked == []
