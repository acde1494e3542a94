"""Behind a proxy: with or without the prefix a path reaches its route, and only who is trusted may name a prefix."""

from typing import Any

import pytest

from service.runtime.path_prefix import networks_of, unprefixed

TRUSTED = networks_of("10.0.0.0/8, 127.0.0.1")


def scope(path: str, client: str = "10.1.2.3", forwarded: str | None = None) -> dict[str, Any]:
    headers = [] if forwarded is None else [(b"x-forwarded-prefix", forwarded.encode())]
    return {"type": "http", "path": path, "raw_path": path.encode(), "client": (client, 1), "headers": headers}


@pytest.mark.parametrize(
    ("path", "inner"),
    [
        ("/tercet/v1/scores", "/v1/scores"),
        ("/v1/scores", "/v1/scores"),
        ("/tercet", "/"),
        ("/tercet/", "/"),
        ("/tercets/v1", "/tercets/v1"),
    ],
)
def test_a_path_reaches_its_route_with_the_prefix_and_without(path: str, inner: str) -> None:
    found = unprefixed(scope(path), "/tercet", ())
    assert (found["path"], found["raw_path"], found["root_path"]) == (inner, inner.encode(), "/tercet")


def test_without_a_prefix_nothing_changes() -> None:
    asked = scope("/v1/scores", forwarded="/crm")
    assert unprefixed(asked, "", ()) is asked


def test_a_trusted_proxy_names_the_prefix_before_the_setting() -> None:
    found = unprefixed(scope("/crm/v1/scores", forwarded="/crm/"), "/tercet", TRUSTED)
    assert (found["path"], found["root_path"]) == ("/v1/scores", "/crm")


@pytest.mark.parametrize(
    ("client", "told"),
    [
        ("192.0.2.1", "/crm"),
        ("10.0.0.1", "crm"),
        ("10.0.0.1", "//evil.example"),
        ("10.0.0.1", "/"),
        ("testclient", "/c"),
    ],
)
def test_who_is_not_trusted_and_what_is_no_prefix_change_nothing(client: str, told: str) -> None:
    assert unprefixed(scope("/v1/scores", client, told), "/tercet", TRUSTED)["root_path"] == "/tercet"


def test_escaped_slashes_of_an_id_stay() -> None:
    asked = scope("/tercet/v1/customers/a/b") | {"raw_path": b"/tercet/v1/customers/a%2Fb"}
    assert unprefixed(asked, "/tercet", ())["raw_path"] == b"/v1/customers/a%2Fb"
