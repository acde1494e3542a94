"""Who may call: keys with scopes, and while developing, this machine alone."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from tercet import tercet
from tests.builders.running_service import ROOT, RunningService

ONE = {"customers": [{"customer_id": "C-005"}]}


def run_keys(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(tercet, ["keys", *arguments, "--workspace", str(workspace)])


def keys(workspace: Path, *arguments: str) -> str:
    done = run_keys(workspace, *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def scoring_key(guarded: RunningService) -> str:
    return keys(guarded.workspace, "create", "--name", "crm", "--scopes", "score")


def ask(service: RunningService, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"authorization": authorization}
    return service.http.post("/v1/scores", json=ONE, headers=headers)


def test_a_key_with_the_scope_opens_at_once(guarded: RunningService, scoring_key: str) -> None:
    assert ask(guarded, f"Bearer {scoring_key}").status_code == 200
    assert ask(guarded, f"bearer {scoring_key}").status_code == 200


def test_an_admin_key_opens_everything(guarded: RunningService) -> None:
    key = keys(guarded.workspace, "create", "--name", "root", "--scopes", "admin")
    assert ask(guarded, f"Bearer {key}").status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Basic abc",
        "Bearer tercet_000000000000_00",
        "Bearer x",
        "Bearer ü",
        "Bearer a_b_c_d",
    ],
)
def test_without_a_key_that_holds_nothing_opens(guarded: RunningService, authorization: str | None) -> None:
    sent = None if authorization is None else authorization.encode("utf-8")
    answer = guarded.http.post("/v1/scores", json=ONE, headers={} if sent is None else {b"authorization": sent})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_half_a_key_does_not_open(guarded: RunningService, scoring_key: str) -> None:
    for cut in (scoring_key[:-1], scoring_key + "0", scoring_key.upper()):
        assert ask(guarded, f"Bearer {cut}").status_code == 401


@pytest.mark.parametrize("path", ["/v1/customers/C-005", "/v1/model", "/v1/segments"])
def test_every_resource_needs_a_key(guarded: RunningService, scoring_key: str, path: str) -> None:
    assert guarded.http.get(path).status_code == 401
    assert guarded.http.get(path, headers={"authorization": f"Bearer {scoring_key}"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/metrics", "/openapi.json"])
def test_probes_metrics_and_documentation_are_open(guarded: RunningService, path: str) -> None:
    assert guarded.http.get(path).status_code == 200


def test_a_key_for_something_else_is_forbidden(guarded: RunningService) -> None:
    key = keys(guarded.workspace, "create", "--name", "events", "--scopes", "events,decide,explain")
    guarded.wait_for(lambda: ask(guarded, f"Bearer {key}").status_code != 401)
    answer = ask(guarded, f"Bearer {key}")
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:tercet:problem:insufficient-scope"
    assert 'scope="score"' in answer.headers["www-authenticate"]


def test_a_revoked_key_closes_within_seconds(guarded: RunningService) -> None:
    key = keys(guarded.workspace, "create", "--name", "old", "--scopes", "score", "--days", "1")
    guarded.wait_for(lambda: ask(guarded, f"Bearer {key}").status_code == 200)  # keys are looked for once a second
    keys(guarded.workspace, "revoke", key.split("_")[1])
    guarded.wait_for(lambda: ask(guarded, f"Bearer {key}").status_code == 401)
    assert "revoked" in keys(guarded.workspace, "list")


def test_secrets_are_stored_nowhere(guarded: RunningService, scoring_key: str) -> None:
    secret = scoring_key.split("_")[2].encode()
    for file in guarded.workspace.glob("tercet.db*"):
        assert secret not in file.read_bytes()
    assert secret.decode() not in guarded.log
    assert secret.decode() not in keys(guarded.workspace, "list")


def test_metrics_add_up_over_workers_and_hold_no_ids(guarded: RunningService, scoring_key: str) -> None:
    for _ in range(20):
        with httpx.Client(base_url=guarded.http.base_url) as other:  # a connection each, so that both workers answer
            other.get("/v1/customers/C-007", headers={"authorization": f"Bearer {scoring_key}"})
    guarded.wait_for(lambda: "tercet_ready 2.0" in guarded.http.get("/metrics").text)
    text = guarded.http.get("/metrics").text
    (line,) = [
        line
        for line in text.splitlines()
        if line.startswith("tercet_requests_total")
        and 'route="/v1/customers/{customer_id}"' in line
        and 'status="200"' in line
    ]
    assert float(line.split()[-1]) >= 20
    assert "C-007" not in text


def test_a_wrong_scope_is_named(guarded: RunningService) -> None:
    done = run_keys(guarded.workspace, "create", "--name", "x", "--scopes", "scores")
    assert done.exit_code == 2
    assert "score, explain, decide, events, admin" in done.stderr


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "shop.example.org"},
        {"host": "127.0.0.1.example.org"},
        {"host": ""},
        {"x-forwarded-for": "10.0.0.1"},
        {"forwarded": "for=10.0.0.1"},
        {"via": "1.1 proxy"},
    ],
)
def test_while_developing_only_plainly_local_requests_are_taken(
    served: RunningService, headers: dict[str, Any]
) -> None:
    answer = served.http.post("/v1/scores", json=ONE, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:tercet:problem:local-only"
    assert served.http.get("/openapi.json", headers=headers).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1:80", "[::1]:3000", "LOCALHOST"])
def test_while_developing_any_local_name_will_do(served: RunningService, host: str) -> None:
    assert served.http.post("/v1/scores", json=ONE, headers={"host": host}).status_code == 200


def test_development_and_the_world_do_not_go_together(shop: Path) -> None:
    command = [sys.executable, str(ROOT / "tercet.py"), "serve", "--workspace", str(shop), "--host", "0.0.0.0"]
    done = subprocess.run(command, env={"TERCET_DEV": "1"}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "TERCET_DEV" in done.stderr
    assert "Traceback" not in done.stderr
