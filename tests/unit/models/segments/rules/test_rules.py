"""Rules mean what they say, refuse what they cannot say, and name the mistake."""

import numpy as np
import pytest

from models.errors import WorkspaceError
from models.rows.history import Column
from models.segments.rules.rule_check import check_rule
from models.segments.rules.rule_evaluation import holds
from models.segments.rules.rule_language import read_rule
from tests.builders.categories import category_of

NAN = np.nan
COLUMNS: dict[str, Column] = {
    "orders": np.array([0.0, 1.0, 5.0, NAN]),
    "gap": np.array([NAN, 10.0, 30.0, 0.0]),
    "region": category_of(["north", "islands", None, "south"]),
    "home": category_of(["south", "islands", None, "south"]),
}
KINDS = {"orders": "number", "gap": "number", "region": "text", "tier": ("gold", "silver"), "absent": None}


def who(text: str) -> list[bool] | None:
    found = holds(read_rule(text), COLUMNS.get, 4)
    return None if found is None else found.tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orders >= 1", [False, True, True, False]),
        ("orders != 1", [True, False, True, False]),
        ("not orders == 1", [True, False, True, True]),
        ("0 < orders < 5", [False, True, False, False]),
        ("orders in (0, 5)", [True, False, True, False]),
        ("orders not in (0, 5)", [False, True, False, False]),
        ("orders in ()", [False] * 4),
        ("orders not in ()", [True, True, True, False]),
        ("orders in (-1, 1)", [False, True, False, False]),
        ("orders is None", [False, False, False, True]),
        ("orders is not None", [True, True, True, False]),
        ("region == 'islands'", [False, True, False, False]),
        ("'islands' != region", [True, False, False, True]),
        ("region in ['north', 'south', 'moon']", [True, False, False, True]),
        ("region not in ('north',)", [False, True, False, True]),
        ("region == home", [False, True, False, True]),
        ("region != home", [True, False, False, False]),
        ("region is None", [False, False, True, False]),
        ("region == 'nowhere'", [False] * 4),
        ("orders * 2 + 1 == 11", [False, False, True, False]),
        ("gap / orders > 5", [False, True, True, False]),
        ("orders / 0 is None", [True] * 4),
        ("-orders < -2", [False, False, True, False]),
        ("orders == 0 or gap >= 30 and not region == 'north'", [True, False, True, False]),
        ("True", [True] * 4),
        ("orders > 3 and False", [False] * 4),
        ("orders > 0\n  and gap > 20", [False, False, True, False]),
        ("region == 5", [False] * 4),
        ("region + 1 == 2", [False] * 4),
        ("region not in (5,)", [False] * 4),
    ],
)
def test_a_rule_holds_for_whom_it_says(text: str, expected: list[bool]) -> None:
    assert who(text) == expected


def test_a_rule_that_asks_for_what_the_workspace_does_not_have_has_no_answer() -> None:
    assert who("absent > 1 or orders >= 0") is None


def test_a_rule_over_nobody_answers_for_nobody() -> None:
    found = holds(read_rule("orders > 1"), lambda _: np.empty(0), 0)
    assert found is not None
    assert found.shape == (0,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "orders >",
        "orders",
        "1 + 1",
        "orders > 1 if gap else 2",
        "len(region) > 2",
        "orders.real > 1",
        "__import__('os').system('true') == 0",
        "[x for x in (1, 2)] == 1",
        "region < 'north'",
        "'a' + 'b' == region",
        "orders in gap",
        "orders in (1, 'a')",
        "orders is 1",
        "orders ** 2 > 1",
        "orders % 2 == 0",
        "f'{orders}' == 'a'",
        "b'a' == region",
        "(x := 1) == 1",
        "lambda: 1",
        "orders > 1e999",
        "orders > 1j",
        f"orders > {'9' * 400}",
        "orders == None",
        "orders > 1; gap > 1",
        "(" * 300 + "orders > 1" + ")" * 300,
        "not " * 100 + "orders > 1",
        "orders " + "+ 1 " * 200 + "> 1",
        "orders > 1 and " * 1000 + "True",
        "orders > 1\0",
    ],
)
def test_what_is_no_rule_is_refused_with_a_workspace_error(text: str) -> None:
    with pytest.raises(WorkspaceError):
        read_rule(text)


def test_the_mistake_is_quoted() -> None:
    with pytest.raises(WorkspaceError, match=r"`len\(region\)` is not allowed in a rule"):
        read_rule("orders > 1 and len(region) > 2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("oders > 1", "asks for 'oders', which is no feature, score, segment or attribute; did you mean 'orders'"),
        ("orders == 'many'", "compares a number with a word"),
        ("region == 3", "compares a number with a word"),
        ("region > gap", "compares a number with a word"),
        ("tier < region", "words have no size"),
        ("tier == 'glod'", "'glod' never comes up there; did you mean 'gold'"),
        ("tier in ('gold', 'tin')", "'tin' never comes up there"),
        ("orders in ('a', 'b')", "compares a number with a word"),
        ("tier * 2 > 1", "calculates with a word"),
        ("(orders + region) is None", "calculates with a word"),
    ],
)
def test_a_rule_that_means_nothing_here_is_refused(text: str, message: str) -> None:
    with pytest.raises(WorkspaceError, match=message):
        check_rule(text, KINDS, {})


@pytest.mark.parametrize("text", ["orders > 1", "tier == 'gold'", "absent > 2", "absent == 'a'", "tier == region"])
def test_a_rule_that_means_something_passes(text: str) -> None:
    check_rule(text, KINDS, {})
