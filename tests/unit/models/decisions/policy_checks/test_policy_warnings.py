"""What is odd about a policy, and what it says of itself, in words."""

from pathlib import Path
from typing import Any

import pytest

from models.decisions.policy_checks.policy_summary import policy_story
from models.decisions.policy_checks.policy_warnings import policy_warnings, unknown_channels
from models.workspace import Config, Policy, Workspace
from tests.builders.histories import history_of

CONFIG = {
    "business": {"currency": "EUR"},
    "tables": {"orders": {"source": "orders.parquet"}},
    "churn": {"definition": "inactivity"},
    "clv": {},
    "upsell": {"big": {"target": "order_over", "amount": 100}},
}
KNOWN = {"source": "average", "change": 0.02, "known_from": "test of May"}
SOUND: dict[str, Any] = {
    "channels": {"email": {"consent": "email", "contact_cost": 0.1, "limits": [{"at_most": 1, "days": 3}]}},
    "actions": {"mail": {"channels": ["email"], "value": "offer", "offer": "big", "margin": 20, "effect": KNOWN}},
    "contact_policy": {"limits": [{"at_most": 2, "days": 7}]},
}


def workspace(**changes: Any) -> Workspace:
    return Workspace(Path("shop"), "shop", Config.model_validate(CONFIG), Policy.model_validate(SOUND | changes), "0")


def channel(**terms: Any) -> dict[str, Any]:
    return {"channels": {"email": SOUND["channels"]["email"] | terms}}


def action(**terms: Any) -> dict[str, Any]:
    return {"actions": {"mail": SOUND["actions"]["mail"] | terms}}


def test_a_sound_policy_has_no_warnings() -> None:
    assert list(policy_warnings(workspace())) == []


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"actions": {}}, "there are no [actions]: nothing is ever proposed, and next_best_action is null"),
        (
            action(effect={"source": "assumed"}),
            "the effect of mail is assumed, a guess until a test has shown what it is",
        ),
        ({"levers": {"mail": 0}}, "levers.mail is 0: the action is switched off"),
        (
            action(effect=KNOWN | {"change": -0.01}),
            "actions.mail.effect: it changes nothing for the better, so it is never worth its cost",
        ),
        (
            action(margin=4),
            "actions.mail: by email a contact costs what it can bring at most (0.08), or more",
        ),
        (
            {"channels": SOUND["channels"] | {"post": {"consent": "none"}}},
            "channels.post: no action uses it",
        ),
        (channel(capacity=0), "channels.email.capacity is 0: `tercet decide` proposes nothing there"),
        (channel(optout=0.01), "channels.email.optout costs nothing while money.contact_value is 0"),
        (
            channel(limits=[{"at_most": 0, "days": 5}]),
            "channels.email.limits: 0 in 5 days allows no contact at all",
        ),
        (
            channel(limits=[{"at_most": 3, "days": 7}]),
            "channels.email.limits: 3 in 7 days can never bind, since 2 in 7 days is stricter",
        ),
        (
            {"contact_policy": {"limits": [{"at_most": 4, "days": 7}, {"at_most": 4, "days": 30}]}},
            "contact_policy.limits: 4 in 7 days can never bind, since 4 in 30 days is stricter",
        ),
        (
            {"experiment": {"holdout": 0}},
            "experiment.holdout is 0: nobody is left out to compare with, so what the actions bring is never known",
        ),
        (
            {"experiment": {"exploration": 0}},
            "experiment.exploration is 0: no action is drawn by lot, so single effects are never learnt",
        ),
        ({"run": {"budget": 0}}, "run.budget is 0: `tercet decide` proposes only what costs nothing"),
        (
            {"money": {"horizon_days": 730}},
            "money.horizon_days is 730, more than the 365 of [clv]: value is stretched in proportion",
        ),
    ],
)
def test_an_oddity_is_told_alone_with_its_key(changes: dict[str, Any], warning: str) -> None:
    assert list(policy_warnings(workspace(**changes))) == [warning]


def test_of_two_equal_limits_one_is_idle() -> None:
    twice = channel(limits=[{"at_most": 1, "days": 3}, {"at_most": 1, "days": 3}])
    assert len(list(policy_warnings(workspace(**twice)))) == 1


def test_a_channel_that_only_the_table_of_contacts_knows_is_told_with_the_nearest() -> None:
    rows = [
        {"decision_id": name, "customer_id": "a", "at": "2025-01-01", "action": "mail", "channel": name}
        for name in ("e-mail", "email")
    ]
    told = list(unknown_channels(workspace().policy, history_of(contacts=rows)))
    assert told == [
        (
            "the table contacts has the channel 'e-mail', which is not in [channels]: the limit of no channel counts "
            "it; did you mean 'email'?"
        )
    ]


def test_the_story_says_costs_worth_effect_limits_and_experiment_in_words() -> None:
    told = "\n".join(
        policy_story(
            workspace(
                actions={
                    "mail": SOUND["actions"]["mail"] | {"when": "orders_all >= 2", "offer_cost": 3, "label": "A mail"},
                    "keep": {"channels": ["email"], "value": "retention", "contact_cost": 1},
                    "nudge": {"channels": ["email"], "value": "purchase", "effect": {"kappa": 0.1}},
                },
                exclusions=[{"actions": ["mail", "nudge"], "days": 1}],
                levers={"nudge": 0.5},
                context={"weather": {"values": ["sun", "rain"]}},
                run={"budget": 1000},
            )
        )
    )
    for words in (
        (
            "mail: A mail\n  for whom: orders_all >= 2\n  a contact costs: email 0.10 EUR; 3.00 EUR more if it is "
            "taken\n  brings: 20.00 EUR, each time that big is taken\n"
            "  effect: +2 points for everyone, known from test of May"
        ),
        (
            "keep\n  for whom: everyone\n  a contact costs: email 1.10 EUR\n"
            "  brings: 35 % of the predicted value of a customer who stays, over 365 days\n"
            "  effect: assumed, 0.3 x the probability of leaving"
        ),
        (
            "  brings: 35 % of the customer's average order, each purchase more\n"
            "  effect: assumed, 0.1 x the probability of buying"
        ),
        "email: needs the consent to email, at most 1 in 3 days\nall channels together: at most 2 in 7 days",
        (
            "at most one within 1 day: mail, nudge\nlever: nudge x 0.5\ncontext weather: sun, rain\n"
            "experiment: 5 % never contacted, 2 % by lot\none run of `tercet decide` costs at most 1000.00 EUR"
        ),
    ):
        assert words in told


@pytest.mark.parametrize(
    ("action", "config", "warning"),
    [
        (
            {"value": "retention"},
            {"clv": None},
            "actions.mail: retention needs [clv] (or `margin`) in tercet.toml, so it is proposed to nobody",
        ),
        (
            {"value": "purchase", "margin": 9},
            {"churn": {"definition": "cancellation"}},
            (
                "actions.mail: [churn] in tercet.toml is of cancellation, which tells nothing of the next purchase, "
                "so it is proposed to nobody"
            ),
        ),
    ],
)
def test_an_action_whose_worth_nothing_tells_is_no_mistake_but_a_warning(
    action: dict[str, Any], config: dict[str, Any], warning: str
) -> None:
    policy = Policy.model_validate({**SOUND, "actions": {"mail": {"channels": ["email"], **action}}})
    made = Workspace(Path("shop"), "shop", Config.model_validate(CONFIG | config), policy, "0")
    assert warning in list(policy_warnings(made))
