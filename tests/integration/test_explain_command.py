"""`tercet explain`: one customer in the terminal, with the figures that HTTP gives, and nothing logged."""

import re
from pathlib import Path

import pytest

from models.files.store_url import store_url
from service.store.database.engine import open_store
from tests.builders.command_in_process import Said, run_command
from tests.builders.running_service import RunningService
from tests.builders.small_workspace import PROSPECT, REFUSES


def explain(workspace: Path, *arguments: str) -> Said:
    return run_command("explain", "--workspace", workspace, *arguments)


@pytest.fixture(scope="module")
def told(served: RunningService) -> str:
    done = explain(served.workspace, "C-007", "--reasons", "3")
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_scores_and_segments_are_those_of_http(served: RunningService, told: str) -> None:
    (item,) = served.items("C-007")
    assert f"{item['churn']['probability']:.1%} in 90 days" in told
    assert f"{item['clv']['amount']:,.2f} EUR in 365 days" in told
    for segment in ("value_tier", "lifecycle", "rfm"):
        assert item["segments"][segment] in told


def test_the_lines_of_a_score_add_up_as_they_are_shown(told: str) -> None:
    panel = told.split("─ Worth ─")[1].split("together", maxsplit=1)[0]
    lines = [line for line in panel.splitlines() if "│" in line]
    amounts = [float(found[0].replace(",", "")) for line in lines[2:] if (found := re.findall(r" ([+-][\d,.]+)", line))]
    base = float(re.findall(r"the average customer +([\d,.]+)", panel)[0].replace(",", ""))
    total = float(re.findall(r"together +([\d,.]+)", told.split("─ Worth ─")[1])[0].replace(",", ""))
    assert base + sum(amounts) == pytest.approx(total, abs=0.005)


def test_it_says_what_to_do_and_why_not_the_rest(served: RunningService, told: str) -> None:
    asked = {"customers": [{"customer_id": "C-007"}]}
    (item,) = served.http.post("/v1/decisions/explain", json=asked).json()["results"]
    assert "Next best action" in told
    for rejected in item["rejected"]:
        assert rejected["action"] in told
        assert rejected["reason"].split(":")[0][:30] in told


def test_nothing_is_logged(shop: Path) -> None:
    store = open_store(store_url(shop))
    assert explain(shop, "C-007").exit_code == 0
    with store.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from decisions").scalar_one() == 0
    store.dispose()


def test_who_is_not_scored_is_told_with_the_reason(served: RunningService) -> None:
    assert "not scored: no profiling consent" in explain(served.workspace, REFUSES).stdout
    assert "not scored: prospect" in explain(served.workspace, PROSPECT).stdout


def test_an_unknown_customer_is_an_error_without_a_trace(served: RunningService) -> None:
    done = explain(served.workspace, "nobody")
    assert done.exit_code == 2
    assert "there is no customer 'nobody'" in done.stderr
    assert "Traceback" not in done.stderr
