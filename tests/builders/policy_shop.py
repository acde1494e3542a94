"""A small shop with a policy, another and a third with other segments; and what each customer gets, one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import read_champion_bundle
from models.decisions.candidates.proposals import Proposal
from models.decisions.funnel import decide
from models.ingest import read_history, resolve_as_of, wall_clock
from models.rows.history import MICROSECONDS_PER_DAY
from models.scorer import Scorer
from models.workspace import load_workspace, with_policy
from service.commands.policy import policy
from service.store.contacts.current_contacts import contacts_now
from service.store.database.engine import open_store
from service.store.logs.decision_log import Decision, Occasion, log_decisions, new_decision_id
from tests.builders.one_block_run import within_budget
from tests.builders.small_workspace import with_champion, write_workspace

POLICY = """
[channels.email]
consent = "email"
contact_cost = 0.1
limits = [{ at_most = 1, days = 3 }]
[channels.phone]
consent = "phone"
contact_cost = 0.2
[actions.call]
channels = ["phone"]
value = "retention"
when = "value_tier == 'standard' and churn_probability > 0.2"
[actions.basket_mail]
channels = ["email"]
value = "offer"
offer = "big_basket"
margin = 15.0
when = "value_tier == 'standard'"
[actions.toy_mail]
channels = ["email", "phone"]
value = "offer"
offer = "first_toy"
margin = 12.0
offer_cost = 1.0
[contact_policy]
limits = [{ at_most = 3, days = 7 }]
[experiment]
holdout = 0.1
exploration = 0.2
"""
MEASURED = 'effect = { source = "average", change = 0.1, known_from = "a test" }'
OTHER = (
    POLICY.replace("margin = 12.0", "margin = 20.0")
    .replace("contact_cost = 0.2\n", "contact_cost = 0.1\ncapacity = 9\n")
    .replace("holdout = 0.1", "holdout = 0.2")
    .replace("[actions.basket_mail]", "[actions.big_mail]")
    .replace("> 0.2", "> 0.1")
    .replace('value = "retention"', f'value = "retention"\n{MEASURED}')
)
RESEGMENTED = (
    POLICY + '\n[[value_tiers]]\nname = "best"\nshare = 0.05\n[[value_tiers]]\nname = "standard"\nrest = true\n'
)


def make_shop(directory: Path) -> Path:
    """With a champion, and some customers whom the store knows to have had an e-mail yesterday."""
    with_champion(write_workspace(directory, policy=POLICY), "3")
    log_yesterdays(directory, every=4)
    (directory / "other.toml").write_text(OTHER)
    (directory / "resegmented.toml").write_text(RESEGMENTED)
    return directory


def log_yesterdays(directory: Path, every: int) -> None:
    yesterday = wall_clock() - MICROSECONDS_PER_DAY
    store = open_store(f"sqlite:///{directory / 'tercet.db'}")
    decided = [Decision(new_decision_id(yesterday + i), c, p, {}) for i, (c, p) in enumerate(proposed(directory))][
        ::every
    ]
    with store.begin() as connection:
        workspace = load_workspace(directory)
        log_decisions(connection, Occasion(yesterday, yesterday, "3", workspace.policy_version), decided)
    store.dispose()


def proposed(directory: Path) -> Iterator[tuple[str, Proposal]]:
    for customer in customers(directory, None, wall_clock()):
        if customer.proposal is not None:
            yield customer.customer_id, customer.proposal


@dataclass(frozen=True)
class Customer:
    customer_id: str
    segments: dict[str, Any]
    proposal: Proposal | None
    held_out: bool

    @property
    def word(self) -> str:
        if self.held_out:
            return "(held out)"
        return self.proposal.action if self.proposal else "(nothing)"


def customers(directory: Path, other: str | None, now: int) -> list[Customer]:
    """What a policy proposes for each customer, as `tercet decide` would log it."""
    workspace = load_workspace(directory)
    if other is not None:
        workspace = with_policy(workspace, directory / other)
    history = read_history(workspace).history
    scorer = Scorer(read_champion_bundle(read_champion(directory)), workspace)
    as_of = resolve_as_of(workspace, history, None)
    scored = scorer.score(history, as_of)
    decisions = within_budget(decide(workspace, scored, contacts_now(workspace, history, now), now))
    of_policy = []
    for row in range(len(history)):
        segments: dict[str, Any] = {name: words.word(row) for name, words in scored.segments.items()}
        segments["audiences"] = scored.audiences.of(row)
        first = next(iter(decisions.proposals(row)), None)
        of_policy.append(Customer(str(history.customer_ids[row]), segments, first, decisions.held_out(row)))
    return of_policy


def run(directory: Path, *words: str) -> Result:
    return CliRunner().invoke(policy, [*words, "--workspace", str(directory)])
