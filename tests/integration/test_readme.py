"""Every command in the README is run, and its answer is the one that is shown."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from tests.builders.example_workspace import README, ROOT, block_with, blocks, shell
from tests.builders.polling import MOST_SECONDS, wait_for
from tests.builders.running_service import free_port

COMMANDS_RUN_HERE = (
    "make run",
    "curl",
    "tercet keys",
    "tercet init shop",
    "tercet score",
    "tercet decide",
    "tercet policy",
)


def test_no_block_of_commands_is_left_out() -> None:
    assert all(any(known in block for known in COMMANDS_RUN_HERE) for block in blocks("bash"))


def test_a_key_is_made_and_shown_once(example: Path) -> None:
    key = shell(block_with("bash", "tercet keys"), example).strip()
    assert key.startswith("tercet_")
    listed = shell("tercet keys list", example)
    assert "crm" in listed
    assert key not in listed


def test_everyone_is_scored_to_parquet_and_to_csv(example_scored: Path) -> None:
    scored = pq.read_table(example_scored / "scores-tonight" / "scores")
    parts = sorted((example_scored / "scores-for-the-crm" / "scores").glob("*.csv"))
    lines = sum(len(part.read_text(encoding="utf-8").splitlines()) - 1 for part in parts)
    assert lines == scored.num_rows > 8_000
    assert json.loads((example_scored / "scores-tonight" / "manifest.json").read_text())["parts"]


def test_everyone_is_decided_for(example: Path, tmp_path: Path) -> None:
    shop = shutil.copytree(example, tmp_path / "shop", ignore=shutil.ignore_patterns("mlruns", "scores-*"))
    shell(block_with("bash", "tercet decide"), shop)
    campaign = pq.read_table(shop / "campaign-tonight" / "campaign.parquet")
    assert campaign.num_rows > 1_000
    assert {"policy", "exploration", "holdout"} == set(campaign["arm"].to_pylist())


def test_policy_customer_and_segments_are_told_in_the_terminal(example: Path) -> None:
    told = shell(block_with("bash", "tercet policy"), example, COLUMNS="160")
    for words in ("retention_call", "0 (0.0%) would get another action", "Next best action", "platinum", "cannot_lose"):
        assert words in told, words
    (example / "draft.toml").unlink()


def same_shape(shown: Any, found: Any, where: str = "answer") -> None:
    """Names, words and order are equal; numbers to a hundredth, since another processor may round another way."""
    assert type(shown) is type(found) or {type(shown), type(found)} == {int, float}, where
    if isinstance(shown, dict):
        assert list(shown) == list(found), where
        for name in shown.keys() - {"scored_at"}:
            same_shape(shown[name], found[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(shown) == len(found), where
        for place, (one, other) in enumerate(zip(shown, found, strict=True)):
            same_shape(one, other, f"{where}[{place}]")
    elif isinstance(shown, float):
        assert found == pytest.approx(shown, rel=0.01, abs=1e-3), where
    else:
        assert shown == found, where


def test_make_run_serves_the_answer_that_the_readme_shows(example: Path, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "make-run.log"
    command = [*block_with("bash", "make run").split(), f"WORKSPACE={example}", f"PORT={port}"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("TERCET_")}
    with log.open("wb") as output:
        serving = subprocess.Popen(
            [*command, f"PYTHON={sys.executable}"],
            cwd=ROOT,
            env=own,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        ready = f"http://127.0.0.1:{port}/readyz"

        def is_ready() -> bool:
            try:
                return httpx.get(ready).status_code == 200
            except httpx.TransportError:
                return False

        wait_for(
            is_ready, alive=lambda: serving.poll() is None, state=lambda: log.read_text(encoding="utf-8"), pause=0.2
        )
        answer = shell(block_with("bash", "curl").replace(":3000", f":{port}"), ROOT)
    finally:
        os.killpg(serving.pid, signal.SIGTERM)
        serving.wait(MOST_SECONDS)
    same_shape(json.loads(block_with("json", '"results"')), json.loads(answer))


def test_every_page_that_the_readme_names_is_there() -> None:
    import re

    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8")):
        assert target.startswith("http") or (ROOT / target).exists(), target
