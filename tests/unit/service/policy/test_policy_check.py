"""`tercet policy check` on a small shop: what the policy does, whom it reaches, what is odd, and what is wrong."""

from pathlib import Path

import pytest

from models.errors import WorkspaceError
from models.ingest import wall_clock
from models.workspace import load_workspace
from tests.builders.policy_shop import POLICY, customers, make_shop, run
from tests.builders.small_workspace import write_workspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("compared") / "shop")


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
