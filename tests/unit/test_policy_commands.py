"""`tercet policy check` and `compare` on a small shop; what compare says is counted again, customer by customer."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from models.champion import read_champion
from models.champion_bundle import read_champion_bundle
from models.decisions.funnel import decide
from models.decisions.proposal import Proposal
from models.errors import WorkspaceError
from models.history import MICROSECONDS_PER_DAY
from models.ingest import read_history, resolve_as_of, wall_clock
from models.instants import parse_instant
from models.scorer import Scorer
from models.workspace import load_workspace, with_policy
from service.commands.policy import policy
from service.policy.compare_view import comparison_view
from service.store.contacts_now import contacts_now
from service.store.decision_log import Decision, Occasion, log_decisions, new_decision_id
from service.store.engine import open_store
from tests.one_block_run import within_budget
from tests.served_workspace import make_bundle, promote, write_workspace

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


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a champion, and some customers whom the store knows to have had an e-mail yesterday."""
    directory = write_workspace(tmp_path_factory.mktemp("compared") / "shop")
    (directory / "policy.toml").write_text(POLICY)
    promote(directory, make_bundle(directory), "3")
    log_yesterdays(directory, every=4)
    (directory / "other.toml").write_text(OTHER)
    (directory / "resegmented.toml").write_text(RESEGMENTED)
    return directory


def log_yesterdays(directory: Path, every: int) -> None:
    yesterday = wall_clock() - MICROSECONDS_PER_DAY
    store = open_store(f"sqlite:///{directory / 'tercet.db'}")
    found = [Decision(new_decision_id(yesterday + i), c, p, {}) for i, (c, p) in enumerate(proposed(directory))][
        ::every
    ]
    with store.begin() as connection:
        workspace = load_workspace(directory)
        log_decisions(connection, Occasion(yesterday, yesterday, "3", workspace.policy_version), found)
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
    decisions = within_budget(decide(workspace, scored, history, contacts_now(workspace, history, now), now))
    found = []
    for row in range(len(history)):
        segments = {name: words[row] for name, words in scored.segments.items()}
        first = next(iter(decisions.proposals(row)), None)
        found.append(Customer(str(history.customer_ids[row]), segments, first, decisions.held_out(row)))
    return found


def run(directory: Path, *words: str) -> Result:
    return CliRunner().invoke(policy, [*words, "--workspace", str(directory)])


def compared(directory: Path, *words: str) -> dict[str, Any]:
    told = run(directory, "compare", *words, "--format", "json")
    assert told.exit_code == 0, told.output
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def cents(figures: dict[str, Any], name: str) -> int:
    return round(figures[name] * 100)


def hold_against(figures: dict[str, Any], among: list[Customer]) -> None:
    """The figures of one side, added up one by one."""
    done = [customer.proposal for customer in among if customer.proposal and not customer.held_out]
    terms = [proposal.expected_margin.terms for proposal in done]
    assert cents(figures, "expected_margin") == sum(proposal.expected_margin.total for proposal in done)
    assert cents(figures, "expected_cost") == -sum(term["contact_cost"] + term["offer_cost"] for term in terms)
    assert figures["contacts"] == len(done)
    assert +Counter(figures["actions"]) == Counter(proposal.action for proposal in done)
    assert +Counter(figures["channels"]) == Counter(proposal.channel for proposal in done)
    assert figures["held_out"] == sum(customer.held_out for customer in among)


@pytest.mark.parametrize(
    ("other", "by"),
    [("other.toml", "value_tier"), ("other.toml", "audiences"), ("resegmented.toml", "lifecycle")],
)
def test_every_figure_is_what_a_count_customer_by_customer_gives(shop: Path, other: str, by: str) -> None:
    found = compared(shop, str(shop / other), "--by", by)
    now = parse_instant(found["decided_at"], "UTC")
    ours, theirs = customers(shop, None, now), customers(shop, other, now)
    pairs = list(zip(ours, theirs, strict=True))
    assert found["customers"] == len(pairs) == 120
    assert found["scored"] == 118
    assert found["changed"]["customers"] == sum(one.word != two.word for one, two in pairs) > 0
    moves = {(move["from"], move["to"]): move["customers"] for move in found["moves"]}
    assert moves == Counter((one.word, two.word) for one, two in pairs if one.word != two.word)
    assert list(moves.values()) == sorted(moves.values(), reverse=True)
    hold_against(found["totals"]["now"], ours)
    hold_against(found["totals"]["other"], theirs)
    for row in found["segments"]:
        who = [place for place, customer in enumerate(ours) if belongs(customer, by, row["segment"])]
        assert row["customers"] == len(who) > 0
        assert row["changed"]["customers"] == sum(pairs[place][0].word != pairs[place][1].word for place in who)
        hold_against(row["now"], [ours[place] for place in who])
        hold_against(row["other"], [theirs[place] for place in who])
    told = [row["segment"] for row in found["segments"]]
    assert len(set(told)) == len(told)


def belongs(customer: Customer, by: str, segment: str | None) -> bool:
    word = customer.segments[by]
    return segment in word if isinstance(word, list) else word == segment


def test_the_small_shop_puts_every_way_through_the_comparison_to_work(shop: Path) -> None:
    found = compared(shop, str(shop / "other.toml"))
    now, other = found["totals"]["now"], found["totals"]["other"]
    assert min(now["held_out"], other["held_out"]) > 0
    assert other["channels"]["phone"] > 0
    assert min(now["channels"].values()) > 0
    assert now["actions"].keys() - other["actions"].keys() == {"basket_mail"}
    held = sum(customer.held_out for customer in customers(shop, "other.toml", wall_clock()))
    assert other["channels"]["phone"] <= 9
    assert other["held_out"] == held


def test_a_policy_against_itself_changes_nothing(shop: Path) -> None:
    found = compared(shop, str(shop / "policy.toml"))
    assert found["changed"] == {"customers": 0, "share": 0.0}
    assert found["moves"] == []
    assert found["policies"]["now"] == found["policies"]["other"]
    difference = found["totals"]["difference"]
    assert {difference["expected_margin"], difference["expected_cost"], difference["contacts"]} == {0}


def test_segments_come_in_the_policys_order_and_those_without_one_last(shop: Path) -> None:
    tiers = ["platinum", "gold", "silver", "bronze", "standard", None]
    told = [row["segment"] for row in compared(shop, str(shop / "other.toml"))["segments"]]
    assert told == [tier for tier in tiers if tier in told]
    assert told[-2:] == ["standard", None]


def test_comparing_logs_nothing(shop: Path) -> None:
    store = open_store(f"sqlite:///{shop / 'tercet.db'}")
    with store.connect() as connection:
        counts = [connection.exec_driver_sql("select count(*) from decisions").scalar()]
    run(shop, "compare", str(shop / "other.toml"))
    with store.connect() as connection:
        counts.append(connection.exec_driver_sql("select count(*) from decisions").scalar())
    store.dispose()
    assert counts[0] == counts[1]


def test_the_tables_name_both_policies_and_hold_the_figures(shop: Path) -> None:
    found = compared(shop, str(shop / "other.toml"))
    told = run(shop, "compare", str(shop / "other.toml"))
    assert told.exit_code == 0
    for words in (
        f"policy.toml, policy {found['policies']['now']['version']}; every effect in it is assumed",
        f"other.toml, policy {found['policies']['other']['version']}; assumed effects: big_mail, toy_mail",
        "120 customers, 118 of them scored",
        f"{found['totals']['difference']['expected_margin']:+,.2f}",
        "By value_tier",
    ):
        assert words in told.stdout
    assert "…" not in told.stdout


@pytest.mark.parametrize("width", [80, 120])
def test_no_figure_is_cut_however_narrow_the_terminal(shop: Path, width: int) -> None:
    found = compared(shop, str(shop / "other.toml"))
    console = Console(width=width, file=io.StringIO())
    for part in comparison_view(found, console.width):
        console.print(part)
    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in told
    assert ("margin now" in told) == (width == 120)


def test_a_mistake_in_the_other_policy_is_told_with_its_own_name(shop: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "draft.toml"
    wrong.write_text(POLICY.replace('["phone"]', '["fone"]'))
    told = run(shop, "compare", str(wrong))
    assert isinstance(told.exception, WorkspaceError)
    assert "draft.toml, line 10: `actions.call.channels`" in str(told.exception)


def test_check_tells_what_the_policy_does_whom_it_reaches_and_what_is_odd(shop: Path) -> None:
    told = run(shop, "check")
    assert told.exit_code == 0, told.output
    workspace = load_workspace(shop)
    scored = [customer for customer in customers(shop, None, wall_clock()) if customer.segments["value_tier"]]
    standard = sum(customer.segments["value_tier"] == "standard" for customer in scored)
    assert f"policy {workspace.policy_version} of corner-shop: {shop.resolve() / 'policy.toml'}" in told.stdout
    assert "call by phone: for " in told.stdout
    reach = int(told.stdout.split("call by phone: for ")[1].split(" of ")[0])
    assert 0 < reach <= standard
    assert "warning: the effect of call, basket_mail, toy_mail is assumed" in told.stdout
    assert told.stdout.endswith("1 warning\n")


@pytest.mark.parametrize(
    ("right", "wrong", "warning"),
    [
        (
            "churn_probability > 0.2",
            "churn_probability > 2",
            "actions.call: its rule holds for none of today's customers",
        ),
        ("margin = 15.0", "margin = 0.3", "basket_mail by email is worth its cost for nobody"),
        ('consent = "phone"\n', 'consent = "phone"\ncapacity = 0\n', "channels.phone.capacity is 0"),
    ],
)
def test_check_warns_of_what_nobody_gets(shop: Path, right: str, wrong: str, warning: str) -> None:
    assert right in POLICY
    try:
        (shop / "policy.toml").write_text(POLICY.replace(right, wrong))
        told = run(shop, "check")
    finally:
        (shop / "policy.toml").write_text(POLICY)
    assert told.exit_code == 0
    assert f"warning: {warning}" in told.stdout


def test_check_warns_where_nobody_has_consented(shop: Path) -> None:
    tercet = (shop / "tercet.toml").read_text()
    people = (shop / "customers.csv").read_text()
    rows = people.splitlines()
    try:
        with_consent = [rows[0] + ",phone_consent", *(row + ",no" for row in rows[1:])]
        (shop / "customers.csv").write_text("\n".join(with_consent) + "\n")
        told = run(shop, "check")
    finally:
        (shop / "customers.csv").write_text(people)
    assert (shop / "tercet.toml").read_text() == tercet
    assert "call by phone reaches nobody: none of those it is for has consented to phone" in told.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('offer = "first_toy"', 'offer = "first_toi"', "line 22: `actions.toy_mail.offer` names the offer 'first_toi'"),
        ("value_tier == 'standard'", "value_tier == 'std'", "line 12: `actions.call.when` 'std' never comes up there"),
        ("[experiment]", "[experiment", "policy.toml, line 27: is not TOML"),
    ],
)
def test_errors_in_the_policy_end_the_check_with_1(shop: Path, right: str, wrong: str, words: str) -> None:
    try:
        (shop / "policy.toml").write_text(POLICY.replace(right, wrong))
        told = run(shop, "check")
    finally:
        (shop / "policy.toml").write_text(POLICY)
    assert told.exit_code == 1
    assert words in told.stdout


def test_unusable_input_is_no_finding(tmp_path: Path) -> None:
    told = run(tmp_path / "nowhere", "check")
    assert isinstance(told.exception, WorkspaceError)  # `tercet` prints it and ends with 2


def test_without_a_champion_or_a_policy_the_check_still_tells_what_holds(tmp_path: Path) -> None:
    directory = write_workspace(tmp_path / "new")
    (directory / "policy.toml").unlink()
    told = run(directory, "check")
    assert told.exit_code == 0
    assert "the defaults, for there is no policy.toml" in told.stdout
    assert "whom it reaches today is not known: no model has been promoted in this workspace yet" in told.stdout
    assert "warning: there are no [actions]: nothing is ever proposed" in told.stdout
