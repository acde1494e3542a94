"""A served shop whose every decision is held against its policy, by whichever path it came."""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from tests.builders.wall_clock import Clock
from tests.oracles.contact_policy import Log, PolicyWatch, Row
from tests.stories.step_strategies import ANYONE


@dataclass
class WatchedShop:
    """A workspace that is served. http: by that service. out: for the files of commands.

    died: folders of campaigns that are to be resumed. number: of the step, for ids.
    """

    directory: Path
    store: sa.Engine
    http: httpx.Client
    clock: Clock
    out: Path
    died: list[Path] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.watch = PolicyWatch(self.directory)

    def post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
        answer = self.http.post(path, json=body, headers=headers or {})
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def explained(self) -> dict[str, Any]:
        """What POST /v1/decisions/explain says of everyone who is known."""
        body = {"customers": [{"customer_id": spelled(one)} for one in ANYONE]}
        items = self.post("/v1/decisions/explain", body)["results"]
        told = zip(ANYONE, items, strict=True)
        return {customer: item for customer, item in told if item["status"] != "unknown_customer"}

    def check_logged(self, before: Log, new: dict[str, Row]) -> None:
        """Each customer's new decisions against the policy and all that was there before them."""
        for customer in {row["customer_id"] for row in new.values()}:
            theirs = [row for row in new.values() if row["customer_id"] == customer]
            (now,) = {row["decided_at"] for row in theirs}
            assert {row["arm"] == "holdout" for row in theirs} == {self.watch.held_out(customer)}
            self.watch.check_contacts(before, customer, [pair(row) for row in theirs], now)
            assert all(0 < row["assignment_probability"] <= 1 for row in theirs)


def added(before: Log, after: Log) -> dict[str, Row]:
    """The decisions that were logged in between, by id; none is ever changed."""
    there = {row["decision_id"]: row for row in before["decisions"]}
    now = {row["decision_id"]: row for row in after["decisions"]}
    assert all(now[one] == row for one, row in there.items())
    return {one: row for one, row in now.items() if one not in there}


def pair(told: dict[str, Any]) -> tuple[str, str]:
    return told["action"], told["channel"]


def spelled(customer: str) -> str:
    """An id as another system may spell it."""
    return unicodedata.normalize("NFD", customer)
