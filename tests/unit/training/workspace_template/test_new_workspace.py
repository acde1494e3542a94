"""What `tercet init` writes can be read back, says every default, and never overwrites."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from models.errors import WorkspaceError
from models.ingest import read_history
from models.segments.policy_rules import check_policy
from models.workspace import Policy, TrainingSettings, load_workspace
from training.commands.init import init
from training.example_shop.campaigns import ACTIONS, CHANNELS
from training.example_shop.shop_tables import write_example_shop
from training.workspace_template import new_workspace
from training.workspace_template.new_workspace import policy_template, template, write_workspace

OWN = frozenset({"audiences", "channels", "actions", "exclusions", "context", "levers"})
"""What of the policy has no defaults."""


def without_own(policy: Policy) -> Policy:
    return policy.model_copy(update={name: {} for name in OWN})


@pytest.fixture
def small_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        new_workspace, "write_example_shop", lambda directory: write_example_shop(directory, customers=40)
    )


def uncommented(text: str) -> str:
    """The template with what is commented out filled in: `# key = value` and `# [section]`, not prose."""
    return re.sub(r"(?m)^# (?=\[|\"?\w+\"? = )", "", text)


def test_an_empty_workspace_can_be_loaded_and_scores_churn_and_value(tmp_path: Path) -> None:
    write_workspace(tmp_path / "mine")
    workspace = load_workspace(tmp_path / "mine")
    assert set(workspace.config.tables) == {"orders"}
    assert workspace.config.churn is not None
    assert workspace.config.clv is not None
    assert workspace.config.consent.default == "denied"
    assert not workspace.policy.audiences


def test_the_policy_template_spells_out_the_defaults(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    text = (tmp_path / "policy.toml").read_text()
    assert text.startswith(template("policy.toml"))
    written = tomllib.loads(template("policy.toml"))
    assert Policy.model_validate(written) == Policy()
    assert set(written) == set(Policy.model_fields) - OWN
    assert without_own(load_workspace(tmp_path).policy) == without_own(Policy())
    for name in ("bands", "rfm", "value_risk", "hygiene", "contact_policy", "suppression", "experiment"):
        assert set(written[name]) == set(getattr(Policy(), name).model_dump())
    filled = tomllib.loads(uncommented(template("policy.toml")))
    for name in ("money", "run", "support_priority"):
        assert set(filled[name]) == set(getattr(Policy(), name).model_dump())


def test_a_new_workspace_has_actions_on_three_channels_and_a_sample_of_an_offer(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    policy = load_workspace(tmp_path).policy
    assert {name: channel.consent for name, channel in policy.channels.items()} == {
        "email": "email",
        "sms": "sms",
        "phone": "phone",
    }
    assert {name: action.value for name, action in policy.actions.items()} == {
        "retention_call": "retention",
        "win_back": "purchase",
    }
    assert {channel for action in policy.actions.values() for channel in action.channels} == set(policy.channels)
    assert all(channel.limits for channel in policy.channels.values())


def test_the_examples_commented_out_are_valid_too(tmp_path: Path) -> None:
    for name in ("empty.toml", "shop.toml"):
        text = uncommented(template(name))
        text = text.replace('column = "Churn"', "").replace('positive = "Yes"', "")  # belong to another definition
        (tmp_path / "tercet.toml").write_text(text)
        (tmp_path / "policy.toml").write_text(uncommented(policy_template()))
        workspace = load_workspace(tmp_path)
        assert workspace.config.accept
        assert workspace.config.training == TrainingSettings()
        assert workspace.policy.audiences
        assert workspace.policy.actions["big_basket_email"].offer == "big_basket"
        assert workspace.policy.actions["win_back"].weights
        assert workspace.policy.context
        assert workspace.policy.levers
        assert workspace.policy.exclusions
        assert workspace.policy.run.budget


@pytest.mark.usefixtures("small_shop")
def test_the_example_has_all_tables_all_scores_three_offers_and_audiences(tmp_path: Path) -> None:
    write_workspace(tmp_path / "shop", example="shop")
    config, policy = load_workspace(tmp_path / "shop").config, load_workspace(tmp_path / "shop").policy
    assert set(config.tables) == {"customers", "orders", "interactions", "subscriptions", "contacts", "attributes"}
    for table in config.tables.values():
        assert (tmp_path / "shop" / table.source).is_file()
    assert config.churn is not None
    assert config.churn.horizon_days == 90
    assert config.clv is not None
    assert config.clv.horizon_days == 365
    assert {offer.target for offer in config.upsell.values()} == {"plan_upgrade", "first_in_category", "order_over"}
    assert len(policy.audiences) >= 4
    assert without_own(policy) == without_own(Policy())


@pytest.mark.usefixtures("small_shop")
def test_the_example_has_its_three_actions_and_one_for_each_offer_whose_rules_mean_something(tmp_path: Path) -> None:
    write_workspace(tmp_path / "shop", example="shop")
    workspace = load_workspace(tmp_path / "shop")
    actions = workspace.policy.actions
    by_channel = dict(zip(ACTIONS, CHANNELS, strict=True))
    assert {name: action.channels for name, action in actions.items() if name in ACTIONS} == {
        name: [channel] for name, channel in by_channel.items()
    }
    offers = {action.offer for action in actions.values() if action.value == "offer"}
    assert offers == set(workspace.config.upsell)
    check_policy(workspace, read_history(workspace).history)


@pytest.mark.parametrize("name", ["tercet.toml", "policy.toml"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(WorkspaceError, match=f"{name} is already there"):
        write_workspace(tmp_path)
    assert (tmp_path / name).read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_unknown_example_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="did you mean 'shop'"):
        write_workspace(tmp_path / "mine", example="shpo")
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_cannot_be_made_is_a_workspace_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot write here"):
        write_workspace(tmp_path / "file")


def test_init_says_what_holds_for_whom_no_consent_is_recorded(tmp_path: Path) -> None:
    said = CliRunner().invoke(init, [str(tmp_path / "mine")])
    assert said.exit_code == 0, said.output
    assert '[consent] default = "denied": without a recorded consent nobody is scored or learnt from' in said.output
