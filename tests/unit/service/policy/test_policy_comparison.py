"""`tercet policy compare` on a small shop; what it says is counted again, customer by customer."""

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from models.errors import WorkspaceError
from models.ingest import wall_clock
from models.rows.instants import parse_instant
from service.store.database.engine import open_store
from service.terminal.comparison_view import comparison_view
from tests.builders.policy_shop import (
    POLICY,
    Customer,
    customers,
    make_shop,
    run,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("compared") / "shop")


def compared(directory: Path, *words: str) -> dict[str, Any]:
    told = run(directory, "compare", *words, "--format", "json")
    assert told.exit_code == 0, told.output
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def cents(figures: dict[str, Any], name: str) -> int:
    cents: int = round(figures[name] * 100)
    return cents


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
    told = console.file.getvalue()  # type: ignore[attr-defined] # written to memory
    assert "…" not in told
    assert ("margin now" in told) == (width == 120)


def test_a_mistake_in_the_other_policy_is_told_with_its_own_name(shop: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "draft.toml"
    wrong.write_text(POLICY.replace('["phone"]', '["fone"]'))
    told = run(shop, "compare", str(wrong))
    assert isinstance(told.exception, WorkspaceError)
    assert "draft.toml, line 10: `actions.call.channels`" in str(told.exception)
