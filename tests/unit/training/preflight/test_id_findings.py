"""Which ids of customers are told, and which are left in peace."""

import doctest
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import training.preflight.id_forms
from models.ingest import read_history
from models.rows.instants import parse_instant
from models.workspace import load_workspace
from training.findings.finding import Finding
from training.preflight.id_findings import id_findings
from training.preflight.id_forms import FORMS, forms_between, forms_of, spelt_twice

Found = Callable[[Sequence[str]], dict[str, Finding]]

NOW = parse_instant("2026-11-21", "UTC")


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """The findings about orders that name these customers, one line each."""

    def of(ids: Sequence[str]) -> dict[str, Finding]:
        lines = [f"o{at},{word},2026-01-{1 + at % 28:02},{5 + at % 9}" for at, word in enumerate(ids)]
        text = "\n".join(["order_id,customer_id,ordered_at,amount", *lines]) + "\n"
        (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
        toml = '[business]\ncurrency = "EUR"\n[tables.orders]\nsource = "orders.csv"\n'
        (tmp_path / "tercet.toml").write_text(toml, encoding="utf-8")
        workspace = load_workspace(tmp_path)
        return {finding.name: finding for finding in id_findings(workspace, read_history(workspace, now=NOW))}

    return of


def many(customers: int = 500, each: int = 2) -> list[str]:
    """Ordinary ids."""
    return [f"k{at % customers}" for at in range(customers * each)]


@pytest.mark.parametrize("word", ["nan", "None", "NULL", "-", "#REF!", "n/a", "00000000-0000-0000-0000-000000000000"])
def test_a_word_that_is_nobody_is_told_however_rare_it_is(found: Found, word: str) -> None:
    finding = found([*many(), word])["W111:orders.customer_id"]
    assert finding.count == 1
    assert repr(word) in finding.what
    assert "E111:orders.customer_id" in found([*many(), *[word] * 20])


@pytest.mark.parametrize("word", ["0", "-1", "99999", "guest", "unknown", "000"])
def test_a_word_that_may_be_nobody_is_told_where_it_holds_an_outsized_share_of_the_rows(
    found: Found, word: str
) -> None:
    assert not found([*many(), word, word])
    finding = found([*many(), *[word] * 20])["E111:orders.customer_id"]
    assert (finding.count, finding.severity) == (20, "error")


def test_numbers_from_nought_on_are_people(found: Found) -> None:
    assert not found([str(at % 300) for at in range(900)])
    assert not found([str(at) for at in range(5)])


def test_one_id_with_an_outsized_share_is_told_and_a_large_customer_is_not(found: Found) -> None:
    assert not found([*many(), *["house"] * 90])
    assert "W111:orders.customer_id" in found([*many(), *["house"] * 150])
    assert "E111:orders.customer_id" in found([*many(), *["house"] * 600])
    assert not found([*many(50), *["house"] * 60])


def test_numbers_that_a_spreadsheet_has_cut_are_told_by_their_share(found: Found) -> None:
    finding = found([*many(), "4.90000E+11", '"4,9E+11"', "5E+11"])["W112:orders.customer_id"]
    assert finding.count == 3
    assert "E112:orders.customer_id" in found([*many(), *(f"4.{at:05}E+11" for at in range(50))])
    assert not found([*many(), "12E45", "5e10", "e-mail", "1.5"])


def test_942_ids_of_500_customers_are_told_with_the_line_that_makes_them_500(found: Found) -> None:
    ids = [f"cust-{at}" for at in range(500)] + [f"CUST-{at}" for at in range(442)]
    finding = found(ids)["E113:customer_id"]
    assert "884 ids differ by case alone; if that tells no people apart, they are 442 customers" in finding.what
    assert finding.change == '[tables.orders.columns]\ncustomer_id = "lower(customer_id::varchar)"'


def test_ids_that_mix_cases_by_design_are_left_in_peace(found: Found) -> None:
    random = np.random.default_rng(1)
    letters = list("abcdefghijkABCDEFGHIJK0123456789")
    ids = {"xY" + "".join(random.choice(letters, 3)) + "Zq" for _ in range(3000)}
    assert len({word.lower() for word in ids}) < len(ids)
    assert not found(sorted(ids))


def test_every_form_is_named_where_ids_differ_by_it_and_only_then() -> None:
    pairs = [("Ab", "ab"), ("a b", "ab"), ("12.0", "12"), ("0012", "12"), ("A 1", "a1")]
    named = [tuple(form.what for form in forms_of([pair])) for pair in pairs]
    assert named == [("case",), ("blanks",), ("a trailing .0",), ("leading zeros",), ("case", "blanks")]
    assert spelt_twice(["12", "0012", "x", "X", "y"]) == [("12", "0012"), ("x", "X")]
    assert spelt_twice(["0", "00", "1.5", "15", "a0", "a"]) == [("0", "00")]


def test_unknown_ids_are_brought_to_known_ones_only_if_most_of_them_are_known() -> None:
    assert forms_between(["A", "B", "z"], ["a", "b"]) == (FORMS[0],)
    assert forms_between(["A", "y", "z"], ["a", "b"]) == ()
    assert forms_between([], ["a"]) == ()


def test_the_examples_hold() -> None:
    assert doctest.testmod(training.preflight.id_forms).failed == 0
    assert doctest.testmod(training.preflight.toml_fixes).failed == 0
