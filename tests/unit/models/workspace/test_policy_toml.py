"""A mistake in `policy.toml` is told with its file, line and key, what is allowed, and the nearest name."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import WorkspaceError
from models.segments.policy_rules import check_policy
from models.workspace import Workspace, load_workspace, with_policy
from tests.builders.feature_values import line
from tests.builders.histories import history_of

TERCET = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
[clv]
[upsell.big_basket]
target = "order_over"
amount = 100
"""
POLICY = """
[audiences.tea_drinkers]
when = "orders_all >= 2"

[channels.email]
consent = "email"
limits = [{ at_most = 2, days = 7 }]
[channels.phone]
consent = "phone"

[actions.retention_call]
channels = ["phone"]
value = "retention"
when = "churn_band == 'high'"
[actions.big_basket_email]
channels = ["email"]
value = "offer"
offer = "big_basket"
margin = 20.0
weights = { "weather=rain" = 1.5 }

[[exclusions]]
actions = ["retention_call", "big_basket_email"]

[context.weather]
values = ["sun", "rain"]

[levers]
retention_call = 1.2

[suppression]
audiences = ["tea_drinkers"]

[experiment]
holdout = 0.1
exploration = 0.02

[[support_priority.levels]]
name = "first"
when = "value_tier == 'gold'"
[[support_priority.levels]]
name = "rest"
"""


def workspace(directory: Path, policy: str = POLICY, tercet: str = TERCET) -> Workspace:
    (directory / "tercet.toml").write_text(tercet)
    (directory / "policy.toml").write_text(policy)
    return load_workspace(directory)


def told(directory: Path, policy: str, tercet: str = TERCET) -> str:
    with pytest.raises(WorkspaceError) as refused:
        workspace(directory, policy, tercet)
    return str(refused.value)


def test_the_policy_that_the_mistakes_are_made_in_is_none_itself(tmp_path: Path) -> None:
    assert set(workspace(tmp_path).policy.actions) == {"retention_call", "big_basket_email"}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            'channels = ["email"]',
            'channels = ["emial"]',
            (
                "line 16: `actions.big_basket_email.channels` names the channel 'emial', which is not in [channels]; "
                "did you mean 'email'? (there: email, phone)"
            ),
        ),
        (
            'channels = ["email"]',
            'channels = ["email", "email"]',
            "line 15: `actions.big_basket_email` `channels` names one twice",
        ),
        (
            'offer = "big_basket"',
            'offer = "big_baskt"',
            (
                "line 18: `actions.big_basket_email.offer` names the offer 'big_baskt', which is not in [upsell] of "
                "tercet.toml; did you mean 'big_basket'? (there: big_basket)"
            ),
        ),
        (
            'offer = "big_basket"',
            "",
            (
                "line 15: `actions.big_basket_email` `offer` (one of [upsell] in tercet.toml) belongs to "
                'value = "offer", and to no other'
            ),
        ),
        (
            'value = "retention"',
            'value = "retension"',
            (
                "line 13: `actions.retention_call.value` cannot be 'retension'; did you mean 'retention'? "
                "(valid: retention, offer, purchase)"
            ),
        ),
        (
            '"weather=rain"',
            '"wether=rain"',
            (
                "line 20: `actions.big_basket_email.weights.wether=rain` names the context key 'wether', which is not "
                "in [context]; did you mean 'weather'? (there: weather)"
            ),
        ),
        (
            '"weather=rain"',
            '"weather=rein"',
            (
                "line 20: `actions.big_basket_email.weights.weather=rein` names the value of weather 'rein', which is "
                "not in [context.weather]; did you mean 'rain'? (there: sun, rain)"
            ),
        ),
        (
            '"weather=rain"',
            '"rain"',
            'line 20: `actions.big_basket_email.weights.rain` is not written as "key=value", such as "weather=rain"',
        ),
        (
            '"retention_call", "big',
            '"retention_cal", "big',
            (
                "line 23: `exclusions.0.actions` names the action 'retention_cal', which is not in [actions]; "
                "did you mean 'retention_call'? (there: retention_call, big_basket_email)"
            ),
        ),
        (
            '"retention_call", "big_basket_email"]',
            '"retention_call", "retention_call"]',
            "line 23: `exclusions.0.actions` names one action twice",
        ),
        (
            "retention_call = 1.2",
            "retention = 1.2",
            (
                "line 29: `levers.retention` names the action 'retention', which is not in [actions]; "
                "did you mean 'retention_call'? (there: retention_call, big_basket_email)"
            ),
        ),
        (
            'audiences = ["tea',
            'audiences = ["teh',
            (
                "line 32: `suppression.audiences` names the audience 'teh_drinkers', which is not in [audiences]; "
                "did you mean 'tea_drinkers'? (there: tea_drinkers)"
            ),
        ),
        (
            "holdout = 0.1",
            "holdout = 0.98",
            (
                "line 34: `experiment` holdout and exploration together must leave some customers to the policy "
                "(sum under 1)"
            ),
        ),
        ("at_most = 2", "at_most = -1", "line 7: `channels.email.limits.0.at_most` input should be greater than"),
        ("days = 7", "days = 0", "line 7: `channels.email.limits.0.days` input should be greater than or equal to 1"),
        (
            '\nname = "rest"',
            '\nname = "rest"\nwhen = "orders_all > 1"',
            "line 38: `support_priority` the last of `levels`, and no other, has no `when`: it takes everyone left",
        ),
        ('name = "rest"', 'name = "first"', "line 38: `support_priority` `levels` uses a name twice"),
        (
            '[[support_priority.levels]]\nname = "first"',
            '[support_priority]\nunknown_level = "fist"\n[[support_priority.levels]]\nname = "first"',
            (
                "line 38: `support_priority` `unknown_level` 'fist' is no level; did you mean 'first'? "
                "(levels: first, rest)"
            ),
        ),
        (
            "[actions.retention_call]",
            "[actions.Retention-Call]",
            (
                "line 11: `actions.Retention-Call` 'Retention-Call' is no name: a small letter, then small letters, "
                "digits and _, 41 at most"
            ),
        ),
        (
            "[actions.retention_call]",
            '[actions.retention_call]\neffect = { source = "average", change = 0.05 }',
            (
                'line 12: `actions.retention_call.effect` source = "average" needs `change` and `known_from` (the test '
                "that it is known from)"
            ),
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_its_key_and_the_nearest_name(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    assert right in POLICY
    found = told(tmp_path, POLICY.replace(right, wrong))
    assert found.startswith(f"{tmp_path.resolve() / 'policy.toml'}, line ")
    assert message in found.replace(f"{tmp_path.resolve() / 'policy.toml'}, line", "line")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            '[upsell.big_basket]\ntarget = "order_over"\namount = 100\n',
            "",
            (
                "line 18: `actions.big_basket_email.offer` names the offer 'big_basket', which is not in [upsell] of "
                "tercet.toml (nothing is there)"
            ),
        ),
    ],
)
def test_what_an_action_needs_of_tercet_toml_must_be_there(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    assert right in TERCET
    assert message in told(tmp_path, POLICY, TERCET.replace(right, wrong))


def test_the_horizon_of_money_needs_a_predicted_value(tmp_path: Path) -> None:
    tercet = TERCET.replace("[clv]\n", "")
    policy = "[money]\nhorizon_days = 180\n"
    assert "line 2: `money.horizon_days` is over which predicted value counts" in told(tmp_path, policy, tercet)


def test_every_mistake_is_told_at_once_in_the_order_of_its_line(tmp_path: Path) -> None:
    found = told(tmp_path, POLICY.replace('["email"]', '["mail"]').replace("retention_call = 1.2", "x = 1.2"))
    assert found.index("'mail'") < found.index("line 29: `levers.x`")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "churn_band == 'high'",
            "churn_bnd == 'high'",
            (
                "line 14: `actions.retention_call.when` asks for 'churn_bnd', which is no feature, score, segment or "
                "attribute; did you mean 'churn_band'? (in `churn_bnd == 'high'`)"
            ),
        ),
        (
            "churn_band == 'high'",
            "churn_band == 'hihg'",
            (
                "line 14: `actions.retention_call.when` 'hihg' never comes up there; did you mean 'high'? "
                "(in `churn_band == 'hihg'`) (one of high, medium, low)"
            ),
        ),
        (
            "churn_band == 'high'",
            "churn_probability == 'high'",
            "line 14: `actions.retention_call.when` compares a number with a word",
        ),
        (
            "churn_band == 'high'",
            "next_best_action == 'retention_call'",
            "line 14: `actions.retention_call.when` no rule can ask for next_best_action: it is what rules lead to",
        ),
        (
            "value_tier == 'gold'",
            "value_tier == 'glod'",
            "line 40: `support_priority.levels.0.when` 'glod' never comes up there; did you mean 'gold'?",
        ),
        ("orders_all >= 2", "orders_all > > 2", "line 3: `audiences.tea_drinkers.when` "),
    ],
)
def test_a_rule_that_means_nothing_is_told_with_its_line(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in POLICY
    found = workspace(tmp_path, POLICY.replace(right, wrong))
    with pytest.raises(WorkspaceError) as refused:
        check_policy(found, history_of(orders=[line("2025-01-01", 10.0)]))
    assert message in str(refused.value).replace(f"{tmp_path.resolve() / 'policy.toml'}, line", "line")


def test_another_policy_is_held_against_the_same_tercet_toml_and_named_by_its_own_file(tmp_path: Path) -> None:
    now = workspace(tmp_path)
    other = tmp_path / "other.toml"
    other.write_text(POLICY.replace("churn_band == 'high'", "churn_bnd == 'high'").replace("1.2", "1.3"))
    then = with_policy(now, other)
    assert replace(then, policy=now.policy, policy_version=now.policy_version, policy_file=now.policy_file) == now
    assert (then.policy.levers, then.policy_version != now.policy_version) == ({"retention_call": 1.3}, True)
    with pytest.raises(WorkspaceError, match=r"other\.toml, line 14: `actions\.retention_call\.when`"):
        check_policy(then, history_of(orders=[line("2025-01-01", 10.0)]))
    other.write_text("[levers]\nx = 1.0\n")
    with pytest.raises(WorkspaceError, match=r"other\.toml, line 2: `levers\.x`.*nothing is there"):
        with_policy(now, other)


def test_the_rest_after_silence_can_be_switched_off(tmp_path: Path) -> None:
    assert workspace(tmp_path, "[suppression]\nafter_silence = false\n").policy.suppression.after_silence is None
