"""What `tercet check` finds, each finding from data made to have it, and nothing in data that has nothing wrong."""

import doctest
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import training.findings.preflight_codes
from models.ingest import REASONS, Ingested, RejectedRows, read_history
from models.rows.instants import parse_instant
from models.rows.tables import TABLES
from models.workspace import Workspace, load_workspace
from training.findings.finding import Finding
from training.findings.preflight_codes import MEANINGS
from training.preflight.preflight_run import run_preflight
from training.preflight.row_findings import row_finding

NOW = parse_instant("2026-11-21", "UTC")
BUSINESS = '[business]\ncurrency = "EUR"\n'
GRANTED = '[consent]\ndefault = "granted"\n'
EMPTY = "interaction_id,customer_id,at,kind\n"
CHURN = '[churn]\ndefinition = "inactivity"\n'
LABEL = '[churn]\ndefinition = "label"\ncolumn = "left"\npositive = 1\n'

Check = Callable[..., dict[str, Finding]]
ShopRead = tuple[Workspace, Ingested]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def check_files(
        files: Mapping[str, str], toml: str = CHURN + GRANTED, *, business: str = BUSINESS, **tables: str
    ) -> dict[str, Finding]:
        sections = ""
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
            sections += f'[tables.{name}]\nsource = "{name}.csv"\n{tables.get(name, "")}\n'
        (tmp_path / "tercet.toml").write_text(business + sections + toml, encoding="utf-8")
        workspace = load_workspace(tmp_path)
        found = run_preflight(workspace, read_history(workspace, now=NOW))
        assert len({finding.name for finding in found}) == len(found)
        return {finding.name: finding for finding in found}

    return check_files


@pytest.fixture
def shop_read(tmp_path: Path) -> ShopRead:
    (tmp_path / "orders.csv").write_text(shop(customers=5), encoding="utf-8")
    (tmp_path / "tercet.toml").write_text(BUSINESS + '[tables.orders]\nsource = "orders.csv"\n', encoding="utf-8")
    workspace = load_workspace(tmp_path)
    return workspace, read_history(workspace, now=NOW)


def shop(*, customers: int = 400, days: int = 500, cents_from: int | None = None, extra: str = "") -> str:
    """Order lines of a plausible shop, a deterministic half of whose customers stop buying half-way."""
    random = np.random.default_rng(5)
    lines = ["order_id,customer_id,ordered_at,amount,category"]
    end = np.datetime64("2026-11-01")
    for customer in range(customers):
        first = 0 if customer % 2 else days // 2
        for nr, day in enumerate(sorted(random.choice(np.arange(first, days), 6, replace=False))):
            amount = random.integers(500, 9000) / (1 if cents_from is not None and day < cents_from else 100)
            lines.append(f"o{customer}-{nr},c{customer},{end - int(day)},{amount},{'ab'[nr % 2]}")
    return "\n".join(lines) + "\n" + extra


def features(columns: Mapping[str, Callable[[int, int], object]], customers: int = 600) -> str:
    """A feature table whose label is that of every third customer."""
    random = np.random.default_rng(6)
    rows = [",".join(["customer_id", "left", "noise", *columns])]
    for i in range(customers):
        left = int(i % 3 == 0)
        rows.append(",".join(map(str, [f"c{i}", left, random.normal(), *(make(i, left) for make in columns.values())])))
    return "\n".join(rows) + "\n"


def test_a_shop_with_nothing_wrong_has_no_finding(check: Check) -> None:
    assert not check({"orders": shop()})


def test_every_reason_to_put_a_row_aside_has_a_code_and_a_fix(shop_read: ShopRead) -> None:
    workspace, ingested = shop_read
    for reason in REASONS:
        rejection = RejectedRows("orders", f"{reason} ordered_at", 5, "row 1", values=("soon",))
        finding = row_finding(workspace, ingested, rejection, 1000)
        assert finding.code[1:] in MEANINGS
        assert finding.severity == "warning"
        assert row_finding(workspace, ingested, rejection, 100).severity == "error"
        assert finding.fix
        assert finding.change


def test_rows_that_hold_much_money_are_an_error_however_few_they_are(shop_read: ShopRead) -> None:
    few = RejectedRows("orders", "unreadable amount", 5, "row 1", money_share=0.2)
    finding = row_finding(*shop_read, few, 10_000)
    assert finding.code == "E107"
    assert "they hold 20.0% of all amounts" in finding.what
    assert row_finding(*shop_read, replace(few, money_share=0.001), 10_000).code == "W107"


def test_bad_rows_are_found_by_kind_and_are_errors_from_one_in_a_hundred_on(check: Check) -> None:
    bad = "x1,c1,yesterday,5,a\nx2,c1,2061-01-01,5,a\nx3,,2026-01-01,5,a\nx4,c1,2026-01-01,much,a\nx5,c1,2026-01-01\n"
    found = check({"orders": shop(extra=bad)})
    assert {
        "W105:orders.ordered_at",
        "W104:orders.ordered_at",
        "W106:orders.customer_id",
        "W107:orders.amount",
        "W108:orders",
    } == set(found)
    assert found["W105:orders.ordered_at"].example.endswith("'yesterday'")
    many = "".join(f"x{i},c1,yesterday,5,a\n" for i in range(50))
    assert "E105:orders.ordered_at" in check({"orders": shop(extra=many)})


def test_twins_duplicates_orphans_and_other_currencies_are_found(check: Check) -> None:
    twin = "t,c1,2026-01-01,5,a\n"
    assert check({"orders": shop(extra=twin * 3)})["W102:orders"].count == 2
    lines = "order_id,customer_id,ordered_at,amount,line_id,currency\n"
    lines += (
        "a,c1,2026-01-01,5,1,EUR\na,c1,2026-01-01,5,1,EUR\nb,c1,2026-01-01,5,1,USD\nc,stranger,2026-01-01,5,1,EUR\n"
    )
    found = check({"customers": "customer_id,signed_up_at\nc1,2025-01-01\n", "orders": lines})
    assert {"E101:orders.order_id+line_id", "E109:orders", "E103:orders"} < set(found)


def test_a_subscription_that_ends_before_it_starts_is_found(check: Check) -> None:
    rows = "customer_id,started_at,ended_at\na,2026-01-01,\nb,2026-01-01,2025-01-01\n"
    assert "E110:subscriptions.ended_at" in check({"subscriptions": rows}, GRANTED)


def test_empty_constant_missing_and_wordy_columns_are_found(check: Check) -> None:
    columns = {"same": lambda _, __: "x", "void": lambda _, __: "", "words": lambda i, _: f"w{i}"}
    found = check({"attributes": features(columns), "interactions": EMPTY}, LABEL + GRANTED)
    assert {"W201:attributes.same", "W202:attributes.void", "W205:attributes.words", "W203:interactions"} == set(found)


def test_impossible_birth_years_are_found(check: Check) -> None:
    customers = "customer_id,birth_year\nc1,1850\nc2,2031\nc3,1990\n"
    orders = "".join(f"x{i},c{i},2026-01-0{i},5,a\n" for i in (1, 2, 3))
    orders = f"order_id,customer_id,ordered_at,amount,category\n{orders}"
    assert check({"customers": customers, "orders": orders})["W206:customers.birth_year"].count == 2


def test_a_misspelt_exclusion_is_found_with_the_nearest_column(check: Check) -> None:
    table = features({"Churn Label": lambda _, left: ("no", "yes")[left]})
    found = check({"attributes": table}, LABEL + GRANTED, attributes='exclude = ["Churn Lable"]')
    assert "did you mean 'Churn Label'?" in found["W207:attributes.Churn Lable"].what


def test_a_misspelt_sensitive_column_is_an_error_with_the_nearest(check: Check) -> None:
    table = features({"Gender": lambda i, _: "fm"[i % 2]})
    found = check({"attributes": table}, LABEL + GRANTED + '[sensitive]\ncolumns = ["Gendre", "gender"]\n')
    assert "did you mean 'Gender'?" in found["E208:Gendre"].what
    assert "E208:gender" not in found


def test_a_hundredfold_jump_of_amounts_is_found_with_its_day(check: Check) -> None:
    finding = check({"orders": shop(cents_from=200)})["E204:orders.amount"]
    assert finding.example.startswith("on 2026-04-16: from ")
    assert "< timestamp '2026-04-16' then try_cast(amount as double) else try_cast(amount as double) / 100 end" in (
        finding.change
    )


def test_too_little_history_is_found_for_each_score(check: Check) -> None:
    big = '[upsell.big]\ntarget = "order_over"\namount = 50\nhorizon_days = 5\n'
    toml = f"{CHURN}{GRANTED}[clv]\nhorizon_days = 365\n{big}"
    found = check({"orders": shop(days=150)}, toml)
    assert {"E301:clv", "W302:churn", "W302:upsell.big"} == set(found)
    assert "a model is learnt from windows of 49 days, and scaled to 90 by BG/NBD" in found["W302:churn"].what


def test_too_few_customers_and_outcomes_that_nobody_has_are_found(check: Check) -> None:
    assert "W304:churn" in check({"orders": shop(customers=60)})
    rare = f'{GRANTED}[upsell.big]\ntarget = "order_over"\namount = 1000000\n'
    assert "E303:upsell.big" in check({"orders": shop()}, rare)


def test_a_clock_on_the_wall_that_is_ahead_of_the_newest_row_is_found(check: Check) -> None:
    toml = f"{CHURN}{GRANTED}[clv]\nhorizon_days = 250\n"
    found = check({"orders": shop()}, toml, business=f'{BUSINESS}clock = "wall"\n')
    finding = found["W306:churn"]
    assert "W306:clv" not in found
    assert finding.count == 20
    assert "--as-of 2026-11-01T00:00:00.000001Z" in finding.fix
    visits = "interaction_id,customer_id,at,kind\nv,c1,2026-11-20,visit\n"
    assert "W306:churn" not in check({"orders": shop(), "interactions": visits}, business=f'{BUSINESS}clock = "wall"\n')


def test_a_label_that_nobody_has_is_found_with_the_words_that_its_column_holds(check: Check) -> None:
    table = features({"gone": lambda _, left: ("No", "Yes")[left]})
    toml = LABEL.replace('"left"', '"gone"').replace("1", '"yes"') + GRANTED
    assert "holds 'No', 'Yes', the outcome is 'yes'" in check({"attributes": table}, toml)["E303:churn"].what


def test_a_label_that_is_not_there_is_found(check: Check) -> None:
    toml = LABEL.replace('"left"', '"gone"') + GRANTED
    assert "E305:churn" in check({"attributes": features({})}, toml)


def test_columns_that_tell_the_label_are_found_and_honest_ones_are_not(check: Check) -> None:
    random = np.random.default_rng(7)
    columns: dict[str, Callable[[int, int], object]] = {
        "in_words": lambda _, left: ("stays", "leaves")[left],
        "reason": lambda _, left: "price" if left else "",
        "score": lambda _, left: left * 2 + random.normal() * 0.6,
        "fair": lambda _, left: left + random.normal(),
        "rare_words": lambda i, _: f"w{i // 2}",
    }
    found = check({"attributes": features(columns)}, LABEL + GRANTED)
    telling = {name for name in found if name.startswith("E4")}
    assert telling == {"E402:attributes.in_words", "E402:attributes.reason", "E401:attributes.score"}


def test_a_score_made_from_the_label_is_found_though_its_auc_is_below_095(check: Check) -> None:
    random = np.random.default_rng(8)
    made = {"score": lambda _, left: random.uniform(55, 100) if left else random.uniform(5, 85)}
    finding = check({"attributes": features(made, customers=900)}, LABEL + GRANTED)["E401:attributes.score"]
    assert finding.example.startswith("no doubt about ")


def test_a_word_that_only_those_who_left_have_is_found_and_a_rare_one_is_not(check: Check) -> None:
    columns: dict[str, Callable[[int, int], object]] = {
        "status": lambda i, left: "closed" if left and i % 2 else "open",
        "quirk": lambda i, left: "odd" if left and i < 60 else "even",
    }
    found = check({"attributes": features(columns)}, LABEL + GRANTED)
    assert {name for name in found if name.startswith("E4")} == {"E406:attributes.status"}
    assert "where it holds 'closed'" in found["E406:attributes.status"].what
    assert found["E406:attributes.status"].count == 100


def test_undated_columns_that_were_written_after_the_outcome_are_found_by_their_dates_and_totals(check: Check) -> None:
    lines = [line.split(",") for line in shop().splitlines()[1:]]
    bought: dict[str, list[tuple[str, float]]] = {}
    for _, customer, day, amount, _ in lines:
        bought.setdefault(customer, []).append((day, float(amount)))
    rows = ["customer_id,last_seen,lifetime_value,first_seen,renewal"]
    for i, (customer, of) in enumerate(bought.items()):
        spent, first = sum(amount for _, amount in of), min(day for day, _ in of)
        renewal = np.datetime64("2026-11-01") + (i % 200 - 100)
        rows.append(f"{customer},{max(of)[0]},{spent:.0f},{first},{renewal}")
    found = check({"orders": shop(), "customers": "\n".join(rows) + "\n"})
    assert {name for name in found if name.startswith("E4")} == {
        "E404:customers.last_seen",
        "E405:customers.lifetime_value",
    }
    assert "what was spent up to now, not up to 90 days ago" in found["E405:customers.lifetime_value"].what


def test_attributes_without_an_instant_are_found_beside_dated_outcomes(check: Check) -> None:
    attributes = "customer_id,income\n" + "".join(f"c{i},{i % 7}\n" for i in range(400))
    assert "W403:attributes" in check({"orders": shop(), "attributes": attributes})
    dated = "customer_id,income,as_of\n" + "".join(f"c{i},{i % 7},2025-0{1 + i % 9}-01\n" for i in range(400))
    assert "W403:attributes" not in check({"orders": shop(), "attributes": dated})


def test_consents_are_told_with_the_default_that_applies(check: Check) -> None:
    assert "E501:customers.profiling_consent" in check({"orders": shop()}, CHURN)
    customers = "customer_id,profiling_consent\n" + "".join(f"c{i},{'yes' if i % 2 else ''}\n" for i in range(400))
    found = check({"customers": customers, "orders": shop()}, CHURN)
    finding = found["W502:customers.profiling_consent"]
    assert finding.count == 200
    assert '[consent] default = "denied" applies: they are neither scored nor learnt from' in finding.what


def test_errors_come_first_and_a_finding_reads_well(check: Check) -> None:
    found = check({"orders": shop(extra="t,c1,2026-01-01,5,a\n" * 2)}, CHURN)
    assert [finding.severity for finding in found.values()] == ["error", "warning"]
    finding = Finding("W201", "orders.margin", "every row has the same value", "exclude it", count=7, example="'0'")
    assert str(finding) == "W201 orders.margin: every row has the same value (for example '0')\n  fix: exclude it"


def test_codes_have_a_letter_and_meanings_are_said_once() -> None:
    assert len(set(MEANINGS.values())) == len(MEANINGS)
    assert all(len(number) == 3 for number in MEANINGS)
    assert set(TABLES) == {"customers", "orders", "interactions", "subscriptions", "contacts", "attributes", "rates"}
    assert doctest.testmod(training.findings.preflight_codes).failed == 0
