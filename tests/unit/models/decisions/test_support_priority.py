"""The queue of a service desk: levels by rule, margin at risk within them, and nobody waits for ever."""

from pathlib import Path

import numpy as np
import pytest

from models.decisions.support_priority import Priority, Ticket, prioritise
from models.ingest import read_history
from models.items.item_json import item_of
from models.scorer import Scorer
from models.workspace import load_workspace
from tests.builders.narrowing import category
from tests.builders.small_workspace import FIRST_BUYER, PROSPECT, REFUSES, make_bundle, write_workspace

HOUR = 3_600_000_000
NOW = 1_000_000 * HOUR


class Desk:
    """A small workspace whose every customer is scored."""

    def __init__(self, directory: Path, policy: str = "") -> None:
        write_workspace(directory)
        (directory / "policy.toml").write_text(policy)
        self.workspace = load_workspace(directory)
        self.bundle = make_bundle(directory)
        tables = read_history(self.workspace)
        self.history, self.as_of = tables.history, tables.as_of
        self.scored = Scorer(self.bundle, self.workspace).score(self.history, self.as_of)

    def ticket(self, customer_id: str, hours: float = 0) -> Ticket:
        return Ticket(self.history.position(customer_id), NOW - int(hours * HOUR))

    def queue(self, *tickets: Ticket) -> list[Priority]:
        return prioritise(self.workspace, self.bundle, self.scored, tickets, NOW)

    def everyone(self) -> list[Priority]:
        return self.queue(*(Ticket(row, NOW) for row in range(len(self.history))))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk") / "shop")


def test_everyone_is_placed_by_level_and_then_by_the_margin_at_risk(desk: Desk) -> None:
    places = desk.everyone()
    assert sorted(place.rank for place in places) == list(range(1, len(places) + 1))
    known = [place for place in sorted(places, key=lambda place: place.rank) if place.margin_at_risk is not None]
    keys = [(place.level_place, -int(place.margin_at_risk or 0)) for place in known]
    assert keys == sorted(keys)
    assert len({place.level for place in places}) > 1


def test_the_margin_at_risk_is_probability_of_a_year_times_value_times_margin_share(desk: Desk) -> None:
    for row, place in enumerate(desk.everyone()):
        item = item_of(desk.scored, row)
        if item["status"] == "scored":
            silent_for_a_year = item["churn"]["probability"] ** (365 / 90)
            expected = silent_for_a_year * item["clv"]["amount"] * 0.35
            assert place.margin_at_risk == pytest.approx(100 * expected, abs=0.51)
            assert f"{item['clv']['amount']:,.2f} EUR in 365 days" in place.reason


def test_who_may_not_be_profiled_or_is_not_known_stands_like_a_typical_customer(desk: Desk) -> None:
    refuses, stranger = desk.ticket(REFUSES), Ticket(None, NOW)
    places = desk.queue(refuses, stranger, desk.ticket(PROSPECT))
    assert [place.margin_at_risk for place in places] == [None, None, None]
    assert "no profiling consent" in places[0].reason
    assert "not known here" in places[1].reason
    everyone = desk.queue(*(Ticket(row, NOW) for row in range(len(desk.history))), stranger)
    behind = [place for place in everyone if place.rank > everyone[-1].rank and place.level == everyone[-1].level]
    assert behind, "refusing costs nobody their turn"


def test_among_equals_the_longer_wait_goes_first(desk: Desk) -> None:
    early, late = desk.ticket(FIRST_BUYER, hours=3), desk.ticket(FIRST_BUYER, hours=1)
    assert [place.rank for place in desk.queue(late, early)] == [2, 1]


def test_a_ticket_moves_up_a_level_for_every_day_that_it_has_waited(desk: Desk) -> None:
    normal = next(row for row, place in enumerate(desk.everyone()) if place.level == "normal")
    places = desk.queue(*(Ticket(normal, NOW - hours * HOUR) for hours in (0, 23, 24, 48, 500)))
    assert [place.level for place in places] == ["normal", "normal", "at_risk", "complained", "first"]
    assert [place.moved_up for place in places] == [0, 0, 1, 2, 3]
    assert "moved up 2 levels for having waited" in places[3].reason


def test_levels_are_the_policys(tmp_path: Path) -> None:
    policy = """
[support_priority]
up_after_hours = 1.5
unknown_level = "vip"
[[support_priority.levels]]
name = "vip"
when = "country == 'NO'"
label = "Norwegians first"
[[support_priority.levels]]
name = "rest"
"""
    desk = Desk(tmp_path / "shop", policy)
    countries = category(desk.history.profile["country"]).words()
    for row, place in enumerate(desk.everyone()):
        if desk.scored.is_scored[row]:
            assert (place.level == "vip") == (countries[row] == "NO")
    assert desk.queue(Ticket(None, NOW))[0].level == "vip"


def test_a_place_does_not_depend_on_who_else_is_scored(desk: Desk) -> None:
    everyone = desk.everyone()
    for row in np.random.default_rng(0).choice(len(desk.history), 10, replace=False).tolist():
        history = desk.history.select([row])
        scored = Scorer(desk.bundle, desk.workspace).score(history, desk.as_of)
        (alone,) = prioritise(desk.workspace, desk.bundle, scored, [Ticket(0, NOW)], NOW)
        assert (alone.level, alone.margin_at_risk, alone.reason) == (
            everyone[row].level,
            everyone[row].margin_at_risk,
            everyone[row].reason,
        )
