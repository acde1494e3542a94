"""Says who may be contacted, from the workspace's files and the rows of the store alone: one plain loop a question."""

import csv
import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

DAY = 86_400_000_000
Row = dict[str, Any]
Log = dict[str, list[Row]]
TABLES = ("decisions", "feedback", "consents", "events", "customer_states", "policies", "answered_requests")
ANSWERED = ("accepted", "refused", "converted", "clicked")
BOUNCED = ("bounced", "undeliverable")
WITHDRAWN = ("unsubscribed", "complained")


@dataclass(frozen=True)
class Made:
    """A contact as a rule counts it."""

    at: int
    action: str
    channel: str
    answer: str


def read_log(store: sa.Engine) -> Log:
    """Every row of the store, but for the keys."""
    with store.connect().execution_options(reading=True) as connection:
        return {
            name: sorted(
                (dict(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings()), key=repr
            )
            for name in TABLES
        }


class PolicyWatch:
    """The policy and the tables of a workspace as they stand in its files."""

    def __init__(self, directory: Path) -> None:
        self.policy = tomllib.loads((directory / "policy.toml").read_text(encoding="utf-8"))
        self.default = tomllib.loads((directory / "tercet.toml").read_text(encoding="utf-8"))["consent"]["default"]
        self.customers = {row["customer_id"]: row for row in rows_of(directory / "customers.csv")}
        self.orders = rows_of(directory / "orders.csv")
        self.contacts = rows_of(directory / "contacts.csv")

    def candidates(self) -> list[tuple[str, str]]:
        return [(name, channel) for name, action in self.policy["actions"].items() for channel in action["channels"]]

    def known(self, log: Log, customer: str) -> bool:
        return customer in self.customers or any(
            row["customer_id"] == customer for row in log["events"] + log["consents"]
        )

    def held_out(self, customer: str) -> bool:
        experiment = self.policy["experiment"]
        digest = hashlib.sha256(f"{experiment['salt']}|holdout|{customer}".encode()).digest()
        return bool(int.from_bytes(digest[:8], "big") / 2**64 < experiment["holdout"])

    def consents_to(self, log: Log, customer: str, purpose: str) -> bool:
        """The store before the table before the default; the newest, and at one instant the refusal."""
        said = [row for row in log["consents"] if (row["customer_id"], row["purpose"]) == (customer, purpose)]
        if said:
            newest = max(row["at"] for row in said)
            return all(row["granted"] for row in said if row["at"] == newest)
        recorded = self.customers.get(customer, {}).get(f"{purpose}_consent", "")
        return bool(recorded == "yes" or (recorded == "" and self.default == "granted"))

    def made(self, log: Log, customer: str, now: int) -> list[Made]:
        """The contacts until now: of the table, but for the control arm, and of the log, whoever was held out."""
        ours = [row for row in log["decisions"] if row["customer_id"] == customer]
        ids = {row["decision_id"] for row in ours}
        contacts = [
            Made(
                instant(row["at"]),
                row["action"],
                row["channel"],
                {"1": "converted", "0": "presented"}.get(row["outcome"], "none"),
            )
            for row in self.contacts
            if row["customer_id"] == customer and row["arm"] != "control" and row["decision_id"] not in ids
        ]
        for row in ours:
            answer = answer_to(row["decision_id"], log["feedback"])
            contacts.append(Made(min(row["decided_at"], now), row["action"], row["channel"], answer))
        return [contact for contact in contacts if contact.at <= now]

    def why_not(self, log: Log, customer: str, action: str, channel: str, now: int) -> str | None:
        """The first stage at which the policy forbids one more contact, None if it allows it."""
        if not self.consents_to(log, customer, "profiling"):
            return "eligibility"
        rule = self.policy["actions"][action].get("when")
        if rule is not None and not self.holds(rule, log, customer):
            return "eligibility"
        purpose = self.policy["channels"][channel]["consent"]
        if purpose != "none" and not self.consents_to(log, customer, purpose):
            return "consent"
        made = self.made(log, customer, now)
        if self.over_a_limit(made, [], channel, now):
            return "contact_policy"
        if self.is_stopped(log, customer, channel) or self.left_in_peace(log, customer, action, made, now):
            return "suppression"
        return None

    def is_stopped(self, log: Log, customer: str, channel: str) -> bool:
        """Whether a bounce, or a word against the channel, is newer than all that would end it."""
        by_channel = {
            row["decision_id"]
            for row in log["decisions"]
            if (row["customer_id"], row["channel"]) == (customer, channel)
        }
        told = [
            (row["outcome"], min(row["at"], row["received_at"]))
            for row in log["feedback"]
            if row["decision_id"] in by_channel
        ]
        purpose = self.policy["channels"][channel]["consent"]
        grants = [
            row["at"]
            for row in log["consents"]
            if (row["customer_id"], row["purpose"], row["granted"]) == (customer, purpose, 1)
        ]
        arrivals = [at for outcome, at in told if outcome in {"delivered", "opened", "clicked", "accepted"}]
        for outcome, at in told:
            if outcome in BOUNCED and all(other <= at for other in grants + arrivals):
                return True
            if outcome in WITHDRAWN and all(other <= at for other in grants):
                return True
        return False

    def over_a_limit(self, made: Sequence[Made], beside: Sequence[str], channel: str, now: int) -> bool:
        """Whether one more by the channel is too many, with contacts by these channels made beside it."""
        counted = [(contact.at, contact.channel) for contact in made] + [(now, other) for other in beside]
        for limit in self.policy["channels"][channel]["limits"]:
            if sum(at > now - limit["days"] * DAY and by == channel for at, by in counted) >= limit["at_most"]:
                return True
        limits = self.policy["contact_policy"]["limits"]
        return any(sum(at > now - limit["days"] * DAY for at, _ in counted) >= limit["at_most"] for limit in limits)

    def left_in_peace(self, log: Log, customer: str, action: str, made: Sequence[Made], now: int) -> bool:
        rules = self.policy["suppression"]
        if any(self.holds(self.policy["audiences"][name]["when"], log, customer) for name in rules["audiences"]):
            return True
        for contact in made:
            age = now - contact.at
            if contact.action == action and age < rules["after_served_days"] * DAY:
                return True
            if contact.action == action and contact.answer == "refused" and age < rules["after_refusal_days"] * DAY:
                return True
            for exclusion in self.policy["exclusions"]:
                if (
                    {action, contact.action} <= set(exclusion["actions"])
                    and action != contact.action
                    and age < exclusion["days"] * DAY
                ):
                    return True
        return rules["after_silence"] is not False and is_silent(made, rules["after_silence"], now)

    def holds(self, rule: str, log: Log, customer: str) -> bool:
        """The rules of `tests.builders.shop_strategies`, as Python would say them; an unknown region is no region."""
        region = self.customers.get(customer, {}).get("region") or None
        orders = {row["order_id"] for row in self.orders if row["customer_id"] == customer}
        orders |= {row["identity"] for row in log["events"] if row["customer_id"] == customer}
        return {
            "region == 'north'": region == "north",
            "region != 'south'": region is not None and region != "south",
            "region == 'staff'": region == "staff",
            "orders_all >= 2": len(orders) >= 2,
            "orders_all >= 5": len(orders) >= 5,
        }[rule]

    def check_contacts(self, log: Log, customer: str, proposed: Sequence[tuple[str, str]], now: int) -> None:
        """Raise AssertionError if these contacts, made together at `now`, break anything; `log` is from before."""
        made = self.made(log, customer, now)
        for place, (action, channel) in enumerate(proposed):
            why = self.why_not(log, customer, action, channel, now)
            assert why is None, f"{action} by {channel} for {customer}: {why}"
            beside = [other for at, (_, other) in enumerate(proposed) if at != place]
            assert not self.over_a_limit(made, beside, channel, now), f"{customer}: {proposed} are too many together"
        names = [action for action, _ in proposed]
        assert len(set(names)) == len(names), f"{customer}: {names} has one twice"
        for exclusion in self.policy["exclusions"]:
            assert len(set(names) & set(exclusion["actions"])) < 2, f"{customer}: {names} exclude each other"


def is_silent(made: Sequence[Made], silence: Row, now: int) -> bool:
    """So many contacts within `days` of the last one, all later than the last that was answered, and no long rest.

    One that did not arrive is as if it had not been made.
    """
    made = [contact for contact in made if contact.answer != "undelivered"]
    if not made:
        return False
    last = max(contact.at for contact in made)
    answered = max((contact.at for contact in made if contact.answer in ANSWERED), default=None)
    ignored = [
        contact
        for contact in made
        if last - contact.at < silence["days"] * DAY and (answered is None or contact.at > answered)
    ]
    return bool(len(ignored) >= silence["contacts"] and now - last < silence["rest_days"] * DAY)


def answer_to(decision_id: str, feedback: Sequence[Row]) -> str:
    given = [row for row in feedback if row["decision_id"] == decision_id]
    outcomes = {row["outcome"] for row in given}
    if "converted" in outcomes:
        return "converted"
    replies = [row for row in given if row["outcome"] in {"accepted", "refused", *WITHDRAWN}]
    if replies:
        newest = max(row["at"] for row in replies)
        return "refused" if any(row["outcome"] != "accepted" and row["at"] == newest for row in replies) else "accepted"
    if "clicked" in outcomes:
        return "clicked"
    ways = [row for row in given if row["outcome"] in {"delivered", "opened", *BOUNCED}]
    if ways:
        newest = max(row["at"] for row in ways)
        lost = any(row["outcome"] in BOUNCED and row["at"] == newest for row in ways)
        return "undelivered" if lost else "presented"
    return "presented" if outcomes else "none"


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instant(text: str) -> int:
    at = datetime.fromisoformat(text)
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def cost_of(decision: Row) -> int:
    terms = json.loads(decision["trace"])["chosen"]["terms"]
    cost: int = -terms["contact_cost"] - terms["offer_cost"]
    return cost
