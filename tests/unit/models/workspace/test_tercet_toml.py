"""`tercet.toml` and `policy.toml`: what they may say, and how a mistake in them is told."""

from pathlib import Path

import pytest

from models.errors import WorkspaceError
from models.workspace import Workspace, label_columns, load_workspace

WHOLESALER = """\
[business]
currency = "GBP"
timezone = "Europe/London"

[tables.orders]
source = "online_retail_ii.parquet"
where = "CustomerID IS NOT NULL"
[tables.orders.columns]
order_id = "InvoiceNo"
customer_id = "CustomerID"
ordered_at = "InvoiceDate"
amount = "Quantity * UnitPrice"
product_id = "StockCode"

[churn]
definition = "inactivity"
horizon_days = 90

[upsell.big_basket]
target = "order_over"
amount = 500
"""

FEATURE_TABLE = """\
[tables.attributes]
source = "telco.csv"
exclude = ["CLTV"]
[tables.attributes.columns]
customer_id = "CustomerID"
[churn]
definition = "label"
column = "Churn Value"
positive = 1
"""


def load(tmp_path: Path, config: str, policy: str | None = None) -> Workspace:
    (tmp_path / "tercet.toml").write_text(config, encoding="utf-8")
    if policy is not None:
        (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    return load_workspace(tmp_path)


def told(tmp_path: Path, config: str, policy: str | None = None) -> str:
    with pytest.raises(WorkspaceError) as caught:
        load(tmp_path, config, policy)
    return str(caught.value)


def test_the_wholesalers_file_is_read_as_written(tmp_path: Path) -> None:
    workspace = load(tmp_path, WHOLESALER)
    assert workspace.config.tables["orders"].columns["amount"] == "Quantity * UnitPrice"
    assert workspace.config.zone("orders") == "Europe/London"
    assert workspace.config.minor_units == 100
    assert workspace.config.upsell["big_basket"].amount == 500
    assert workspace.config.upsell["big_basket"].horizon_days == 60
    assert workspace.config.consent.default == "denied"
    assert workspace.config.clv is None


def test_a_feature_table_needs_no_currency(tmp_path: Path) -> None:
    assert label_columns(load(tmp_path, FEATURE_TABLE).config) == ("Churn Value",)


def test_the_name_is_the_folders_unless_the_business_has_one(tmp_path: Path) -> None:
    folder = tmp_path / "Mein Läden 2"
    folder.mkdir()
    assert load(folder, FEATURE_TABLE).name == "mein-laden-2"
    assert load(folder, '[business]\nname = "shop-7"\n' + FEATURE_TABLE).name == "shop-7"


@pytest.mark.parametrize(("currency", "units"), [("EUR", 100), ("JPY", 1), ("KWD", 1000)])
def test_minor_units_follow_iso_4217(tmp_path: Path, currency: str, units: int) -> None:
    assert load(tmp_path, WHOLESALER.replace("GBP", currency)).config.minor_units == units


def test_a_missing_folder_and_a_missing_file_name_tercet_init(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(WorkspaceError, match="fix: tercet init"):
            load_workspace(folder)


def test_a_folder_above_a_workspace_names_the_workspace(tmp_path: Path) -> None:
    for name in ("shop", "wholesale"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tercet.toml").touch()
        others = "" if name == "shop" else " (or wholesale)"
        with pytest.raises(WorkspaceError) as caught:
            load_workspace(tmp_path)
        assert caught.value.fix == f"--workspace {tmp_path / 'shop'}{others}"


@pytest.mark.parametrize(
    ("wrong", "right", "line", "words"),
    [
        (
            "horizon_dais = 90",
            "horizon_days = 90",
            17,
            "`churn.horizon_dais` is not a known key; did you mean 'horizon_days'?",
        ),
        ('definition = "inactive"', 'definition = "inactivity"', 16, "did you mean 'inactivity'?"),
        ("[tables.ordrs]", "[tables.orders]", 5, "cannot be 'ordrs'; did you mean 'orders'?"),
        ('ammount = "Quantity * UnitPrice"', 'amount = "Quantity * UnitPrice"', 12, "did you mean 'amount'?"),
        ('currency = "GPB"', 'currency = "GBP"', 2, "'GPB' is no currency of ISO 4217"),
        ('timezone = "Europe/Londn"', 'timezone = "Europe/London"', 3, "did you mean 'Europe/London'?"),
        ('horizon_days = "90"', "horizon_days = 90", 17, "valid integer"),
        ("horizon_days = 0", "horizon_days = 90", 17, "greater than or equal to 1"),
        ("amount = nan", "amount = 500", 21, "finite"),
        ("[bussiness]", "[business]", 1, "did you mean 'business'?"),
        ('amount = "500', "amount = 500", 21, "is not TOML"),
        ("# no amount", "amount = 500", 19, '`amount` belongs to target = "order_over", and is missing'),
        ('target = "plan_upgrade"', 'target = "order_over"\namount = 500', 20, "needs [tables.subscriptions]"),
    ],
)
def test_a_mistake_names_file_line_key_and_the_nearest_valid_word(
    tmp_path: Path, wrong: str, right: str, line: int, words: str
) -> None:
    assert right in WHOLESALER
    message = told(tmp_path, WHOLESALER.replace(right, wrong))
    assert message.startswith(f"{tmp_path.resolve() / 'tercet.toml'}, line {line}: ")
    assert words in message


def test_several_mistakes_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = WHOLESALER.replace("GBP", "GPB").replace("horizon_days", "horizon")
    message = told(tmp_path, text)
    assert message.index("currency") < message.index("line 17: `churn.horizon`")


def test_a_workspace_without_a_table_to_score_from_is_refused(tmp_path: Path) -> None:
    text = '[tables.interactions]\nsource = "i.csv"\n'
    assert "at least one of orders, subscriptions, attributes" in told(tmp_path, text)


def test_orders_need_a_currency(tmp_path: Path) -> None:
    assert "`business.currency` is missing" in told(tmp_path, '[tables.orders]\nsource = "o.csv"\n')


def test_a_database_needs_a_query_and_a_file_has_none(tmp_path: Path) -> None:
    assert "a database needs `query`" in told(tmp_path, FEATURE_TABLE.replace("telco.csv", "sqlite:///a.db"))
    text = FEATURE_TABLE.replace('source = "telco.csv"', 'source = "telco.csv"\nquery = "select 1"')
    assert "is for a database" in told(tmp_path, text)


def test_a_label_needs_its_column_and_value(tmp_path: Path) -> None:
    assert "a label needs `column`" in told(tmp_path, FEATURE_TABLE.replace("positive = 1", ""))


def test_a_file_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_bytes(b'[business]\nname = "caf\xe9"\n')
    with pytest.raises(WorkspaceError, match="is not UTF-8"):
        load_workspace(tmp_path)


def test_without_a_policy_file_the_defaults_hold(tmp_path: Path) -> None:
    policy = load(tmp_path, WHOLESALER).policy
    assert [(tier.name, tier.share) for tier in policy.value_tiers] == [
        ("platinum", 0.01),
        ("gold", 0.05),
        ("silver", 0.10),
        ("bronze", 0.25),
        ("standard", None),
    ]
    assert [rule.name for rule in policy.lifecycle] == [
        "prospect",
        "lapsed",
        "won_back",
        "new",
        "at_risk",
        "loyal",
        "active",
    ]
    assert (policy.bands.high, policy.bands.medium) == (0.10, 0.20)
    cells = {name for row in policy.rfm.model_dump().values() for name in row}
    assert len(cells) == 11


def test_the_policy_version_changes_with_what_is_said_and_not_with_how(tmp_path: Path) -> None:
    default = load(tmp_path, WHOLESALER).policy_version
    assert load(tmp_path, WHOLESALER, "# nothing\n[bands]\nhigh = 0.1\n").policy_version == default
    assert load(tmp_path, WHOLESALER, "[bands]\nhigh = 0.2\n").policy_version != default
    assert len(default) == 12


def test_a_mistake_in_the_policy_names_its_line(tmp_path: Path) -> None:
    policy = '[bands]\nhigh = 0.1\n\n[[value_tiers]]\nname = "top"\nshar = 0.5\n'
    assert "policy.toml, line 5" not in (message := told(tmp_path, WHOLESALER, policy))
    assert "line 6: `value_tiers.0.shar` is not a known key; did you mean 'share'?" in message


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ('[[lifecycle]]\nname = "a"\nwhen = "orders_all > 1"\n', "the last of `lifecycle`"),
        ('value_tiers = [{ name = "a", share = 0.5 }]\n', "the last of `value_tiers`"),
        ("[bands]\nhigh = 0.5\nmedium = 0.5\n", "must leave some customers low"),
        ('[rfm]\nr5 = ["new"]\n', "at least 5 items"),
        ('[audiences.Big-Ones]\nwhen = "clv > 1"\n', "'Big-Ones' is no name"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(tmp_path: Path, policy: str, words: str) -> None:
    assert words in told(tmp_path, WHOLESALER, policy)
