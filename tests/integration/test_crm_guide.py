"""Every example of the guide for who connects a CRM is run, and answered with the fields and statuses that it shows."""

import csv
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tercet import tercet
from tests.builders.example_workspace import ROOT, shell
from tests.builders.failing_server import stumbling
from tests.builders.running_service import RunningService
from tests.stories.crm_guide import PAGE, SHOWN_URL, blocks, python_blocks, questions, same_fields

(SETUP,) = [text for language, text in blocks() if language == "bash" and "tercet keys create" in text]
(NIGHTLY,) = [text for language, text in blocks() if language == "bash" and "tercet decide" in text]
(ASK,) = [line for line in SETUP.splitlines() if line.startswith("ask()")]


@pytest.fixture(scope="module")
def access(guarded: RunningService) -> dict[str, str]:
    """What the guide's first block sets."""
    url = f"http://127.0.0.1:{guarded.port}"
    told = shell(f'{SETUP.replace(SHOWN_URL, url)}\nprintf "%s %s" "$TERCET_URL" "$TERCET_KEY"', guarded.workspace)
    return dict(zip(("TERCET_URL", "TERCET_KEY"), told.split(), strict=True))


@pytest.fixture(scope="module")
def code(access: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What the guide's Python defines; its last lines ask the service."""
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in access.items():
            patched.setenv(name, value)
        for block in python_blocks():
            exec(compile(block, "crm-integration.md", "exec"), names)
    yield names
    names["tercet"].http.close()


def test_every_question_is_answered_as_the_guide_shows(guarded: RunningService, access: dict[str, str]) -> None:
    ids: dict[str, str] = {}
    asked = questions()
    for script, shown in asked:
        answer = json.loads(shell(f"{ASK}\n{with_ids(script, ids)}", guarded.workspace, **access))
        assert "type" not in answer, answer
        if shown is not None:
            same_fields(json.loads(shown), answer, ids)
        elif "/explain" in script:
            (item,) = answer["results"]
            assert item["candidates"]
            assert "decision_id" not in item["decisions"][0]
    assert len(asked) == 7


def with_ids(script: str, ids: dict[str, str]) -> str:
    """A command of the guide with the decisions of this run."""
    for there, here in ids.items():
        script = script.replace(there, here)
    return script


def test_a_customer_whom_nobody_knows_is_the_404_that_the_guide_names(
    guarded: RunningService, access: dict[str, str]
) -> None:
    answer = json.loads(shell(f"{ASK}\nask /v1/customers/C-999", guarded.workspace, **access))
    assert (answer["status"], answer["type"]) == (404, "urn:tercet:problem:unknown-customer")


def test_the_client_decides_once_however_often_it_asks(code: dict[str, Any]) -> None:
    client, customers = code["tercet"], ["C-012", "C-016"]
    first = client.decide(customers, key="campaign-7")
    assert client.decide(customers, key="campaign-7") == first
    assert [item["status"] for item in client.decide(["C-017"])["results"]] == ["decided"]
    with pytest.raises(code["Refused"], match="key-reused"):
        client.decide(["C-018"], key="campaign-7")


def test_what_is_sent_again_at_night_is_unchanged(code: dict[str, Any]) -> None:
    order = {"customer_id": "C-040", "ordered_at": "2025-11-02T09:30:00Z", "amount": 20}
    orders = [order | {"order_id": f"N-{number}"} for number in range(501)]
    assert code["send_again"](code["tercet"], orders) == {"stored": 501}
    orders[7]["amount"] = 0
    orders[8]["amount"] = "much"
    assert code["send_again"](code["tercet"], orders) == {"unchanged": 499, "corrected": 1, "refused": 1}


def test_a_cancelled_order_is_no_purchase_any_more(code: dict[str, Any]) -> None:
    client = code["tercet"]
    order = {"order_id": "X-1", "customer_id": "new-1", "ordered_at": "2025-11-02T09:30:00Z", "amount": 20}
    client.send("POST", "/v1/events", {"orders": [order]})
    assert client.send("GET", "/v1/customers/new-1")["status"] == "scored"
    client.send("POST", "/v1/events", {"orders": [order | {"amount": 0}]})
    assert client.send("GET", "/v1/customers/new-1")["reason"] == "prospect"


def test_the_client_sends_the_same_again_and_waits_as_it_is_told(
    code: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(code["time"], "sleep", pauses.append)
    with stumbling([(429, "7"), (503, ""), (200, "")]) as (url, requests):
        assert ask_once(code, url, tries=6) == {"status": 200}
    assert len(requests) == 3
    assert len(set(requests)) == 1
    assert pauses[0] == 7
    assert 1 <= pauses[1] <= 2
    with stumbling([(503, "1")]) as (url, requests), pytest.raises(code["httpx"].HTTPStatusError):
        ask_once(code, url, tries=2)
    assert len(requests) == 2
    with pytest.raises(code["httpx"].TransportError):
        ask_once(code, "http://127.0.0.1:1", tries=2)


def ask_once(code: dict[str, Any], url: str, tries: int) -> Any:
    """Ask for one decision by a client of its own."""
    client = code["Tercet"](url, "tercet_x", tries)
    with client.http:
        return client.decide(["C-012"])


def test_the_nightly_files_are_what_the_guide_says(
    guarded: RunningService, code: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(guarded.workspace)
    for line in NIGHTLY.splitlines():
        _, *arguments = shlex.split(line)
        done = CliRunner().invoke(tercet, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    scores, campaign = (Path(line.split("--out ")[1].split()[0]) for line in NIGHTLY.splitlines())
    with (scores / "scores" / "part-00000.csv").open(encoding="utf-8", newline="") as file:
        columns = set(csv.DictReader(file).fieldnames or ())
    table = re.findall(r"^\| `customer_id`.*?^$", PAGE, re.DOTALL | re.MULTILINE)[0]
    named = {name for row in table.splitlines() for name in re.findall(r"`([a-z_0-9]+)`", row.split("|")[1])}
    assert {"customer_id", "churn_reason_3", "policy_version"} <= named <= columns
    with (campaign / "campaign.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = list(code["to_carry_out"](campaign))
    assert {row["arm"] for row in rows} - {row["arm"] for row in kept} == {"holdout"}
    assert [row for row in rows if row["arm"] != "holdout"] == kept
    answer = code["tercet"].send("POST", "/v1/feedback", {"items": [converted(row) for row in rows]})
    assert {item["status"] for item in answer["results"]} == {"recorded"}
    with (campaign / "campaign.csv").open("a", encoding="utf-8") as file:
        file.write("cut")
    with pytest.raises(ValueError, match="not whole"):
        list(code["to_carry_out"](campaign))


def converted(row: dict[str, str]) -> dict[str, Any]:
    """Feedback on a row of the campaign."""
    at = datetime.now(UTC).isoformat()
    return {
        "feedback_id": f"of {row['decision_id']}",
        "decision_id": row["decision_id"],
        "outcome": "converted",
        "at": at,
    }


def test_every_place_that_the_guide_names_is_there() -> None:
    links = re.findall(r"\]\(([^)#]*)(#[^)]*)?\)", PAGE)
    assert len(links) > 5
    for page, place in links:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8") if page else PAGE
        titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        anchors = {"#" + re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in titles}
        assert not place or place in anchors, (page, place)
