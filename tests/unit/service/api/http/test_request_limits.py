"""What is refused before a body is read, in one worker."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.api.http.request_limits import Limits
from service.runtime.problems import Problem
from service.runtime.settings import Settings

SETTINGS = Settings(max_in_flight=1, deadline_seconds=0.05, max_body_bytes=1024)


def scope(path: str = "/v1/scores", method: str = "POST", **headers: str) -> Scope:
    given = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    return {"type": "http", "method": method, "path": path, "headers": pairs}


async def nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def nowhere(_: Message) -> None:
    return None


async def never(_: Scope, __: Receive, ___: Send) -> None:
    await asyncio.sleep(30)


async def reads(_: Scope, receive: Receive, __: Send) -> None:
    while (await receive()).get("more_body"):
        pass


def problem_of(app: Any, asked: Scope, receive: Receive = nothing) -> Problem:
    with pytest.raises(Problem) as caught:
        asyncio.run(app(asked, receive, nowhere))
    return caught.value


def test_what_takes_too_long_is_answered_503() -> None:
    assert problem_of(Limits(never, SETTINGS), scope()).status == 503


def test_one_too_many_is_answered_429_and_probes_are_open() -> None:
    limits, answered = Limits(never, SETTINGS), []

    async def crowd() -> None:
        first = asyncio.create_task(limits(scope(), nothing, nowhere))
        await asyncio.sleep(0.01)
        with pytest.raises(Problem) as caught:
            await limits(scope(), nothing, nowhere)
        answered.append(caught.value)
        probe = asyncio.create_task(limits(scope("/metrics", "GET"), nothing, nowhere))
        with pytest.raises(Problem):
            await first
        assert not probe.done()
        probe.cancel()

    asyncio.run(crowd())
    assert answered[0].status == 429
    assert answered[0].headers["retry-after"]


def test_places_are_free_again_after_a_failure() -> None:
    limits = Limits(never, SETTINGS)
    assert problem_of(limits, scope()).status == 503
    assert problem_of(limits, scope()).status == 503


def test_a_body_is_refused_by_what_it_says_and_by_what_it_is() -> None:
    limits = Limits(reads, SETTINGS)
    assert problem_of(limits, scope(content_length="1025")).status == 413

    async def endless() -> Message:
        return {"type": "http.request", "body": b" " * 600, "more_body": True}

    assert problem_of(limits, scope(transfer_encoding="chunked"), endless).status == 413


@pytest.mark.parametrize("kind", ["", "text/plain", "application/jsonx", "application/json; charset=utf-16"])
def test_other_kinds_are_refused(kind: str) -> None:
    assert problem_of(Limits(reads, SETTINGS), scope(content_type=kind)).status == 415


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=UTF-8"])
def test_json_passes(kind: str) -> None:
    asyncio.run(Limits(reads, SETTINGS)(scope(content_type=kind), nothing, nowhere))
