"""Retries, callers at the same time, and a store that is away: nothing is decided twice, too often, or unlogged."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import schemathesis
import sqlalchemy as sa

from tests.builders.deciding_service import Deciding


def test_a_retry_gets_the_first_answer_byte_for_byte(deciding: Deciding) -> None:
    customer, key = deciding.someone(), {"idempotency-key": '"retry-1"'}
    first = deciding.ask(customer, headers=key)
    assert first.json()["results"][0]["status"] == "decided"
    again = deciding.ask(customer, headers={"idempotency-key": "retry-1"})
    assert (again.status_code, again.content) == (200, first.content)
    assert len(deciding.logged(customer)) == 1
    other = deciding.ask(customer, headers=key, limit=2)
    assert (other.status_code, other.json()["type"]) == (422, "urn:tercet:problem:key-reused")
    assert len(deciding.logged(customer)) == 1


def test_eight_retries_at_once_decide_once(deciding: Deciding) -> None:
    customer = deciding.someone()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: deciding.ask(customer, headers={"idempotency-key": "at-once"}), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(deciding.logged(customer)) == 1


def test_a_client_made_from_the_document_decides_once_however_often_it_sends(deciding: Deciding) -> None:
    document, customer = deciding.service.http.get("/openapi.json").json(), deciding.someone()
    (key,) = [it for it in document["paths"]["/v1/decisions"]["post"]["parameters"] if it["in"] == "header"]
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"http://127.0.0.1:{deciding.service.port}")
    case = schema["/v1/decisions"]["POST"].Case(
        headers={key["name"]: "made-from-the-document"},
        body={"customers": [{"customer_id": customer}]},
        media_type="application/json",
    )
    first, again = case.call(), case.call()
    assert (first.status_code, again.content) == (200, first.content)
    assert len(deciding.logged(customer)) == 1


@pytest.mark.parametrize("key", ["", '""', "x" * 201, "a\tb"])
def test_an_idempotency_key_that_is_none_is_refused(deciding: Deciding, key: str) -> None:
    answer = deciding.ask("C-005", headers={"idempotency-key": key})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tercet:problem:invalid-idempotency-key")


def test_eight_callers_at_once_keep_the_contact_policy(deciding: Deciding) -> None:
    customer = deciding.someone()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: deciding.ask(customer, limit=2), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    rows = deciding.logged(customer)
    told = [one["decision_id"] for answer in answers for one in answer.json()["results"][0]["decisions"]]
    assert sorted(told) == [row["decision_id"] for row in rows]
    by_channel = Counter(row["channel"] for row in rows)
    assert by_channel["email"] <= 2
    assert by_channel["phone"] <= 1
    assert 1 <= len(rows) <= 3
    assert max(Counter(row["action"] for row in rows).values()) == 1  # after_served_days


def test_callers_with_the_same_customers_in_any_order_do_not_block_each_other(deciding: Deciding) -> None:
    customers = [deciding.someone() for _ in range(5)]
    orders = [random.Random(caller).sample(customers, 5) for caller in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda order: deciding.ask(*order), orders))
    assert {answer.status_code for answer in answers} == {200}
    for customer in customers:
        actions = Counter(row["action"] for row in deciding.logged(customer))
        assert max(actions.values()) == 1


@contextmanager
def without_log(store: sa.Engine) -> Iterator[None]:
    """While this lasts, decisions cannot be written: SQLite has no table for them, PostgreSQL lets nobody in."""
    if store.dialect.name == "sqlite":
        with store.begin() as connection:
            connection.execute(sa.text("ALTER TABLE decisions RENAME TO elsewhere"))
        yield
        with store.begin() as connection:
            connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO decisions"))
        return
    name = store.url.database
    admin = sa.create_engine(store.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        everyone = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(everyone, {"name": name})
        yield
        connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    admin.dispose()


def test_without_the_log_there_is_no_decision(deciding: Deciding) -> None:
    customer, before = deciding.someone(), deciding.everything()
    with without_log(deciding.store):
        answer = deciding.ask(customer)
        assert answer.status_code == 503
        assert "dec_" not in answer.text
    assert deciding.everything() == before
    answers = []

    def is_back() -> bool:
        answers.append(deciding.ask(customer))
        return answers[-1].status_code == 200

    deciding.service.wait_for(is_back)  # every worker finds by itself that the store is there again
    assert answers[-1].json()["results"][0]["status"] == "decided"
